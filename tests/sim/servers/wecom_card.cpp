#include "tests/sim/servers/wecom_card.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <vector>

#include "bot/base/text.hpp"
#include "tests/sim/servers/wecom_codes.hpp"

namespace xieban::sim::wecom {

using nlohmann::json;

namespace {

constexpr std::size_t any_length = 4096;
constexpr std::size_t most_key_bytes = 1024, most_option_bytes = 128, most_question_bytes = 200, most_task_bytes = 128;
constexpr std::size_t most_buttons = 6, most_rows = 6, most_jumps = 3, most_paragraphs = 4, most_selects = 3, most_options = 10,
                      most_choices = 20, most_menu = 3;
constexpr std::size_t button_text = 10;
constexpr double narrowest = 1.3, widest = 2.25;

/// Characters, as 90236 and 101032 recommend them.
struct Lengths {
  std::size_t source = 20, title = 36, desc = 44, number = 14, number_desc = 22, sub_title = 160, key_name = 5, value = 30,
              jump = 18, paragraph = 38, paragraph_desc = 160, select_title = any_length, option = 16, choice = 17;
};

Lengths lengths_of(Dialect dialect) {
  Lengths lengths;
  if (dialect == Dialect::app) return lengths;
  lengths = {.source = 13,
             .title = 26,
             .desc = 30,
             .number = 10,
             .number_desc = 15,
             .sub_title = 112,
             .key_name = 5,
             .value = 26,
             .jump = 13,
             .paragraph = 26,
             .paragraph_desc = 112,
             .select_title = 13,
             .option = 10,
             .choice = 11};
  return lengths;
}

/// Keeps the first thing that is wrong.
class Check {
 public:
  Check(json& card, const CardRules& rules) : card_(card), rules_(rules), most_(lengths_of(rules.dialect)) {}

  Refused run() {
    const std::string type = text_of(card_, "card_type");
    head();
    lists();
    task(type);
    if (type == "text_notice" || type == "news_notice") {
      notice(type);
    } else if (type == "button_interaction") {
      buttons();
    } else if (type == "vote_interaction") {
      vote();
    } else if (type == "multiple_interaction") {
      selects();
    } else {
      wrong(bad_value, "card_type");
    }
    return first_;
  }

 private:
  void wrong(int code, const std::string& what) {
    if (!first_) first_ = Refusal{code, "template_card." + what};
  }
  void need(bool holds, int code, const std::string& what) {
    if (!holds) wrong(code, what);
  }
  void text(json& in, const char* member, std::size_t most, bool required, const std::string& where) {
    const auto found = in.find(member);
    const std::string name = where + "." + member;
    if (found == in.end()) return need(!required, bad_value, name + " is missing");
    if (!found->is_string()) return wrong(bad_value, name + " is no string");
    const std::string value = *found;
    need(!required || !value.empty(), bad_value, name + " is empty");
    if (characters(value) <= most) return;
    if (!rules_.long_text_is_cut) return wrong(too_long, name + " is too long");
    std::string cut;
    for (const char32_t c : text::decode(value)) {
      if (characters(cut) < most) text::append(cut, c);
    }
    in[member] = cut;
  }
  /// Calls `each` for the object of that name, if there is one.
  void object(json& in, const char* member, bool required, const auto& each) {
    const auto found = in.find(member);
    if (found == in.end()) return need(!required, missing_title, std::string(member) + " is missing");
    if (!found->is_object()) return wrong(bad_value, std::string(member) + " is no object");
    each(*found);
  }
  void list(json& in, const char* member, std::size_t least, std::size_t most, const auto& each) {
    const auto found = in.find(member);
    if (found == in.end()) return need(least == 0, bad_value, std::string(member) + " is missing");
    if (!found->is_array() || found->size() < least || found->size() > most)
      return wrong(bad_value, std::string(member) + " has the wrong number of elements");
    for (json& one : *found) {
      if (!one.is_object()) return wrong(bad_value, std::string(member) + " has something that is no object");
      each(one);
    }
  }
  /// The number under "type"; absent is 0.
  std::int64_t kind(const json& in, const std::string& where) {
    const auto found = in.find("type");
    if (found == in.end()) return 0;
    if (found->is_number_integer()) return *found;
    wrong(bad_value, where + ".type is no number");
    return 0;
  }
  void link(json& in, const std::string& where, bool required) {
    const std::int64_t type = kind(in, where);
    need(type >= (required ? 1 : 0) && type <= 2, bad_value, where + ".type");
    if (type == 1) text(in, "url", any_length, true, where);
    if (type == 2) text(in, "appid", any_length, true, where);
  }
  void key(const json& in, const char* member, const std::string& where) {
    const std::string value = text_of(in, member);
    need(!value.empty() && value.size() <= most_key_bytes, bad_key, where + "." + member);
    need(keys_.insert(value).second, bad_key, where + "." + member + " is used twice");
  }

