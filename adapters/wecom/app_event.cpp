#include "adapters/wecom/app_event.hpp"

#include <array>
#include <utility>

#include "adapters/press_token.hpp"
#include "adapters/wecom/press.hpp"
#include "adapters/wecom/read.hpp"
#include "adapters/wecom/xml.hpp"
#include "bot/crypto/crypto.hpp"

namespace xieban::wecom {

namespace {

Decoded ignored(std::string alarm = {}) {
  Ignored nothing;
  nothing.answer = HttpResponse(200);
  nothing.alarm = std::move(alarm);
  return Decoded(std::move(nothing));
}

/// Events that tell an administrator that the app stops, or will.
bool about_the_app(std::string_view event) {
  constexpr std::array<std::string_view, 4> all{"inactive_alert", "close_inactive_agent", "low_active_alert", "low_active"};
  for (const std::string_view one : all)
    if (event == one) return true;
  return false;
}

Attachment attachment(FileKind kind, const Element& xml) {
  Attachment made;
  made.kind = kind;
  made.platform_key = xml.text_of("MediaId");
  return made;
}

/// nullopt: a kind of message that says nothing to us.
std::optional<Said> read_message(const Element& xml) {
  const std::string type = xml.text_of("MsgType");
  Said said;
  if (type == "text") {
    said.text = xml.text_of("Content");
  } else if (type == "image") {
    said.attachments.push_back(attachment(FileKind::image, xml));
  } else if (type == "voice") {
    said.attachments.push_back(attachment(FileKind::audio, xml));
  } else if (type == "video") {
    said.attachments.push_back(attachment(FileKind::video, xml));
  } else if (type == "link") {
    said.text = xml.text_of("Title") + " " + xml.text_of("Url");
  } else if (type == "location") {
    said.text = xml.text_of("Label");
  } else {
    return std::nullopt;
  }
  return said;
}

std::map<std::string, std::vector<std::string>> read_choices(const Element& xml) {
  std::map<std::string, std::vector<std::string>> choices;
  const Element* all = xml.child("SelectedItems");
  if (all == nullptr) return choices;
  for (const Element& item : all->children) {
    auto& values = choices[item.text_of("QuestionKey")];
    const Element* options = item.child("OptionIds");
    if (options == nullptr) continue;
    for (const Element& option : options->children) values.push_back(option.text);
  }
  return choices;
}

}  // namespace

Result<Decoded> read_app_event(const Settings& settings, std::string_view bytes, TimePoint now) {
  const auto xml = read_xml(bytes);
  if (!xml) return std::unexpected(xml.error());
  const std::string type = xml->text_of("MsgType");
  const std::string event = type == "event" ? xml->text_of("Event") : std::string();
  if (about_the_app(event)) return ignored("the platform is about to stop the app, or did: " + event);
  const std::string agent = xml->text_of("AgentID");
  if (!agent.empty() && agent != std::to_string(settings.app->agent_id)) return ignored();

  Inbound inbound;
  inbound.key.app = settings.app_id;
  inbound.sent_at = instant(xml->text_of("CreateTime")).value_or(now);
  inbound.chat.app = settings.app_id;
  inbound.key.key = "event:" + crypto::sha256_hex(bytes);
  if (event == "change_contact") {
    const std::string change = xml->text_of("ChangeType");
    const UserId about(xml->text_of("UserID"));
    if (about.empty() || (change != "delete_user" && change != "update_user")) return ignored();
    if (change == "update_user") {
      inbound.what = PersonChanged{{about}};
    } else {
      inbound.what = PersonLeft{{about}};
    }
    return Decoded(std::move(inbound));
  }

  const std::string user = xml->text_of("FromUserName");
  if (user.empty() || user == "sys") return ignored();
  inbound.actor = UserId(user);
  inbound.one_to_one = true;
  inbound.opens = false;  // the smart bot is another chat of theirs
  inbound.chat.chat = private_chat(user);
  if (type != "event") {
    auto said = read_message(*xml);
    if (!said) return ignored();
    if (const std::string id = xml->text_of("MsgId"); !id.empty()) inbound.key.key = "app:" + id;
    inbound.kind = EventKind::message;
    inbound.what = std::move(*said);
  } else if (event == "click") {
    MenuChosen chosen;
    chosen.key = xml->text_of("EventKey");
    if (chosen.key.empty()) return ignored();
    inbound.kind = EventKind::message;
    inbound.what = std::move(chosen);
  } else if (event == "enter_agent") {
    // "subscribe" says that the app became visible to them: whoever never opened it is not greeted.
    inbound.what = JoinedChat{};
  } else if (event == "template_card_event" || event == "template_card_menu_event") {
    inbound.kind = EventKind::press;
    Pressed pressed = read_press(xml->text_of("EventKey"), settings);
    pressed.inputs = read_choices(*xml);
    // Good for one update within 72 hours; the next press brings another one.
    if (const std::string code = xml->text_of("ResponseCode"); !code.empty()) pressed.update_with = update_code(code);
    pressed.handle = handle_of(PressFrom::app, {}, xml->text_of("TaskId"));
    inbound.what = std::move(pressed);
  } else {
    return ignored();
  }
  return Decoded(std::move(inbound));
}

}  // namespace xieban::wecom
