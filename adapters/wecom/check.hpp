#pragma once
// What the platform itself says about an app: credentials, trusted address, agent, visible people and departments, group
// robots. Every question is a call without an effect that anybody sees: it reads, or it writes what cannot be shown, or to
// somebody who cannot exist. Of the smart bot only the host is tried: its connection is a single one, and a subscription would
// take it from the process that serves.

#include <string>
#include <vector>

#include "adapters/finding.hpp"
#include "adapters/wecom/settings.hpp"
#include "bot/ports/http.hpp"

namespace xieban::wecom {

enum class Asks { token, send, card, agent, group, person, department, robot };
struct Question {
  Asks what = Asks::token;
  HttpRequest request;
  std::string about;  // the userid, the department or the robot's group
};

/// With this the other questions can be asked; its answer is read by read_token() of the platform as well. The settings have
/// an app.
Question token_question(const Settings&);
/// About the app itself. `with` is the token's value.
std::vector<Question> app_questions(const Settings&, const Secret& with);
/// Whether the app may make groups; what it lacks is no error.
Question group_question(const Secret& with);
Question person_question(const std::string& user, const Secret& with);
Question department_question(const std::string& id, const Secret& with);
/// Whether it is in use and who is in its visible range.
Question agent_question(const Settings&, const Secret& with);
/// A message of no known type: the key is looked at, and nothing is said. Needs no token.
Question robot_question(const ChatId& chat, const Secret& key);
/// Where the smart bot's long connection leads; whatever is answered there to a GET, the host is in reach.
std::string stream_origin(const Settings&);

/// Empty: nothing is wrong with what was asked about.
std::vector<Finding> findings(const Question&, const HttpResponse&);
/// The platform refuses such questions whoever is asked about: asking about the next one is of no use.
bool refuses_all(const HttpResponse&);

}  // namespace xieban::wecom
