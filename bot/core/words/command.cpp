#include "bot/core/words/command.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "bot/base/text.hpp"
#include "bot/core/words/typed.hpp"

// A line is a command when it begins with a slash, perhaps behind a mention of the bot. Its first word is the verb, the
// next one the request's number where the verb needs one, the rest becomes fields (typed_fields), fields an order
// (typed_order). Forms enter at the fields, so that a form and a line that say the same do the same.

namespace xieban {
namespace {

using typed::Fields;
using typed::Place;

constexpr std::size_t longest_line = 64 * 1024;  // bytes; the texts of one command together are shorter
constexpr std::array<std::string_view, 2> prefixes{"协作", "xb"};
/// Words of the design that belong to later parts: known, and not yet to be had.
constexpr std::array<std::string_view, 12> announced{"会议", "meeting", "纪要", "minutes", "复盘", "review",
                                                     "变更", "change",  "导出", "export",  "登录", "login"};

bool digit(char c) { return c >= '0' && c <= '9'; }
bool white(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

/// Mentions of the bot leave, mentions of known people become "@id " so that nobody else of that name is meant.
struct Addressed {
  std::string text;
  std::vector<std::pair<std::string, std::string>> names;  // "@id" -> "@as shown", to restore inside texts
};
Addressed address(const Said& said, const Rules& rules, const ChatRef& chat) {
  Addressed out;
  const std::string clean = text::plain(text::repair(said.text));
  const Directory people = rules.people();
  const auto bot = rules.bot_names.find(chat.app);
  const std::string bot_name = bot == rules.bot_names.end() ? std::string() : bot->second;
  std::vector<std::string> shown;
  for (const Mention& mention : said.mentions) {
    std::string name = text::plain(text::repair(mention.shown_as));
    if (name.starts_with('@')) name.erase(0, 1);
    shown.push_back(std::move(name));
  }
  std::vector<bool> used(said.mentions.size(), false);
  constexpr std::size_t most_mentions = 200;
  for (std::size_t at = 0; at < clean.size();) {
    const std::size_t next = clean.find('@', at);
    out.text.append(clean, at, next == std::string::npos ? std::string::npos : next - at);
    if (next == std::string::npos) break;
    at = next + 1;
    const std::string_view behind = std::string_view(clean).substr(at);
    std::size_t taken = 0;
    // The longest name that stands here; of equal names the first that was not used yet.
    std::optional<std::size_t> which;
    for (std::size_t i = 0; i < std::min(said.mentions.size(), most_mentions); ++i) {
      if (used[i] || shown[i].empty() || !behind.starts_with(shown[i]) || shown[i].size() <= taken) continue;
      which = i;
      taken = shown[i].size();
    }
    if (which) {
      used[*which] = true;
      const Mention& mention = said.mentions[*which];
      if (mention.is_bot) {
        at += taken;
        out.text += ' ';
        continue;
      }
      const Person* person = mention.user ? people.who({chat.app, *mention.user}) : nullptr;
      if (person != nullptr) {
        const std::string id = "@" + person->id.value;
        out.names.emplace_back(id, "@" + shown[*which]);
        out.text.append(id);
        at += taken;
        // What follows a mention is no part of the id.
        if (at < clean.size() && !white(clean[at])) out.text += ' ';
        continue;
      }
    } else if (!bot_name.empty() && behind.starts_with(bot_name)) {
      at += bot_name.size();
      out.text += ' ';
      continue;
    }
    out.text += '@';
  }
  return out;
}

/// Texts keep the names as they were typed; names of people and departments keep the ids.
void restore(Fields& fields, const std::vector<std::pair<std::string, std::string>>& names) {
  for (auto& [key, value] : fields) {
    if (key == "person" || key == "lead" || key == "to" || key == "department" || key == "people") continue;
    for (const auto& [id, name] : names) {
      for (std::size_t at = value.find(id); at != std::string::npos; at = value.find(id, at)) {
        value.replace(at, id.size(), name);
        at += name.size();
      }
    }
  }
}

struct Known {
  const VerbInfo* verb = nullptr;
  std::size_t size = 0;  // bytes of the folded word that it took
};

struct VerbWord {
  const VerbInfo* verb;
  std::string_view word;
};
/// All words of all verbs, in the order of the verbs; gathered once, as every message asks.
const std::vector<VerbWord>& verb_words() {
  static const std::vector<VerbWord> all = [] {
    std::vector<VerbWord> found;
    for (const VerbInfo& one : verbs()) {
      found.push_back({&one, one.zh});
      found.push_back({&one, one.en});
      for (const std::string_view also : one.also) found.push_back({&one, also});
    }
    return found;
  }();
  return all;
}

/// Bytes of the typed word whose folded form, without a leading slash, is so long. Folding changes the length of what it
/// writes otherwise and leaves out what nobody sees.
std::size_t typed_size(std::string_view typed, std::size_t folded) {
  for (std::size_t at = 1; at < typed.size(); ++at) {
    const bool within = (static_cast<unsigned char>(typed[at]) & 0xC0U) == 0x80U;
    if (within) continue;
    const std::string before = text::fold(typed.substr(0, at));
    if (before.size() - (before.starts_with('/') ? 1U : 0U) >= folded) return at;
  }
  return typed.size();
}

/// The verb of a word: the whole word, or a verb with its number or name attached ("接单12").
Known find_verb(std::string_view word) {
  for (const auto& [verb, name] : verb_words()) {
    if (name == word) return {verb, word.size()};
  }
  Known best;
  for (const auto& [verb, name] : verb_words()) {
    if (!word.starts_with(name) || name.size() <= best.size) continue;
    const char next = word[name.size()];
    const bool chinese = static_cast<unsigned char>(name.front()) >= 0x80;
    if (digit(next) || next == '#' || (chinese && next == '@')) best = {verb, name.size()};
  }
  return best;
}

std::string nearest_verb(std::string_view word, Lang lang) {
  std::string best;
  std::size_t least = 3;
  const std::size_t length = text::decode(word).size();
  for (const auto& [verb, name] : verb_words()) {
    const std::size_t limit = std::min<std::size_t>(2, std::max(length, text::decode(name).size()) - 1);
    const std::size_t steps = text::distance(word, name, limit);
    if (steps <= limit && steps < least) {
      least = steps;
      best = std::string(static_cast<unsigned char>(word.front()) < 0x80 ? verb->en : verb->zh);
    }
  }
  if (best.empty()) best = std::string(lang == Lang::zh ? info(Verb::help).zh : info(Verb::help).en);
  return best;
}

/// Bytes of the first word; Chinese punctuation ends it as well as white space does.
std::size_t word_size(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size() && !white(text[size])) {
    for (const std::string_view mark : {"，", ",", "：", ":", "、", "；", ";", "。"}) {
      if (text.substr(size).starts_with(mark) && size > 0) return size;
    }
    ++size;
  }
  return size;
}

std::string_view skip_marks(std::string_view text) {
  for (bool again = true; again;) {
    again = false;
    text = text::trim(text);
    for (const std::string_view mark : {"，", ",", "：", ":", "、", "；", ";", "。"}) {
      if (text.starts_with(mark)) {
        text.remove_prefix(mark.size());
        again = true;
      }
    }
  }
  return text;
}

Misread unknown(std::string_view word, std::string_view rest, Lang lang) {
  const std::string shown = text::clip_width(word, 20);
  if (std::ranges::find(announced, word) != announced.end())
    return {Phrase("misread.announced", {{"command", "/" + shown}}), typed::start_of(Verb::help, {}, {}, lang)};
  std::string corrected = "/" + nearest_verb(word, lang);
  const Known nearest = find_verb(std::string_view(corrected).substr(1));
  if (nearest.verb != nullptr && nearest.verb->verb != Verb::help && rest.size() < 400)
    corrected += rest.empty() ? "" : " " + std::string(text::trim(rest));
  return {Phrase("misread.unknown", {{"command", "/" + shown}}), std::move(corrected)};
}

Misread needs_number(Verb verb, std::string_view rest, Lang lang) {
  std::string corrected = typed::start_of(verb, RequestId{12}, {}, lang);
  if (!rest.empty() && rest.size() < 400) corrected += " " + std::string(rest);
  return {Phrase("misread.number", {{"command", typed::start_of(verb, RequestId{12}, {}, lang)}}), std::move(corrected)};
}

bool takes_task(Verb verb) {
  return verb == Verb::progress || verb == Verb::extend || verb == Verb::deliver || verb == Verb::verify;
}

Parsed read_line(std::string_view line, const Addressed& said, const Place& place) {
  const Lang lang = place.rules.lang;
  std::string_view rest = text::trim(line);
  Known known;
  for (int depth = 0;; ++depth) {
    const std::string_view typed_word = rest.substr(0, word_size(rest));
    std::string word = text::fold(typed_word);
    rest.remove_prefix(typed_word.size());
    if (word.starts_with('/')) word.erase(0, 1);
    if (depth == 0) {
      // "/协作 接单 12" is "/接单 12"; alone it asks for help.
      const auto prefix = std::ranges::find(prefixes, std::string_view(word));
      if (prefix != prefixes.end()) {
        rest = skip_marks(rest);
        if (rest.empty()) return Order(Help{});
        continue;
      }
      // "/协作接单 12", with nothing between.
      if (word.size() > prefixes[0].size() && word.starts_with(prefixes[0]) && find_verb(word).verb == nullptr) {
        rest = std::string_view(typed_word.data() + prefixes[0].size(), typed_word.size() - prefixes[0].size() + rest.size());
        continue;
      }
    }
    if (word.empty()) return Order(Help{});
    known = find_verb(word);
    if (known.verb == nullptr) {
      if (const auto reference = parse_reference(word); depth > 0 && reference && text::trim(rest).empty())
        return Order(Show{reference->request, 1});
      return unknown(word, rest, lang);
    }
    // What is attached to the verb ("接单12") belongs to the rest: the bytes behind the verb, as typed.
    if (known.size < word.size()) {
      const std::size_t behind = typed_size(typed_word, known.size);
      rest = std::string_view(typed_word.data() + behind, typed_word.size() - behind + rest.size());
    }
    break;
  }
  const Verb verb = known.verb->verb;
  rest = skip_marks(rest);
  RequestId request;
  TaskNo task;
  if (known.verb->needs_request) {
    const std::string_view first = rest.substr(0, word_size(rest));
    const auto reference = parse_reference(first);
    if (!reference) return needs_number(verb, rest, lang);
    request = reference->request;
    task = reference->task;
    rest.remove_prefix(first.size());
    rest = skip_marks(rest);
    if (!task.empty() && !takes_task(verb)) {
      std::string corrected = typed::start_of(verb, request, {}, lang);
      if (!rest.empty() && rest.size() < 400) corrected += " " + std::string(rest);
      return Misread{Phrase("misread.no_task", {{"command", typed::start_of(verb, request, {}, lang)}}), std::move(corrected)};
    }
  }
  auto fields = typed::fields_of(verb, request, task, rest, place);
  if (!fields) return std::move(fields.error());
  restore(*fields, said.names);
  return typed::order_of(verb, request, task, *fields, place);
}

}  // namespace

Parsed parse_command(const Said& said, const Rules& rules, const PersonId& actor, const ChatRef& chat, bool in_group,
                     TimePoint now) {
  const Addressed addressed = address(said, rules, chat);
  std::string_view line = text::trim(addressed.text);
  if (!line.starts_with('/')) return std::monostate{};
  line.remove_prefix(1);
  if (line.size() > longest_line) {
    return Misread{Phrase("misread.line_too_long", {{"limit", "2000"}}), {}};
  }
  const Place place{rules, rules.people(), actor, chat, !in_group, !said.attachments.empty(), false, now};
  return read_line(line, addressed, place);
}

Parsed order_from_fields(Verb verb, RequestId request, TaskNo task, const std::map<std::string, std::string>& fields,
                         const Rules& rules, const PersonId& actor, const ChatRef& chat, bool chat_is_private, TimePoint now) {
  const Place place{rules, rules.people(), actor, chat, chat_is_private, false, true, now};
  Fields clean;
  for (const auto& [key, value] : fields) clean[key] = text::plain(text::repair(value));
  return typed::order_of(verb, request, task, clean, place);
}

std::optional<Reference> parse_reference(std::string_view typed) {
  if (typed.size() > 64) return std::nullopt;
  std::string text = text::fold(typed);
  if (text.starts_with('#')) text.erase(0, 1);
  if (text.starts_with("xb-")) {
    // XB-2026-0012: the year only tells people when; the running number is unique.
    text.erase(0, 3);
    if (text.size() < 6 || !std::all_of(text.begin(), text.begin() + 4, digit) || text[4] != '-') return std::nullopt;
    text.erase(0, 5);
  }
  const std::size_t dot = text.find('.');
  const auto number = [](std::string_view digits) -> std::optional<std::uint64_t> {
    if (digits.empty() || digits.size() > 12 || !std::ranges::all_of(digits, digit)) return std::nullopt;
    std::uint64_t value = 0;
    for (const char c : digits) value = value * 10 + static_cast<std::uint64_t>(c - '0');
    return value == 0 ? std::nullopt : std::optional(value);
  };
  const auto request = number(std::string_view(text).substr(0, dot));
  if (!request) return std::nullopt;
  if (dot == std::string::npos) return Reference{RequestId{*request}, {}};
  const auto task = number(std::string_view(text).substr(dot + 1));
  if (!task || *task > 0xFFFFFFFFULL) return std::nullopt;
  return Reference{RequestId{*request}, TaskNo{static_cast<std::uint32_t>(*task)}};
}

}  // namespace xieban
