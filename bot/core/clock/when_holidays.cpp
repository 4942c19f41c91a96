// Public holidays as their notices place them, and days that have a name but no time off.

#include <fmt/format.h>

#include "bot/core/clock/when_resolver.hpp"

namespace xieban::when {

using namespace std::chrono;
using Side = Festival::Side;

Answer Resolver::festival(const Expression& e) {
  const Festival& f = e.festival;
  if (f.kind == Festival::Kind::solar) return solar_day(e);
  const Holidays* data = office_.holidays().get();
  const bool after = f.side == Side::after;
  const bool given = f.year != Period::Year::none;
  const auto fits = [&](const HolidayBlock& block) {
    if (f.kind == Festival::Kind::named && block.name != festival_names[static_cast<std::size_t>(f.value)]) return false;
    return given || (after ? sys_days{block.to} >= today_ : sys_days{block.from} > today_);
  };
  // Every festival comes once a year: this year's, or else the next.
  const auto first = static_cast<int>(std::clamp<std::int64_t>(year_of(f.year, f.year_value), 0, 9999));
  for (int y = first; y <= first + 1; ++y) {
    const auto found = data == nullptr ? std::map<int, HolidayYear>::const_iterator() : data->years.find(y);
    if (data == nullptr || found == data->years.end() || !found->second.published) return holiday_unknown(y);
    const HolidayBlock* nearest = nullptr;
    for (const HolidayBlock& block : found->second.holidays) {
      if (fits(block) && (nearest == nullptr || sys_days{block.from} < sys_days{nearest->from})) nearest = &block;
    }
    if (nearest != nullptr) return beside_block(*nearest, e);
  }
  return holiday_unknown(first + 1);
}

Answer Resolver::beside_block(const HolidayBlock& block, const Expression& e) {
  const Festival& f = e.festival;
  constexpr std::int64_t most = 1200;  // working dates: beyond every deadline
  const std::string_view name = zh() || block.name_en.empty() ? std::string_view(block.name) : block.name_en;
  sys_days day;
  std::string basis;
  if (f.side == Side::after) {
    if (f.number > most) return too_far();
    day = sys_days{block.to};
    for (std::int64_t i = 0; i < f.number; ++i) day = next_working(day);
    basis = zh() ? fmt::format("{}（至 {}）后第 {} 个工作日", name, iso(sys_days{block.to}), f.number)
                 : fmt::format("working day {} after {} (to {})", f.number, name, iso(sys_days{block.to}));
  } else {
    const sys_days from{block.from};
    day = f.side == Side::eve ? from - days{1} : last_working_before(from);
    basis = zh() ? fmt::format("{}（{} 起）前", name, iso(from)) : fmt::format("before {} (from {})", name, iso(from));
  }
  const Placed placed = place(day, e.clock);
  if (!placed.at) return no_such_time();
  if (placed.reading.assumed_pm) warn("assumed_pm");
  return accept(*placed.at, day, basis);
}

Answer Resolver::solar_day(const Expression& e) {
  const Festival& f = e.festival;
  const std::int64_t written = year_of(f.year, f.year_value);
  const bool before = f.side == Side::before || (f.side == Side::self && excludes(e));
  for (const int later : {0, 1}) {
    const auto named = full_date(written + later, f.value / 100, f.value % 100);
    if (!named) return no_such_date();
    const sys_days day = before ? last_working_before(*named) : f.side == Side::eve ? *named - days{1} : *named;
    const Placed placed = place(day, e.clock);
    if (!placed.at) return no_such_time();
    if (*placed.at <= now_ && f.year == Period::Year::none && later == 0) {
      warn("assumed_next_year");
      continue;
    }
    if (placed.reading.assumed_pm) warn("assumed_pm");
    return accept(*placed.at, day, before ? before_text(*named) : std::string());
  }
  return no_such_date();
}

}  // namespace xieban::when
