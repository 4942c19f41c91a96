#include "adapters/wecom/groups.hpp"

#include <nlohmann/json.hpp>
#include <utility>

#include "adapters/wecom/channels.hpp"
#include "adapters/wecom/read.hpp"

namespace xieban::wecom {

using nlohmann::json;

namespace {

constexpr std::size_t most_id = 32;
constexpr std::size_t fewest_members = 2;
constexpr std::int64_t exists_already = 86215;
constexpr std::int64_t range_too_small = 60011, may_make_none = 48002;

/// We choose it, so that a repeat makes no second group: letters and digits of the key.
std::string chosen_id(const Outgoing& message) {
  std::string id;
  for (const char c : message.key)
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) id += c;
  return id.substr(0, most_id);
}

}  // namespace

Channel appchat_groups() {
  constexpr Duration for_ever{3650LL * 24 * 3600 * 1000};
  Channel made;
  made.id = groups_channel;
  made.reach = Reach::groups;
  made.forms.text = false;
  made.same_key = for_ever;
  GroupSkills skills;
  skills.name_chars = 50;
  skills.members = 500;
  skills.fewest = fewest_members;
  skills.second_way = skills.one_by_one = true;
  made.groups = skills;
  return made;
}

Result<HttpRequest> appchat_call(const Secret& token, const Outgoing& message) {
  const auto cannot = [](const char* why) { return std::unexpected(Error(Errc::bad_input, why)); };
  if (!message.group || message.group->members.empty()) return cannot("a call about a group without people");
  const GroupCall& call = *message.group;
  json people = json::array();
  for (const PersonRef& person : call.members) people.push_back(person.user.value);
  json body;
  const char* path = nullptr;
  if (call.step == GroupStep::make) {
    path = "/cgi-bin/appchat/create";
    body = {{"name", call.name},
            {"owner", call.members.front().user.value},
            {"userlist", std::move(people)},
            {"chatid", chosen_id(message)}};
  } else if (call.step == GroupStep::add) {
    path = "/cgi-bin/appchat/update";
    body = {{"chatid", message.chat.chat.value}, {"add_user_list", std::move(people)}};
  } else {
    return cannot("appchat takes no such call");
  }
  HttpRequest request("POST", std::string(path) + "?access_token=" + percent_encode(token.reveal()));
  request.headers.set("Content-Type", "application/json");
  request.body = dump(body);
  request.repeatable = true;
  return request;
}

HttpRequest appchat_question(const Secret& token, const ChatId& chat) {
  HttpRequest request(
      "GET", "/cgi-bin/appchat/get?access_token=" + percent_encode(token.reveal()) + "&chatid=" + percent_encode(chat.value));
  request.repeatable = true;
  return request;
}

Receipt read_appchat_answer(const Outgoing& sent, std::int64_t errcode, const std::string& given, std::string detail) {
  const bool make = sent.group->step == GroupStep::make;
  if (errcode != 0 && !(make && errcode == exists_already)) {
    // Whatever it holds against one of many: the first two may have their group, and the others join one by one.
    const bool others = make && !sent.group->second_way && sent.group->members.size() > fewest_members;
    const bool forbidden = errcode == range_too_small || errcode == may_make_none;
    return Receipt(others && !forbidden ? Outcome::unsupported : Outcome::rejected, std::move(detail));
  }
  Receipt receipt(Outcome::delivered);
  receipt.provider_id = !make ? sent.chat.chat.value : given.empty() ? chosen_id(sent) : given;
  return receipt;
}

}  // namespace xieban::wecom
