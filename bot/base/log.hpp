#pragma once
// One JSON object a line. Event names are stable ("request.opened"); message texts of users never go in at info.

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "bot/base/ids.hpp"
#include "bot/base/secret.hpp"

namespace xieban::log {

/// Any whole number; true and false are none.
template <class T>
concept WholeNumber = std::is_integral_v<T> && !std::is_same_v<T, bool>;

enum class Level { debug, info, warn, error };

struct Field {
  std::string_view key;
  std::variant<std::string, std::int64_t, double, bool> value;

  Field(std::string_view k, std::string v) : key(k), value(std::move(v)) {}
  Field(std::string_view k, std::string_view v) : key(k), value(std::string(v)) {}
  Field(std::string_view k, const char* v) : key(k), value(std::string(v)) {}
  Field(std::string_view k, bool v) : key(k), value(v) {}
  Field(std::string_view k, double v) : key(k), value(v) {}
  template <WholeNumber Int>
  Field(std::string_view k, Int v) : key(k), value(static_cast<std::int64_t>(v)) {}
  template <class Tag>
  Field(std::string_view k, const TextId<Tag>& v) : key(k), value(v.value) {}
  template <class Tag, class Rep>
  Field(std::string_view k, const NumberId<Tag, Rep>& v) : key(k), value(static_cast<std::int64_t>(v.value)) {}
  Field(std::string_view k, const Secret&) : key(k), value(std::string("***")) {}
};

using Sink = std::function<void(Level, std::string_view line)>;

/// Starts the logger's own thread that formats and writes to standard output; its queue is bounded and counts drops.
/// Until this is called nothing is written.
void start(Level least);
/// Replaces the destination (tests); an empty function restores silence. Lines arrive synchronously.
void set_sink(Sink, Level least = Level::debug);
/// Writes what is queued and stops the thread.
void stop();
std::uint64_t dropped();

void debug(std::string_view event, std::initializer_list<Field> = {});
void info(std::string_view event, std::initializer_list<Field> = {});
void warn(std::string_view event, std::initializer_list<Field> = {});
void error(std::string_view event, std::initializer_list<Field> = {});

}  // namespace xieban::log
