#pragma once
// From the shape of a deadline to its instant, on one calendar at one moment. Private to parse_due; a concept per file.

#include <algorithm>
#include <array>
#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bot/core/clock/when.hpp"
#include "bot/core/clock/when_grammar.hpp"
#include "bot/core/clock/when_hours.hpp"
#include "bot/core/clock/when_words.hpp"

namespace xieban::when {

using Answer = std::expected<Due, WhenError>;
using Refusal = std::unexpected<WhenError>;
using std::chrono::sys_days;

/// 0 = Monday.
inline unsigned weekday_index(sys_days day) { return std::chrono::weekday{day}.iso_encoding() - 1; }
/// nullopt: no such date.
std::optional<sys_days> full_date(std::int64_t year, std::int64_t month, std::int64_t day);
/// The same day of a later month, or that month's last.
sys_days add_months(sys_days, std::int64_t count);

class Resolver {
 public:
  Resolver(const Calendar& office, TimePoint now, bool urgent, Lang lang);
  /// `may_suggest`: whether an error looks for expressions to offer instead.
  Answer resolve(std::string_view text, bool may_suggest);

 private:
  using Names = std::vector<std::string>;

  // ---- errors (when_errors.cpp) ----

  /// A phrase "when.KIND".
  Refusal error(const Phrase&, Names suggestions = {});
  /// Understood, but no deadline as it stands: what it may have meant.
  Refusal which(const Phrase&, Names meant);
  Refusal refuse(const Phrase&, Names suggestions, bool understood);
  Refusal empty();
  Refusal unrecognized();
  Refusal past(TimePoint due, Names suggestions);
  Refusal no_such_date();
  Refusal no_such_time();
  Refusal too_far(const std::string& this_year = {}, const std::string& next_year = {});
  Refusal weekday_mismatch(const Date&, sys_days);
  Refusal ambiguous_date(const Date&);
  Refusal no_working_day(sys_days from, sys_days to);
  Refusal holiday_unknown(int year);
  /// Words that decide on their own, in the order of the specification.
  std::optional<Answer> refused_words(const Tokens&);
  /// No single deadline has this shape; perhaps it is two, or a beginning.
  Refusal shapeless(const Tokens&, bool chinese);
  std::optional<Refusal> range(const Tokens&, bool chinese);
  std::optional<Refusal> beginning(const Tokens&, bool chinese);
  /// The second end of a range as a deadline; the date of the first when only that has one.
  [[nodiscard]] std::string range_end(const std::optional<Expression>& first, const Expression& second, const Tokens& written);

  // ---- texts (when_texts.cpp) ----

  [[nodiscard]] bool zh() const { return lang_ == Lang::zh; }
  [[nodiscard]] std::string shown() const;
  [[nodiscard]] static std::string iso(sys_days);
  [[nodiscard]] std::string clock_text(TimePoint) const;
  [[nodiscard]] std::string date_and_clock(TimePoint) const;
  [[nodiscard]] std::string day_name(int index) const;
  [[nodiscard]] std::string tomorrow_text() const { return zh() ? "明天18:00" : "tomorrow 18:00"; }
  [[nodiscard]] std::string today_text() const { return zh() ? "今天18:00" : "today 18:00"; }
  [[nodiscard]] std::string after_days_text() const { return zh() ? "3个工作日内" : "3 business days"; }
  /// The clock of an expression as it is written behind a suggested date; empty without one.
  [[nodiscard]] std::string clock_suffix(const Clock&) const;
  [[nodiscard]] std::string span_text(const Expression&) const;
  [[nodiscard]] std::string included() const { return zh() ? "含当日" : "that day included"; }
  [[nodiscard]] std::string before_text(sys_days) const;

  // ---- the calendar ----

  [[nodiscard]] TimePoint day_end(sys_days) const;
  [[nodiscard]] TimePoint day_start(sys_days) const;
  [[nodiscard]] bool working(sys_days day) const { return office_.working_date(LocalDate{day}); }
  [[nodiscard]] sys_days next_working(sys_days) const;
  [[nodiscard]] sys_days last_working_before(sys_days) const;

  // ---- results (when.cpp) ----

  void warn(std::string name);
  /// `on`: the date it was written for; nullopt: the one it falls on. `basis`: what it was counted from, for the echo.
  Answer accept(TimePoint due, std::optional<sys_days> on, std::string_view basis, Names if_past = {});
  /// In the calendar's zone, whatever zone the expression was read in.
  [[nodiscard]] TimePoint real(TimePoint) const;

  /// The instant of a date: its clock, or its day end.
  struct Placed {
    std::optional<TimePoint> at;  // nullopt: no such time
    Reading reading;
    bool timed = false;
  };
  [[nodiscard]] Placed place(sys_days, const Clock&) const;
  /// Before a date or a period and without a clock: what counts is the last working date before it begins.
  [[nodiscard]] bool excludes(const Expression& e) const {
    return e.clock.kind == Clock::Kind::none &&
           (exclusive_ || (e.kind != Expression::Kind::moment && e.suffix == Suffix::before));
  }
  Answer on_date(sys_days, const Expression&, Names if_past);

  // ---- moments (when_moments.cpp) ----

  Answer moment(const Expression&);
  Answer clock_alone(const Expression&);
  Answer month_day(const Expression&);
  Answer bare_weekday(const Expression&);
  Answer day_of_month(const Expression&);

  // ---- spans (when_lengths.cpp) ----

  Answer span(const Expression&);
  Answer span_with_clock(const Expression&);
  [[nodiscard]] sys_days date_after(const Expression&) const;
  [[nodiscard]] std::optional<std::string> rewritten_as_budget() const;
  /// Whether hours count as working time: a budget of one to twenty-four hours that is not urgent.
  [[nodiscard]] bool in_working_time(const Expression&) const;

  // ---- periods (when_stretches.cpp) ----

  struct Stretch {
    sys_days from, to;
    bool itself = false;  // its last date is meant, working or not
  };
  Answer period(const Expression&);
  /// `later`: how many times a period that may move has moved. nullopt: there is none such.
  [[nodiscard]] std::optional<Stretch> stretch(const Period&, int later) const;
  [[nodiscard]] std::optional<Stretch> month_stretch(const Period&, int later) const;
  [[nodiscard]] std::optional<Stretch> week_stretch(const Period&, int later) const;
  /// The warning when it moves on; empty: it does not.
  [[nodiscard]] static std::string_view moves_on(const Period&);
  struct Chosen {
    sys_days day;
    bool fallback = false;
  };
  [[nodiscard]] std::optional<Chosen> choose(const Stretch&, const Expression&) const;
  [[nodiscard]] static std::optional<sys_days> counted(const Stretch&, const Nth&, const Calendar&);

  // ---- festivals (when_holidays.cpp) ----

  Answer festival(const Expression&);
  Answer solar_day(const Expression&);
  [[nodiscard]] std::int64_t year_of(Period::Year, std::int64_t number) const;
  Answer beside_block(const HolidayBlock&, const Expression&);

  const Calendar& office_;
  TimePoint asked_;  // the moment of asking
  TimePoint now_;    // the same as the wall of the expression's zone shows it
  bool urgent_;
  Lang lang_;
  sys_days today_;
  std::optional<int> zone_;  // minutes ahead of UTC; nullopt: the calendar's
  std::string typed_;        // as it came
  std::string form_;         // normal form: what tokens point into
  Names warnings_;
  bool approximate_ = false, exclusive_ = false, may_suggest_ = true;
};

}  // namespace xieban::when
