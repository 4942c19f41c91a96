// A typed line -> fields. What a verb reads after its number, in which order and behind which words.

#include <algorithm>
#include <utility>

#include "bot/base/text.hpp"
#include "bot/core/clock/when.hpp"
#include "bot/core/words/typed_labels.hpp"

namespace xieban::typed {
namespace {

using Read = std::expected<Fields, Misread>;

Misread misread(std::string key, std::string corrected, std::vector<std::pair<std::string, std::string>> args = {}) {
  return {Phrase("misread." + std::move(key), std::move(args)), std::move(corrected)};
}

const std::vector<Label> reason_labels{
    {"原因", "reason", true}, {"理由", "reason", true}, {"reason", "reason"}, {"because", "reason", true}};

/// A person's name at the beginning; how many words it took.
std::size_t person_prefix(const Line& line, std::size_t from, const Place& place) {
  for (std::size_t end = std::min(from + 3, line.size()); end > from + 1; --end) {
    if (place.people.match_person(line.text(from, end)).kind == Match<PersonId>::Kind::one) return end - from;
  }
  return from < line.size() ? 1 : 0;
}

Read decline(std::string_view rest) {
  std::vector<Label> labels = reason_labels;
  for (const char* word : {"建议", "替代方案", "方案"}) labels.push_back({word, "proposal", true});
  for (const char* word : {"proposal", "suggest", "suggestion", "instead"}) labels.push_back({word, "proposal", true});
  Fields fields;
  const Line line(rest);
  Labelled(line, rest, labels).read(0, "reason", fields);
  return fields;
}

Read person_and_text(std::string_view rest, const std::string& text_field, const std::vector<Label>& labels,
                     const Place& place) {
  Fields fields;
  const Line line(rest);
  std::size_t at = line.size() > 1 && gives(line[0].folded) ? 1 : 0;
  const std::size_t words = person_prefix(line, at, place);
  if (words > 0) fields["person"] = line.text(at, at + words);
  at += words;
  Labelled(line, rest, labels).read(at, text_field, fields);
  return fields;
}

Read task(std::string_view rest, const Place& place) {
  Fields fields;
  const Line line(rest);
  const std::vector<Label> labels{
      {"标准", "standard"}, {"交付标准", "standard"}, {"standard", "standard"}, {"done when", "standard"}};
  const Labelled labelled(line, rest, labels);
  std::size_t at = line.size() > 1 && gives(line[0].folded) ? 1 : 0;
  const std::size_t words = person_prefix(line, at, place);
  if (words > 0) fields["person"] = line.text(at, at + words);
  at += words;
  std::string field = "content";
  std::size_t from = at < line.size() ? line[at].begin : rest.size();
  const auto close = [&](std::size_t to) {
    if (field == "due") {
      const std::string all = labelled.text(from, to);
      fields["due"] = all.empty() ? "截止" : all;
      return;
    }
    put(fields, field, labelled.text(from, to));
  };
  for (std::size_t i = at; i < line.size(); ++i) {
    if (line[i].begin < from) continue;
    const std::string& word = line[i].folded;
    if (const auto label = labelled.at(i)) {
      close(i);
      field = label->label->field;
      from = label->from;
    } else if ((due_word(word) || attached_due(word) != 0) && !fields.contains("due")) {
      const std::size_t head = due_word(word) ? 0 : attached_due(word);
      const std::size_t begin = head == 0 ? line[i].end : line[i].begin + head;
      close(i);
      const std::size_t first = head == 0 ? i + 1 : i;
      // The deadline takes the words it can use; what follows belongs to the content.
      std::size_t end = std::min(first + 8, line.size());
      for (; end > first; --end) {
        const std::string text = labelled.text(begin, end);
        const auto due = parse_due(text, place.rules.office(), place.now, false, place.rules.lang);
        if (due || due.error().kind != "unrecognized") break;
      }
      if (end > first) {
        fields["due"] = labelled.text(begin, end);
        field = "content";
        from = end < line.size() ? line[end].begin : rest.size();
      } else {
        field = "due";
        from = begin;
      }
    } else if (one_of(word, {"依赖", "after"}) && i + 1 < line.size() && parse_reference(line[i + 1].folded)) {
      close(i);
      fields["after"] = line.text(i + 1, i + 2);
      field = "content";
      from = line[i + 1].end;
    }
  }
  close(line.size());
  return fields;
}

Read progress(std::string_view rest, const std::string& start) {
  Fields fields;
  std::vector<Label> labels = reason_labels;
  labels.push_back({"措施", "measure", true});
  labels.push_back({"measure", "measure"});
  labels.push_back({"action", "measure"});
  const Line line(rest);
  const Labelled labelled(line, rest, labels);
  // Percent and health may stand anywhere outside the texts; labelled texts go to their fields.
  std::string field = "reason";
  std::string free;
  std::size_t from = 0;
  bool inside = false;
  const auto close = [&](std::size_t to) {
    if (inside) put(fields, field, labelled.text(from, to));
    inside = false;
  };
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (inside && line[i].begin < from) continue;
    const std::string& word = line[i].folded;
    if (const auto label = labelled.at(i)) {
      close(i);
      field = label->label->field;
      from = label->from;
      inside = true;
      continue;
    }
    if (inside) continue;
    std::string_view digits = word;
    if (digits.ends_with('%')) digits.remove_suffix(1);
    if (digits.starts_with("百分之")) digits.remove_prefix(9);
    const bool number =
        !digits.empty() && digits.size() <= 6 && std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
    if (number && !fields.contains("percent")) {
      fields["percent"] = std::string(digits);
    } else if (const auto health = health_word(word); health && !fields.contains("health")) {
      fields["health"] = *health == Health::normal ? "normal" : *health == Health::late ? "late" : "risk";
    } else if (word.ends_with('%')) {
      return std::unexpected(misread("percent", start + " 60%", {{"value", line.text(i, i + 1)}}));
    } else {
      put(fields, "reason", line.text(i, i + 1));
    }
  }
  close(line.size());
  return fields;
}

Read extend(std::string_view rest, const Place& place) {
  Fields fields;
  const Line line(rest);
  const Labelled labelled(line, rest, reason_labels);
  std::size_t from = line.size() > 1 && until_word(line[0].folded) ? 1 : 0;
  std::size_t to = line.size();
  for (std::size_t i = from; i < line.size(); ++i) {
    if (labelled.at(i)) {
      to = i;
      break;
    }
  }
  const std::size_t words = due_prefix(line, from, to, false, place).words;
  if (words > 0) {
    fields["due"] = line.text(from, from + words);
    labelled.read(from + words, "reason", fields);
  } else if (from < to) {
    // Not a deadline: the first word is shown as what could not be read.
    fields["due"] = line.text(from, from + 1);
    labelled.read(from + 1, "reason", fields);
  } else {
    labelled.read(from, "reason", fields);
  }
  return fields;
}

/// 原因 [到 时间]: the last 到 that begins a deadline.
Read pause(std::string_view rest, const Place& place) {
  Fields fields;
  const Line line(rest);
  const Labelled labelled(line, rest, reason_labels);
  std::size_t end = line.size();
  for (std::size_t i = line.size(); i-- > 0;) {
    const std::string& word = line[i].folded;
    std::string time;
    if (until_word(word) && word != "to" && i + 1 < line.size() && line.size() - i <= 9) {
      time = line.text(i + 1, line.size());
    } else if (word.starts_with("到") && word.size() > 3 && line.size() - i <= 8) {
      time = line.text(i, line.size()).substr(3);
      const auto due = parse_due(time, place.rules.office(), place.now, false, place.rules.lang);
      if (!due && due.error().kind == "unrecognized") continue;
    } else {
      continue;
    }
    fields["until"] = time;
    end = i;
    break;
  }
  const std::string reason = line.text(0, end);
  const Line before(reason);
  Labelled(before, reason, reason_labels).read(0, "reason", fields);
  return fields;
}

Read leave(std::string_view rest, const Place& place) {
  Fields fields;
  const Line line(rest);
  std::size_t i = line.size() > 0 && until_word(line[0].folded) ? 1 : 0;
  const auto delegates = [](const std::string& word) {
    return one_of(word, {"代理", "代理人", "由", "delegate", "cover", "covered"});
  };
  std::size_t begin = i;
  for (; i < line.size(); ++i) {
    const std::string& word = line[i].folded;
    if (fields.contains("person")) break;  // what follows is the time
    if (delegates(word) && i + 1 < line.size()) {
      std::size_t name = i + 1;
      while (name + 1 < line.size() && one_of(line[name].folded, {"by", "为", "是"})) ++name;
      const std::size_t words = person_prefix(line, name, place);
      fields["person"] = line.text(name, name + words);
      put(fields, "until", line.text(begin, i));
      i = name + words;
      if (i < line.size() && until_word(line[i].folded)) ++i;
      begin = i;
      --i;
    } else if (word.starts_with("代理") && word.size() > 6) {
      fields["person"] = std::string(line.from_byte(i, colon_at(word, 6) ? 7 : 6));
      put(fields, "until", line.text(begin, i));
      begin = i + 1;
    } else if (word.starts_with('@') && word.size() > 1) {
      fields["person"] = line.text(i, i + 1);
      put(fields, "until", line.text(begin, i));
      begin = i + 1;
    }
  }
  put(fields, "until", line.text(begin, line.size()));
  if (std::string& until = fields["until"]; until.starts_with("到") || until.starts_with("至"))
    until = std::string(text::trim(std::string_view(until).substr(3)));
  if (fields["until"].empty()) fields.erase("until");
  return fields;
}

Read verify(std::string_view rest) {
  Fields fields;
  const Line line(rest);
  std::size_t at = 0;
  if (line.size() > 0) {
    if (const auto result = result_word(line[0].folded)) {
      fields["result"] = *result ? "pass" : "reject";
      at = 1;
    }
  }
  Labelled(line, rest, reason_labels).read(at, "reason", fields);
  return fields;
}

Read one_text(const std::string& field, std::string_view rest, bool with_label) {
  Fields fields;
  if (with_label) {
    const Line line(rest);
    Labelled(line, rest, reason_labels).read(0, field, fields);
  } else {
    put(fields, field, std::string(text::trim(rest)));
  }
  return fields;
}

/// "接口 第2页", "invoice page 2": the words and the page of what they find.
Read search(std::string_view rest) {
  Fields fields;
  std::string_view words = text::trim(rest);
  const std::string folded = text::fold(words);
  if (folded.size() == words.size()) {
    std::string_view left = folded;
    const bool zh = left.ends_with("页");
    if (zh) left = text::trim(left.substr(0, left.size() - std::string_view("页").size()));
    const std::size_t digits = left.find_last_not_of("0123456789") + 1;
    const std::string_view number = left.substr(digits);
    left = text::trim(left.substr(0, digits));
    const std::string_view mark = zh ? "第" : "page";
    if (!number.empty() && left.ends_with(mark)) {
      left.remove_suffix(mark.size());
      // Without a space before it, it is a part of the words.
      if (const std::string_view before = text::trim(left); !before.empty() && before.size() < left.size()) {
        put(fields, "page", std::string(number));
        words = words.substr(0, before.size());
      }
    }
  }
  put(fields, "words", std::string(words));
  return fields;
}

Read nothing(Verb verb, RequestId request, TaskNo task_no, std::string_view rest, Lang lang) {
  if (text::trim(rest).empty()) return Fields{};
  const std::string line = start_of(verb, request, task_no, lang);
  return std::unexpected(misread("extra", line, {{"command", line}, {"text", text::clip_width(rest, 40)}}));
}

}  // namespace

