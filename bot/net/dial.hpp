#pragma once
// From an origin to a connected, verified link.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

#include "bot/base/error.hpp"
#include "bot/net/deadline.hpp"
#include "bot/net/link.hpp"

namespace xieban {

struct Origin {
  bool tls = true;
  std::string host, port, authority;  // an IPv6 address: host without brackets
};
/// "https://open.feishu.cn". Its error begins "connect", as everything does that was never sent.
Result<Origin> parse_origin(const std::string&);
std::unexpected<Error> not_sent(Errc, const std::string& why);

/// TLS 1.2 and up, the system's roots and those in the PEM file `extra_roots`; peers are verified.
boost::asio::ssl::context make_client_tls(const std::string& extra_roots);

/// Resolves, connects, proves the host's name; plain origins on loopback hosts only. timed_out: `until` has passed or the
/// deadline was ended by its owner; network: it cannot be reached before `connect` has passed. The arguments outlive the call.
boost::asio::awaitable<Result<std::unique_ptr<Link>>> dial(boost::asio::any_io_executor, boost::asio::ssl::context&,
                                                           const Origin&, Deadline&, SteadyTime until, Duration connect);

}  // namespace xieban
