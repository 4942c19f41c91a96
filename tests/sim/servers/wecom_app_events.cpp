// Callbacks of the self-built app: messages (90239) and events (90240), one private chat with each person.
#include <algorithm>
#include <array>
#include <utility>

#include "tests/sim/servers/wecom_events.hpp"

namespace xieban::sim::wecom {

using nlohmann::json;

namespace {

/// Attempts in all (90930).
constexpr std::size_t attempts = 3;
constexpr std::uint64_t message_ids = 1'000'000'000'000'000;
constexpr std::int64_t first_message_id = 7'462'000'000'000'000'000;

std::int64_t number_of(const std::string& department) { return std::strtoll(department.c_str(), nullptr, 10); }

}  // namespace

XmlWriter Events::app_head(const json& app, const std::string& user, const char* type) const {
  XmlWriter xml;
  xml.text("ToUserName", text_of(app, "corp_id")).text("FromUserName", user);
  return xml.number("CreateTime", seconds_of(stage_.clock.now())).text("MsgType", type);
}

Push Events::app_event(Push made, const json& app, const XmlWriter& xml, const std::string& user, const std::string& task) {
  const std::string plain = xml.inside("xml");
  made.via = Push::Via::webhook;
  made.channel = "app";
  made.origin = {{"plain", plain}, {"user", user}, {"task", task}, {"may_answer", true}};
  made.request = sealed(app, false, plain, "");
  made.repeats.assign(attempts - 1, std::chrono::seconds(stage_.world.limit("repeat_seconds", 5)));
  // Without a callback address nothing is told to anyone.
  if (!object_of(app, "app").value("callback", true)) made.via = Push::Via::nothing;
  return made;
}

std::optional<Push> Events::to_app(Push made, const json& app, const json& what, std::string& error) {
  const std::string kind = text_of(what, "kind");
  const std::string user = text_of(what, "user");
  const std::string chat = text_of(what, "chat");
  if (!visible(*stage_.world.person(user)) && kind != "user_left") {
    error = "the app is not visible to " + user;
    return std::nullopt;
  }
  // An app cannot be in a group and hears nothing there (90235).
  if (!chat.empty() && chat != "app:" + user) {
    if (stage_.world.chat(chat) == nullptr) error = "unknown chat " + chat;
    made.via = Push::Via::nothing;
    return error.empty() ? std::optional(made) : std::nullopt;
  }
  const std::int64_t agent = object_of(app, "app").value("agent_id", std::int64_t{0});
  if (kind != "message") return app_change(std::move(made), app, what, error);
  if (!what.contains("id"))
    made.id = std::to_string(first_message_id + static_cast<std::int64_t>(stage_.ids.below(message_ids)));
  // "content" is any other kind of message, its elements as the documentation names them.
  const json content = object_of(what, "content");
  XmlWriter xml = app_head(app, user, content.value("MsgType", "text").c_str());
  for (const auto& [name, value] : content.items()) {
    if (name != "MsgType") xml.text(name, value);
  }
  if (content.empty()) xml.text("Content", text_of(what, "text"));
  xml.number("MsgId", number_of(made.id)).number("AgentID", agent);
  return app_event(std::move(made), app, xml, user, "");
}

std::optional<Push> Events::app_change(Push made, const json& app, const json& what, std::string& error) {
  const std::string kind = text_of(what, "kind");
  const std::string user = text_of(what, "user");
  const json own = object_of(app, "app");
  const std::int64_t agent = own.value("agent_id", std::int64_t{0});
  const auto simple = [&](const char* event, const std::string& key) {
    XmlWriter xml = app_head(app, user, "event");
    xml.text("Event", event).text("EventKey", key).number("AgentID", agent);
    return app_event(std::move(made), app, xml, user, "");
  };
  if (kind == "menu") return simple(what.value("view", false) ? "view" : "click", text_of(what, "key"));
  if (kind == "subscribed") return simple("subscribe", "");
  if (kind == "enter") {
    Push entered = simple("enter_agent", "");
    if (!own.value("enter_agent", true)) entered.via = Push::Via::nothing;
    return entered;
  }
  if (kind == "user_left" || kind == "unsubscribed") {
    Push left = simple("unsubscribe", "");
    left.origin["may_answer"] = false;
    return left;
  }
  if (kind == "contact_changed") {
    constexpr std::array<std::string_view, 3> changes = {"create_user", "update_user", "delete_user"};
    const std::string change = what.value("change", "update_user");
    if (std::ranges::find(changes, change) == changes.end()) error = "unknown change " + change;
    if (!error.empty()) return std::nullopt;
    XmlWriter xml = app_head(app, "sys", "event");
    xml.text("Event", "change_contact").text("ChangeType", change).text("UserID", user);
    Push told = app_event(std::move(made), app, xml, user, "");
    told.origin["may_answer"] = false;
    // Whether a plain app is told is not known.
    if (stage_.world.limit("contact_events", 0) == 0) told.via = Push::Via::nothing;
    return told;
  }
  error = "unknown kind " + kind;
  return std::nullopt;
}

std::optional<Push> Events::app_press(Push made, const json& app, const json& what, const Shown& on, std::string& error) {
  const std::string user = text_of(what, "user");
  const std::string action = text_of(what, "action");
  if (on.to != user) error = "not before " + user;
  const auto click = error.empty() ? parts_.apps.press(on, action, object_of(what, "inputs")) : std::nullopt;
  if (!click && error.empty()) error = "the card has no button " + action + ", or not these inputs";
  if (!click) return std::nullopt;
  XmlWriter xml = app_head(app, user, "event");
  xml.text("Event", click->pressed.menu ? "template_card_menu_event" : "template_card_event")
      .text("EventKey", click->pressed.key);
  xml.text("TaskId", click->task).text("CardType", click->card_type).text("ResponseCode", click->response_code);
  xml.number("AgentID", object_of(app, "app").value("agent_id", std::int64_t{0}));
  if (!click->pressed.selected.empty()) {
    XmlWriter items;
    for (const json& one : click->pressed.selected) {
      XmlWriter ids;
      for (const json& id : one["option_ids"]) ids.text("OptionId", id);
      XmlWriter item;
      items.element("SelectedItem", item.text("QuestionKey", one["question_key"]).element("OptionIds", ids));
    }
    xml.element("SelectedItems", items);
  }
  return app_event(std::move(made), app, xml, user, click->task);
}

}  // namespace xieban::sim::wecom
