#pragma once
// Reads one table key by key, reports what is wrong with each, and at the end the keys that nobody asked for.

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bot/base/time.hpp"
#include "config/load.hpp"
#include "config/node.hpp"

namespace xieban::config {

/// The problems of one file.
class Book {
 public:
  Book(std::string file, std::vector<Problem>& problems) : file_(std::move(file)), problems_(problems) {}
  void error(At at, std::string key, std::string text) { add(at, std::move(key), std::move(text), true); }
  void warning(At at, std::string key, std::string text) { add(at, std::move(key), std::move(text), false); }
  [[nodiscard]] const std::string& file() const { return file_; }

  /// Keys of lines that could not be read: they are not reported as missing.
  std::set<std::string, std::less<>> lost_keys;

 private:
  void add(At at, std::string key, std::string text, bool is_error) {
    problems_.push_back({file_, at.line, at.column, is_error, std::move(key), std::move(text)});
  }
  std::string file_;
  std::vector<Problem>& problems_;
};

/// A JSON file that is one object, in which `member` is looked for; nullopt: it is none, and the book says so.
std::optional<Node> read_json(Book&, std::string_view text, std::string_view member);

/// Where a value stands, for problems that show only when everything is read.
struct Place {
  At at;
  std::string key;
};
struct Word {
  std::string text;
  Place place;
};

class Section {
 public:
  /// `table` must be a table and outlive the section.
  Section(Book& book, const Node& table, std::string path);

  [[nodiscard]] bool has(std::string_view key) const { return table_.find(key) != nullptr; }
  /// The value, or nullptr; from now on the key is a known one.
  const Node* take(std::string_view key);
  /// Of the value; of the table where the key is missing.
  [[nodiscard]] Place place(std::string_view key) const;
  Book& book() { return book_; }

  /// Each answers with the fallback where the key is missing or wrong; what is wrong is reported.
  std::string text(std::string_view key, std::string fallback = {});
  /// Reports a missing or empty text. `hint`: what to write instead, e.g. `name = "技术部"`.
  std::string required(std::string_view key, std::string_view hint);
  bool flag(std::string_view key, bool fallback);
  std::int64_t number(std::string_view key, std::int64_t fallback, std::int64_t least, std::int64_t most);
  std::string choice(std::string_view key, std::string fallback, std::initializer_list<std::string_view> allowed);
  /// "90s", "30m", "2h", "3d".
  std::optional<Duration> duration(std::string_view key, Duration least, Duration most);
  /// "HH:MM" as minutes of the day; 24:00 only where the end of the day makes sense.
  std::optional<int> minute_of_day(std::string_view key, bool may_be_midnight = false);
  std::vector<Word> words(std::string_view key);
  /// Words of the list that are not empty and not there twice.
  std::vector<Word> distinct_words(std::string_view key);

  /// The table under the key; nullopt: missing or not a table.
  std::optional<Section> table(std::string_view key);
  /// The tables of `[[key]]` or `key = [ {…}, … ]`.
  std::vector<Section> tables(std::string_view key);

  void error(std::string_view key, std::string text);
  void warning(std::string_view key, std::string text);
  /// `table.key`, or the table's own name for an empty key.
  [[nodiscard]] std::string name(std::string_view key) const;
  /// Reports every key that was not taken.
  void done();

 private:
  const Node* take(std::string_view key, Node::Kind kind, std::string_view wanted);

  Book& book_;
  const Node& table_;
  std::string path_;
  std::set<std::string, std::less<>> known_;
};

/// "09:30" as minutes; nullopt for anything else.
std::optional<int> parse_minute_of_day(std::string_view, bool may_be_midnight = false);
/// "90s", "30m", "2h", "3d": as the file writes it.
std::string short_duration(Duration);
/// `a, b, c`
std::string listed(const std::vector<std::string_view>&);
/// ` (did you mean "x"?)` for the nearest of the names, else nothing.
std::string did_you_mean(std::string_view written, const std::vector<std::string_view>& names);

}  // namespace xieban::config
