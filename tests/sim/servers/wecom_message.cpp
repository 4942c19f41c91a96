#include "tests/sim/servers/wecom_message.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "bot/base/text.hpp"
#include "bot/crypto/crypto.hpp"
#include "tests/sim/servers/wecom_codes.hpp"

namespace xieban::sim::wecom {

using nlohmann::json;

namespace {

constexpr std::size_t most_text = 2048, most_webhook_markdown = 4096, most_bot_markdown = 20480;
constexpr std::size_t most_title = 128, most_description = 512, most_image = 2 * 1024 * 1024, most_articles = 8;
constexpr std::size_t most_feedback = 256;

std::unexpected<Refusal> refuse(int code, std::string text) { return std::unexpected(Refusal{code, std::move(text)}); }

Seen plain(std::string text) {
  Seen seen;
  seen.text = std::move(text);
  return seen;
}

/// "<@userid>" in a text mentions a member.
std::vector<std::string> marked(const std::string& text) {
  std::vector<std::string> found;
  for (auto at = text.find("<@"); at != std::string::npos; at = text.find("<@", at + 2)) {
    const auto end = text.find('>', at);
    if (end != std::string::npos) found.push_back(text.substr(at + 2, end - at - 2));
  }
  return found;
}

void add_mentions(Seen& seen, const json& in) {
  for (const json& one : in.value("mentioned_list", json::array())) {
    if (one.is_string()) seen.mentions.push_back(one);
  }
}

/// The bytes that are whole characters within `most`.
std::string cut(const std::string& text, std::size_t most) {
  std::size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end);
}

Reading read_text(const json& inner) {
  std::string content = text_of(inner, "content");
  if (content.empty()) return refuse(no_content, "text.content is empty");
  if (content.size() > most_text) content = cut(content, most_text);
  Seen seen = plain(content);
  add_mentions(seen, inner);
  return seen;
}

Reading read_markdown(const json& inner, std::size_t most, bool is_cut, int code) {
  std::string content = text_of(inner, "content");
  if (content.empty()) return refuse(no_content, "markdown.content is empty");
  if (content.size() > most && !is_cut) return refuse(code, "markdown.content exceed max length " + std::to_string(most));
  if (content.size() > most) content = cut(content, most);
  return plain(content);
}

Reading read_textcard(const json& inner) {
  const std::string title = text_of(inner, "title");
  const std::string description = text_of(inner, "description");
  if (title.empty()) return refuse(missing_title, "missing title");
  if (description.empty()) return refuse(missing_description, "missing description");
  if (text_of(inner, "url").empty()) return refuse(bad_value, "textcard.url is missing");
  if (characters(title) > most_title || characters(description) > most_description)
    return refuse(too_long, "textcard.title or textcard.description");
  return plain(title + "\n" + description);
}

Reading read_news(const json& inner) {
  const json articles = inner.value("articles", json());
  if (!articles.is_array() || articles.empty() || articles.size() > most_articles) return refuse(bad_value, "news.articles");
  std::string text;
  for (const json& one : articles) {
    const std::string title = text_of(one, "title");
    if (title.empty()) return refuse(missing_title, "missing title");
    if (title.size() > most_title || text_of(one, "description").size() > most_description)
      return refuse(too_long, "news.articles");
    if (text_of(one, "url").empty()) return refuse(bad_value, "news.articles.url");
    text += (text.empty() ? "" : "\n") + title;
  }
  return plain(text);
}

Reading read_card(const json& body, const CardRules& rules) {
  json card = body.value("template_card", json());
  if (auto wrong = check_card(card, rules)) return std::unexpected(*wrong);
  Seen seen;
  seen.kind = "card";
  seen.text = text_of_card(card);
  seen.card = std::move(card);
  return seen;
}

json inner_of(const json& body, const std::string& type) { return object_of(body, type.c_str()); }

/// Files are named by media_id; no interface of this simulator gives one to an app.
bool is_media(const std::string& type) {
  constexpr std::array<std::string_view, 5> types = {"image", "voice", "video", "file", "mpnews"};
  return std::ranges::find(types, type) != types.end();
}

}  // namespace

Reading read_app_message(const json& body, Bends bends) {
  const std::string type = text_of(body, "msgtype");
  if (type != "template_card") return read_appchat_message(body, bends);
  return read_card(body, CardRules{Dialect::app, false, bends.cards_are_cut});
}

Reading read_appchat_message(const json& body, Bends bends) {
  const std::string type = text_of(body, "msgtype");
  const json inner = inner_of(body, type);
  Reading read = refuse(bad_type, "invalid message type");
  if (type == "text") read = read_text(inner);
  if (type == "markdown") read = read_markdown(inner, most_text, bends.markdown_is_cut, too_long);
  if (type == "textcard") read = read_textcard(inner);
  if (type == "news") read = read_news(inner);
  if (is_media(type)) read = refuse(bad_media, "invalid media_id");
  if (read && type != "textcard" && type != "news") {
    for (std::string& one : marked(read->text)) read->mentions.push_back(std::move(one));
  }
  return read;
}

Reading read_webhook_message(const json& body, Bends bends) {
  const std::string type = text_of(body, "msgtype");
  const json inner = inner_of(body, type);
  if (type == "news") return read_news(inner);
  if (type == "text") {
    // What an app's message loses silently, the robot refuses.
    if (text_of(inner, "content").size() > most_text) return refuse(bad_value, "text.content exceed max length 2048");
    return read_text(inner);
  }
  if (type == "markdown" || type == "markdown_v2") {
    Reading read = read_markdown(inner, most_webhook_markdown, false, bad_value);
    if (read && type == "markdown") read->mentions = marked(read->text);
    return read;
  }
  if (type == "image") {
    const auto bytes = crypto::unbase64(text_of(inner, "base64"));
    constexpr std::size_t md5_digits = 32;
    if (!bytes || bytes->empty() || bytes->size() > most_image || text_of(inner, "md5").size() != md5_digits)
      return refuse(bad_value, "image.base64 or image.md5");
    Seen seen = plain("[image]");
    seen.kind = "media";
    return seen;
  }
  if (type != "template_card") return refuse(bad_type, "invalid message type");
  const json card = inner_of(body, type);
  if (calls_back(card)) return refuse(bad_value, "only text_notice and news_notice without a menu");
  return read_card(body, CardRules{Dialect::webhook, false, bends.cards_are_cut});
}

Reading read_bot_markdown(const json& body) {
  const json inner = inner_of(body, "markdown");
  if (!good_feedback(inner)) return refuse(bad_value, "markdown.feedback.id");
  return read_markdown(inner, most_bot_markdown, false, too_long);
}

Reading read_bot_card(const json& body, Bends bends, bool update) {
  if (!good_feedback(inner_of(body, "template_card"))) return refuse(bad_value, "template_card.feedback.id");
  return read_card(body, CardRules{Dialect::bot, update, bends.cards_are_cut});
}

bool good_feedback(const json& in) {
  if (!in.contains("feedback")) return true;
  const std::string id = text_of(object_of(in, "feedback"), "id");
  return !id.empty() && id.size() <= most_feedback && text::is_utf8(id);
}

}  // namespace xieban::sim::wecom
