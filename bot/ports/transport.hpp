#pragma once
#include <boost/asio/awaitable.hpp>
#include <string>

#include "bot/base/error.hpp"
#include "bot/base/time.hpp"
#include "bot/ports/http.hpp"

namespace xieban {

/// Carries one call to a platform. Errors: timed_out, network; an answer with any status is a value.
/// `network` with text beginning "connect" means that nothing was sent.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual boost::asio::awaitable<Result<HttpResponse>> send(std::string origin, HttpRequest, Duration timeout) = 0;
};

}  // namespace xieban
