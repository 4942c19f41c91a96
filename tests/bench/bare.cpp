// xieban-bare: Beast answering 200 to everything, in the shape of our server's plainest path: the floor to compare with.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <iostream>

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

namespace {

asio::awaitable<void> serve(tcp::socket socket) {
  boost::beast::flat_buffer buffer;
  for (;;) {
    http::request_parser<http::string_body> parser;
    boost::system::error_code code;
    auto token = asio::redirect_error(asio::use_awaitable, code);
    co_await http::async_read(socket, buffer, parser, token);
    if (code) co_return;
    http::response<http::string_body> answer(http::status::ok, 11);
    answer.body() = "{}";
    answer.prepare_payload();
    co_await http::async_write(socket, answer, token);
    if (code) co_return;
  }
}

asio::awaitable<void> accept(tcp::acceptor& acceptor) {
  for (;;) {
    tcp::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
    socket.set_option(tcp::no_delay(true));
    const auto executor = acceptor.get_executor();
    asio::co_spawn(executor, serve(std::move(socket)), asio::detached);
  }
}

}  // namespace

int main() {
  asio::io_context loop(1);
  const tcp::endpoint endpoint(asio::ip::make_address("127.0.0.1"), 0);
  tcp::acceptor acceptor(loop, endpoint);
  std::cout << "ready http://127.0.0.1:" << acceptor.local_endpoint().port() << "/" << std::endl;
  asio::co_spawn(loop, accept(acceptor), asio::detached);
  loop.run();
}
