#pragma once
// What the platform itself says about an app: credentials, bot ability, scopes, people, groups. Every question is a call
// without an effect that anybody sees: it reads, or it names a chat, a message or a task that cannot exist. A missing scope is
// refused before the platform looks at those.

#include <optional>
#include <string>
#include <vector>

#include "adapters/feishu/settings.hpp"
#include "adapters/finding.hpp"
#include "bot/ports/http.hpp"
#include "bot/ports/platform.hpp"

namespace xieban::feishu {

enum class Asks { token, stream, bot, granted, send, update, rouse, person, mobile, group, tasks };
struct Question {
  Asks what = Asks::token;
  HttpRequest request;
  std::string about;  // person, group: the id it asks about; stream: the host it asks; bot, granted: what the file says of it
};

/// With this the other questions can be asked; its answer is read by read_token() of the platform as well.
Question token_question(const Settings&);
/// Where its long connection would go; none is made.
Question stream_question(const Settings&);
/// The origin of that place, to see whether it can be reached; nullopt: the answer names none.
std::optional<std::string> stream_gateway(const HttpResponse&);
/// About the app itself. `dissolves_groups`: some type's own groups end with its requests. `with` is the token's value.
std::vector<Question> app_questions(const Settings&, bool dissolves_groups, const Secret& with);
Question person_question(const std::string& open_id, const Secret& with);
Question mobile_question(const std::string& mobile, const Secret& with);
Question group_question(const std::string& chat_id, const Secret& with);
Question tasks_question(const Secret& with);

/// Empty: nothing is wrong with what was asked about.
std::vector<Finding> findings(const Question&, const HttpResponse&);
/// The platform refuses such questions for want of a scope: asking about the next one is of no use.
bool lacks_scope(const HttpResponse&);

}  // namespace xieban::feishu
