#include "tests/engine/transcript.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <vector>

#include "tests/support/sim_world.hpp"

namespace xieban::testing {
namespace {

using nlohmann::json;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// One step of the transcript, as it is written.
struct Step {
  std::size_t line = 0;
  std::vector<std::string> notes;  // comments and blank lines before it
  std::vector<std::string> actions;
};

class Player {
 public:
  std::string play(const std::string& transcript) {
    std::vector<std::string> actions;
    bool in_expected = false;
    std::string out;
    std::size_t number = 0;
    for (const auto& line : lines_of(transcript)) {
      ++number;
      if (in_expected) {
        // What was expected ends at the blank line behind it.
        if (!line.empty()) continue;
        in_expected = false;
      }
      if (line == "----") {
        out += line + "\n" + happened();
        in_expected = true;
        continue;
      }
      out += line + "\n";
      if (line.empty() || line.starts_with("#")) continue;
      try {
        act(line);
      } catch (const std::exception& error) {
        throw std::runtime_error("line " + std::to_string(number) + ": " + line + "\n  " + error.what());
      }
    }
    const auto rest = happened();
    if (!rest.empty()) throw std::runtime_error("the bot did something after the last ----:\n" + rest);
    return out;
  }

 private:
  SimWorld& world() {
    options_.traits = fake_traits_with_groups();
    if (!world_) world_ = std::make_unique<SimWorld>(options_);
    return *world_;
  }
  std::string id_of(const std::string& name) {
    for (const auto& person : world().rules().get()->organisation->people) {
      if (person.name == name) return person.id.value;
    }
    throw std::runtime_error("nobody is called " + name);
  }
  std::string name_of(const std::string& id) {
    const auto name = world().rules().get()->people().name(PersonId(id));
    return name.empty() ? id : name;
  }

  void act(const std::string& line) {
    if (line.starts_with("== ")) {
      if (world_) throw std::runtime_error("the start stands before everything else");
      options_.start = local(line.substr(3));
      return;
    }
    if (line.starts_with("+")) {
      const auto by = parse_short_duration(line.substr(1));
      if (!by) throw std::runtime_error("not a duration");
      world().advance(*by);
      return;
    }
    if (line.starts_with("> ")) {
      world().time().run_until(local(line.substr(2)));
      return;
    }
    if (const auto at = line.find(" presses "); at != std::string::npos && line.find(": ") > at) {
      press(line.substr(0, at), line.substr(at + 9));
    } else {
      say(line);
    }
    // Cards wait two seconds for more changes; people take longer than that.
    world().advance(Duration{5000});
  }

  void say(const std::string& line) {
    const auto colon = line.find(": ");
    if (colon == std::string::npos) throw std::runtime_error("who says what?");
    const std::string who = line.substr(0, colon);
    const auto at = who.find('@');
    const std::string user = id_of(who.substr(0, at));
    const std::string chat = at == std::string::npos ? "p:" + user : who.substr(at + 1);
    std::string text = line.substr(colon + 2);
    for (std::size_t mark = text.find("\\n"); mark != std::string::npos; mark = text.find("\\n")) text.replace(mark, 2, "\n");
    answered(user, world().say(user, chat, text));
  }

  void press(const std::string& name, const std::string& rest) {
    const auto on = rest.find(" on ");
    if (on == std::string::npos) throw std::runtime_error("presses WHAT on NUMBER");
    const std::string label = rest.substr(0, on);
    std::string target = rest.substr(on + 4);
    std::map<std::string, std::vector<std::string>> inputs;
    if (const auto with = target.find(" with "); with != std::string::npos) {
      std::istringstream parts(target.substr(with + 6));
      for (std::string part; std::getline(parts, part, ';');) {
        const auto equals = part.find('=');
        const auto from = part.find_first_not_of(' ');
        if (equals == std::string::npos) throw std::runtime_error("with FIELD=VALUE; …");
        inputs[part.substr(from, equals - from)] = {part.substr(equals + 1)};
      }
      target.resize(with);
    }
    const auto number = std::stoul(target);
    const auto& seen = world().platform_side().seen();
    if (number == 0 || number > seen.size()) throw std::runtime_error("there is no message " + target);
    const auto& message = seen[number - 1];
    const auto body = json::parse(message.body);
    std::string action;
    std::string offered;
    for (const auto& button : body.value("card", json::object()).value("buttons", json::array())) {
      offered += " " + button.value("label", "");
      if (button.value("label", "") == label || button.value("action", "") == label) action = button.value("action", "");
    }
    if (action.empty()) throw std::runtime_error("it has no such button, but:" + offered);
    const std::string user = id_of(name);
    const CardId card(body.value("card_id", std::uint64_t{0}));
    answered(user, world().press(user, message.chat, card, action, {}, inputs));
  }

