#pragma once
// The history's hash chains, one per request, and the daily anchor over all of them.

#include <cstdint>
#include <string>
#include <string_view>

#include "bot/base/time.hpp"
#include "bot/crypto/crypto.hpp"

namespace xieban::chain {

/// What one entry's hash covers, besides the hash before it.
struct Link {
  std::uint64_t aggregate = 0, seq = 0;
  TimePoint at, counted_at;
  std::string_view by, kind, body;  // body: the bytes as stored
};

/// 32 zero bytes: what the first entry of a chain follows.
std::string start();
/// SHA-256(previous ‖ aggregate ‖ seq ‖ at ‖ counted_at ‖ by ‖ 0 ‖ kind ‖ 0 ‖ body), numbers as 8 bytes, high byte first.
std::string next(std::string_view previous, const Link&);

/// SHA-256(previous anchor ‖ (aggregate ‖ last seq ‖ last hash) of every chain, by aggregate).
class Anchor {
 public:
  explicit Anchor(std::string_view previous);
  void add(std::uint64_t aggregate, std::uint64_t seq, std::string_view hash);
  std::string digest();  // 32 bytes; the object is spent

 private:
  crypto::Sha256 sum_;
};

}  // namespace xieban::chain
