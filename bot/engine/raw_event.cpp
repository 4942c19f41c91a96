#include "bot/engine/raw_event.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

namespace xieban {
namespace {

constexpr std::string_view magic = "event/1 ";
constexpr std::string_view end_of_line = "\r\n";

/// A header never spans lines here, whatever a caller put in it.
void append_flat(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of(end_of_line), text.size());
    out.append(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

/// Cuts the first line off; nullopt when there is no line end.
std::optional<std::string_view> take_line(std::string_view& bytes) {
  const auto end = bytes.find(end_of_line);
  if (end == std::string_view::npos) return std::nullopt;
  const auto line = bytes.substr(0, end);
  bytes.remove_prefix(end + end_of_line.size());
  return line;
}

std::unexpected<Error> malformed(const char* what) {
  return std::unexpected(Error(Errc::bad_input, std::string("kept event: ") + what));
}

}  // namespace

std::string write_raw_event(const HttpRequest& request, TimePoint at) {
  std::string out(magic);
  out += std::to_string(at.time_since_epoch().count());
  out += ' ';
  append_flat(out, request.remote);
  out += end_of_line;
  append_flat(out, request.method);
  out += ' ';
  append_flat(out, request.target);
  out += " HTTP/1.1";
  out += end_of_line;
  for (const auto& [name, value] : request.headers.all()) {
    append_flat(out, name);
    out += ": ";
    append_flat(out, value);
    out += end_of_line;
  }
  out += end_of_line;
  out += request.body;
  return out;
}

Result<ArrivedRequest> read_raw_event(std::string_view bytes) {
  ArrivedRequest arrived;
  auto line = take_line(bytes);
  if (!line || !line->starts_with(magic)) return malformed("no first line");
  line->remove_prefix(magic.size());
  std::int64_t milliseconds = 0;
  const auto [end, fault] = std::from_chars(line->data(), line->data() + line->size(), milliseconds);
  if (fault != std::errc{} || end == line->data() + line->size() || *end != ' ') return malformed("no time");
  arrived.at = TimePoint{Duration{milliseconds}};
  arrived.request.remote = std::string(end + 1, line->data() + line->size());

  line = take_line(bytes);
  const auto first = line ? line->find(' ') : std::string_view::npos;
  const auto last = line ? line->rfind(' ') : std::string_view::npos;
  if (first == std::string_view::npos || last == first) return malformed("no request line");
  arrived.request.method = std::string(line->substr(0, first));
  arrived.request.target = std::string(line->substr(first + 1, last - first - 1));

  for (line = take_line(bytes); line && !line->empty(); line = take_line(bytes)) {
    const auto colon = line->find(": ");
    if (colon == std::string_view::npos) return malformed("a header without a colon");
    arrived.request.headers.add(std::string(line->substr(0, colon)), std::string(line->substr(colon + 2)));
  }
  if (!line) return malformed("no end of the headers");
  arrived.request.body = std::string(bytes);
  return arrived;
}

}  // namespace xieban
