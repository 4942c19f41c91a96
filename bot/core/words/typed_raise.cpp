// /发起 and /紧急 in one line -> fields.

#include <algorithm>
#include <utility>

#include "bot/core/clock/when.hpp"
#include "bot/core/words/typed_labels.hpp"

namespace xieban::typed {
namespace {

class RaiseReader {
 public:
  RaiseReader(Verb verb, std::string_view text, const Place& place)
      : verb_(verb), place_(place), line_(text), labels_(labels()), labelled_(line_, text, labels_) {}

  Fields read() {
    std::size_t first = 0;
    if (verb_ == Verb::urgent) fields_["urgent"] = "yes";
    if (verb_ == Verb::raise && line_.size() > 0) {
      if (const TypeId type = place_.rules.match_type(line_[0].folded); !type.empty()) {
        fields_["type"] = type.value;
        first = 1;
      }
    }
    urgent_ = verb_ == Verb::urgent || fields_.contains("type");
    find_lead(first);
    std::string field = "title";
    std::size_t from = byte(first);
    std::size_t from_word = first;
    const auto close = [&](std::size_t to) {
      finish(field, from, from_word, to);
      field = "";
    };
    for (std::size_t i = first; i < line_.size(); ++i) {
      if (line_[i].begin < from) continue;
      const auto open = [&](std::string next, std::size_t begin, std::size_t word) {
        close(i);
        field = std::move(next);
        from = begin;
        from_word = word;
      };
      if (const auto label = labelled_.at(i)) {
        open(label->label->field, label->from, label->next);
      } else if (i == lead_word_) {
        open("lead", lead_byte_, line_[i].core_end > lead_byte_ ? i : i + 1);
      } else if (due_word(line_[i].folded) && (i > first || i + 1 < line_.size()) && !fields_.contains("due")) {
        open("due", line_[i].end, i + 1);
      } else if (starts_due(i)) {
        open("due", line_[i].begin + attached_due(line_[i].folded), i);
      } else if (says_urgent(i, first, field)) {
        fields_["urgent"] = "yes";
        open("", line_[i].end, i + 1);
      }
    }
    close(line_.size());
    return std::move(fields_);
  }

 private:
  [[nodiscard]] std::vector<Label> labels() const {
    std::vector<Label> out{{"标题", "title"},     {"title", "title"},         {"目标", "goal"},
                           {"goal", "goal"},      {"背景", "background"},     {"background", "background"},
                           {"现状", "situation"}, {"situation", "situation"}, {"影响", "impact"},
                           {"impact", "impact"},  {"牵头", "lead"},           {"lead", "lead"}};
    for (const auto& type : place_.rules.types) {
      for (const FieldRule& rule : type->fields) {
        for (const std::string& word : {text::fold(rule.name), text::fold(rule.id)}) {
          const bool known = std::ranges::any_of(out, [&](const Label& label) { return label.word == word; });
          if (!word.empty() && !known) out.push_back({word, rule.id});
        }
      }
    }
    return out;
  }
  [[nodiscard]] std::size_t byte(std::size_t word) const { return word < line_.size() ? line_[word].begin : labelled_end(); }
  [[nodiscard]] std::size_t labelled_end() const { return line_.size() == 0 ? 0 : line_[line_.size() - 1].end; }

  /// The word that names the lead: the last 给 or @ that is followed by somebody.
  void find_lead(std::size_t first) {
    constexpr int most_tries = 32;
    int tries = 0;
    std::optional<std::size_t> weak;  // a 给 with nobody near: it is answered with the nearest names
    for (std::size_t i = line_.size(); i-- > first && tries < most_tries;) {
      const std::string& word = line_[i].folded;
      const bool alone = gives(word) && i + 1 < line_.size();
      const bool attached = word.size() > 3 && word.starts_with("给") && !alone;
      const bool mention = word.size() > 1 && word.starts_with('@') && !(i > first && gives(line_[i - 1].folded));
      if (!alone && !attached && !mention) continue;
      ++tries;
      const std::size_t begin = alone ? line_[i].end : attached ? line_[i].begin + 3 : line_[i].begin;
      const std::string name = alone ? line_.text(i + 1, i + 2) : std::string(line_.from_byte(i, begin - line_[i].begin));
      const Lead lead = match_lead(name, place_.people);
      const bool named = lead.fits() || (alone && longer_name_fits(i + 1));
      if (named) return take_lead(i, begin);
      const bool near = lead.people.size() + lead.departments.size() > 0;
      if (!weak && ((alone && (word == "给" || near)) || (mention && i > first) || (attached && near))) weak = i;
    }
    if (!weak) return;
    const std::string& word = line_[*weak].folded;
    take_lead(*weak, gives(word) ? line_[*weak].end : word.starts_with("给") ? line_[*weak].begin + 3 : line_[*weak].begin);
  }
  void take_lead(std::size_t word, std::size_t begin) {
    lead_word_ = word;
    lead_byte_ = begin;
  }
  [[nodiscard]] bool longer_name_fits(std::size_t from) const {
    for (std::size_t end = from + 2; end <= std::min(from + 4, line_.size()); ++end) {
      if (match_lead(line_.text(from, end), place_.people).fits()) return true;
    }
    return false;
  }

