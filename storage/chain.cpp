#include "storage/chain.hpp"

#include <array>

namespace xieban::chain {
namespace {
std::array<char, 8> big_endian(std::uint64_t number) {
  std::array<char, 8> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(number >> (8 * (7 - i)));
  return bytes;
}
void add_number(crypto::Sha256& sum, std::uint64_t number) {
  const auto bytes = big_endian(number);
  sum.add({bytes.data(), bytes.size()});
}
void add_instant(crypto::Sha256& sum, TimePoint at) {
  add_number(sum, static_cast<std::uint64_t>(at.time_since_epoch().count()));
}
constexpr std::string_view separator{"\0", 1};
}  // namespace

std::string start() { return std::string(32, '\0'); }

std::string next(std::string_view previous, const Link& link) {
  crypto::Sha256 sum;
  sum.add(previous);
  add_number(sum, link.aggregate);
  add_number(sum, link.seq);
  add_instant(sum, link.at);
  add_instant(sum, link.counted_at);
  sum.add(link.by).add(separator).add(link.kind).add(separator).add(link.body);
  return sum.digest();
}

Anchor::Anchor(std::string_view previous) { sum_.add(previous); }
void Anchor::add(std::uint64_t aggregate, std::uint64_t seq, std::string_view hash) {
  add_number(sum_, aggregate);
  add_number(sum_, seq);
  sum_.add(hash);
}
std::string Anchor::digest() { return sum_.digest(); }

}  // namespace xieban::chain
