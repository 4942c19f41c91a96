#pragma once
// What the platform itself says about an app: credentials, long connection, scopes, card template, people. Every question is
// a call without an effect that anybody sees: it reads, or it names a group, a card or a person that cannot exist. A missing
// scope is refused before the platform looks at those.

#include <optional>
#include <string>
#include <vector>

#include "adapters/dingtalk/settings.hpp"
#include "adapters/finding.hpp"
#include "bot/ports/http.hpp"
#include "bot/ports/platform.hpp"

namespace xieban::dingtalk {

enum class Asks { token, stream, send, card, card_template, ding, department, member, person, mobile, group };
struct Question {
  Asks what = Asks::token;
  HttpRequest request;
  std::string about;  // person: the userId it asks about
};

/// With this the other questions can be asked; its answer is read by read_token() of the platform as well.
Question token_question(const Settings&);
/// About the app itself. `with` is the token's value.
std::vector<Question> app_questions(const Settings&, const Secret& with);
Question person_question(const Settings&, const std::string& user, const Secret& with);
/// Whose account this number would find.
Question mobile_question(const Settings&, const std::string& mobile, const Secret& with);
/// "https://host:port" that the long connection would go to, from the answer about it; nullopt: it names none.
std::optional<std::string> stream_gateway(const HttpResponse&);

/// Empty: nothing is wrong with what was asked about.
std::vector<Finding> findings(const Question&, const HttpResponse&);
/// The old host takes only tokens of its own (Contacts::own_token_request()).
bool wants_own_token(const HttpResponse&);
/// The same question to it with such a token.
HttpRequest with_own_token(HttpRequest, const Secret& token);
/// The platform refuses such questions for want of a scope: asking about the next one is of no use.
bool lacks_scope(const HttpResponse&);

}  // namespace xieban::dingtalk
