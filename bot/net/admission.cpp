#include "bot/net/admission.hpp"

#include <algorithm>

namespace xieban {
namespace {

namespace ip = boost::asio::ip;

ip::address host_of(const ip::address& address) {
  if (address.is_v4()) return address;
  const ip::address_v6 v6 = address.to_v6();
  if (v6.is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, v6);
  if (v6.is_loopback()) return v6;
  auto bytes = v6.to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
  return ip::address_v6(bytes);
}

}  // namespace

bool Admission::enter(const ip::address& address) {
  if (size_ >= limit_) return false;
  const ip::address host = host_of(address);
  std::size_t& held = by_host_[host];
  if (!host.is_loopback() && held >= std::max<std::size_t>(1, limit_ / 4)) return false;
  ++held;
  ++size_;
  return true;
}

void Admission::leave(const ip::address& address) {
  const auto found = by_host_.find(host_of(address));
  if (--found->second == 0) by_host_.erase(found);
  --size_;
}

}  // namespace xieban
