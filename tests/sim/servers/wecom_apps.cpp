#include "tests/sim/servers/wecom_apps.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "bot/base/text.hpp"
#include "tests/sim/servers/wecom_codes.hpp"
#include "tests/sim/servers/wecom_xml.hpp"

namespace xieban::sim::wecom {

using nlohmann::json;

namespace {

constexpr Duration code_life{72 * 60 * 60 * 1000}, recall_time{24 * 60 * 60 * 1000};
constexpr int most_repeat_seconds = 14'400, usual_repeat_seconds = 1800;
constexpr std::size_t most_users = 1000, most_parties = 100, most_passive_text = 2048;

std::vector<std::string> ids_of(const json& body, const char* member) {
  std::vector<std::string> ids;
  const std::string joined = text_of(body, member);
  for (const std::string_view one : text::split(joined, '|')) {
    if (!one.empty()) ids.emplace_back(one);
  }
  return ids;
}

void join(std::string& to, const std::string& id) { to += (to.empty() ? "" : "|") + id; }

bool in_department(const json& person, const std::string& id) {
  const json own = person.value("departments", json::array());
  return std::ranges::find(own, json(id)) != own.end();
}

}  // namespace

Refused Apps::refuse_agent(const json& app, const json& body) const {
  const json agent = body.value("agentid", json());
  const json own = object_of(app, "app").value("agent_id", json());
  if (!agent.is_number_integer()) return Refusal{bad_agent, "agentid is missing or no number"};
  if (agent == own) return std::nullopt;
  for (const json& other : stage_.world.all().at("apps")) {
    if (object_of(other, "app").value("agent_id", json()) == agent)
      return Refusal{foreign_agent, "not allow operate another agent"};
  }
  return Refusal{bad_agent, "invalid agentid"};
}

Refused Apps::refuse_options(const json& body, bool card) const {
  for (const char* flag : {"safe", "enable_id_trans", "enable_duplicate_check"}) {
    if (!is_flag(body, flag)) return Refusal{bad_parameter, std::string(flag) + " is 0 or 1"};
  }
  const json interval = body.value("duplicate_check_interval", json(usual_repeat_seconds));
  if (!interval.is_number_integer() || interval < 1 || interval > most_repeat_seconds)
    return Refusal{bad_parameter, "duplicate_check_interval"};
  const bool cannot_be_safe = card || text_of(body, "msgtype") == "markdown";
  if (cannot_be_safe && body.value("safe", 0) != 0) return Refusal{bad_parameter, "safe is not for this msgtype"};
  return std::nullopt;
}

Refused Apps::refuse_card(const json& app, const json& card) const {
  if (!calls_back(card)) return std::nullopt;
  if (!object_of(app, "app").value("callback", true)) return Refusal{no_right, "the app has no callback address"};
  const std::string key = text_of(app, "id") + "/" + text_of(card, "task_id");
  if (cards_.contains(key)) return Refusal{bad_task, "task_id was used before"};
  return std::nullopt;
}

Apps::Receivers Apps::receivers(const json& body) const {
  Receivers made;
  for (const char* member : {"touser", "toparty", "totag"}) {
    if (body.contains(member) && !body[member].is_string())
      made.refused = Refusal{bad_parameter, std::string(member) + " is no string"};
  }
  if (made.refused) return made;
  const auto users = ids_of(body, "touser");
  const auto parties = ids_of(body, "toparty");
  const auto tags = ids_of(body, "totag");
  if (users.empty() && parties.empty() && tags.empty()) made.refused = Refusal{nobody_named, "user & party & tag all empty"};
  if (users.size() > most_users || parties.size() > most_parties || tags.size() > most_parties)
    made.refused = Refusal{bad_parameter, "too many receivers"};
  const auto add = [&](const json& person) {
    const std::string id = text_of(person, "id");
    if (std::ranges::find(made.users, id) == made.users.end()) made.users.push_back(id);
  };
  const bool all = std::ranges::find(users, "@all") != users.end();
  for (const json& person : stage_.world.all().at("people")) {
    if (all && visible(person)) add(person);
  }
  if (all) return made;
  for (const std::string& id : users) {
    const json* person = person_of(stage_.world, id);
    if (person != nullptr && visible(*person)) {
      add(*person);
    } else {
      join(made.bad_users, folded(id));
    }
  }
  for (const std::string& id : parties) {
    if (stage_.world.department(id) == nullptr) join(made.bad_parties, id);
    for (const json& person : stage_.world.all().at("people")) {
      if (in_department(person, id) && visible(person)) add(person);
    }
  }
  for (const std::string& id : tags) join(made.bad_tags, id);
  return made;
}

std::string Apps::show(const Seen& seen, const std::string& app, const std::string& user, const std::string& key) {
  Shown shown;
  shown.id = stage_.ids.next("wm");
  shown.app = app;
  shown.chat = "app:" + user;
  shown.to = user;
  shown.kind = seen.kind;
  shown.text = seen.text;
  shown.card = seen.card;
  shown.mentions = seen.mentions;
  shown.key = key;
  shown.sent_at = stage_.clock.now();
  // Over 30 a minute or 1000 an hour from one app to one member are lost, and nobody is told (90236).
  const std::string window = "member/" + app + "/" + user;
  const bool in_minute = access_.take(window + "/minute", stage_.world.limit("member_per_minute", 30), minute);
  const bool in_hour = access_.take(window + "/hour", stage_.world.limit("member_per_hour", 1000), hour);
  if (!in_minute || !in_hour) shown.dropped = "member_limit";
  return stage_.journal.show(std::move(shown)).id;
}

std::string Apps::new_code(const std::string& card) {
  const std::string code = stage_.ids.next("rc-");
  codes_[code] = Code{card, stage_.clock.now() + code_life};
  return code;
}

Outcome Apps::send(const json& app, const json& body, const std::string& raw) {
  const std::string id = text_of(app, "id");
  const bool card = text_of(body, "msgtype") == "template_card";
  if (const auto why = refuse_agent(app, body)) return refusal(*why);
  if (const auto why = refuse_options(body, card)) return refusal(*why);
  const Receivers to = receivers(body);
  if (to.refused) return refusal(*to.refused);
  const auto seen = read_app_message(body, Bends(stage_.world));
  if (!seen) return refusal(seen.error());
  const TimePoint now = stage_.clock.now();
  const bool once = body.value("enable_duplicate_check", 0) == 1 && stage_.world.limit("duplicate_check_works", 1) != 0;
  const std::string repeat = id + "/" + raw;
  const auto before = repeats_.find(repeat);
  if (once && before != repeats_.end() && before->second.until > now) return before->second.answer;
  if (card) {
    if (const auto why = refuse_card(app, seen->card)) return refusal(*why);
  }
  if (to.users.empty()) return refusal(nobody_valid, "user & party & tag all invalid, invaliduser: " + to.bad_users);
  const int cap = stage_.world.limit("messages_per_day", static_cast<int>(stage_.world.all().at("people").size()) * 200);
  for (std::size_t i = 0; i < to.users.size(); ++i) {
    if (!access_.take("day/" + id, cap, day)) return refusal(too_often, "the app's messages of the day are used up");
  }

  const std::string task = text_of(seen->card, "task_id");
  const std::string msgid = stage_.ids.next("msg-");
  Sent& sent = sent_[msgid];
  sent.app = id;
  sent.at = now;
  for (const std::string& user : to.users) {
    const std::string shown = show(*seen, id, user, task);
    sent.shown.push_back(shown);
    if (card && !task.empty()) cards_[id + "/" + task].shown[user] = shown;
  }
  json answer = {{"invaliduser", to.bad_users},
                 {"invalidparty", to.bad_parties},
                 {"invalidtag", to.bad_tags},
                 {"unlicenseduser", ""},
                 {"msgid", msgid}};
  if (card && calls_back(seen->card)) answer["response_code"] = new_code(id + "/" + task);
  const Outcome outcome = good(answer);
  const auto interval = std::chrono::seconds(body.value("duplicate_check_interval", usual_repeat_seconds));
  if (once) repeats_[repeat] = Repeat{outcome, now + interval};
  return outcome;
}

bool Apps::replace(const std::string& card, const std::string& user, const json& with) {
  const auto found = cards_.find(card);
  if (found == cards_.end()) return false;
  const auto message = found->second.shown.find(user);
  const Shown* old = message == found->second.shown.end() ? nullptr : stage_.journal.find(message->second);
  if (old == nullptr) return false;
  Shown next = *old;
  const json task = next.card.value("task_id", json());
  if (with.is_string()) {
    next.card["replace_text"] = with;
  } else {
    next.card = with;
    next.card["task_id"] = task;
  }
  next.text = text_of_card(next.card);
  ++next.version;
  stage_.journal.show(std::move(next));
  return true;
}

Outcome Apps::update(const json& app, const json& body) {
  if (const auto why = refuse_agent(app, body)) return refusal(*why);
  json with = object_of(body, "button").value("replace_name", json());
  if (body.contains("button") == body.contains("template_card")) return refusal(bad_parameter, "button or template_card");
  if (body.contains("template_card")) {
    with = body["template_card"];
    if (const auto why = check_card(with, CardRules{Dialect::app, true, Bends(stage_.world).cards_are_cut}))
      return refusal(*why);
  } else if (!with.is_string() || with == "") {
    return refusal(bad_parameter, "button.replace_name");
  }
  const json users = body.value("userids", json::array());
  const json parties = body.value("partyids", json::array());
  const json tags = body.value("tagids", json::array());
  const bool all = body.value("atall", 0) == 1;
  if (!users.is_array() || !parties.is_array() || !tags.is_array() || users.size() > most_users ||
      parties.size() > most_parties || tags.size() > most_parties)
    return refusal(bad_parameter, "userids, partyids or tagids");
  if (!all && users.empty() && parties.empty() && tags.empty()) return refusal(nobody_named, "nobody to update");
  const auto code = codes_.find(text_of(body, "response_code"));
  if (code == codes_.end() || code->second.until <= stage_.clock.now())
    return refusal(unknown_code, "response_code is unknown, used or older than 72 hours");
  const std::string card = code->second.card;
  if (!card.starts_with(text_of(app, "id") + "/")) return refusal(foreign_card, "the card is another app's");
  codes_.erase(code);

  json invalid = json::array();
  for (const json& user : users) {
    const json* person = user.is_string() ? person_of(stage_.world, user) : nullptr;
    if (person == nullptr || !replace(card, text_of(*person, "id"), with)) invalid.push_back(user);
  }
  const auto shown = cards_[card].shown;
  for (const auto& [user, message] : shown) {
    const json& person = *stage_.world.person(user);
    const bool in_party = std::ranges::any_of(parties, [&](const json& id) {
      return in_department(person, id.is_number() ? std::to_string(id.get<int>()) : id.get<std::string>());
    });
    if (all || in_party) replace(card, user, with);
  }
  return good({{"invaliduser", invalid}});
}

Outcome Apps::recall(const json& app, const json& body) {
  const auto found = sent_.find(text_of(body, "msgid"));
  if (found == sent_.end() || found->second.app != text_of(app, "id")) return refusal(bad_parameter, "invalid msgid");
  if (stage_.clock.now() - found->second.at > recall_time) return refusal(bad_parameter, "the message is older than 24 hours");
  for (const std::string& id : found->second.shown) {
    Shown next = *stage_.journal.find(id);
    next.dropped = "recalled";
    ++next.version;
    stage_.journal.show(std::move(next));
  }
  return good();
}

std::optional<Apps::Click> Apps::press(const Shown& on, const std::string& action, const json& inputs) {
  const auto pressed = press_card(on.card, action, inputs);
  if (!pressed || on.dropped) return std::nullopt;
  Click click;
  click.pressed = *pressed;
  click.task = on.key;
  click.card_type = text_of(on.card, "card_type");
  click.response_code = new_code(on.app + "/" + on.key);
  return click;
}

Refused Apps::passive(const json& app, const json& reply, const std::string& user, const std::string& task) {
  const std::string id = text_of(app, "id");
  const std::string type = text_of(reply, "MsgType");
  if (text_of(reply, "ToUserName") != user || text_of(reply, "FromUserName") != text_of(app, "corp_id"))
    return Refusal{bad_parameter, "ToUserName is the member, FromUserName the company"};
  if (type == "text") {
    std::string content = text_of(reply, "Content");
    if (content.empty()) return Refusal{no_content, "Content is empty"};
    if (content.size() > most_passive_text) content = text::clip_bytes(content, most_passive_text);
    Seen seen;
    seen.text = std::move(content);
    show(seen, id, user, "");
    return std::nullopt;
  }
  const std::string card = id + "/" + task;
  if (task.empty() || (type != "update_button" && type != "update_template_card")) return Refusal{bad_type, "MsgType " + type};
  if (type == "update_button") {
    const std::string name = text_of(object_of(reply, "Button"), "ReplaceName");
    if (name.empty()) return Refusal{bad_parameter, "Button.ReplaceName"};
    replace(card, user, name);
    return std::nullopt;
  }
  json with = card_of_xml(object_of(reply, "TemplateCard"));
  if (const auto why = check_card(with, CardRules{Dialect::app, true, Bends(stage_.world).cards_are_cut})) return why;
  replace(card, user, with);
  return std::nullopt;
}

void Apps::clear() {
  cards_.clear();
  codes_.clear();
  sent_.clear();
  repeats_.clear();
}

}  // namespace xieban::sim::wecom
