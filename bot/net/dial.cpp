#include "bot/net/dial.hpp"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <optional>
#include <vector>

#include "bot/net/gate.hpp"

namespace xieban {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

namespace {

// Time for each address of a host, so that a dead one does not use up what the next one needs.
constexpr Duration least_per_address{1000};

Error too_late() { return Error(Errc::timed_out, "connect: no answer in time"); }

/// Addresses of the host. A name server that does not answer cannot hold the call beyond its deadline: what it says
/// later is dropped.
asio::awaitable<Result<std::vector<tcp::endpoint>>> resolve(asio::any_io_executor executor, const Origin& origin,
                                                            Deadline& deadline, SteadyTime until) {
  struct Answer {
    Gate gate;
    std::optional<error_code> error;
    std::vector<tcp::endpoint> endpoints;
    tcp::resolver resolver;
    explicit Answer(const asio::any_io_executor& executor) : resolver(executor) {}
  };
  error_code no_address;
  const auto address = asio::ip::make_address(origin.host, no_address);
  std::vector<tcp::endpoint> endpoints;
  if (!no_address) {
    endpoints.emplace_back(address, static_cast<std::uint16_t>(std::stoul(origin.port)));
  } else {
    const auto answer = std::make_shared<Answer>(executor);
    answer->resolver.async_resolve(origin.host, origin.port,
                                   [answer](error_code error, const tcp::resolver::results_type& found) {
                                     answer->error = error;
                                     for (const auto& entry : found) answer->endpoints.push_back(entry.endpoint());
                                     answer->gate.open();
                                   });
    const Deadline::Armed armed(deadline, until, [answer] {
      answer->resolver.cancel();
      answer->gate.open();
    });
    co_await answer->gate.wait();
    if (!answer->error || deadline.passed()) co_return std::unexpected(too_late());
    if (*answer->error) co_return not_sent(Errc::network, "no address of " + origin.host + ": " + answer->error->message());
    endpoints = answer->endpoints;
  }
  if (!origin.tls) {
    std::erase_if(endpoints, [](const tcp::endpoint& endpoint) { return !endpoint.address().is_loopback(); });
    if (endpoints.empty()) co_return not_sent(Errc::network, "http:// is for loopback hosts only, not " + origin.host);
  }
  co_return endpoints;
}

}  // namespace

std::unexpected<Error> not_sent(Errc code, const std::string& why) { return std::unexpected(Error(code, "connect: " + why)); }

Result<Origin> parse_origin(const std::string& text) {
  const auto parsed = boost::urls::parse_absolute_uri(text);
  if (!parsed || !parsed->has_authority() || parsed->host_address().empty() || parsed->has_userinfo()) {
    return not_sent(Errc::bad_input, "not an origin: " + text);
  }
  Origin origin;
  const std::string scheme = parsed->scheme();
  if (scheme != "https" && scheme != "http") return not_sent(Errc::bad_input, "not an http origin: " + text);
  if ((!parsed->encoded_path().empty() && parsed->encoded_path() != "/") || parsed->has_query()) {
    return not_sent(Errc::bad_input, "an origin has no path: " + text);
  }
  origin.tls = scheme == "https";
  origin.host = parsed->host_address();  // an IPv6 address without brackets
  if (parsed->has_port() && parsed->port_number() == 0) return not_sent(Errc::bad_input, "not a port: " + text);
  origin.port = parsed->has_port() ? std::to_string(parsed->port_number()) : origin.tls ? "443" : "80";
  origin.authority = std::string(parsed->encoded_host_and_port());
  return origin;
}

asio::ssl::context make_client_tls(const std::string& extra_roots) {
  asio::ssl::context tls{asio::ssl::context::tls_client};
  SSL_CTX_set_min_proto_version(tls.native_handle(), TLS1_2_VERSION);
  tls.set_default_verify_paths();
  if (!extra_roots.empty()) tls.load_verify_file(extra_roots);
  tls.set_verify_mode(asio::ssl::verify_peer);
  return tls;
}

asio::awaitable<Result<std::unique_ptr<Link>>> dial(asio::any_io_executor executor, asio::ssl::context& tls,
                                                    const Origin& origin, Deadline& deadline, SteadyTime until,
                                                    Duration connect) {
  const SteadyTime connected_by = std::min(until, steady_now() + connect);
  auto endpoints = co_await resolve(executor, origin, deadline, connected_by);
  if (!endpoints) co_return std::unexpected(endpoints.error());
  const auto count = static_cast<Duration::rep>(std::max<std::size_t>(1, endpoints->size()));
  const Duration share = std::max(least_per_address, connect / count);
  std::unique_ptr<Link> found;
  error_code error = asio::error::host_not_found;
  for (const tcp::endpoint& endpoint : *endpoints) {
    found = std::make_unique<Link>(tcp::socket(executor));
    Link& link = *found;
    const Deadline::Armed armed(deadline, std::min(connected_by, steady_now() + share), [&link] { link.close(); });
    co_await link.socket.async_connect(endpoint, asio::redirect_error(asio::use_awaitable, error));
    if (!error && deadline.passed()) error = asio::error::timed_out;
    if (!error || deadline.ended() || steady_now() >= connected_by) break;
  }
  if (error) {
    if (deadline.ended() || steady_now() >= until) co_return std::unexpected(too_late());
    if (deadline.passed()) co_return not_sent(Errc::network, origin.authority + " did not answer");
    co_return not_sent(Errc::network, origin.authority + ": " + error.message());
  }
  Link& link = *found;
  link.socket.set_option(tcp::no_delay(true), error);
  if (origin.tls) {
    link.tls = std::make_unique<asio::ssl::stream<tcp::socket&>>(link.socket, tls);
    SSL* const session = link.tls->native_handle();
    error_code no_address;
    asio::ip::make_address(origin.host, no_address);
    // An address is no name to indicate (RFC 6066), but it is verified as well.
    if (no_address) {
      SSL_ctrl(session, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, const_cast<char*>(origin.host.c_str()));
    }
    link.tls->set_verify_callback(asio::ssl::host_name_verification(origin.host));
    const Deadline::Armed armed(deadline, connected_by, [&link] { link.close(); });
    co_await link.handshake(asio::ssl::stream_base::client, error);
    if (error) {
      if (deadline.ended() || steady_now() >= until) co_return std::unexpected(too_late());
      const long verified = SSL_get_verify_result(session);
      std::string why = error.message();
      // OpenSSL's word for what our own check of the host refused is "unspecified".
      if (verified == X509_V_ERR_UNSPECIFIED) {
        why += ", the certificate is for another host";
      } else if (verified != X509_V_OK) {
        why += std::string(", ") + X509_verify_cert_error_string(verified);
      }
      co_return not_sent(Errc::network, "TLS with " + origin.authority + " refused: " + why);
    }
  }
  co_return found;
}

}  // namespace xieban