  void answered(const std::string& user, const HttpResponse& response) {
    if (response.status != 200) happened_ += name_of(user) + " gets " + std::to_string(response.status) + "\n";
    const auto body = json::parse(response.body, nullptr, false);
    const std::string toast = body.is_object() ? body.value("toast", "") : "";
    if (!toast.empty()) happened_ += "toast for " + name_of(user) + ": " + toast + "\n";
  }

  /// What came to be seen since the last time, in order.
  std::string happened() {
    if (!world_) return {};
    std::string out = std::exchange(happened_, {});
    const auto& seen = world().platform_side().seen();
    for (std::size_t index = 0; index < seen.size(); ++index) {
      const auto& message = seen[index];
      const auto body = json::parse(message.body);
      if (index >= shown_.size()) {
        out += heading(index, message, body) + text_of(body, nullptr);
        shown_.push_back(body);
      } else if (shown_[index] != body) {
        if (content(shown_[index]) != content(body)) {
          out += "[" + std::to_string(index + 1) + "] updated " + local_text(message.at) + "\n" + text_of(body, &shown_[index]);
        }
        shown_[index] = body;
      }
    }
    return out;
  }

  std::string heading(std::size_t index, const SeenMessage& message, const json& body) {
    std::string out = "[" + std::to_string(index + 1) + "] ";
    if (body.contains("group")) return out + group_call(message, body["group"]) + " " + local_text(message.at) + "\n";
    out += message.to.empty() ? chat_name(message.chat) : "→ " + name_of(message.to);
    out += " " + local_text(message.at);
    for (const auto& who : body.value("mentions", json::array())) out += " @" + name_of(who.get<std::string>());
    if (body.value("urgent", false)) out += " 加急";
    return out + "\n";
  }

  /// "建群 NAME：WHO", "加人 NAME：WHO".
  std::string group_call(const SeenMessage& message, const json& call) {
    const std::string step = call.value("step", "");
    std::string who;
    for (const auto& member : call.value("members", json::array()))
      who += (who.empty() ? "：" : "、") + name_of(member.get<std::string>());
    if (step == "make") return "建群 「" + call.value("name", "") + "」" + who;
    const std::string name = chat_name(message.chat);
    if (step == "add") return "加人 " + name + who;
    return (step == "announce" ? "公告 " : "解散 ") + name;
  }
  /// A group that was made goes by its name, any other chat by its id.
  std::string chat_name(const std::string& chat) {
    for (const auto& one : world().platform_side().seen()) {
      if (one.id != chat) continue;
      const auto body = json::parse(one.body);
      if (body.contains("group")) return "「" + body["group"].value("name", "") + "」";
    }
    return chat;
  }

  static std::vector<std::string> content(const json& body) {
    auto all = lines_of(body.value("text", ""));
    std::string buttons;
    for (const auto& button : body.value("card", json::object()).value("buttons", json::array())) {
      buttons += (buttons.empty() ? "" : " ") + ("[" + button.value("label", "") + "]");
    }
    if (!buttons.empty()) all.push_back(buttons);
    return all;
  }

  /// The whole text; of an update the lines that are new.
  static std::string text_of(const json& body, const json* before) {
    std::string out;
    const auto old = before ? content(*before) : std::vector<std::string>{};
    for (const auto& line : content(body)) {
      if (std::ranges::find(old, line) == old.end() && !line.empty()) out += "  " + line + "\n";
    }
    return out;
  }

  SimOptions options_;
  std::unique_ptr<SimWorld> world_;
  std::string happened_;
  std::vector<json> shown_;
};

}  // namespace

std::string play(const std::string& transcript) { return Player().play(transcript); }

}  // namespace xieban::testing
