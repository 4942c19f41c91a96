#include "bot/crypto/crypto.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <stdexcept>

namespace xieban::crypto {
namespace {

std::string from_hex(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    out += static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16));
  return out;
}

// FIPS 180-4 examples.
TEST(Crypto, Sha256) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256_hex(std::string(1000000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  EXPECT_EQ(sha256("abc"), from_hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
}

TEST(Crypto, RunningDigestEqualsTheWholeOne) {
  Sha256 running;
  running.add("a").add("").add("bc");
  EXPECT_EQ(hex(running.digest()), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Crypto, Sha1) {
  EXPECT_EQ(sha1_hex("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(sha1_hex(""), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
}

// RFC 4231, cases 1, 2, 6; and the empty key, which must not mean "the key before".
TEST(Crypto, HmacSha256) {
  EXPECT_EQ(hex(hmac_sha256(std::string(20, '\x0b'), "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hex(hmac_sha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  EXPECT_EQ(hex(hmac_sha256("", "")), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(Crypto, Hex) { EXPECT_EQ(hex(std::string_view("\x00\x7f\xff", 3)), "007fff"); }

// RFC 4648, section 10.
TEST(Crypto, Base64) {
  const std::pair<const char*, const char*> samples[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : samples) {
    EXPECT_EQ(base64(plain), encoded);
    const auto decoded = unbase64(encoded);
    ASSERT_TRUE(decoded.has_value()) << encoded;
    EXPECT_EQ(*decoded, plain);
  }
  EXPECT_EQ(base64("\xfb\xff"), "+/8=");
}

TEST(Crypto, Base64RefusesWhatIsNotBase64) {
  for (const char* bad :
       {"Zg", "Zg=", "Z===", "=Zg=", "Zg==Zg==", "Zm9v\n", "Zm 9", "Zm-_", "====", "Zm9=v", "\xff\xff\xff\xff"}) {
    const auto decoded = unbase64(bad);
    ASSERT_FALSE(decoded.has_value()) << bad;
    EXPECT_EQ(decoded.error().code, Errc::bad_input);
  }
}

TEST(Crypto, Base64LetsStrayBitsThrough) {
  // 43 characters and "=": a key as platforms hand it out; its last character need not end in zero bits.
  const auto key = unbase64(std::string(42, 'A') + "B=");
  ASSERT_TRUE(key.has_value());
  EXPECT_EQ(key->size(), 32U);
}

RC_GTEST_PROP(CryptoProperty, Base64RoundTrip, (const std::string& bytes)) {
  const auto decoded = unbase64(base64(bytes));
  RC_ASSERT(decoded.has_value());
  RC_ASSERT(*decoded == bytes);
}

// NIST SP 800-38A, F.2.5; our padding adds one block behind the four.
TEST(Crypto, Aes256Cbc) {
  const std::string key = from_hex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4");
  const std::string iv = from_hex("000102030405060708090a0b0c0d0e0f");
  const std::string plain = from_hex(
      "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
      "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710");
  const std::string sealed = aes256_cbc_encrypt(key, iv, plain);
  ASSERT_EQ(sealed.size(), 80U);
  EXPECT_EQ(hex(sealed.substr(0, 64)),
            "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"
            "39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b");
  const auto opened = aes256_cbc_decrypt(key, iv, sealed);
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(*opened, plain);
}

RC_GTEST_PROP(CryptoProperty, AesRoundTripWithBothPaddings, (const std::string& plain)) {
  const std::string key = sha256("key");
  const std::string iv = key.substr(0, 16);
  for (const std::size_t block : {std::size_t{16}, std::size_t{32}}) {
    const std::string sealed = aes256_cbc_encrypt(key, iv, plain, block);
    RC_ASSERT(sealed.size() % block == 0U);
    RC_ASSERT(sealed.size() > plain.size());
    const auto opened = aes256_cbc_decrypt(key, iv, sealed, block);
    RC_ASSERT(opened.has_value());
    RC_ASSERT(*opened == plain);
  }
}

TEST(Crypto, EveryFailureOfDecryptionLooksTheSame) {
  const std::string key = sha256("key");
  const std::string iv = key.substr(0, 16);
  const std::string sealed = aes256_cbc_encrypt(key, iv, "hello", 32);
  std::vector<Result<std::string>> failures;
  failures.push_back(aes256_cbc_decrypt(key.substr(1), iv, sealed, 32));      // key too short
  failures.push_back(aes256_cbc_decrypt(key, iv.substr(1), sealed, 32));      // IV too short
  failures.push_back(aes256_cbc_decrypt(key, iv, "", 32));                    // nothing
  failures.push_back(aes256_cbc_decrypt(key, iv, sealed.substr(1), 32));      // not whole blocks
  failures.push_back(aes256_cbc_decrypt(key, iv, sealed, 16));                // padding of 27 in blocks of 16
  failures.push_back(aes256_cbc_decrypt(key, iv, sealed.substr(0, 16), 32));  // cut: "hello" and padding of 27, only 16 there
  failures.push_back(aes256_cbc_decrypt(sha256("other"), iv, sealed, 32));    // wrong key
  for (const auto& failure : failures) {
    ASSERT_FALSE(failure.has_value());
    EXPECT_EQ(failure.error().code, Errc::bad_input);
    EXPECT_EQ(failure.error().text, failures.front().error().text);
  }
}

TEST(Crypto, PaddingIsCheckedToItsFirstByte) {
  const std::string key = sha256("key");
  const std::string iv(16, '\0');
  // One block of fours with one byte wrong; the block of padding that encrypt adds behind it is cut off.
  for (const std::size_t broken : {1U, 2U, 3U, 4U, 5U}) {
    std::string block(16, '\x04');
    block[block.size() - broken] = '\x09';
    const std::string sealed = aes256_cbc_encrypt(key, iv, block).substr(0, 16);
    const auto opened = aes256_cbc_decrypt(key, iv, sealed);
    if (broken == 5U) {
      ASSERT_TRUE(opened.has_value());
      EXPECT_EQ(opened->size(), 12U);
    } else {
      EXPECT_FALSE(opened.has_value()) << broken;
    }
  }
}

TEST(Crypto, EncryptRefusesWrongKeysByThrowing) {
  EXPECT_THROW(aes256_cbc_encrypt("short", std::string(16, 'x'), "a"), std::invalid_argument);
  EXPECT_THROW(aes256_cbc_encrypt(std::string(32, 'x'), "short", "a"), std::invalid_argument);
  EXPECT_THROW(aes256_cbc_encrypt(std::string(32, 'x'), std::string(16, 'x'), "a", 17), std::invalid_argument);
}

TEST(Crypto, Equal) {
  EXPECT_TRUE(equal("", ""));
  EXPECT_TRUE(equal("abc", "abc"));
  EXPECT_FALSE(equal("abc", "abd"));
  EXPECT_FALSE(equal("abc", "ab"));
  EXPECT_FALSE(equal("", "a"));
  EXPECT_FALSE(equal("ABC", "abc"));
}

}  // namespace
}  // namespace xieban::crypto
