#pragma once
// A platform's directory (通讯录) as questions and answers: pure functions, like Platform.

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "bot/base/ids.hpp"
#include "bot/ports/http.hpp"
#include "bot/ports/platform.hpp"

namespace xieban {

struct ContactPerson {
  std::string name;
  std::vector<std::string> units;  // ids of the departments, the main one first
  UserId manager;                  // empty: none is named
};
struct ContactUnit {
  std::string name;
  std::vector<UserId> leaders;
  std::string parent;  // id of the department above; empty: none, or the platform does not say
};
/// A page of those who are in a chat.
struct ContactMembers {
  std::vector<UserId> users;
  std::string next;  // mark of the page behind this one; empty: there is none
};
struct ContactFault {
  enum class Kind {
    absent,  // nobody of that id, as far as this app may see
    hidden,  // this one alone is outside of what the app may see: they may be there all the same
    denied,  // the app may not ask that
    later,   // too fast, busy, not understood
    token,   // the access token was refused
  };
  Kind kind = Kind::later;
  std::string detail;  // for the log and /体检
};
template <class T>
using ContactRead = std::expected<T, ContactFault>;

class Contacts {
 public:
  virtual ~Contacts() = default;
  [[nodiscard]] virtual HttpRequest ask_person(const UserId&, const Token&) const = 0;
  [[nodiscard]] virtual ContactRead<ContactPerson> read_person(const HttpResponse&) const = 0;
  [[nodiscard]] virtual HttpRequest ask_unit(const std::string& id, const Token&) const = 0;
  [[nodiscard]] virtual ContactRead<ContactUnit> read_unit(const HttpResponse&) const = 0;
  /// Where the directory may want a token of its own, once it refused the app's: how to get it. nullopt: there is none.
  [[nodiscard]] virtual std::optional<HttpRequest> own_token_request() const { return std::nullopt; }
  [[nodiscard]] virtual Result<Token> read_own_token(const HttpResponse&, TimePoint now) const;
  /// Where a bot may be told other ids than its app: the app's id of whoever has this one. nullopt: ids are the same.
  [[nodiscard]] virtual std::optional<HttpRequest> ask_plain_id(const UserId&, const Token&) const { return std::nullopt; }
  [[nodiscard]] virtual ContactRead<UserId> read_plain_id(const HttpResponse&) const;
  /// Where mentions name accounts: the app's own account (Platform::know_self). nullopt: a mention says itself that it is of
  /// us.
  [[nodiscard]] virtual std::optional<HttpRequest> ask_self(const Token&) const { return std::nullopt; }
  [[nodiscard]] virtual ContactRead<UserId> read_self(const HttpResponse&) const;
  /// Who is in a chat, a page at a time; the first page's mark is empty. nullopt: this platform does not tell.
  [[nodiscard]] virtual std::optional<HttpRequest> ask_members(const ChatId&, const std::string& page, const Token&) const;
  [[nodiscard]] virtual ContactRead<ContactMembers> read_members(const HttpResponse&) const;
  /// nullopt: this platform finds nobody by a mobile number.
  [[nodiscard]] virtual std::optional<HttpRequest> ask_mobile(const std::string& mobile, const Token&) const = 0;
  [[nodiscard]] virtual ContactRead<UserId> read_mobile(const HttpResponse&) const = 0;
};

}  // namespace xieban
