#include "tests/sim/servers/wecom_answers.hpp"

#include <algorithm>
#include <chrono>

#include "bot/base/text.hpp"

namespace xieban::sim::wecom {

using nlohmann::json;

namespace {
constexpr const char* hint =
    ", hint: [1788230401000000000000000], from ip: 127.0.0.1, more info at https://open.work.weixin.qq.com/";

bool plain_character(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
}  // namespace

Outcome good(json body) {
  body["errcode"] = 0;
  body["errmsg"] = "ok";
  Outcome outcome;
  outcome.response = json_response(body);
  outcome.accepted = true;
  return outcome;
}

Outcome refusal(int errcode, const std::string& message) {
  Outcome outcome;
  outcome.code = errcode;
  outcome.response = json_response({{"errcode", errcode}, {"errmsg", message + hint}});
  return outcome;
}

Outcome refusal(const Refusal& why) { return refusal(why.errcode, why.text); }

bool is_flag(const json& body, const char* member) {
  const auto found = body.find(member);
  return found == body.end() || *found == 0 || *found == 1;
}

std::size_t characters(const std::string& text) { return text::decode(text).size(); }

std::string folded(const std::string& text) {
  std::string out = text;
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::int64_t seconds_of(TimePoint at) {
  return std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count();
}

bool only(const std::string& text, const std::string& further, std::size_t most) {
  const auto fits = [&](char c) { return plain_character(c) || further.find(c) != std::string::npos; };
  return !text.empty() && text.size() <= most && std::ranges::all_of(text, fits);
}

const json* person_of(const World& world, const std::string& id) {
  for (const json& one : world.all().at("people")) {
    if (folded(text_of(one, "id")) == folded(id)) return &one;
  }
  return nullptr;
}

bool visible(const json& person) { return person.value("active", true) && person.value("visible", true); }

}  // namespace xieban::sim::wecom