  void head() {
    object(card_, "source", false, [&](json& one) {
      text(one, "desc", most_.source, false, "source");
      const json color = one.value("desc_color", json(0));
      need(color.is_number_integer() && color >= 0 && color <= 3, bad_value, "source.desc_color");
    });
    object(card_, "main_title", false, [&](json& one) {
      text(one, "title", most_.title, false, "main_title");
      text(one, "desc", most_.desc, false, "main_title");
    });
    object(card_, "emphasis_content", false, [&](json& one) {
      text(one, "title", most_.number, false, "emphasis_content");
      text(one, "desc", most_.number_desc, false, "emphasis_content");
    });
    text(card_, "sub_title_text", most_.sub_title, false, "");
    object(card_, "quote_area", false, [&](json& one) { link(one, "quote_area", false); });
    object(card_, "action_menu", false, [&](json& menu) {
      text(menu, "desc", any_length, true, "action_menu");
      list(menu, "action_list", 1, most_menu, [&](json& one) {
        text(one, "text", any_length, true, "action_list");
        key(one, "key", "action_list");
      });
    });
    object(card_, "card_action", false, [&](json& one) { link(one, "card_action", false); });
  }

  void row(json& one) {
    text(one, "keyname", most_.key_name, true, "horizontal_content_list");
    text(one, "value", most_.value, false, "horizontal_content_list");
    const std::int64_t type = kind(one, "horizontal_content_list");
    const bool attachment = type == 2 && rules_.dialect != Dialect::bot;
    const bool plain = type == 0 && (rules_.dialect != Dialect::webhook || !one.contains("type"));
    need(plain || attachment || type == 1 || type == 3, bad_value, "horizontal_content_list.type");
    if (type == 1) text(one, "url", any_length, true, "horizontal_content_list");
    if (type == 2) text(one, "media_id", any_length, true, "horizontal_content_list");
    if (type == 3) text(one, "userid", any_length, true, "horizontal_content_list");
  }
  void jump(json& one) {
    text(one, "title", most_.jump, true, "jump_list");
    const bool question = rules_.dialect == Dialect::bot && kind(one, "jump_list") == 3;
    if (!question) return link(one, "jump_list", false);
    const std::size_t bytes = text_of(one, "question").size();
    need(bytes > 0 && bytes <= most_question_bytes, bad_value, "jump_list.question");
  }
  void lists() {
    list(card_, "horizontal_content_list", 0, most_rows, [&](json& one) { row(one); });
    list(card_, "jump_list", 0, most_jumps, [&](json& one) { jump(one); });
    list(card_, "vertical_content_list", 0, most_paragraphs, [&](json& one) {
      text(one, "title", most_.paragraph, true, "vertical_content_list");
      text(one, "desc", most_.paragraph_desc, false, "vertical_content_list");
    });
  }

  void task(const std::string& type) {
    const bool required = !rules_.update && (type.ends_with("_interaction") || card_.contains("action_menu"));
    const std::string id = text_of(card_, "task_id");
    if (id.empty() && !card_.contains("task_id")) return need(!required, bad_task, "task_id is missing");
    need(only(id, "_-@", most_task_bytes), bad_task, "task_id");
  }