std::vector<std::pair<std::size_t, std::size_t>> names_in(std::string_view text, const Place& place) {
  std::vector<std::pair<std::size_t, std::size_t>> names;
  const Line line(text);
  for (std::size_t at = 0; at < line.size();) {
    if (one_of(line[at].folded, {"和", "与", "及", "请", "给", "and", "to"})) {
      ++at;
      continue;
    }
    const std::size_t words = std::max<std::size_t>(1, person_prefix(line, at, place));
    std::size_t from = line[at].begin;
    const std::size_t end = line[at + words - 1].core_end;
    // "@a@b" is two names.
    for (std::size_t next = text.find('@', from + 1); next < end; next = text.find('@', from + 1)) {
      names.emplace_back(from, next);
      from = next;
    }
    names.emplace_back(from, end);
    at += words;
  }
  return names;
}

std::expected<Fields, Misread> fields_of(Verb verb, RequestId request, TaskNo task_no, std::string_view rest,
                                         const Place& place) {
  const Lang lang = place.rules.lang;
  switch (verb) {
    case Verb::raise:
    case Verb::urgent:
      return read_raise(verb, rest, place);
    case Verb::accept: {
      Fields fields;
      const Line line(rest);
      put(fields, "due", line.text(line.size() > 1 && due_word(line[0].folded) ? 1 : 0, line.size()));
      return fields;
    }
    case Verb::decline:
      return decline(rest);
    case Verb::ask:
      return one_text("question", rest, false);
    case Verb::assign:
    case Verb::unlink: {
      const Line line(rest);
      return one_text("person", line.text(line.size() > 1 && gives(line[0].folded) ? 1 : 0, line.size()), false);
    }
    case Verb::handover:
      return person_and_text(rest, "reason", reason_labels, place);
    case Verb::support:
      return one_text("department", rest, false);
    case Verb::task:
      return task(rest, place);
    case Verb::progress:
      return progress(rest, start_of(verb, request, task_no, lang));
    case Verb::extend:
      return extend(rest, place);
    case Verb::sign:
      return one_text("people", rest, false);
    case Verb::dispute:
      return one_text("position", rest, false);
    case Verb::rule:
      return one_text("decision", rest, false);
    case Verb::object:
    case Verb::escalate:
    case Verb::cancel:
    case Verb::reopen:
      return one_text("reason", rest, true);
    case Verb::deliver:
    case Verb::note:
      return one_text("text", rest, false);
    case Verb::verify:
      return verify(rest);
    case Verb::pause:
      return pause(rest, place);
    case Verb::search:
      return search(rest);
    case Verb::help:
      return one_text("topic", rest, false);
    case Verb::link:
      return one_text("code", rest, false);
    case Verb::apply:
      return one_text("type", rest, false);
    case Verb::leave:
      return leave(rest, place);
    case Verb::show:
    case Verb::mine:
    case Verb::department:
    case Verb::board:
      return one_text("page", rest, false);
    case Verb::confirm:
    case Verb::nudge:
    case Verb::resume:
    case Verb::undo:
    case Verb::follow:
    case Verb::why:
    case Verb::health:
      return nothing(verb, request, task_no, rest, lang);
  }
  return Fields{};
}

}  // namespace xieban::typed
