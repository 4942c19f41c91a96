#include "adapters/wecom/bot_event.hpp"

#include <nlohmann/json.hpp>
#include <utility>

#include "adapters/wecom/press.hpp"
#include "adapters/wecom/read.hpp"
#include "bot/base/text.hpp"
#include "bot/crypto/crypto.hpp"

namespace xieban::wecom {

using nlohmann::json;

namespace {

constexpr Duration minute{60'000};
// A reply quotes what it answers: later it is better said without.
constexpr Duration stream_reply_lives = 5 * minute;
// The platform keeps the address for an hour; without long connection it is the only way back.
constexpr Duration url_reply_lives = 55 * minute;

std::unexpected<Error> bad(const char* what) { return std::unexpected(Error(Errc::bad_input, what)); }

Decoded ignored() {
  Ignored nothing;
  nothing.answer = HttpResponse(200);
  return Decoded(std::move(nothing));
}

void add_file(Said& said, FileKind kind, const json& from, const std::string& type) {
  Attachment made;
  made.kind = kind;
  if (const json* file = member(from, type.c_str())) made.platform_key = text(*file, "url");
  said.attachments.push_back(std::move(made));
}

void add_line(std::string& to, const std::string& line) {
  if (line.empty()) return;
  if (!to.empty()) to += '\n';
  to += line;
}

/// One message, or one part of a mixed one. False: nothing that we understand.
bool read_part(Said& said, const json& part) {
  const std::string type = text(part, "msgtype");
  if (type == "text" || type == "voice") {
    if (const json* words = member(part, type.c_str())) add_line(said.text, text(*words, "content"));
  } else if (type == "image") {
    add_file(said, FileKind::image, part, type);
  } else if (type == "file") {
    add_file(said, FileKind::file, part, type);
  } else if (type == "video") {
    add_file(said, FileKind::video, part, type);
  } else {
    return false;
  }
  return true;
}

std::optional<Said> read_message(const json& body) {
  Said said;
  if (text(body, "msgtype") != "mixed") return read_part(said, body) ? std::optional(std::move(said)) : std::nullopt;
  const json* mixed = member(body, "mixed");
  const json* parts = mixed == nullptr ? nullptr : member(*mixed, "msg_item");
  if (parts == nullptr || !parts->is_array()) return std::nullopt;
  for (const json& part : *parts) read_part(said, part);
  return said;
}

std::map<std::string, std::vector<std::string>> read_choices(const json& event) {
  std::map<std::string, std::vector<std::string>> choices;
  const json* all = member(event, "selected_items");
  const json* items = all == nullptr ? nullptr : member(*all, "selected_item");
  if (items == nullptr || !items->is_array()) return choices;
  for (const json& item : *items) {
    auto& values = choices[text(item, "question_key")];
    const json* ids = member(item, "option_ids");
    const json* options = ids == nullptr ? nullptr : member(*ids, "option_id");
    if (options == nullptr || !options->is_array()) continue;
    for (const json& option : *options) values.push_back(text(&option));
  }
  return choices;
}

/// U+0020, U+00A0 or U+2005 behind a mention.
std::size_t blank_at(std::string_view text) {
  for (const std::string_view blank : {std::string_view(" "), std::string_view("\xC2\xA0"), std::string_view("\xE2\x80\x85")})
    if (text.starts_with(blank)) return blank.size();
  return 0;
}

}  // namespace

bool may_post_to(std::string_view url, const Settings& settings) {
  // What could split a request or hide a host is in no address of theirs.
  for (const char c : url) {
    if (static_cast<unsigned char>(c) <= ' ' || c == '\x7f' || c == '\\' || c == '#' || c == '@') return false;
  }
  for (const std::string_view base : {std::string_view("https://qyapi.weixin.qq.com"), std::string_view(settings.api_base)})
    if (url.starts_with(base) && url.substr(base.size()).starts_with("/")) return true;
  return false;
}

std::string without_mention(std::string_view given, std::string_view bot_name) {
  std::string text(text::trim(given));
  if (bot_name.empty()) return text;
  const std::string mark = "@" + std::string(bot_name);
  for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1)) {
    const std::string_view behind = std::string_view(text).substr(at + mark.size());
    const std::size_t blank = blank_at(behind);
    // A longer name that begins like ours is somebody else's.
    if (!behind.empty() && blank == 0 && behind.front() != '\n') continue;
    text.erase(at, mark.size() + blank);
    return std::string(text::trim(text));
  }
  return text;
}

Result<Decoded> read_bot_event(const Settings& settings, const json& body, const BotPath& path, TimePoint now) {
  if (!body.is_object()) return bad("body is not a JSON object");
  const json* from = member(body, "from");
  const std::string user = from == nullptr ? std::string() : text(*from, "userid");
  const bool group = text(body, "chattype") == "group";
  const std::string chat = text(body, "chatid");
  const std::string type = text(body, "msgtype");
  if (type.empty()) return bad("no msgtype");
  if (group && chat.empty()) return bad("a group without chatid");

  Inbound inbound;
  inbound.key.app = settings.app_id;
  const std::string id = text(body, "msgid");
  inbound.key.key = "bot:" + (id.empty() ? crypto::sha256_hex(dump(body)) : id);
  inbound.actor = UserId(user);
  inbound.chat.app = settings.app_id;
  inbound.one_to_one = !group;
  inbound.chat.chat = group ? ChatId(chat) : private_chat(user);
  inbound.sent_at = instant(text(body, "create_time")).value_or(now);
  const std::string url = text(body, "response_url");
  if (path.stream && !path.req_id.empty() && type != "event") {
    inbound.reply_to = ReplyAddress{std::string(reply_mark) + path.req_id, now + stream_reply_lives};
  } else if (!path.stream && may_post_to(url, settings)) {
    inbound.reply_to = ReplyAddress{url, now + url_reply_lives};
  }

  if (type != "event") {
    auto said = read_message(body);
    if (!said || user.empty()) return ignored();
    inbound.kind = EventKind::message;
    if (group) {
      // Only what mentions the bot arrives from groups at all.
      Mention bot;
      bot.shown_as = settings.bot->name;
      bot.is_bot = true;
      said->mentions.push_back(std::move(bot));
      said->text = without_mention(said->text, settings.bot->name);
    }
    inbound.what = std::move(*said);
    return Decoded(std::move(inbound));
  }
  const json* event = member(body, "event");
  const std::string kind = event == nullptr ? std::string() : text(*event, "eventtype");
  if (user.empty()) return ignored();
  if (kind == "enter_chat") {
    if (path.stream && !path.req_id.empty())
      inbound.reply_to = ReplyAddress{std::string(welcome_mark) + path.req_id, now + welcome_lives};
    inbound.what = JoinedChat{};
    return Decoded(std::move(inbound));
  }
  const json* press = kind == "template_card_event" ? member(*event, "template_card_event") : nullptr;
  if (press == nullptr) return ignored();
  inbound.kind = EventKind::press;
  Pressed pressed = read_press(text(*press, "event_key"), settings);
  pressed.inputs = read_choices(*press);
  pressed.handle =
      handle_of(path.stream ? PressFrom::bot_stream : PressFrom::bot_callback, path.nonce, text(*press, "task_id"));
  inbound.what = std::move(pressed);
  return Decoded(std::move(inbound));
}

}  // namespace xieban::wecom