  void notice(const std::string& type) {
    const std::string title = text_of(object_of(card_, "main_title"), "title");
    object(card_, "card_action", true, [&](json& one) { link(one, "card_action", true); });
    if (type == "text_notice")
      return need(!title.empty() || !text_of(card_, "sub_title_text").empty(), missing_title, "main_title or sub_title_text");
    need(!title.empty(), missing_title, "main_title");
    need(card_.contains("card_image") || card_.contains("image_text_area"), bad_value, "card_image or image_text_area");
    object(card_, "card_image", false, [&](json& one) {
      text(one, "url", any_length, true, "card_image");
      const json ratio = one.value("aspect_ratio", json(narrowest));
      need(ratio.is_number() && ratio >= narrowest && ratio <= widest, bad_value, "card_image.aspect_ratio");
    });
    object(card_, "image_text_area", false, [&](json& one) {
      text(one, "image_url", any_length, true, "image_text_area");
      link(one, "image_text_area", false);
    });
  }

  void options(json& in, std::size_t most, std::size_t length) {
    std::set<std::string> ids;
    list(in, "option_list", 1, most, [&](json& one) {
      text(one, "text", length, true, "option_list");
      const std::string id = text_of(one, "id");
      need(!id.empty() && id.size() <= most_option_bytes, bad_value, "option_list.id");
      need(ids.insert(id).second, bad_value, "option_list.id is used twice");
    });
  }
  void selection(json& one) {
    key(one, "question_key", "selection");
    text(one, "title", most_.select_title, false, "selection");
    options(one, most_options, most_.option);
  }
  void submit() {
    object(card_, "submit_button", true, [&](json& one) {
      text(one, "text", button_text, false, "submit_button");
      key(one, "key", "submit_button");
    });
  }
  void buttons() {
    need(!text_of(object_of(card_, "main_title"), "title").empty(), missing_title, "main_title");
    object(card_, "button_selection", false, [&](json& one) { selection(one); });
    list(card_, "button_list", 1, most_buttons, [&](json& one) {
      text(one, "text", button_text, true, "button_list");
      const json style = one.value("style", json(1));
      need(style.is_number_integer() && style >= 1 && style <= 4, bad_value, "button_list.style");
      const std::int64_t type = kind(one, "button_list");
      need(type == 0 || (type == 1 && rules_.dialect == Dialect::app), bad_value, "button_list.type");
      if (type == 0) key(one, "key", "button_list");
      if (type == 1) text(one, "url", any_length, true, "button_list");
    });
  }
  void vote() {
    need(!text_of(object_of(card_, "main_title"), "title").empty(), missing_title, "main_title");
    object(card_, "checkbox", true, [&](json& one) {
      key(one, "question_key", "checkbox");
      options(one, most_choices, most_.choice);
    });
    submit();
  }
  void selects() {
    need(!text_of(object_of(card_, "main_title"), "title").empty(), missing_title, "main_title");
    list(card_, "select_list", 1, most_selects, [&](json& one) { selection(one); });
    submit();
  }

