#pragma once
// HTTP as plain values; Beast stays in bot/net.

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bot/base/time.hpp"

namespace xieban {

/// Order is kept; names compare without case.
class Headers {
 public:
  void set(std::string name, std::string value);  // replaces
  void add(std::string name, std::string value);
  /// First value of that name; empty when absent.
  [[nodiscard]] std::string_view get(std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const;
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& all() const { return items_; }

 private:
  std::vector<std::pair<std::string, std::string>> items_;
};

/// Decodes %XX only: a "+" stays a plus (Base64 in the query of callbacks), a malformed escape stays as it is.
std::string percent_decode(std::string_view);
/// Everything but letters, digits and -._~ as %XX.
std::string percent_encode(std::string_view);

struct HttpRequest {
  std::string method;  // "GET"
  std::string target;  // path and query as they came: "/hook/feishu/main?a=b"
  Headers headers;
  std::string body;
  std::string remote;       // address of the peer
  bool repeatable = false;  // carries an idempotency key: may be sent again on a fresh connection
  std::string origin;       // where a call goes instead of Platform::origin(); empty: there
  /// Puts the time into a call that must carry it, just before it leaves; usually empty.
  std::function<void(HttpRequest&, TimePoint now)> stamp;

  HttpRequest() = default;
  HttpRequest(std::string m, std::string t) : method(std::move(m)), target(std::move(t)) {}
  [[nodiscard]] std::string_view path() const;
  [[nodiscard]] std::string_view query() const;
  /// Percent-decoded value of a query parameter; empty when absent.
  [[nodiscard]] std::string param(std::string_view name) const;
  [[nodiscard]] bool has_param(std::string_view name) const;
};

struct HttpResponse {
  int status = 200;
  Headers headers;
  std::string body;

  HttpResponse() = default;
  explicit HttpResponse(int s, std::string b = {}, std::string content_type = {});
};

}  // namespace xieban
