#pragma once
#include <boost/asio/ip/address.hpp>
#include <cstddef>
#include <unordered_map>

namespace xieban {

/// Who may hold how many connections: all together `limit`, one host a quarter of it, so that one slow client cannot
/// take all. Hosts of IPv6 are /64 networks. Loopback is exempt from the share: a proxy on the same machine is many clients.
class Admission {
 public:
  explicit Admission(std::size_t limit) : limit_(limit) {}
  bool enter(const boost::asio::ip::address&);
  /// For each enter() that answered true.
  void leave(const boost::asio::ip::address&);
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  std::size_t limit_;
  std::size_t size_ = 0;
  std::unordered_map<boost::asio::ip::address, std::size_t> by_host_;
};

}  // namespace xieban
