// What holds after any sequence of commands by anybody, with time passing in between.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "bot/core/request/dispute.hpp"
#include "bot/core/request/sign_off.hpp"
#include "tests/core/request_world.hpp"

namespace xieban::test::request_property_test {
namespace {

using rc::gen::element;

/// Uniform, whatever the size of the case: short cases shall see every command too.
int pick(int n) { return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, n)); }
bool one_in(int n) { return pick(n) == 0; }

std::string text() { return one_in(6) ? *element<std::string>("", " ") : *element<std::string>("原因", "两行\n文字"); }
TaskNo task() { return TaskNo(*element<std::uint32_t>(0, 0, 0, 1, 1, 2, 3, 9)); }
const std::vector<std::string> everybody{"lei", "zhao", "sun", "wang", "han",  "li", "chen",
                                         "gao", "lin",  "cai", "qian", "tang", "x"};
PersonId anybody() { return PersonId(everybody[static_cast<std::size_t>(pick(static_cast<int>(everybody.size())))]); }
PersonId colleague() { return one_in(5) ? anybody() : PersonId(*element<std::string>("zhao", "sun", "qian", "lin", "wang")); }
std::optional<TimePoint> moment(TimePoint now) {
  if (one_in(4)) return std::nullopt;
  return now + std::chrono::minutes(pick(20 * 24 * 60) - 600);
}
std::optional<std::uint8_t> percent() {
  if (one_in(3)) return std::nullopt;
  return static_cast<std::uint8_t>(*element(0, 40, 100, 100, 101));
}
Health health() { return *element(Health::normal, Health::normal, Health::late, Health::risk); }

/// Mostly somebody who may, or little would ever happen.
PersonId actor_for(const World& world, const Command& command) {
  if (one_in(4)) return anybody();
  std::vector<PersonId> able;
  for (const std::string& who : everybody)
    if (may(world.request(), PersonId(who), verb_name(command), world.rules, world.now)) able.emplace_back(who);
  return able.empty() ? anybody() : able[static_cast<std::size_t>(pick(static_cast<int>(able.size())))];
}

Command any_command(TimePoint now) {
  switch (pick(36)) {
    case 0:
    case 1:
    case 2:
      return Accept{one_in(3) ? moment(now) : std::nullopt};
    case 3:
      return one_in(3) ? Command{Decline{text(), text()}} : Command{Follow{}};
    case 4:
    case 5:
    case 6:
      return AskBack{text()};
    case 7:
      return Assign{colleague()};
    case 8:
      return HandOver{colleague(), text()};
    case 9:
      return Support{DepartmentId(*element<std::string>("finance", "tech", "none"))};
    case 10:
    case 11:
      return AddTask{colleague(), text(), moment(now), "", task()};
    case 12:
    case 13:
      return Report{task(), percent(), health(), text(), text()};
    case 14:
    case 15:
      return Extend{task(), moment(now), text()};
    case 16:
    case 17:
      return Confirm{!one_in(3), text()};
    case 18:
      return Escalate{text()};
    case 19:
      return Nudge{};
    case 20:
    case 21:
    case 22:
      return Deliver{task(), text()};
    case 23:
    case 24:
      return Verify{task(), one_in(2), text()};
    case 25:
      return PauseIt{text(), moment(now)};
    case 26:
      return Resume{};
    case 27:
      return one_in(3) ? Command{Cancel{text()}} : Command{AddNote{text()}};
    case 28:
    case 29:
      return AskSign{{colleague(), colleague()}};
    case 30:
    case 31:
      return TakePosition{text() + std::to_string(pick(3))};
    case 32:
      return GiveRuling{text()};
    case 33:
      return Confirm{!one_in(3), text(), *element(Matter::extension, Matter::sign_off, Matter::dispute), {}};
    default:
      return Reopen{text()};
  }
}

void holds(const World& world) {
  const Request& r = world.request();
  for (const Stamped& entry : world.history())
    RC_LOG() << entry.seq << ' ' << to_rfc3339(entry.at) << ' ' << entry.by.value << ' ' << kind_name(entry.event) << '\n';
  const auto folded = fold(world.history());
  RC_ASSERT(folded.has_value());
  RC_ASSERT(describe(*folded) == describe(r));
  RC_ASSERT(r.seq == world.history().size());

  std::set<std::tuple<ClockKind, TaskNo, PersonId>> open;
  for (const Clock& clock : r.clocks) {
    if (!clock.stopped) RC_ASSERT(open.insert({clock.kind, clock.task, clock.signer}).second);
    RC_ASSERT(clock.target.value_or(clock.start) >= clock.start);
  }
  if (terminal(r.phase)) {
    RC_ASSERT(open.empty());
    RC_ASSERT(!world.wakes_at() && !world.next());
    RC_ASSERT(!r.conditions.late && !r.conditions.waiting_for_requester && !r.conditions.paused);
    return;
  }
  const auto next = world.next();
  RC_ASSERT(next.has_value());
  RC_ASSERT(!next->who.empty());
  RC_ASSERT(!next->who.front().empty());
  // The step's clock runs, unless everything is paused; then it says until when, or nothing.
  if (r.conditions.paused) {
    RC_ASSERT(next->what == Step::resume);
    for (const Clock& clock : r.clocks) RC_ASSERT(!clock.running());
  } else {
    const Clock* clock = find_clock(r, next->clock);
    RC_ASSERT(clock != nullptr);
    RC_ASSERT(clock->running());
    RC_ASSERT(clock->target == next->by_when);
  }
  // Whoever has to sign is asked by a clock; what was signed is what stands there.
  if (r.sign_off) {
    RC_ASSERT(r.sign_off->hash == agreed_hash(r));
    for (const Signature& one : r.sign_off->signatures) {
      const bool asked = running_clock(r, ClockKind::sign_off, {}, one.signer) != nullptr;
      RC_ASSERT(asked == (one.state == SignState::waiting));
      RC_ASSERT((asked ? std::string() : r.sign_off->hash) == one.hash);
    }
  }
  const bool clocked = running_clock(r, ClockKind::dispute) != nullptr || running_clock(r, ClockKind::ruling) != nullptr;
  RC_ASSERT(disputed(r) == clocked);
  RC_ASSERT(disputed(r) == r.conditions.disputed);
  for (const PersonId& judge : judges(r, world.rules, world.now))
    RC_ASSERT(judge != r.requester && judge != r.owner && judge != r.dispute->requester.by && judge != r.dispute->owner.by);
  if (const Clock* clock = running_clock(r, ClockKind::task)) RC_ASSERT(clock->target == r.due);
  for (const Task& one : r.tasks)
    if (const Clock* clock = running_clock(r, ClockKind::task, one.no)) RC_ASSERT(clock->target == one.due);
  if (const auto wakes = world.wakes_at()) RC_ASSERT(*wakes > world.now);
}

