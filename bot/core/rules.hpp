#pragma once
// Everything the configuration says that a decision needs, as one immutable value. A reload makes a new one.

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bot/base/ids.hpp"
#include "bot/core/card/delivery.hpp"
#include "bot/core/clock/calendar.hpp"
#include "bot/core/clock/policy.hpp"
#include "bot/core/people.hpp"
#include "bot/core/request/request.hpp"
#include "bot/core/words/phrase.hpp"

namespace xieban {

/// [[group]] of the configuration.
struct GroupRule {
  ChatRef chat;
  Level level = Level::open;
  DepartmentId department;
};

struct Rules {
  std::uint64_t version = 1;  // a digest of calendars and holidays: changes exactly when they do
  std::string company;
  Lang lang = Lang::zh;
  std::shared_ptr<const Organisation> organisation;
  std::shared_ptr<const Organisation> configured;  // set where `organisation` was completed by accounts: as written
  /// The store's leaves and links. The store hands each snapshot the newest; Rules holds those of load time.
  std::shared_ptr<const DirectoryFacts> facts;
  std::map<CalendarId, Calendar> calendars;    // natural, workday, office always; the company's own ones
  CalendarId company_calendar;                 // "office"
  std::array<int, 2> send_between{510, 1260};  // minutes of the local day
  std::vector<std::shared_ptr<const Policy>> types;
  TypeId default_type;
  std::vector<GroupRule> groups;
  std::map<AppId, Traits> traits;          // of the platforms that are configured
  std::map<AppId, std::string> bot_names;  // "协办"
  std::string public_url;                  // empty: messages carry commands, not links

  [[nodiscard]] Directory people() const { return Directory(organisation, facts); }
  /// Unknown: the company's. "office@plant" and "workday@plant" are office and workday as the calendar plant has them.
  [[nodiscard]] const Calendar& calendar(const CalendarId&) const;
  [[nodiscard]] const Calendar& office() const;  // the company's own calendar
  [[nodiscard]] const Calendar& calendar_of(const DepartmentId&) const;
  /// What a type's `office` and `workday` mean for a department: its own calendar's hours and dates, else the company's.
  /// Every other calendar is itself.
  [[nodiscard]] CalendarId clock_calendar(const CalendarId& named, const DepartmentId&) const;
  /// The same for a rung or an offset of a clock that counts on `clock`.
  [[nodiscard]] static CalendarId beside(const CalendarId& named, const CalendarId& clock);
  [[nodiscard]] std::shared_ptr<const Policy> type(const TypeId&) const;  // nullptr: unknown
  /// An id, a name or an alias of a type; empty when none fits.
  [[nodiscard]] TypeId match_type(std::string_view) const;
  [[nodiscard]] Rules with(std::shared_ptr<const DirectoryFacts>) const;
};
using RulesPtr = std::shared_ptr<const Rules>;

}  // namespace xieban
