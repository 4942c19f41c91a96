#pragma once
// One SQLite connection with its kept statements. It belongs to one thread at a time.

#include <SQLiteCpp/SQLiteCpp.h>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "bot/base/error.hpp"
#include "bot/base/ids.hpp"
#include "bot/base/time.hpp"

namespace xieban::sqlite {

/// Bytes, bound as a blob.
struct Blob {
  std::string_view bytes;
};

/// Whether the text and bytes that are bound outlive the use of the statement.
enum class Bound { copied, in_place };

/// A kept statement in use: bound on construction, reset when it goes.
class Cursor {
 public:
  template <class... Args>
  explicit Cursor(SQLite::Statement& statement, Bound how, const Args&... args)
      : statement_(statement), in_place_(how == Bound::in_place) {
    int index = 0;
    (bind(++index, args), ...);
  }
  ~Cursor() {
    statement_.tryReset();
    statement_.clearBindings();
  }
  Cursor(const Cursor&) = delete;
  Cursor& operator=(const Cursor&) = delete;

  /// The next row; false: there is none.
  bool step() { return statement_.executeStep(); }
  /// Runs a statement without rows; how many it changed.
  int run() { return statement_.exec(); }

  [[nodiscard]] std::int64_t number(int column) const { return statement_.getColumn(column).getInt64(); }
  [[nodiscard]] std::uint64_t id(int column) const { return static_cast<std::uint64_t>(number(column)); }
  [[nodiscard]] bool flag(int column) const { return number(column) != 0; }
  [[nodiscard]] std::string text(int column) const { return statement_.getColumn(column).getString(); }
  /// Valid until the next step.
  [[nodiscard]] std::string_view view(int column) const {
    const auto value = statement_.getColumn(column);
    return {value.getText(), static_cast<std::size_t>(value.getBytes())};
  }
  [[nodiscard]] bool null(int column) const { return statement_.isColumnNull(column); }
  [[nodiscard]] TimePoint instant(int column) const { return TimePoint(Duration(number(column))); }
  [[nodiscard]] std::optional<TimePoint> maybe_instant(int column) const {
    return null(column) ? std::nullopt : std::optional(instant(column));
  }

 private:
  template <std::integral T>
  void bind(int index, T value) {
    if constexpr (std::is_same_v<T, std::int64_t>) {
      statement_.bind(index, value);
    } else {
      statement_.bind(index, static_cast<std::int64_t>(value));
    }
  }
  template <class T>
  requires std::is_enum_v<T>
  void bind(int index, T value) { statement_.bind(index, static_cast<std::int64_t>(value)); }
  void bind(int index, const std::string& value) {
    if (in_place_) {
      statement_.bindNoCopy(index, value);
    } else {
      statement_.bind(index, value);
    }
  }
  void bind(int index, std::string_view value) { statement_.bind(index, std::string(value)); }
  void bind(int index, Blob value) {
    const auto size = static_cast<int>(value.bytes.size());
    if (in_place_) {
      statement_.bindNoCopy(index, value.bytes.data(), size);
    } else {
      statement_.bind(index, value.bytes.data(), size);
    }
  }
  void bind(int index, TimePoint value) { statement_.bind(index, value.time_since_epoch().count()); }
  template <class Tag>
  void bind(int index, const TextId<Tag>& value) {
    statement_.bind(index, value.value);
  }
  template <class Tag, class Rep>
  void bind(int index, NumberId<Tag, Rep> value) {
    bind(index, value.value);
  }
  template <class T>
  void bind(int index, const std::optional<T>& value) {
    if (value) {
      bind(index, *value);
    } else {
      statement_.bind(index);
    }
  }

  SQLite::Statement& statement_;
  bool in_place_;
};

class Connection {
 public:
  /// `look`: for tools that read a database nobody may be serving: the log beside it must be made readable first.
  enum class Mode { write, read, look };
  Connection(const std::filesystem::path&, Mode);

  [[nodiscard]] SQLite::Database& db() { return db_; }
  /// `text` is a literal: its address is the key under which the statement is kept.
  template <class... Args>
  [[nodiscard]] Cursor query(const char* text, const Args&... args) {
    return Cursor(kept(text), Bound::copied, args...);
  }
  template <class... Args>
  int run(const char* text, const Args&... args) {
    Cursor made(kept(text), Bound::in_place, args...);
    return made.run();
  }
  /// A statement that answers with one number; nullopt: with no row, or null.
  template <class... Args>
  std::optional<std::int64_t> number(const char* text, const Args&... args) {
    Cursor made(kept(text), Bound::in_place, args...);
    if (!made.step() || made.null(0)) return std::nullopt;
    return made.number(0);
  }
  /// Changes when another connection has written.
  [[nodiscard]] std::int64_t data_version();

 private:
  SQLite::Statement& kept(const char* text);

  SQLite::Database db_;
  std::unordered_map<const char*, std::unique_ptr<SQLite::Statement>> statements_;
};

/// What the exception means to a caller. `fatal`: what is on disk is not known any more.
struct Trouble {
  Error error;
  bool fatal = false;
};
Trouble trouble_of(const std::exception_ptr&);

constexpr std::chrono::milliseconds busy_timeout{2000};
constexpr std::int64_t no_due = INT64_MAX;

}  // namespace xieban::sqlite
