#pragma once
// What the platform itself says about an app: credentials, trusted address, agent, visible people. Every question is a call
// without an effect that anybody sees: it reads, or it writes to somebody who cannot exist. The smart bot is not asked: its
// connection is a single one, and asking would take it from the process that serves.

#include <string>
#include <vector>

#include "adapters/finding.hpp"
#include "adapters/wecom/settings.hpp"
#include "bot/ports/http.hpp"

namespace xieban::wecom {

enum class Asks { token, send, group, person };
struct Question {
  Asks what = Asks::token;
  HttpRequest request;
  std::string about;  // person: the userid it asks about
};

/// With this the other questions can be asked; its answer is read by read_token() of the platform as well. The settings have
/// an app.
Question token_question(const Settings&);
/// About the app itself. `with` is the token's value.
std::vector<Question> app_questions(const Settings&, const Secret& with);
/// Whether the app may make groups; what it lacks is no error.
Question group_question(const Secret& with);
Question person_question(const std::string& user, const Secret& with);

/// Empty: nothing is wrong with what was asked about.
std::vector<Finding> findings(const Question&, const HttpResponse&);
/// The platform refuses such questions whoever is asked about: asking about the next one is of no use.
bool refuses_all(const HttpResponse&);

}  // namespace xieban::wecom
