#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <memory>

#include "bot/ports/transport.hpp"

namespace xieban {

struct ClientLimits {
  std::size_t idle_per_origin = 8, open_per_origin = 32;
  std::size_t header_bytes = 32 * 1024, body_bytes = 8 * 1024 * 1024;
  Duration connect{5000};
};

/// Pooled HTTP/1.1 client: TLS 1.2 and up, SNI, host name verified, system roots; no redirects. The timeout of send()
/// holds for the whole call, however slowly bytes arrive. http:// origins only for loopback hosts.
/// A request on a reused connection that dies before the first byte of an answer goes once more on a fresh one, if it
/// says `repeatable`.
class Client final : public Transport {
 public:
  /// `extra_roots`: a PEM file of further roots (tests); empty: the system's only.
  Client(boost::asio::any_io_executor, ClientLimits, std::string extra_roots = {});
  ~Client() override;
  boost::asio::awaitable<Result<HttpResponse>> send(std::string origin, HttpRequest, Duration timeout) override;
  void close();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace xieban
