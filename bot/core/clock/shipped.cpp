#include <algorithm>

#include "bot/core/clock/policy.hpp"

namespace xieban {
namespace {

constexpr Duration minutes(int n) { return std::chrono::minutes(n); }
constexpr Duration hours(int n) { return std::chrono::hours(n); }
CalendarId calendar(const char* id) { return CalendarId(id); }

Rung at(int percent, std::vector<Recipient> to, By by = By::in_private) {
  return {.at = Share{static_cast<std::uint8_t>(percent)}, .to = std::move(to), .by = by, .repeat = std::nullopt};
}
Rung offset(Duration by, std::vector<Recipient> to, CalendarId on = {}) {
  return {.at = Offset{by, std::move(on)}, .to = std::move(to), .by = By::in_private, .repeat = std::nullopt};
}
Rung every(Duration each, Rung rung) {
  rung.repeat = Repeat{each, 8};
  return rung;
}
Rung each_working_date(Rung rung) { return every(Duration{}, std::move(rung)); }
Rung asking_reason(Rung rung) {
  rung.asks_reason = true;
  return rung;
}
Rung unless_reported(Rung rung) {
  rung.unless_reported = true;
  return rung;
}

ClockRule first_response(bool urgent) {
  if (urgent)
    return {ClockKind::first_response,
            hours(2),
            calendar("natural"),
            {every(minutes(30), at(25, {Role::owner})), at(80, {Role::owner}, By::urgent),
             at(100, {Role::head, Role::vice_president}, By::urgent)}};
  return {ClockKind::first_response,
          hours(24),
          calendar("workday"),
          {at(50, {Role::owner}), at(80, {Role::owner}, By::in_group), at(100, {Role::head}),
           offset(hours(4), {Role::vice_president}), offset(hours(24), {Role::leadership_group, Role::pmo})}};
}

ClockRule task() {
  return {ClockKind::task,
          std::nullopt,
          calendar("workday"),
          {offset(-hours(24), {Role::owner}), at(100, {Role::owner}),
           asking_reason(offset(minutes(225), {Role::owner}, calendar("office"))),
           unless_reported(offset(minutes(345), {Role::head}, calendar("office"))),
           offset(hours(72), {Role::vice_president}, calendar("workday"))}};
}

ClockRule dispute(ClockKind kind, Role to) { return {kind, hours(24), calendar("natural"), {at(100, {to})}}; }

/// Every clock of the design. Those whose step is not walked yet are part of the type all the same: a type is kept as it
/// was when a request was raised.
std::vector<ClockRule> clocks(bool urgent) {
  std::vector<ClockRule> rules{first_response(urgent)};
  if (urgent)
    rules.push_back({ClockKind::recovery,
                     hours(1),
                     calendar("natural"),
                     {every(minutes(30), at(100, {Role::vice_president}, By::urgent))}});
  rules.push_back({ClockKind::answer,
                   hours(24),
                   calendar("workday"),
                   {at(50, {Role::requester}), at(100, {Role::requester}), offset(hours(4), {Role::head})}});
  rules.push_back({ClockKind::sign_off,
                   hours(24),
                   calendar("workday"),
                   {at(50, {Role::signer}), at(100, {Role::signer}), offset(hours(4), {Role::head})}});
  rules.push_back(task());
  rules.push_back({ClockKind::milestone,
                   std::nullopt,
                   calendar("workday"),
                   {offset(-hours(24), {Role::participants}), at(100, {Role::owner, Role::head})}});
  rules.push_back(dispute(ClockKind::dispute, Role::vice_president));
  rules.push_back(dispute(ClockKind::ruling, Role::leadership_group));
  rules.push_back({ClockKind::minutes,
                   hours(24),
                   calendar("workday"),
                   {at(50, {Role::owner}), offset(-hours(4), {Role::owner}), at(100, {Role::head})}});
  rules.push_back({ClockKind::acceptance, hours(72), calendar("workday"), {each_working_date(at(0, {Role::requester}))}});
  rules.push_back({ClockKind::review,
                   hours(120),
                   calendar("workday"),
                   {at(50, {Role::owner}), at(100, {Role::owner}), offset(hours(4), {Role::head})}});
  return rules;
}

struct Kind {
  const char *id, *name;
  std::vector<std::string> aliases;
  std::vector<Phase> gates;
  bool urgent = false;
};

Policy make(Kind kind) {
  Policy policy;
  policy.type = TypeId(kind.id);
  policy.name = kind.name;
  policy.aliases = std::move(kind.aliases);
  policy.gates = std::move(kind.gates);
  policy.urgent = policy.own_group = kind.urgent;
  policy.reopen_within = hours(24 * 14);
  policy.progress = kind.urgent ? Cadence::daily : Cadence::off;
  policy.clocks = clocks(kind.urgent);
  return policy;
}

FieldRule field(const char* id, const char* name, FieldKind kind, std::vector<std::string> choices = {}) {
  return {id, name, kind, false, std::move(choices)};
}

const std::vector<Phase> short_way{Phase::respond, Phase::run, Phase::accept};
const std::vector<Phase> agreed_way{Phase::respond, Phase::agree, Phase::run, Phase::accept};
const std::vector<Phase> urgent_way{Phase::respond, Phase::run, Phase::accept, Phase::review};
const std::vector<Phase> whole_way{Phase::respond, Phase::agree,  Phase::plan,  Phase::run,
                                   Phase::deliver, Phase::accept, Phase::review};

std::vector<Policy> make_all() {
  Policy daily = make({"daily", "日常", {"日常事务", "小事"}, short_way});
  daily.accept_by_silence = true;
  Policy incident = make({"incident", "突发问题", {"突发", "突发事件", "故障"}, urgent_way, true});
  incident.fields = {field("severity", "级别", FieldKind::choice, {"高", "中", "低"})};
  Policy major = make({"major", "重大项目", {"重大", "项目"}, whole_way});
  major.own_group = true;
  major.progress = Cadence::daily;
  Policy resource = make({"resource", "资源协调", {"资源"}, agreed_way});
  resource.fields = {field("kind", "资源类别", FieldKind::choice, {"预算", "人力", "设备", "其他"}),
                     field("amount", "数量", FieldKind::text), field("period", "使用时间", FieldKind::text)};
  Policy process = make({"process", "流程优化", {"流程变革", "流程"}, whole_way});
  Policy stuck = make({"stuck", "推进卡壳", {"卡壳"}, agreed_way});
  stuck.fields = {field("ours", "我方理解", FieldKind::long_text), field("theirs", "对方理解", FieldKind::long_text)};
  Policy conflict = make({"conflict", "流程冲突", {"冲突"}, agreed_way});
  conflict.fields = {field("promise", "对外承诺", FieldKind::text), field("promised_to", "承诺对象", FieldKind::text)};
  Policy adhoc = make({"adhoc", "临时任务", {"临时"}, short_way});
  Policy liability = make(
      {"liability", "责任认定", {"责任", "定责"}, {Phase::respond, Phase::agree, Phase::run, Phase::accept, Phase::review}});
  liability.fields = {field("facts", "已知事实", FieldKind::long_text)};
  return {std::move(daily),
          make({"normal", "普通", {"一般", "常规"}, short_way}),
          make({"urgent", "紧急", {"加急"}, urgent_way, true}),
          std::move(incident),
          std::move(major),
          std::move(resource),
          std::move(process),
          std::move(stuck),
          std::move(conflict),
          std::move(adhoc),
          std::move(liability)};
}

}  // namespace

std::vector<Policy> shipped_policies() { return make_all(); }

const ClockRule& clock_rule(const Policy& policy, ClockKind kind) {
  const auto find = [kind](const std::vector<ClockRule>& rules) { return std::ranges::find(rules, kind, &ClockRule::kind); };
  if (const auto own = find(policy.clocks); own != policy.clocks.end()) return *own;
  static const std::vector<ClockRule> normal = clocks(false), urgent = clocks(true);
  const auto& usual = policy.urgent ? urgent : normal;
  if (const auto shared = find(usual); shared != usual.end()) return *shared;
  // A clock that has a meaning but no ladder of its own: its date stands, nobody is reminded.
  static const ClockRule silent{ClockKind::assessment, std::nullopt, calendar("workday"), {}};
  return silent;
}

}  // namespace xieban
