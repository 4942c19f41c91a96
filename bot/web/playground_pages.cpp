#include "bot/web/playground_pages.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace xieban {

namespace embedded {
std::string_view playground_file(std::string_view name);
}

namespace {

struct Kind {
  std::string_view ending, type;
};
constexpr std::array<Kind, 4> kinds{{{".html", "text/html; charset=utf-8"},
                                     {".js", "text/javascript; charset=utf-8"},
                                     {".css", "text/css; charset=utf-8"},
                                     {".svg", "image/svg+xml"}}};

std::string_view type_of(std::string_view name) {
  for (const Kind& kind : kinds) {
    if (name.ends_with(kind.ending)) return kind.type;
  }
  return "application/octet-stream";
}

/// FNV-1a: names this content for the browser's cache, nothing more.
std::string tag_of(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  std::string tag = "\"";
  for (int shift = 60; shift >= 0; shift -= 4) tag += "0123456789abcdef"[(hash >> static_cast<unsigned>(shift)) & 15U];
  return tag + "\"";
}

}  // namespace

HttpResponse playground_page(const HttpRequest& request, std::string_view name) {
  if (name.empty()) name = "index.html";
  const std::string_view bytes = embedded::playground_file(name);
  if (bytes.empty()) return HttpResponse(404, "not found\n", "text/plain; charset=utf-8");
  const std::string tag = tag_of(bytes);
  HttpResponse response(200, {}, std::string(type_of(name)));
  response.headers.set("Cache-Control", "no-cache");
  response.headers.set("ETag", tag);
  response.headers.set("X-Content-Type-Options", "nosniff");
  response.headers.set("Referrer-Policy", "no-referrer");
  response.headers.set("Content-Security-Policy",
                       "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
                       "base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
  if (request.headers.get("If-None-Match") == tag) {
    response.status = 304;
    return response;
  }
  response.body = std::string(bytes);
  return response;
}

}  // namespace xieban
