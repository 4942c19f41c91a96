#include "adapters/wecom/contacts.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "adapters/finding.hpp"
#include "adapters/wecom/api.hpp"
#include "adapters/wecom/read.hpp"

namespace xieban::wecom {

using nlohmann::json;

namespace {

using Kind = ContactFault::Kind;

constexpr std::array<std::int64_t, 4> nobody = {40003, 60111, 60003, 60123};
constexpr std::array<std::int64_t, 3> refused_token = {40001, 40014, 42001};
constexpr std::int64_t not_visible = 60011;
constexpr std::array<std::int64_t, 2> not_allowed = {48002, 48009};
constexpr std::string_view no_department = "0";  // above the root
constexpr std::size_t most_units = 50;

/// The body of a good answer.
ContactRead<json> good(const HttpResponse& answer) {
  json body = parse(answer.body);
  const auto code = number(member(body, "errcode"));
  if (!code) return std::unexpected(ContactFault{Kind::later, "HTTP " + std::to_string(answer.status)});
  if (*code == 0) return body;
  const std::string detail = std::to_string(*code) + " " + quotable(text(body, "errmsg"));
  const auto among = [&](const auto& codes) { return std::ranges::find(codes, *code) != codes.end(); };
  if (among(nobody)) return std::unexpected(ContactFault{Kind::absent, detail});
  if (*code == not_visible) return std::unexpected(ContactFault{Kind::hidden, detail});
  if (among(refused_token)) return std::unexpected(ContactFault{Kind::token, detail});
  if (among(not_allowed)) return std::unexpected(ContactFault{Kind::denied, detail});
  return std::unexpected(ContactFault{Kind::later, detail});
}

std::vector<std::string> texts(const json* list) {
  std::vector<std::string> out;
  if (list == nullptr || !list->is_array()) return out;
  for (const json& one : *list) {
    std::string value = text(&one);
    if (!value.empty()) out.push_back(std::move(value));
  }
  return out;
}

}  // namespace

HttpRequest WeComContacts::ask_person(const UserId& user, const Token& token) const { return user_call(token.value, user); }

ContactRead<ContactPerson> WeComContacts::read_person(const HttpResponse& answer) const {
  const auto body = good(answer);
  if (!body) return std::unexpected(body.error());
  constexpr std::int64_t disabled = 2, left = 5;
  const auto status = number(member(*body, "status"));
  if (status == disabled || status == left)
    return std::unexpected(ContactFault{Kind::absent, "status " + std::to_string(*status)});
  ContactPerson person;
  person.name = text(*body, "name");
  const std::string main = text(*body, "main_department");
  if (!main.empty()) person.units.push_back(main);
  for (std::string& unit : texts(member(*body, "department")))
    if (unit != main && person.units.size() < most_units) person.units.push_back(std::move(unit));
  const auto leaders = texts(member(*body, "direct_leader"));
  if (!leaders.empty()) person.manager = UserId(leaders.front());
  return person;
}

HttpRequest WeComContacts::ask_unit(const std::string& id, const Token& token) const {
  return department_call(token.value, id);
}

ContactRead<ContactUnit> WeComContacts::read_unit(const HttpResponse& answer) const {
  const auto body = good(answer);
  if (!body) return std::unexpected(body.error());
  const json* department = member(*body, "department");
  if (department == nullptr) return std::unexpected(ContactFault{Kind::later, "no department in the answer"});
  ContactUnit unit;
  unit.name = text(*department, "name");
  for (std::string& leader : texts(member(*department, "department_leader"))) unit.leaders.emplace_back(std::move(leader));
  const std::string parent = text(*department, "parentid");
  if (parent != no_department) unit.parent = parent;
  return unit;
}

std::optional<HttpRequest> WeComContacts::ask_plain_id(const UserId& encrypted, const Token& token) const {
  return plain_id_call(token.value, encrypted);
}

ContactRead<UserId> WeComContacts::read_plain_id(const HttpResponse& answer) const {
  const auto body = good(answer);
  if (!body) return std::unexpected(body.error());
  const json* list = member(*body, "userid_list");
  if (list != nullptr && list->is_array() && !list->empty()) {
    const std::string user = text(list->front(), "userid");
    if (!user.empty()) return UserId(user);
  }
  return std::unexpected(ContactFault{Kind::absent, "no encrypted id"});
}

std::optional<HttpRequest> WeComContacts::ask_mobile(const std::string&, const Token&) const { return std::nullopt; }

ContactRead<UserId> WeComContacts::read_mobile(const HttpResponse&) const {
  return std::unexpected(ContactFault{Kind::absent, "nobody is looked up by a mobile number"});
}

}  // namespace xieban::wecom
