#include "bot/net/link.hpp"

#include <array>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace xieban {

namespace asio = boost::asio;

asio::awaitable<std::size_t> Link::read_some(asio::mutable_buffer into, boost::system::error_code& error) {
  if (tls != nullptr) return tls->async_read_some(into, asio::redirect_error(asio::use_awaitable, error));
  return socket.async_read_some(into, asio::redirect_error(asio::use_awaitable, error));
}

asio::awaitable<std::size_t> Link::write(std::span<const asio::const_buffer, 2> parts, boost::system::error_code& error) {
  const std::array<asio::const_buffer, 2> buffers{parts[0], parts[1]};
  if (tls != nullptr) return asio::async_write(*tls, buffers, asio::redirect_error(asio::use_awaitable, error));
  return asio::async_write(socket, buffers, asio::redirect_error(asio::use_awaitable, error));
}

asio::awaitable<void> Link::handshake(asio::ssl::stream_base::handshake_type side, boost::system::error_code& error) {
  return tls->async_handshake(side, asio::redirect_error(asio::use_awaitable, error));
}

asio::awaitable<void> Link::finish(boost::system::error_code& error) {
  if (tls != nullptr) co_await tls->async_shutdown(asio::redirect_error(asio::use_awaitable, error));
  leave();
}

void Link::leave() {
  boost::system::error_code ignored;  // it may be closed by now
  socket.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
}

void Link::close() {
  boost::system::error_code ignored;
  socket.close(ignored);
}

}  // namespace xieban
