#include "adapters/dingtalk/message.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "adapters/dingtalk/read.hpp"

namespace xieban::dingtalk {

using nlohmann::json;

namespace {

constexpr std::int64_t quota_used_up = 20001;

/// Bytes of the white space that the text begins with, 0 for none: ASCII, U+00A0, U+2000–U+200B, U+3000.
std::size_t white(std::string_view text) {
  if (text.empty()) return 0;
  const char c = text.front();
  if (c == ' ' || c == '\t' || c == '\r' || c == '\n') return 1;
  if (text.starts_with("\xc2\xa0")) return 2;
  if (text.starts_with("\xe3\x80\x80")) return 3;
  return text.size() > 2 && text.starts_with("\xe2\x80") && static_cast<unsigned char>(text[2]) <= 0x8b ? 3 : 0;
}

std::size_t next_white(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (white(text.substr(i)) > 0) return i;
  }
  return std::string_view::npos;
}

std::string_view trim_front(std::string_view text) {
  for (std::size_t bytes = white(text); bytes > 0; bytes = white(text)) text.remove_prefix(bytes);
  return text;
}

std::string_view trim(std::string_view text) {
  text = trim_front(text);
  std::size_t end = 0;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t bytes = white(text.substr(i));
    i += std::max<std::size_t>(bytes, 1);
    if (bytes == 0) end = i;
  }
  return text.substr(0, end);
}

std::string words_of(const json& body) {
  if (const json* said = member(body, "text"); said != nullptr && said->is_object()) return text(*said, "content");
  const json* content = member(body, "content");
  if (content == nullptr) return {};
  if (content->is_string()) return content->get<std::string>();
  if (const json* parts = member(*content, "richText"); parts != nullptr && parts->is_array()) {
    std::string all;
    for (const json& part : *parts) all += text(part, "text");
    return all;
  }
  return text(*content, "recognition");
}

void attach(std::vector<Attachment>& to, FileKind kind, const json& from) {
  Attachment file;
  file.kind = kind;
  file.platform_key = text(from, "downloadCode");
  file.name = text(from, "fileName");
  if (!file.platform_key.empty()) to.push_back(std::move(file));
}

std::vector<Attachment> attachments_of(const std::string& type, const json& body) {
  std::vector<Attachment> files;
  const json* content = member(body, "content");
  if (content == nullptr) return files;
  if (type == "picture") attach(files, FileKind::image, *content);
  if (type == "audio") attach(files, FileKind::audio, *content);
  if (type == "video") attach(files, FileKind::video, *content);
  if (type == "file") attach(files, FileKind::file, *content);
  if (const json* parts = member(*content, "richText"); parts != nullptr && parts->is_array()) {
    for (const json& part : *parts) attach(files, FileKind::image, part);
  }
  return files;
}

/// Bytes of what ends a name that the text begins with: white space, or a mark of punctuation; 0 for none.
std::size_t name_end(std::string_view text) {
  static constexpr std::array<std::string_view, 9> marks = {"，", "。", "、", "；", "：", "！", "？", ",", ";"};
  const auto mark = std::ranges::find_if(marks, [text](std::string_view one) { return text.starts_with(one); });
  return mark == marks.end() ? white(text) : mark->size();
}

/// The names behind "@" that a client left in the text; an address of mail is none.
std::vector<std::string_view> kept_names(std::string_view text) {
  std::vector<std::string_view> names;
  bool first = true;  // of a word
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t between = name_end(text.substr(i));
    std::size_t end = i + std::max<std::size_t>(between, 1);
    if (first && text[i] == '@') {
      while (end < text.size() && name_end(text.substr(end)) == 0) ++end;
      if (end > i + 1) names.push_back(text.substr(i + 1, end - i - 1));
    }
    first = between > 0;
    i = end;
  }
  return names;
}

/// "  " with something on both sides, from `from` on.
std::size_t hole(std::string_view text, std::size_t from) { return text.find("  ", from); }

/// Behind "/指派 12"; 0: it is no such command.
std::size_t behind_number(std::string_view text) {
  if (!text.starts_with("/") && !text.starts_with("／")) return 0;
  const std::size_t space = next_white(text);
  if (space == std::string_view::npos) return 0;
  std::size_t end = space + white(text.substr(space));
  if (text.substr(end).starts_with("#")) ++end;
  const std::size_t first = end;
  while (end < text.size() && ((text[end] >= '0' && text[end] <= '9') || (text[end] == '.' && end > first))) ++end;
  if (end == first || (end < text.size() && white(text.substr(end)) == 0)) return 0;
  return end;
}

}  // namespace

RobotMessage read_message(const json& body) {
  RobotMessage out;
  out.id = text(body, "msgId");
  out.conversation = text(body, "conversationId");
  out.group = text(body, "conversationType") == "2";
  out.title = text(body, "conversationTitle");
  out.sender = text(body, "senderStaffId");
  out.sender_corp = text(body, "senderCorpId");
  out.robot_corp = text(body, "chatbotCorpId");
  out.type = text(body, "msgtype");
  out.sent_at = instant(member(body, "createAt"));
  out.webhook = text(body, "sessionWebhook");
  out.webhook_until = instant(member(body, "sessionWebhookExpiredTime"));
  out.over_quota = number(either(body, "errorCode", "errCode")) == quota_used_up;

  const std::string words = words_of(body);
  std::string_view said = trim(words);
  while (out.group && said.starts_with("@")) {
    const std::size_t at = next_white(said);
    said = at == std::string_view::npos ? std::string_view{} : trim_front(said.substr(at));
  }
  out.text = said;
  out.attachments = attachments_of(out.type, body);

  const std::string bot = text(body, "chatbotUserId");
  if (const json* people = member(body, "atUsers"); people != nullptr && people->is_array()) {
    for (const json& one : *people) {
      const std::string id = text(one, "dingtalkId");
      std::string user = text(one, "staffId");
      if (!user.empty() && (id.empty() || id != bot)) out.mentioned.push_back(std::move(user));
    }
  }
  return out;
}

Said with_mentions(const RobotMessage& message) {
  Said said;
  said.text = message.text;
  const auto mention = [&said](const std::string& user, std::string_view shown_as) {
    Mention one;
    one.user = UserId(user);
    one.shown_as = shown_as;
    said.mentions.push_back(std::move(one));
  };
  std::vector<std::string> people;
  for (const std::string& user : message.mentioned) {
    if (std::ranges::find(people, user) == people.end()) people.push_back(user);
  }
  const auto kept = kept_names(message.text);
  const auto& in_order = kept.size() == message.mentioned.size() ? message.mentioned : people;
  if (kept.size() == in_order.size()) {
    // A name may be anybody's: it is whose id stands in its place.
    for (std::size_t i = 0; i < kept.size(); ++i) mention(in_order[i], kept[i]);
    return said;
  }
  for (const std::string& user : message.mentioned) mention(user, user);
  // Whose names they are cannot be told.
  if (kept.size() > people.size()) return said;

  std::string& text = said.text;
  std::size_t holes = 0;
  for (std::size_t at = hole(text, 0); at != std::string::npos; at = hole(text, at + 2)) ++holes;
  if (holes == people.size()) {
    std::size_t at = 0;
    for (const std::string& user : people) {
      at = hole(text, at);
      text.insert(at + 1, "@" + user);
      at += user.size() + 3;
    }
    return said;
  }
  std::string names;
  for (const std::string& user : people) names += " @" + user;
  const std::size_t number = behind_number(text);
  text.insert(number == 0 ? text.size() : number, names);
  return said;
}

}  // namespace xieban::dingtalk
