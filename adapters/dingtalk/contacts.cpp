#include "adapters/dingtalk/contacts.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

#include "adapters/dingtalk/api.hpp"
#include "adapters/dingtalk/read.hpp"
#include "adapters/finding.hpp"
#include "bot/ports/http.hpp"

namespace xieban::dingtalk {

using nlohmann::json;

namespace {

// Codes of the old host: "global error codes".
constexpr std::array<std::int64_t, 6> nobody = {33012, 60121, 60003, 40031, 60122, 46004};
constexpr std::array<std::int64_t, 4> refused_token = {40001, 40014, 42001, 41001};
constexpr std::array<std::int64_t, 4> not_allowed = {88, 60011, 50002, 50004};  // 88: "see sub_code"
constexpr std::size_t most_texts = 50;
constexpr std::int64_t root = 1;  // the company itself: nobody's department

/// The `result` of an answer.
ContactRead<json> result_of(const HttpResponse& answer) {
  using Kind = ContactFault::Kind;
  const json body = parse(answer.body);
  const auto code = number(member(body, "errcode"));
  if (!code) return std::unexpected(ContactFault{Kind::later, "HTTP " + std::to_string(answer.status)});
  const json* result = member(body, "result");
  if (*code == 0 && result != nullptr && result->is_object()) return *result;
  std::string message = text(either(body, "sub_msg", "errmsg"));
  const std::string detail = std::to_string(*code) + " " + quotable(std::move(message));
  const auto among = [&](const auto& codes) { return std::ranges::find(codes, *code) != codes.end(); };
  if (among(nobody)) return std::unexpected(ContactFault{Kind::absent, detail});
  if (among(refused_token)) return std::unexpected(ContactFault{Kind::token, detail});
  // The frequency is refused under the same number: "ding talk error[subcode=90018…".
  const bool too_fast = text(body, "sub_code").starts_with("900");
  if (among(not_allowed) && !too_fast) return std::unexpected(ContactFault{Kind::denied, detail});
  return std::unexpected(ContactFault{Kind::later, detail});
}

}  // namespace

HttpRequest DingTalkContacts::ask_person(const UserId& user, const Token& token) const {
  HttpRequest request =
      old_call(settings_, "/topapi/v2/user/get", token.value, {{"userid", user.value}, {"language", "zh_CN"}});
  request.repeatable = true;
  return request;
}

ContactRead<ContactPerson> DingTalkContacts::read_person(const HttpResponse& answer) const {
  const auto result = result_of(answer);
  if (!result) return std::unexpected(result.error());
  ContactPerson person;
  person.name = text(*result, "name");
  person.manager = UserId(text(*result, "manager_userid"));
  person.units = texts(member(*result, "dept_id_list"));
  if (person.units.size() > most_texts) person.units.resize(most_texts);
  return person;
}

HttpRequest DingTalkContacts::ask_unit(const std::string& id, const Token& token) const {
  std::int64_t number = 0;
  std::from_chars(id.data(), id.data() + id.size(), number);
  HttpRequest request =
      old_call(settings_, "/topapi/v2/department/get", token.value, {{"dept_id", number}, {"language", "zh_CN"}});
  request.repeatable = true;
  return request;
}

ContactRead<ContactUnit> DingTalkContacts::read_unit(const HttpResponse& answer) const {
  const auto result = result_of(answer);
  if (!result) return std::unexpected(result.error());
  ContactUnit unit;
  unit.name = text(*result, "name");
  for (std::string& leader : texts(member(*result, "dept_manager_userid_list"))) unit.leaders.emplace_back(std::move(leader));
  if (const auto parent = number(member(*result, "parent_id")); parent.value_or(root) > root)
    unit.parent = std::to_string(*parent);
  return unit;
}

std::optional<HttpRequest> DingTalkContacts::own_token_request() const {
  HttpRequest request("GET", "/gettoken?appkey=" + percent_encode(settings_.client_id) +
                                 "&appsecret=" + percent_encode(settings_.client_secret.reveal()));
  request.origin = settings_.oapi_base;
  request.repeatable = true;
  return request;
}

Result<Token> DingTalkContacts::read_own_token(const HttpResponse& answer, TimePoint now) const {
  const json body = parse(answer.body);
  const auto code = number(member(body, "errcode"));
  const std::string value = text(body, "access_token");
  const auto seconds = number(member(body, "expires_in"));
  if (code.value_or(-1) != 0 || value.empty() || seconds.value_or(0) <= 0)
    return std::unexpected(Error(Errc::bad_input, "gettoken: " + std::to_string(code.value_or(answer.status))));
  Token token;
  token.value = Secret(value);
  token.until = now + std::chrono::seconds(*seconds);
  return token;
}

std::optional<HttpRequest> DingTalkContacts::ask_mobile(const std::string& mobile, const Token& token) const {
  HttpRequest request = old_call(settings_, "/topapi/v2/user/getbymobile", token.value, {{"mobile", mobile}});
  request.repeatable = true;
  return request;
}

ContactRead<UserId> DingTalkContacts::read_mobile(const HttpResponse& answer) const {
  const auto result = result_of(answer);
  if (!result) return std::unexpected(result.error());
  const std::string user = text(*result, "userid");
  if (user.empty()) return std::unexpected(ContactFault{ContactFault::Kind::absent, "no userid"});
  return UserId(user);
}

}  // namespace xieban::dingtalk
