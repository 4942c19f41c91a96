#pragma once
#include "bot/ports/http.hpp"

namespace xieban {

/// A file of the page by the name it has below /playground/ ("" is the page itself); 404 for any other.
HttpResponse playground_page(const HttpRequest&, std::string_view name);

}  // namespace xieban