void rungs_are_reached_once(const World& world) {
  std::map<std::pair<ClockId, std::uint16_t>, std::uint16_t> counts;
  for (const RungReached& rung : world.events<RungReached>()) {
    auto& count = counts[{rung.clock, rung.rung}];
    RC_ASSERT(rung.count == count + rung.missed + 1);
    count = rung.count;
  }
}

void one_notice_each(const std::vector<std::string>& heard) {
  std::set<std::string> people;
  for (const std::string& line : heard) {
    if (line.find(":remind") == std::string::npos && line.find(":escalate_") == std::string::npos &&
        line.find(":caught") == std::string::npos)
      continue;
    RC_ASSERT(people.insert(line.substr(0, line.find(':'))).second);
  }
}

void act(World& world) {
  const bool undo = one_in(12);
  const Command command = undo ? Command{TakeBack{}} : any_command(world.now);
  const PersonId actor = actor_for(world, command);
  const auto counts = one_in(6) ? std::optional(world.now - std::chrono::minutes(pick(500))) : std::nullopt;
  const Request before = world.request();
  const bool offered = may(before, actor, verb_name(command), world.rules, world.now);
  const auto refused = undo ? world.take_back(actor.value.c_str()) : world.act(actor, command, counts);
  if (!refused) {
    RC_ASSERT(undo || !world.done.key.empty());
    return;
  }
  Request after = world.request();
  after.seq = before.seq;
  after.version = before.version;
  RC_ASSERT(describe(after) == describe(before));
  RC_ASSERT(!refused->text.key.empty());
  // What a card offers is refused for what was typed, never for who pressed it.
  const bool named = std::visit(
      [](const auto& one) {
        if constexpr (requires { one.task; })
          return !one.task.empty();
        else if constexpr (requires { one.matter; })
          return one.matter != Matter::any;
        else
          return false;
      },
      command);
  RC_ASSERT(!offered || named || (refused->why != Refusal::not_yours && refused->why != Refusal::wrong_phase) ||
            refused->text.key == "refuse.extension_pending");
}

RC_GTEST_PROP(RequestProperty, AnythingByAnybodyKeepsTheInvariants, ()) {
  World world("2026-09-28T10:00:00", *element<std::string>("normal", "urgent", "daily", "major"));
  Raise raise = World::raise_for_tech();
  if (one_in(2)) raise.due = world.now + std::chrono::minutes(1 + pick(10 * 24 * 60));
  world.raised(raise);
  holds(world);
  for (int steps = 1 + pick(60); steps > 0; --steps) {
    act(world);
    world.heard();
    const Duration pass =
        *element<Duration>(Duration(0), Duration(0), Duration(0), std::chrono::minutes(1), std::chrono::minutes(1),
                           std::chrono::minutes(40), std::chrono::hours(5), std::chrono::hours(30), std::chrono::hours(200));
    if (one_in(4)) {  // the process was down meanwhile
      world.now += pass;
      world.down_until(to_rfc3339(world.now));
      one_notice_each(world.heard());
    } else {
      world.later(pass);
    }
    holds(world);
  }
  rungs_are_reached_once(world);
}

RC_GTEST_PROP(RequestProperty, EvolveTakesAnyEventInAnyState, ()) {
  // Events of one request on another one, in any order: nothing throws, nothing changes whose request it is.
  World one("2026-09-28T10:00:00"), other("2026-09-28T10:00:00", "urgent");
  one.raised();
  other.raised();
  for (int steps = 12; steps > 0; --steps) {
    act(one);
    one.later(std::chrono::hours(7));
  }
  Request request = one_in(2) ? Request{} : other.request();
  for (int i = 0; i < 60; ++i) {
    const Stamped& entry = one.history()[static_cast<std::size_t>(pick(static_cast<int>(one.history().size())))];
    const std::uint64_t seq = request.seq;
    request = evolve(std::move(request), entry.event);
    RC_ASSERT(request.id.empty() || request.id == RequestId(12));
    RC_ASSERT(request.seq == seq);
  }
}

TEST(RequestFold, NeedsABeginning) {
  EXPECT_FALSE(fold({}));
  World world;
  world.raised();
  std::vector<Stamped> headless(world.history().begin() + 1, world.history().end());
  EXPECT_FALSE(fold(headless));
  headless = world.history();
  headless[0].event = Raised{};
  EXPECT_FALSE(fold(headless));
}

}  // namespace
}  // namespace xieban::test::request_property_test
