#pragma once
#include <cstddef>

#include "bot/base/time.hpp"

namespace xieban {

/// Of the HTTP server; every one of them is enforced and has a test.
struct Limits {
  std::size_t connections = 1024;
  std::size_t header_bytes = 16 * 1024;
  std::size_t body_bytes = 1024 * 1024;
  Duration header{10000};  // from the first byte, on a new connection from its start, to the end of the header
  Duration body{15000};    // from the end of the header to the end of the body
  Duration idle{60000};    // between requests of a kept connection
  Duration handler{4500};  // then 503
  Duration write{15000};   // to get an answer out
  Duration drain{5000};    // at shutdown; a handler under way still answers
};

}  // namespace xieban
