#include "bot/ports/contacts.hpp"

namespace xieban {

Result<Token> Contacts::read_own_token(const HttpResponse&, TimePoint) const {
  return std::unexpected(Error(Errc::not_found, "this directory has no token of its own"));
}

ContactRead<UserId> Contacts::read_plain_id(const HttpResponse&) const {
  return std::unexpected(ContactFault{ContactFault::Kind::absent, "ids are the same everywhere"});
}

ContactRead<UserId> Contacts::read_self(const HttpResponse&) const {
  return std::unexpected(ContactFault{ContactFault::Kind::absent, "mentions name nobody's account"});
}

std::optional<HttpRequest> Contacts::ask_members(const ChatId&, const std::string&, const Token&) const { return std::nullopt; }

ContactRead<ContactMembers> Contacts::read_members(const HttpResponse&) const {
  return std::unexpected(ContactFault{ContactFault::Kind::absent, "nobody tells who is in a chat"});
}

}  // namespace xieban
