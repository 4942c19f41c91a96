#include "bot/net/wire.hpp"

#include <algorithm>
#include <array>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/status.hpp>
#include <chrono>

namespace xieban::wire {
namespace {

using boost::beast::iequals;

// Far more than any platform sends; each costs an allocation.
constexpr std::size_t max_fields = 256;

bool is_token_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_control(char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == '\x7f'; }

template <std::size_t N>
bool is_one_of(std::string_view name, const std::array<std::string_view, N>& names) {
  return std::any_of(names.begin(), names.end(), [&](std::string_view own) { return iequals(own, name); });
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ");
  for (const char c : value) out += is_control(c) ? ' ' : c;
  out += "\r\n";
}

template <class Number>
std::string two_digits(Number number) {
  return (number < 10 ? "0" : "") + std::to_string(number);
}

bool has_body(int status) { return status >= 200 && status != 204 && status != 304; }

}  // namespace

HeaderEnd find_header_end(std::string_view bytes, std::size_t from, std::size_t limit) {
  if (!bytes.empty() && !is_token_char(bytes.front())) return {Scan::malformed, 0};
  const std::string_view seen = bytes.substr(0, limit);
  std::size_t at = from;
  while (true) {
    const std::size_t end = seen.find('\n', at);
    if (end == std::string_view::npos) break;
    if (end == 0 || seen[end - 1] != '\r') return {Scan::malformed, 0};
    if (end >= 3 && seen[end - 2] == '\n') return {Scan::complete, end + 1};
    // The first byte of the next line decides whether this one is continued; without it, look at this end again.
    if (end + 1 == seen.size()) break;
    if (seen[end + 1] == ' ' || seen[end + 1] == '\t') return {Scan::malformed, 0};
    at = end + 1;
  }
  return {bytes.size() >= limit ? Scan::too_long : Scan::incomplete, at};
}

int check_request(const HttpRequest& request, unsigned version) {
  if (version != 10 && version != 11) return 505;
  if (request.headers.all().size() > max_fields) return 431;
  std::size_t hosts = 0;
  bool coded = false;
  for (const auto& [name, value] : request.headers.all()) {
    if (iequals(name, "Host")) ++hosts;
    if (iequals(name, "Transfer-Encoding")) {
      // Any other coding would leave us with another idea of where the body ends than a proxy may have.
      if (!iequals(value, "chunked") || coded || version == 10) return 400;
      coded = true;
    }
    if (iequals(name, "Expect") && !iequals(value, "100-continue")) return 417;
  }
  if (hosts > 1 || (hosts == 0 && version == 11)) return 400;
  if (!request.target.starts_with('/') && request.target != "*") return 400;
  return 0;
}

std::string origin_form(std::string target) {
  const std::string_view view(target);
  for (const std::string_view scheme : {std::string_view("http://"), std::string_view("https://")}) {
    if (view.size() < scheme.size() || !iequals(view.substr(0, scheme.size()), scheme)) continue;
    const std::size_t end = view.find_first_of("/?#", scheme.size());
    if (end == std::string_view::npos) return "/";
    return (view[end] == '/' ? std::string() : std::string("/")) + std::string(view.substr(end));
  }
  return target;
}

bool is_token(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_token_char); }
bool is_field_value(std::string_view text) { return std::none_of(text.begin(), text.end(), is_control); }

std::string response_head(const HttpResponse& response, std::string_view date, unsigned version, bool keep_alive) {
  static constexpr std::array<std::string_view, 6> own{"Connection", "Content-Length",         "Transfer-Encoding",
                                                       "Date",       "X-Content-Type-Options", "Server"};
  std::string out;
  out.reserve(256);
  const auto reason = boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(response.status));
  out.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
  out.append(reason.data(), reason.size()).append("\r\n");
  append_field(out, "Date", date);
  for (const auto& [name, value] : response.headers.all()) {
    if (is_token(name) && !is_one_of(name, own)) append_field(out, name, value);
  }
  out += "X-Content-Type-Options: nosniff\r\n";
  if (has_body(response.status)) append_field(out, "Content-Length", std::to_string(response.body.size()));
  if (!keep_alive) {
    out += "Connection: close\r\n";
  } else if (version == 10) {
    out += "Connection: keep-alive\r\n";
  }
  out += "\r\n";
  return out;
}

std::optional<std::string> request_head(const HttpRequest& request, std::string_view authority) {
  // Accept-Encoding: a compressed answer is never asked for, so nothing has to be unpacked within limits.
  static constexpr std::array<std::string_view, 8> own{
      "Host", "Content-Length", "Transfer-Encoding", "Connection", "Upgrade", "Accept-Encoding", "Expect", "TE"};
  if (!is_token(request.method) || !request.target.starts_with('/')) return std::nullopt;
  for (const char c : request.target) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == '\x7f') return std::nullopt;
  }
  std::string out = request.method + " " + request.target + " HTTP/1.1\r\n";
  append_field(out, "Host", authority);
  if (!request.headers.has("User-Agent")) append_field(out, "User-Agent", "xieban");
  for (const auto& [name, value] : request.headers.all()) {
    if (!is_token(name) || !is_field_value(value)) return std::nullopt;
    if (!is_one_of(name, own)) append_field(out, name, value);
  }
  const bool usual_body = request.method != "GET" && request.method != "HEAD" && request.method != "DELETE";
  if (usual_body || !request.body.empty()) append_field(out, "Content-Length", std::to_string(request.body.size()));
  out += "\r\n";
  return out;
}

std::string http_date(TimePoint at) {
  static constexpr std::array<const char*, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(at - day));
  std::string out = days[std::chrono::weekday(day).c_encoding()];
  out += ", " + two_digits(static_cast<unsigned>(date.day())) + " " + months[static_cast<unsigned>(date.month()) - 1] + " ";
  out += std::to_string(static_cast<int>(date.year())) + " " + two_digits(time.hours().count()) + ":";
  out += two_digits(time.minutes().count()) + ":" + two_digits(time.seconds().count()) + " GMT";
  return out;
}

}  // namespace xieban::wire
