#include "config/section.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "bot/base/text.hpp"

namespace xieban::config {

std::optional<Node> read_json(Book& book, std::string_view text, std::string_view member) {
  auto tree = parse_json(text);
  if (!tree) {
    book.error(tree.error().at, "json", tree.error().text);
    return std::nullopt;
  }
  if (tree->kind != Node::Kind::table) {
    book.error(tree->at, "json", "expected an object with \"" + std::string(member) + "\"");
    return std::nullopt;
  }
  return std::move(*tree);
}

Section::Section(Book& book, const Node& table, std::string path) : book_(book), table_(table), path_(std::move(path)) {}

const Node* Section::take(std::string_view key) {
  known_.emplace(key);
  return table_.find(key);
}

const Node* Section::take(std::string_view key, Node::Kind kind, std::string_view wanted) {
  const Node* node = take(key);
  if (node == nullptr || node->kind == kind) return node;
  book_.error(node->at, name(key), fmt::format("expected {}, found {}", wanted, describe(node->kind)));
  return nullptr;
}

std::string Section::name(std::string_view key) const {
  if (path_.empty()) return std::string(key);
  return key.empty() ? path_ : fmt::format("{}.{}", path_, key);
}

Place Section::place(std::string_view key) const {
  const Node* node = table_.find(key);
  return {node != nullptr ? node->at : table_.at, name(key)};
}

void Section::error(std::string_view key, std::string text) {
  Place where = place(key);
  book_.error(where.at, std::move(where.key), std::move(text));
}

void Section::warning(std::string_view key, std::string text) {
  Place where = place(key);
  book_.warning(where.at, std::move(where.key), std::move(text));
}

std::string Section::text(std::string_view key, std::string fallback) {
  const Node* node = take(key, Node::Kind::text, "text in quotes");
  return node != nullptr ? node->text : std::move(fallback);
}

std::string Section::required(std::string_view key, std::string_view hint) {
  if (!has(key)) {
    known_.emplace(key);
    if (!book_.lost_keys.contains(key)) error(key, fmt::format("missing; write {}", hint));
    return {};
  }
  std::string value = text(key);
  if (take(key)->kind == Node::Kind::text && text::trim(value).empty()) error(key, fmt::format("empty; write {}", hint));
  return value;
}

bool Section::flag(std::string_view key, bool fallback) {
  const Node* node = take(key, Node::Kind::flag, "true or false");
  return node != nullptr ? node->flag : fallback;
}

std::int64_t Section::number(std::string_view key, std::int64_t fallback, std::int64_t least, std::int64_t most) {
  const Node* node = take(key, Node::Kind::integer, "a whole number");
  if (node == nullptr) return fallback;
  if (node->integer >= least && node->integer <= most) return node->integer;
  error(key, fmt::format("{} is out of range; write a number from {} to {}", node->integer, least, most));
  return fallback;
}

std::string Section::choice(std::string_view key, std::string fallback, std::initializer_list<std::string_view> allowed) {
  if (take(key) == nullptr) return fallback;
  const Node* node = take(key, Node::Kind::text, "text in quotes");
  if (node == nullptr) return fallback;
  if (std::ranges::find(allowed, node->text) != allowed.end()) return node->text;
  std::string all;
  for (const auto& word : allowed) all += fmt::format("{}\"{}\"", all.empty() ? "" : ", ", word);
  error(key, fmt::format("\"{}\" is not known; write one of {}", node->text, all));
  return fallback;
}

std::optional<Duration> Section::duration(std::string_view key, Duration least, Duration most) {
  const Node* node = take(key, Node::Kind::text, "a duration in quotes such as \"30m\", \"24h\" or \"3d\"");
  if (node == nullptr) return std::nullopt;
  const auto value = parse_short_duration(node->text);
  if (!value) {
    error(key, fmt::format("\"{}\" is not a duration; write \"90s\", \"30m\", \"2h\" or \"3d\"", node->text));
    return std::nullopt;
  }
  if (*value < least || *value > most) {
    error(key, fmt::format("\"{}\" is out of range; write {} to {}", node->text, short_duration(least), short_duration(most)));
    return std::nullopt;
  }
  return value;
}

std::optional<int> Section::minute_of_day(std::string_view key, bool may_be_midnight) {
  const Node* node = take(key, Node::Kind::text, "a time of day in quotes such as \"09:30\"");
  if (node == nullptr) return std::nullopt;
  const auto minute = parse_minute_of_day(node->text, may_be_midnight);
  if (!minute) error(key, fmt::format("\"{}\" is not a time of day; write \"09:30\"", node->text));
  return minute;
}

std::vector<Word> Section::words(std::string_view key) {
  std::vector<Word> out;
  const Node* list = take(key, Node::Kind::list, "a list such as [\"a\", \"b\"]");
  if (list == nullptr) return out;
  for (std::size_t i = 0; i < list->items.size(); ++i) {
    const Node& item = list->items[i];
    Place place{item.at, fmt::format("{}[{}]", name(key), i)};
    if (item.kind == Node::Kind::text) {
      out.push_back({item.text, std::move(place)});
    } else {
      book_.error(item.at, std::move(place.key), fmt::format("expected text in quotes, found {}", describe(item.kind)));
    }
  }
  return out;
}

std::vector<Word> Section::distinct_words(std::string_view key) {
  std::vector<Word> out;
  for (auto& word : words(key)) {
    if (text::trim(word.text).empty()) {
      book_.error(word.place.at, word.place.key, "empty text; leave it out");
    } else if (std::ranges::find(out, word.text, &Word::text) != out.end()) {
      book_.error(word.place.at, word.place.key, fmt::format("\"{}\" stands twice; leave one out", word.text));
    } else {
      out.push_back(std::move(word));
    }
  }
  return out;
}

std::optional<Section> Section::table(std::string_view key) {
  const std::string wanted = path_.empty() ? fmt::format("a table [{}]", key) : "a table such as { … }";
  const Node* node = take(key, Node::Kind::table, wanted);
  if (node == nullptr) return std::nullopt;
  return Section(book_, *node, name(key));
}

std::vector<Section> Section::tables(std::string_view key) {
  std::vector<Section> out;
  std::string header;  // the name without indices: type[0].clock is written [[type.clock]]
  bool in_index = false;
  for (const char c : name(key)) {
    in_index = c == '[' || (in_index && c != ']');
    if (!in_index && c != ']') header += c;
  }
  const std::string wanted = fmt::format("a list of tables; write [[{}]] above each", header);
  const Node* list = take(key, Node::Kind::list, wanted);
  if (list == nullptr) return out;
  for (std::size_t i = 0; i < list->items.size(); ++i) {
    const Node& item = list->items[i];
    std::string path = fmt::format("{}[{}]", name(key), i);
    if (item.kind == Node::Kind::table) {
      out.emplace_back(book_, item, std::move(path));
    } else {
      book_.error(item.at, std::move(path), fmt::format("expected a table, found {}", describe(item.kind)));
    }
  }
  return out;
}

void Section::done() {
  std::vector<std::string_view> names(known_.begin(), known_.end());
  for (const auto& member : table_.members) {
    if (known_.contains(member.key)) continue;
    std::string hint = did_you_mean(member.key, names);
    if (hint.empty()) hint = fmt::format("; known here: {}", listed(names));
    book_.error(member.at, name(member.key), "unknown key" + hint);
  }
}

std::optional<int> parse_minute_of_day(std::string_view written, bool may_be_midnight) {
  const auto digit = [&](std::size_t i) { return std::isdigit(static_cast<unsigned char>(written[i])) != 0; };
  if (written.size() != 5 || written[2] != ':' || !digit(0) || !digit(1) || !digit(3) || !digit(4)) return std::nullopt;
  const int hour = (written[0] - '0') * 10 + (written[1] - '0');
  const int minute = (written[3] - '0') * 10 + (written[4] - '0');
  const int of_day = hour * 60 + minute;
  if (minute > 59 || of_day > 24 * 60 || (of_day == 24 * 60 && !may_be_midnight)) return std::nullopt;
  return of_day;
}

std::string short_duration(Duration duration) {
  using namespace std::chrono_literals;
  const auto in = [&](Duration unit, char letter) { return fmt::format("{}{}", duration / unit, letter); };
  // Two days are written "48h": that is how people speak of time limits.
  if (duration >= 72h && duration % 24h == 0s) return in(24h, 'd');
  if (duration >= 1h && duration % 1h == 0s) return in(1h, 'h');
  if (duration >= 1min && duration % 1min == 0s) return in(1min, 'm');
  return in(1s, 's');
}

std::string listed(const std::vector<std::string_view>& names) { return fmt::format("{}", fmt::join(names, ", ")); }

std::string did_you_mean(std::string_view written, const std::vector<std::string_view>& names) {
  const auto sorted = [](std::string_view word) {
    std::string letters(word);
    std::ranges::sort(letters);
    return letters;
  };
  std::string_view best;
  std::size_t best_distance = 3;
  for (const auto name : names) {
    // In a short word two slips leave nothing of it, unless two letters changed places.
    const bool close = (name.size() > 4 && written.size() > 4) || sorted(name) == sorted(written);
    const auto distance = text::distance(written, name, 2);
    if (distance <= (close ? 2U : 1U) && distance < best_distance && distance < name.size()) {
      best = name;
      best_distance = distance;
    }
  }
  return best.empty() ? std::string() : fmt::format(" (did you mean \"{}\"?)", best);
}

}  // namespace xieban::config
