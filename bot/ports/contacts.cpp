#include "bot/ports/contacts.hpp"

namespace xieban {

Result<Token> Contacts::read_own_token(const HttpResponse&, TimePoint) const {
  return std::unexpected(Error(Errc::not_found, "this directory has no token of its own"));
}

ContactRead<UserId> Contacts::read_plain_id(const HttpResponse&) const {
  return std::unexpected(ContactFault{ContactFault::Kind::absent, "ids are the same everywhere"});
}

}  // namespace xieban
