#include "bot/base/time.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <limits>

namespace xieban {
namespace {

using namespace std::chrono;

/// Reads text from the left; every step says whether it succeeded.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool done() const { return rest_.empty(); }
  [[nodiscard]] char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
  bool take(char c) {
    if (peek() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  /// Exactly `count` digits.
  std::optional<int> digits(int count) {
    int value = 0;
    for (int i = 0; i < count; ++i) {
      const char c = peek();
      if (c < '0' || c > '9') return std::nullopt;
      value = value * 10 + (c - '0');
      rest_.remove_prefix(1);
    }
    return value;
  }
  /// One to twelve digits.
  std::optional<std::int64_t> number() {
    std::int64_t value = 0;
    int count = 0;
    for (; peek() >= '0' && peek() <= '9'; ++count) {
      if (count == 12) return std::nullopt;
      value = value * 10 + (peek() - '0');
      rest_.remove_prefix(1);
    }
    if (count == 0) return std::nullopt;
    return value;
  }

 private:
  std::string_view rest_;
};

/// Adds `count` units without leaving what a Duration can hold for a hundred thousand years.
bool accumulate(std::int64_t& total, std::int64_t count, std::int64_t unit) {
  constexpr std::int64_t limit = std::int64_t{100'000} * 366 * 24 * 3600 * 1000;
  if (count > (limit - total) / unit) return false;
  total += count * unit;
  return true;
}

constexpr std::int64_t second_ms = 1000, minute_ms = 60 * second_ms, hour_ms = 60 * minute_ms, day_ms = 24 * hour_ms;

}  // namespace

std::string to_rfc3339(TimePoint instant, std::chrono::minutes offset) {
  const auto local = instant + offset;
  const auto day = floor<days>(local);
  const year_month_day date{day};
  const hh_mm_ss clock{local - day};
  std::string out = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", int{date.year()}, unsigned{date.month()},
                                unsigned{date.day()}, clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  if (const auto fraction = clock.subseconds().count(); fraction != 0) out += fmt::format(".{:03}", fraction);
  const auto ahead = offset.count() < 0 ? -offset.count() : offset.count();
  return out + fmt::format("{}{:02}:{:02}", offset.count() < 0 ? '-' : '+', ahead / 60, ahead % 60);
}

std::optional<TimePoint> parse_rfc3339(std::string_view text) {
  Cursor in(text);
  const auto y = in.digits(4);
  if (!y || !in.take('-')) return std::nullopt;
  const auto m = in.digits(2);
  if (!m || !in.take('-')) return std::nullopt;
  const auto d = in.digits(2);
  if (!d || !(in.take('T') || in.take('t') || in.take(' '))) return std::nullopt;
  const auto hour = in.digits(2);
  if (!hour || !in.take(':')) return std::nullopt;
  const auto minute = in.digits(2);
  if (!minute || !in.take(':')) return std::nullopt;
  const auto second = in.digits(2);
  if (!second) return std::nullopt;
  int fraction = 0;
  if (in.take('.')) {
    int scale = 100;
    int count = 0;
    for (; in.peek() >= '0' && in.peek() <= '9'; ++count, scale /= 10) fraction += *in.digits(1) * scale;
    if (count == 0) return std::nullopt;
  }
  int offset = 0;
  if (!in.take('Z') && !in.take('z')) {
    const bool west = in.peek() == '-';
    if (!in.take('+') && !in.take('-')) return std::nullopt;
    const auto oh = in.digits(2);
    if (!oh || !in.take(':')) return std::nullopt;
    const auto om = in.digits(2);
    if (!om || *oh > 23 || *om > 59) return std::nullopt;
    offset = (west ? -1 : 1) * (*oh * 60 + *om);
  }
  const year_month_day date{year{*y}, month{static_cast<unsigned>(*m)}, day{static_cast<unsigned>(*d)}};
  if (!in.done() || !date.ok() || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
  return TimePoint{sys_days{date}} + hours{*hour} + minutes{*minute - offset} + seconds{*second} + milliseconds{fraction};
}

std::string to_iso_duration(Duration duration) {
  // The magnitude as unsigned: the smallest duration has no positive counterpart.
  const bool negative = duration.count() < 0;
  auto left =
      negative ? std::uint64_t{0} - static_cast<std::uint64_t>(duration.count()) : static_cast<std::uint64_t>(duration.count());
  if (left == 0) return "PT0S";
  const auto take = [&](std::int64_t unit) {
    const auto size = static_cast<std::uint64_t>(unit);
    const auto count = left / size;
    left %= size;
    return count;
  };
  const auto d = take(day_ms), h = take(hour_ms), m = take(minute_ms), s = take(second_ms);
  std::string out = negative ? "-P" : "P";
  if (d != 0) out += fmt::format("{}D", d);
  if (h != 0 || m != 0 || s != 0 || left != 0) out += 'T';
  if (h != 0) out += fmt::format("{}H", h);
  if (m != 0) out += fmt::format("{}M", m);
  if (left != 0) {
    out += fmt::format("{}.{:03}S", s, left);
  } else if (s != 0) {
    out += fmt::format("{}S", s);
  }
  return out;
}

std::optional<Duration> parse_iso_duration(std::string_view text) {
  Cursor in(text);
  const bool negative = in.take('-');
  if (!in.take('P')) return std::nullopt;
  std::int64_t total = 0;
  bool in_time = false;
  int last = -1;  // units come in their order, each once
  bool any = false;
  while (!in.done()) {
    if (!in_time && in.take('T')) {
      in_time = true;
      any = false;
      continue;
    }
    const auto count = in.number();
    if (!count) return std::nullopt;
    int fraction = 0;
    bool fractional = false;
    if (in.take('.')) {
      const auto digits = in.digits(1);
      if (!digits) return std::nullopt;
      fractional = true;
      fraction = *digits * 100;
      for (int scale = 10; in.peek() >= '0' && in.peek() <= '9'; scale /= 10) fraction += *in.digits(1) * scale;
    }
    struct Unit {
      char letter;
      bool time;
      std::int64_t size;
    };
    constexpr std::array<Unit, 5> units{
        {{'W', false, 7 * day_ms}, {'D', false, day_ms}, {'H', true, hour_ms}, {'M', true, minute_ms}, {'S', true, second_ms}}};
    int which = -1;
    for (int i = 0; i < static_cast<int>(units.size()); ++i) {
      const Unit& unit = units[static_cast<std::size_t>(i)];
      if (unit.time == in_time && unit.letter == in.peek()) which = i;
    }
    if (which <= last || !in.take(units[static_cast<std::size_t>(which)].letter)) return std::nullopt;
    if (fractional && which != 4) return std::nullopt;
    last = which;
    if (!accumulate(total, *count, units[static_cast<std::size_t>(which)].size)) return std::nullopt;
    total += fraction;
    any = true;
  }
  if (!any) return std::nullopt;
  return Duration{negative ? -total : total};
}

std::optional<Duration> parse_short_duration(std::string_view text) {
  Cursor in(text);
  const bool negative = in.take('-');
  if (!negative) in.take('+');
  const auto count = in.number();
  if (!count) return std::nullopt;
  std::int64_t unit = 0;
  if (in.take('s')) {
    unit = second_ms;
  } else if (in.take('m')) {
    unit = minute_ms;
  } else if (in.take('h')) {
    unit = hour_ms;
  } else if (in.take('d')) {
    unit = day_ms;
  }
  std::int64_t total = 0;
  if (unit == 0 || !in.done() || !accumulate(total, *count, unit)) return std::nullopt;
  return Duration{negative ? -total : total};
}

}  // namespace xieban
