#pragma once
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bot/ports/http.hpp"

namespace xieban {

/// Values of the {names} of a pattern, percent-decoded.
using Params = std::map<std::string, std::string, std::less<>>;
using Handler = std::function<boost::asio::awaitable<HttpResponse>(HttpRequest, Params)>;

/// Knows 404 from 405 (with Allow). A pattern's {name} matches one segment that is not empty, a last {name*} the rest,
/// which may be. Of several matches the first added wins. HEAD is answered by GET's handler; the server drops the body.
/// A path with "." or ".." segments is 404.
class Router {
 public:
  void add(std::string method, std::string pattern, Handler);
  /// What the server refuses before a handler sees it (a body that is too large, a header that cannot be read) has an empty
  /// answer; where the path begins so, this one.
  void refuse(std::string prefix, std::function<HttpResponse(int status)>);
  [[nodiscard]] HttpResponse refusal(int status, std::string_view path) const;
  /// The router must outlive the answer. A handler that is not a coroutine may throw at once.
  boost::asio::awaitable<HttpResponse> handle(HttpRequest) const;

 private:
  struct Route {
    std::string method;
    std::vector<std::string> segments;
    Handler handler;
  };
  std::vector<Route> routes_;
  std::vector<std::pair<std::string, std::function<HttpResponse(int status)>>> refusals_;
};

}  // namespace xieban
