#pragma once
// Small pieces of wording that cards, lists, explanations and the history share.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bot/core/clock/policy.hpp"
#include "bot/core/request/request.hpp"
#include "bot/core/rules.hpp"
#include "bot/core/words/command.hpp"

namespace xieban::wording {

/// Name, or "待定" for nobody and for people who are not in the directory any more.
std::string who(const Rules&, const PersonId&);
/// "赵技（技术部）".
std::string who_of(const Rules&, const PersonId&);
std::string who(const Rules&, const std::vector<PersonId>&);
std::string department(const Rules&, const DepartmentId&);
std::string when(const Rules&, TimePoint, TimePoint now);

std::string phase(Lang, Phase);
std::string step(Lang, Step);
std::string clock(Lang, ClockKind);
/// With the number of its action item, or whose signature it waits for: "会签（李雷）".
std::string clock_of(const Rules&, const Request&, const Clock&);
std::string party(Lang, Party);
std::string health(Lang, Health);
std::string role(Lang, Role);
/// Role or name.
std::string recipient(const Rules&, const Recipient&);
std::string by(Lang, By);
/// "已用 50%", "到期", "到期前 24 小时", "超时 4 小时（办公时间）", "已用 25% 起每 30 分钟"; `clock` is the calendar that the
/// ladder's clock counts on.
std::string rung(Lang, const Rung&, const CalendarId& clock);
/// "26 小时 40 分": hours and minutes, never days. A "day" of 24 hours and one of eight would not add up.
std::string exact(Lang, Duration);
/// The rule of a policy for a clock; nullptr when it has none.
const ClockRule* rule_of(const Policy&, ClockKind);
std::string type(const Rules&, const Policy&);

/// "/接单 12" or "/进度 12.3" in the language of the company; `tail` is appended after a space.
std::string command(Lang, Verb, RequestId = {}, std::string_view tail = {}, TaskNo = {});
/// "赵技 在 11月23日 周一 18:00 前接单（还有 3 小时 20 分）"; how a pause ends; for terminal requests how it ended.
std::string next_step_line(const Request&, const Policy&, const Rules&, TimePoint now);
/// "执行 · 已逾期": the phase and what stands beside it.
std::string state(const Request&, Lang);
/// "【XB-2026-0012】新品推广页接口对接".
std::string title(const Request&, Lang);
/// Further lines set in, so that a line break in what someone typed never looks like a line of ours.
std::string set_in(std::string_view);
/// On one line.
std::string flat(std::string_view);
/// Percent of the working time of a clock that is used; nullopt without target.
std::optional<int> used_percent(const Clock&, const Rules&, TimePoint now);

}  // namespace xieban::wording
