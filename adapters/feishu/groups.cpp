#include "adapters/feishu/groups.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "bot/base/text.hpp"
#include "bot/crypto/crypto.hpp"

namespace xieban::feishu {

using nlohmann::json;

namespace {

constexpr Duration hour{3600 * 1000};
constexpr std::size_t key_bytes = 50, description_columns = 100;
constexpr std::int64_t dissolved = 232009;
// Not in the group, dissolved, no such group.
constexpr std::array<std::int64_t, 4> gone_codes{dissolved, 232011, 230002, 232006};
// The app lacks the scope, the bot ability, or what the company allows it.
constexpr std::array<std::int64_t, 4> forbidden_codes{99991672, 99991679, 230006, 232025};

std::string dump(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

json ids_of(const std::vector<PersonRef>& people) {
  json ids = json::array();
  for (const PersonRef& person : people) ids.push_back(person.user.value);
  return ids;
}

/// As the platform writes the tokens of its own clients; equal keys, equal tokens.
std::string client_token(const std::string& key) {
  std::string token = crypto::sha256_hex(key).substr(0, 32);
  for (const std::size_t at : {20U, 16U, 12U, 8U}) token.insert(at, 1, '-');
  return token;
}

/// Groups made today carry their announcement in the new document format.
json blocks(const std::string& text) {
  constexpr int paragraph = 2;
  json children = json::array();
  for (const std::string_view line : text::split(text, '\n'))
    children.push_back({{"block_type", paragraph}, {"text", {{"elements", {{{"text_run", {{"content", line}}}}}}}}});
  return {{"children", std::move(children)}, {"index", 0}};
}

/// The older one: requests are texts within the text.
json old_blocks(const std::string& text) {
  json lines = json::array();
  for (const std::string_view line : text::split(text, '\n')) {
    const json run = {{"type", "textRun"}, {"textRun", {{"text", line}, {"style", json::object()}}}};
    lines.push_back({{"type", "paragraph"}, {"paragraph", {{"elements", json::array({run})}, {"style", json::object()}}}});
  }
  const json insert = {{"requestType", "InsertBlocksRequestType"},
                       {"insertBlocksRequest",
                        {{"payload", dump({{"blocks", std::move(lines)}})},
                         {"location", {{"zoneId", "0"}, {"index", 0}, {"endOfZone", true}}}}}};
  return {{"revision", "0"}, {"requests", json::array({dump(insert)})}};
}

HttpRequest with_body(const char* method, std::string target, const json& body) {
  HttpRequest request(method, std::move(target));
  request.body = dump(body);
  return request;
}

}  // namespace

Channel groups_channel_traits() {
  Channel made;
  made.id = groups_channel;
  made.reach = Reach::groups;
  made.forms.text = false;
  made.same_key = 10 * hour;
  made.text_bytes = 4000;
  GroupSkills skills;
  skills.name_chars = 60;
  skills.members = 50;
  skills.announces = skills.dissolves = skills.second_way = true;
  made.groups = skills;
  return made;
}

Result<HttpRequest> group_request(const Outgoing& message) {
  if (!message.group) return std::unexpected(Error(Errc::bad_input, "a call about a group that says nothing"));
  const GroupCall& call = *message.group;
  const std::string chat = message.chat.chat.value;
  const std::string chats = "/open-apis/im/v1/chats";
  if (call.step != GroupStep::make && (chat.empty() || chat.find_first_of("/?#%") != std::string::npos))
    return std::unexpected(Error(Errc::bad_input, "no id of a group"));
  switch (call.step) {
    case GroupStep::make:
      // Owned by the bot, so that it may dissolve it.
      return with_body("POST", chats + "?user_id_type=open_id&set_bot_manager=true&uuid=" + message.key.substr(0, key_bytes),
                       {{"name", call.name},
                        {"description", text::clip_width(message.text, description_columns)},
                        {"user_id_list", ids_of(call.members)},
                        {"chat_mode", "group"},
                        {"chat_type", "private"},
                        {"group_message_type", "chat"},
                        {"urgent_setting", "all_members"}});
    case GroupStep::add:
      return with_body("POST", chats + "/" + chat + "/members?member_id_type=open_id&succeed_type=1",
                       {{"id_list", ids_of(call.members)}});
    case GroupStep::announce:
      if (call.second_way) return with_body("PATCH", chats + "/" + chat + "/announcement", old_blocks(message.text));
      return with_body("POST",
                       "/open-apis/docx/v1/chats/" + chat + "/announcement/blocks/" + chat +
                           "/children?revision_id=-1&client_token=" + client_token(message.key),
                       blocks(message.text));
    case GroupStep::dissolve:
      return HttpRequest("DELETE", chats + "/" + chat);
  }
  return std::unexpected(Error(Errc::bad_input, "an unknown call about a group"));
}

Receipt group_done(const Outgoing& sent, const json& data) {
  Receipt receipt(Outcome::delivered);
  if (sent.group->step == GroupStep::make) {
    if (data.is_object() && data.contains("chat_id") && data["chat_id"].is_string()) receipt.provider_id = data["chat_id"];
    if (receipt.provider_id.empty()) return Receipt(Outcome::unknown, "code 0 without chat_id");
    return receipt;
  }
  receipt.provider_id = sent.chat.chat.value;
  std::size_t missed = 0;
  for (const char* list : {"invalid_id_list", "not_existed_id_list", "pending_approval_id_list"})
    if (data.is_object() && data.contains(list) && data[list].is_array()) missed += data[list].size();
  if (missed > 0) {
    receipt.outcome = Outcome::partly;
    receipt.detail = std::to_string(missed) + " people could not be added to the group";
  }
  return receipt;
}

Receipt group_refused(const Outgoing& sent, std::int64_t code, std::string detail) {
  const GroupStep step = sent.group->step;
  const bool gone = std::ranges::find(gone_codes, code) != gone_codes.end();
  if (step == GroupStep::dissolve && code == dissolved) {
    Receipt done(Outcome::delivered, std::move(detail));
    done.provider_id = sent.chat.chat.value;
    return done;
  }
  if (gone && step != GroupStep::make) {
    Receipt receipt(Outcome::rejected, std::move(detail));
    receipt.target_gone = true;
    return receipt;
  }
  // Whatever it holds against these people or this format, the other way may do: surely nothing was done.
  const bool forbidden = std::ranges::find(forbidden_codes, code) != forbidden_codes.end();
  const bool other_way = step == GroupStep::announce || (step == GroupStep::make && !sent.group->members.empty());
  if (other_way && !sent.group->second_way && (!forbidden || step == GroupStep::announce))
    return Receipt(Outcome::unsupported, std::move(detail));
  return Receipt(Outcome::rejected, std::move(detail));
}

}  // namespace xieban::feishu
