#include "tests/sim/servers/dingtalk_message.hpp"

#include <array>
#include <map>

#include "tests/sim/servers/dingtalk_answers.hpp"

namespace xieban::sim::dingtalk {

using nlohmann::json;

namespace {

constexpr std::size_t most_param_bytes = 15'000;

/// msgKey -> the members that must be there, all strings.
const std::map<std::string, std::vector<std::string>>& forms() {
  static const auto all = [] {
    std::map<std::string, std::vector<std::string>> made = {
        {"sampleText", {"content"}},
        {"sampleMarkdown", {"title", "text"}},
        {"sampleImageMsg", {"photoURL"}},
        {"sampleLink", {"title", "text", "messageUrl"}},
        {"sampleActionCard", {"title", "text", "singleTitle", "singleURL"}},
        {"sampleActionCard6", {"title", "text", "buttonTitle1", "buttonUrl1", "buttonTitle2", "buttonUrl2"}},
        {"sampleAudio", {"mediaId", "duration"}},
        {"sampleFile", {"mediaId", "fileName", "fileType"}},
        {"sampleVideo", {"duration", "videoMediaId", "videoType", "picMediaId"}}};
    for (int count = 2; count <= 5; ++count) {
      auto& members = made["sampleActionCard" + std::to_string(count)];
      members = {"title", "text"};
      for (int i = 1; i <= count; ++i) {
        members.push_back("actionTitle" + std::to_string(i));
        members.push_back("actionURL" + std::to_string(i));
      }
    }
    return made;
  }();
  return all;
}

json button(const std::string& label, const std::string& url) { return {{"text", label}, {"url", url}}; }

Seen card_of(const std::string& title, const std::string& text, json buttons) {
  Seen seen;
  seen.kind = "card";
  seen.text = title + "\n" + text;
  for (const json& one : buttons) seen.text += "\n[" + text_of(one, "text") + "]";
  seen.card = {{"title", title}, {"markdown", text}, {"buttons", std::move(buttons)}};
  return seen;
}

Seen seen_of(const std::string& key, const json& param) {
  if (key.starts_with("sampleActionCard")) {
    json buttons = json::array();
    const std::array<std::pair<const char*, const char*>, 2> names = {
        {{"actionTitle", "actionURL"}, {"buttonTitle", "buttonUrl"}}};
    if (param.contains("singleTitle")) buttons.push_back(button(param["singleTitle"], param["singleURL"]));
    for (int i = 1; i <= 5; ++i) {
      for (const auto& [title, url] : names) {
        const std::string number = std::to_string(i);
        if (param.contains(title + number)) buttons.push_back(button(param[title + number], param[url + number]));
      }
    }
    return card_of(param["title"], param["text"], std::move(buttons));
  }
  Seen seen;
  if (key == "sampleText") {
    seen.text = param["content"];
  } else if (param.contains("text")) {
    seen.text = param["text"];
  } else {
    for (const json& value : param) seen.text += (seen.text.empty() ? "" : " ") + value.get<std::string>();
  }
  return seen;
}

std::unexpected<WebhookRefusal> refuse(int errcode, const std::string& text) {
  return std::unexpected(WebhookRefusal{errcode, text});
}

}  // namespace

std::expected<Seen, std::string> read_template_message(const json& body) {
  const std::string key = text_of(body, "msgKey");
  if (key.empty()) return std::unexpected("miss.param.msgKey");
  if (!body.contains("msgParam")) return std::unexpected("miss.param.msgParam");
  const auto form = forms().find(key);
  if (form == forms().end()) return std::unexpected("invalidParameter.msgKey.invalid");
  if (!body["msgParam"].is_string()) return std::unexpected("invalidParameter.msgParam.invalid");
  const std::string text = body["msgParam"];
  if (text.size() > most_param_bytes) return std::unexpected("invalidParameter.msgParam.tooLong");
  const json param = json::parse(text, nullptr, false);
  if (!param.is_object()) return std::unexpected("invalidParameter.msgParam.invalid");
  for (const json& value : param) {
    if (!value.is_string()) return std::unexpected("invalidParameter.msgParam.invalid");
  }
  for (const std::string& member : form->second) {
    if (text_of(param, member.c_str()).empty()) return std::unexpected("invalidParameter.msgParam.invalid");
  }
  return seen_of(key, param);
}

std::expected<Seen, WebhookRefusal> read_webhook_message(const json& body) {
  if (!body.is_object()) return refuse(40035, "missing JSON");
  const std::string type = text_of(body, "msgtype");
  const json inner = object_of(body, type.c_str());
  const std::string title = text_of(inner, "title");
  const std::string text = text_of(inner, "text");
  Seen seen;
  if (type == "text") {
    seen.text = text_of(inner, "content");
  } else if (type == "markdown" || type == "link") {
    seen.text = title.empty() ? "" : text;
  } else if (type == "actionCard") {
    json buttons = json::array();
    if (inner.contains("singleTitle")) {
      buttons.push_back(button(text_of(inner, "singleTitle"), text_of(inner, "singleURL")));
    } else {
      for (const json& one : inner.value("btns", json::array()))
        buttons.push_back(button(text_of(one, "title"), text_of(one, "actionURL")));
    }
    if (title.empty() || text.empty() || buttons.empty()) return refuse(40035, "actionCard without title, text or button");
    return card_of(title, text, std::move(buttons));
  } else if (type == "feedCard") {
    for (const json& one : inner.value("links", json::array()))
      seen.text += (seen.text.empty() ? "" : "\n") + text_of(one, "title");
  } else {
    return refuse(400105, "unsupported msgtype " + type);
  }
  if (seen.text.empty()) return refuse(40035, "nothing to show in " + type);
  return seen;
}

std::vector<std::string> wanted_mentions(const json& body, const std::string& text) {
  std::vector<std::string> found;
  const std::string type = text_of(body, "msgtype");
  if (type == "link" || type == "feedCard") return found;
  const json at = object_of(body, "at");
  for (const char* list : {"atUserIds", "atMobiles"}) {
    for (const json& one : at.value(list, json::array())) {
      if (one.is_string() && text.find("@" + one.get<std::string>()) != std::string::npos) found.push_back(one);
    }
  }
  if (at.value("isAtAll", json()) == true) found.emplace_back("@all");
  return found;
}

}  // namespace xieban::sim::dingtalk