  json& card_;
  CardRules rules_;
  Lengths most_;
  std::set<std::string> keys_;
  Refused first_;
};

bool answers(const json& question, const json& given, json& selected, bool several) {
  json ids = given.is_array() ? given : json::array({given});
  const json& options = question.at("option_list");
  const auto known = [&](const json& id) {
    return std::ranges::any_of(options, [&](const json& one) { return one.at("id") == id; });
  };
  if (!std::ranges::all_of(ids, known) || (!several && ids.size() != 1)) return false;
  selected.push_back({{"question_key", question.at("question_key")}, {"option_ids", std::move(ids)}});
  return true;
}

/// What is chosen when nobody chose: "selected_id", or the first.
json usual_choice(const json& question) {
  const std::string given = text_of(question, "selected_id");
  for (const json& one : question.at("option_list")) {
    if (one.at("id") == given) return given;
  }
  return question.at("option_list").front().at("id");
}

json questions_of(const json& card) {
  const std::string type = text_of(card, "card_type");
  json questions = json::array();
  if (type == "button_interaction" && card.contains("button_selection")) questions.push_back(card["button_selection"]);
  if (type == "multiple_interaction") questions = card.at("select_list");
  return questions;
}

}  // namespace

Refused check_card(json& card, const CardRules& rules) {
  if (!card.is_object() || card.empty()) return Refusal{missing_title, "template_card is missing"};
  return Check(card, rules).run();
}

bool calls_back(const json& card) {
  return text_of(card, "card_type").ends_with("_interaction") || card.contains("action_menu");
}

std::string text_of_card(const json& card) {
  std::string all;
  const auto add = [&](const std::string& line) {
    if (!line.empty()) all += line + "\n";
  };
  const auto pair = [&](const json& in, const char* left, const char* right) {
    const std::string second = text_of(in, right);
    add(text_of(in, left) + (second.empty() ? "" : "：" + second));
  };
  const auto each = [&](const json& in, const char* name, const auto& show) {
    for (const json& one : in.value(name, json::array())) show(one);
  };
  const auto options = [&](const json& one) {
    std::string line = text_of(one, "title");
    each(one, "option_list", [&](const json& option) { line += " (" + text_of(option, "text") + ")"; });
    add(line);
  };
  add(text_of(object_of(card, "source"), "desc"));
  for (const char* name : {"main_title", "emphasis_content"}) {
    add(text_of(object_of(card, name), "title"));
    add(text_of(object_of(card, name), "desc"));
  }
  pair(object_of(card, "quote_area"), "title", "quote_text");
  pair(object_of(card, "image_text_area"), "title", "desc");
  add(text_of(card, "sub_title_text"));
  each(card, "horizontal_content_list", [&](const json& one) { pair(one, "keyname", "value"); });
  each(card, "vertical_content_list", [&](const json& one) { pair(one, "title", "desc"); });
  each(card, "jump_list", [&](const json& one) { add(text_of(one, "title")); });
  for (const char* name : {"button_selection", "checkbox"}) options(object_of(card, name));
  each(card, "select_list", options);
  if (card.contains("replace_text")) {
    add("[" + text_of(card, "replace_text") + "]");
  } else {
    each(card, "button_list", [&](const json& one) { add("[" + text_of(one, "text") + "]"); });
    if (card.contains("submit_button")) add("[" + card["submit_button"].value("text", "提交") + "]");
  }
  each(object_of(card, "action_menu"), "action_list", [&](const json& one) { add("[" + text_of(one, "text") + "]"); });
  return all;
}

std::optional<Pressed> press_card(const json& card, const std::string& action, const json& inputs) {
  const auto fits = [&](const json& one) { return text_of(one, "key") == action || text_of(one, "text") == action; };
  Pressed made;
  for (const json& one : object_of(card, "action_menu").value("action_list", json::array())) {
    if (!fits(one)) continue;
    made.key = text_of(one, "key");
    made.menu = true;
    return made;
  }
  // A card that shows how it was answered has no buttons any more (94888).
  if (card.contains("replace_text")) return std::nullopt;
  const std::string type = text_of(card, "card_type");
  if (type == "button_interaction") {
    for (const json& one : card.at("button_list")) {
      if (fits(one) && one.value("type", 0) == 0) made.key = text_of(one, "key");
    }
  } else if (type.ends_with("_interaction")) {
    const json& submit = card.at("submit_button");
    if (fits(submit) || (!submit.contains("text") && action == "提交")) made.key = text_of(submit, "key");
  }
  if (made.key.empty()) return std::nullopt;
  std::size_t answered = 0;
  if (type == "vote_interaction") {
    const json& box = card.at("checkbox");
    const std::string question = text_of(box, "question_key");
    answered += inputs.contains(question) ? 1U : 0U;
    const json given = inputs.contains(question) ? inputs[question] : json::array();
    if (!answers(box, given, made.selected, box.value("mode", 0) == 1 || given.empty())) return std::nullopt;
  }
  for (const json& question : questions_of(card)) {
    const std::string name = text_of(question, "question_key");
    answered += inputs.contains(name) ? 1U : 0U;
    if (!answers(question, inputs.contains(name) ? inputs[name] : usual_choice(question), made.selected, false))
      return std::nullopt;
  }
  if (answered != inputs.size()) return std::nullopt;
  return made;
}

}  // namespace xieban::sim::wecom
