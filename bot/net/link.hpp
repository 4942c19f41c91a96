#pragma once
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <memory>
#include <span>

namespace xieban {

/// A TCP connection, with TLS on it or not. The error code and the memory must outlive the call that was given them.
struct Link {
  explicit Link(boost::asio::ip::tcp::socket s) : socket(std::move(s)) {}
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  boost::asio::ip::tcp::socket socket;
  std::unique_ptr<boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>> tls;

  boost::asio::awaitable<std::size_t> read_some(boost::asio::mutable_buffer, boost::system::error_code&);
  boost::asio::awaitable<std::size_t> write(std::span<const boost::asio::const_buffer, 2>, boost::system::error_code&);
  boost::asio::awaitable<void> handshake(boost::asio::ssl::stream_base::handshake_type, boost::system::error_code&);
  /// Says that nothing more comes from us.
  boost::asio::awaitable<void> finish(boost::system::error_code&);
  /// Ends our half at once; reading goes on.
  void leave();
  /// Ends what is under way, with operation_aborted.
  void close();
};

}  // namespace xieban