  /// 截止明天18点 begins a deadline; 截止日期提醒功能 is a title.
  [[nodiscard]] bool starts_due(std::size_t i) {
    const std::size_t head = attached_due(line_[i].folded);
    if (head == 0 || fields_.contains("due") || ++due_tries_ > most_due_tries) return false;
    const std::string_view rest = line_.from_byte(i, head);
    if (!rest.empty() && colon_at(rest, 0)) return true;
    const auto due = parse_due(rest, place_.rules.office(), place_.now, false, place_.rules.lang);
    return due || due.error().kind != "unrecognized";
  }

  /// 紧急 as a word of its own: first, last, or anywhere behind the title.
  [[nodiscard]] bool says_urgent(std::size_t i, std::size_t first, const std::string& field) const {
    if (!one_of(line_[i].folded, {"紧急", "加急", "urgent"})) return false;
    if (i == first || i + 1 == line_.size() ||
        (field != "title" && field != "goal" && field != "background" && field != "situation" && field != "impact"))
      return true;
    return i + 1 == lead_word_ || due_word(line_[i + 1].folded) || attached_due(line_[i + 1].folded) != 0 ||
           labelled_.at(i + 1).has_value();
  }

  /// A field's words end before word `to`. Leads and deadlines take what they can use; the rest belongs to the title.
  void finish(const std::string& field, std::size_t from, std::size_t from_word, std::size_t to) {
    if (field == "lead") return finish_lead(from, from_word, to);
    if (field == "due") return finish_due(from, from_word, to);
    put(fields_, field.empty() ? "title" : field, labelled_.text(from, to));
  }
  void finish_lead(std::size_t from, std::size_t from_word, std::size_t to) {
    const std::string first = labelled_.text(from, std::min(from_word + 1, to));
    for (std::size_t end = std::min(from_word + 4, to); end > from_word + 1; --end) {
      const std::string name = labelled_.text(from, end);
      if (match_lead(name, place_.people).fits()) {
        fields_["lead"] = name;
        return put(fields_, "title", labelled_.text(byte(end), to));
      }
    }
    fields_["lead"] = first;
    if (from_word + 1 < to) put(fields_, "title", labelled_.text(byte(from_word + 1), to));
  }
  void finish_due(std::size_t from, std::size_t from_word, std::size_t to) {
    const std::string all = labelled_.text(from, to);
    // The first word may be attached to 截止, so its text starts inside it.
    for (std::size_t end = std::min(from_word + 8, to); end > from_word; --end) {
      const std::string text = labelled_.text(from, end);
      if (text.size() > 120) continue;
      const auto due = parse_due(text, place_.rules.office(), place_.now, urgent_, place_.rules.lang);
      if (!due && due.error().kind == "unrecognized") continue;
      fields_["due"] = text;
      if (end < to) put(fields_, "title", labelled_.text(byte(end), to));
      return;
    }
    fields_["due"] = all.empty() ? "截止" : all;
  }

  Verb verb_;
  const Place& place_;
  Line line_;
  std::vector<Label> labels_;
  Labelled labelled_;
  Fields fields_;
  bool urgent_ = false;
  static constexpr int most_due_tries = 32;
  int due_tries_ = 0;
  std::size_t lead_word_ = static_cast<std::size_t>(-1), lead_byte_ = 0;
};

}  // namespace

Fields read_raise(Verb verb, std::string_view text, const Place& place) { return RaiseReader(verb, text, place).read(); }

}  // namespace xieban::typed
