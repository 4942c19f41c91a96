#include "adapters/press_token.hpp"

#include <charconv>

#include "bot/crypto/crypto.hpp"

namespace xieban {

namespace {

constexpr std::size_t digest_bytes = 8;

std::string digest(std::string_view text, const Secret& key) {
  return crypto::hex(crypto::hmac_sha256(key.reveal(), std::string("card-press:").append(text)).substr(0, digest_bytes));
}

template <class Number>
bool read(std::string_view text, Number& into) {
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), into);
  return code == std::errc{} && end == text.data() + text.size();
}

}  // namespace

std::string seal(const PressToken& token, const Secret& key) {
  std::string text = token.card.str() + "." + std::to_string(token.version) + "." + token.action;
  const std::string proof = digest(text, key);
  return text + "." + proof;
}

std::optional<PressToken> unseal(std::string_view text, const Secret& key) {
  const auto last = text.rfind('.');
  if (last == std::string_view::npos) return std::nullopt;
  const std::string_view claim = text.substr(0, last);
  if (!crypto::equal(digest(claim, key), text.substr(last + 1))) return std::nullopt;
  const auto first = claim.find('.');
  const auto second = first == std::string_view::npos ? first : claim.find('.', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  PressToken token;
  if (!read(claim.substr(0, first), token.card.value)) return std::nullopt;
  if (!read(claim.substr(first + 1, second - first - 1), token.version)) return std::nullopt;
  token.action = claim.substr(second + 1);
  return token;
}

}  // namespace xieban
