#include "bot/net/router.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>

namespace xieban {
namespace {

std::vector<std::string_view> segments_of(std::string_view path) {
  std::vector<std::string_view> segments;
  if (!path.starts_with('/')) return segments;
  path.remove_prefix(1);
  for (;;) {
    const std::size_t slash = path.find('/');
    segments.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

bool is_name(std::string_view segment) { return segment.size() > 2 && segment.front() == '{' && segment.back() == '}'; }
bool is_rest(std::string_view segment) { return is_name(segment) && segment[segment.size() - 2] == '*'; }

/// The path's segments, decoded; nullopt for what could climb out of a folder or end a C string.
std::optional<std::vector<std::string>> decode_segments(std::string_view path) {
  std::vector<std::string> decoded;
  for (const std::string_view segment : segments_of(path)) {
    decoded.push_back(percent_decode(segment));
    const std::string& text = decoded.back();
    if (text == "." || text == ".." || text.find('\0') != std::string::npos) return std::nullopt;
  }
  return decoded;
}

std::optional<Params> match(const std::vector<std::string>& pattern, const std::vector<std::string>& path) {
  Params params;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (i >= path.size()) return std::nullopt;
    const std::string& segment = pattern[i];
    if (is_rest(segment)) {
      std::string rest = path[i];
      for (std::size_t k = i + 1; k < path.size(); ++k) rest += "/" + path[k];
      params.emplace(segment.substr(1, segment.size() - 3), std::move(rest));
      return params;
    }
    if (is_name(segment)) {
      if (path[i].empty()) return std::nullopt;
      params.emplace(segment.substr(1, segment.size() - 2), path[i]);
    } else if (segment != path[i]) {
      return std::nullopt;
    }
  }
  if (path.size() != pattern.size()) return std::nullopt;
  return params;
}

boost::asio::awaitable<HttpResponse> at_once(HttpResponse response) { co_return response; }

}  // namespace

void Router::add(std::string method, std::string pattern, Handler handler) {
  if (!pattern.starts_with('/')) throw std::invalid_argument("a route starts with /: " + pattern);
  Route route{std::move(method), {}, std::move(handler)};
  for (const std::string_view segment : segments_of(pattern)) route.segments.emplace_back(segment);
  routes_.push_back(std::move(route));
}

void Router::refuse(std::string prefix, std::function<HttpResponse(int status)> answer) {
  refusals_.emplace_back(std::move(prefix), std::move(answer));
}

HttpResponse Router::refusal(int status, std::string_view path) const {
  for (const auto& [prefix, answer] : refusals_) {
    if (path.starts_with(prefix)) return answer(status);
  }
  return HttpResponse(status);
}

boost::asio::awaitable<HttpResponse> Router::handle(HttpRequest request) const {
  std::vector<std::string> allowed;
  if (const auto path = decode_segments(request.path())) {
    const std::string_view wanted = request.method == "HEAD" ? std::string_view("GET") : std::string_view(request.method);
    for (const Route& route : routes_) {
      std::optional<Params> params = match(route.segments, *path);
      if (!params) continue;
      if (route.method == wanted) return route.handler(std::move(request), std::move(*params));
      allowed.push_back(route.method);
      if (route.method == "GET") allowed.emplace_back("HEAD");
    }
  }
  if (allowed.empty()) return at_once(HttpResponse(404));
  std::sort(allowed.begin(), allowed.end());
  allowed.erase(std::unique(allowed.begin(), allowed.end()), allowed.end());
  std::string list;
  for (const std::string& method : allowed) list += (list.empty() ? "" : ", ") + method;
  HttpResponse refusal(405);
  refusal.headers.set("Allow", std::move(list));
  return at_once(std::move(refusal));
}

}  // namespace xieban
