#pragma once
// HTTP/1.1 as bytes, without sockets: what is looked at before a parser sees it, and what is written.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "bot/base/time.hpp"
#include "bot/ports/http.hpp"

namespace xieban::wire {

enum class Scan { incomplete, complete, malformed, too_long };
struct HeaderEnd {
  Scan state = Scan::incomplete;
  std::size_t length = 0;  // complete: bytes of the header, the empty line included; incomplete: where to go on looking
};
/// Looks for the end of the header at the start of `bytes`, going on at `from`. Malformed: line ends other than CRLF,
/// continued lines (obsolete folding), a first byte that starts no request.
HeaderEnd find_header_end(std::string_view bytes, std::size_t from, std::size_t limit);

/// Whether so many bytes may be given to Beast's parser: it takes it for certain that it does not see the end of a chunked
/// body in pieces smaller than "0\r\n\r\n" (basic_parser::parse_chunk_header asserts it). As many always follow.
template <class Parser>
bool may_parse(const Parser& parser, std::size_t bytes) {
  constexpr std::size_t shortest_end = 5;
  if (parser.is_header_done() && parser.chunked()) return bytes >= shortest_end;
  return bytes > 0;
}

/// What a parsed header is checked for besides what the parser does; 0, or the status to refuse it with.
int check_request(const HttpRequest&, unsigned version);
/// "http://host/path?q" -> "/path?q"; other targets stay.
std::string origin_form(std::string target);

bool is_token(std::string_view);
/// Neither line ends nor other control characters.
bool is_field_value(std::string_view);

/// Status line and fields, the empty line included. Names that belong to the server (Connection, Content-Length,
/// Transfer-Encoding, Date) are its own; a value cannot end its line.
std::string response_head(const HttpResponse&, std::string_view date, unsigned version, bool keep_alive);
/// nullopt: something in it cannot be written as a header.
std::optional<std::string> request_head(const HttpRequest&, std::string_view authority);
/// "Sat, 21 Nov 2026 01:00:00 GMT"
std::string http_date(TimePoint);

}  // namespace xieban::wire
