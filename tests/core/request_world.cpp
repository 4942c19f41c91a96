#include "tests/core/request_world.hpp"

#include <sstream>
#include <stdexcept>

#include "tests/core/calendar_files.hpp"

namespace xieban::test {
namespace {

Person someone(const char* id, const char* name, const char* department) {
  Person person;
  person.id = PersonId(id);
  person.name = name;
  person.department = DepartmentId(department);
  return person;
}

Department unit(const char* id, const char* name, const char* head, const char* vice, std::vector<PersonId> liaisons) {
  Department department;
  department.id = DepartmentId(id);
  department.name = name;
  department.head = PersonId(head);
  department.vice_president = PersonId(vice);
  department.liaisons = std::move(liaisons);
  return department;
}

std::shared_ptr<const Organisation> organisation() {
  auto company = std::make_shared<Organisation>();
  company->people = {someone("wang", "王部长", "tech"),   someone("zhao", "赵技", "tech"),    someone("sun", "孙工", "tech"),
                     someone("qian", "钱工", "tech"),     someone("han", "韩部长", "market"), someone("lei", "李雷", "market"),
                     someone("cai", "蔡部长", "finance"), someone("lin", "林会", "finance"),  someone("gao", "高督", "pmo"),
                     someone("li", "李副总", "board"),    someone("chen", "陈总", "board"),   someone("tang", "唐某", "tech")};
  company->people.back().active = false;
  company->departments = {unit("tech", "技术部", "wang", "li", {PersonId("zhao"), PersonId("sun")}),
                          unit("market", "市场部", "han", "li", {}),
                          unit("finance", "财务部", "cai", "chen", {PersonId("lin")}), unit("pmo", "企管部", "gao", "chen", {}),
                          unit("board", "总经办", "chen", "chen", {})};
  company->leadership_group = {PersonId("chen"), PersonId("li")};
  company->pmo = DepartmentId("pmo");
  return company;
}

class Describer {
 public:
  std::string operator()(const Request& r) {
    all(r.id, r.year, r.title, r.type, r.policy, r.urgent, r.phase, r.closed_from, r.requester, r.owner, r.raised_by, r.lead,
        r.level);
    all(r.conditions.waiting_for_requester, r.conditions.blocked, r.conditions.late, r.conditions.at_risk,
        r.conditions.needs_care, r.conditions.disputed);
    if (r.conditions.paused) pause(*r.conditions.paused);
    for (const Supporting& one : r.supporting) all("support", one.department, one.contact);
    for (const ChatRef& chat : r.chats) all("chat", chat.app, chat.chat);
    all(r.raised_at, r.due, r.baseline, r.due_assumed, r.goal, r.background, r.situation, r.impact);
    for (const auto& [key, value] : r.fields) all("field", key, value);
    all(int{r.percent}, r.health, r.reason, r.measure, r.reported_at, r.question, r.delivery, r.delivered_by, r.closing,
        r.proposal, r.closed_at);
    for (const Clock& clock : r.clocks) {
      all("clock", clock.id, clock.kind, clock.start, clock.target, clock.stopped, clock.calendar, clock.task, clock.signer,
          clock.breached);
      for (const Pause& one : clock.pauses) pause(one);
      for (const RungState& rung : clock.rungs) all("rung", rung.reached, rung.count);
    }
    for (const Task& task : r.tasks)
      all("task", task.no, task.content, task.owner, task.department, task.created, task.due, task.baseline, task.standard,
          task.after, task.state, int{task.percent}, task.health, task.reason, task.measure, task.reported_at);
    if (r.extension)
      all("extension", r.extension->task, r.extension->from, r.extension->to, r.extension->reason, r.extension->by,
          r.extension->asked);
    if (r.sign_off) {
      all("sign_off", r.sign_off->by, r.sign_off->asked, r.sign_off->hash);
      for (const Signature& one : r.sign_off->signatures)
        all("signature", one.signer, one.department, one.state, one.by, one.at, one.hash, one.reason);
    }
    if (r.dispute) {
      const Dispute& d = *r.dispute;
      all("dispute", d.by, d.since, d.submitted, d.ruling, d.ruled_by, d.over);
      for (const Position& one : {d.requester, d.owner}) all("position", one.text, one.by, one.at);
      for (const PersonId& judge : d.judges) all("judge", judge);
    }
    for (const PersonId& follower : r.followers) all("follower", follower);
    all(r.nudged_at);
    if (r.last_step) all("step", r.last_step->by, r.last_step->at, r.last_step->verb, r.last_step->first_seq);
    const Counters& n = r.counters;
    all(n.clocks, n.tasks, n.notes, n.rejects, n.nudges, n.escalations, n.reopened, r.rules_version, r.seq, r.version);
    return out_.str();
  }

 private:
  void pause(const Pause& pause) { all("pause", pause.from, pause.until, pause.ended, pause.reason); }
  template <class... T>
  void all(const T&... values) {
    (put(values), ...);
    out_ << '\n';
  }
  void put(TimePoint at) { out_ << at.time_since_epoch().count() << '|'; }
  void put(const std::optional<TimePoint>& at) {
    if (at)
      put(*at);
    else
      out_ << "-|";
  }
  template <class T>
  void put(const T& value) {
    if constexpr (std::is_enum_v<T>)
      out_ << static_cast<int>(value) << '|';
    else if constexpr (requires { value.value; })
      out_ << value.value << '|';
    else
      out_ << value << '|';
  }

  std::ostringstream out_;
};

}  // namespace

Rules sample_rules() {
  Rules rules;
  rules.company = "示例公司";
  rules.organisation = organisation();
  rules.facts = std::make_shared<const DirectoryFacts>();
  for (const char* id : {"natural", "workday", "cn-24x7", "cn-night"})
    rules.calendars.emplace(CalendarId(id), shipped_calendar(id));
  rules.calendars.emplace(CalendarId("office"), shipped_calendar("cn-office"));
  rules.company_calendar = CalendarId("office");
  for (Policy& policy : shipped_policies()) {
    policy.hash = PolicyHash(policy.type.value);
    rules.types.push_back(std::make_shared<const Policy>(std::move(policy)));
  }
  rules.default_type = TypeId("normal");
  return rules;
}

std::shared_ptr<const Policy> policy_named(const Rules& rules, const std::string& id) { return rules.type(TypeId(id)); }

std::string describe(const Request& request) { return Describer()(request); }

TimePoint World::at(const std::string& local) { return instant(local); }

World::World(std::string start, std::string type) : rules(sample_rules()), policy(policy_named(rules, type)), now(at(start)) {}

Raise World::raise_for_tech(std::string title) {
  Raise raise;
  raise.title = std::move(title);
  raise.lead = DepartmentId("tech");
  raise.chat = ChatRef{AppId("playground:main"), ChatId("g:market-tech")};
  return raise;
}

World& World::raised(Raise what, PersonId by) {
  const Context context{by, now, now, *policy, rules, RequestId(12)};
  const auto decision = decide(std::nullopt, what, context);
  if (!decision) throw std::runtime_error("not raised: " + decision.error().text.key);
  request_ = Request{};
  keep(*decision, by, now);
  return *this;
}

std::optional<Refusing> World::act(const PersonId& actor, const Command& command, std::optional<TimePoint> counts) {
  const Context context{actor, counts.value_or(now), now, *policy, rules, {}};
  const auto decision = decide(request_, command, context);
  if (!decision) {
    keep(Decision{{Refused{std::string(verb_name(command)), decision.error().text.key}}, {}, {}}, actor, now);
    return decision.error();
  }
  keep(*decision, actor, counts.value_or(now));
  return std::nullopt;
}

std::optional<Refusing> World::take_back(const char* actor) {
  TakeBack command;
  if (request().last_step) {
    std::vector<Stamped> before;
    for (const Stamped& entry : history_)
      if (entry.seq < request().last_step->first_seq) before.push_back(entry);
    if (auto state = fold(before)) command.before = std::make_shared<const Request>(std::move(*state));
  }
  return act(actor, command);
}

void World::keep(const Decision& decision, const PersonId& by, TimePoint counted) {
  for (const Event& event : decision.events) {
    history_.push_back({RequestId(12), request_->seq + 1, now, counted, by, event});
    request_ = apply(std::move(*request_), history_.back());
  }
  effects.insert(effects.end(), decision.effects.begin(), decision.effects.end());
  done = decision.done;
}

void World::wake() {
  ++wakes;
  keep(wake_request(request(), Context{{}, now, now, *policy, rules, {}}), {}, now);
}

World& World::until_instant(TimePoint end) {
  for (int steps = 0;; ++steps) {
    if (steps > 20000) throw std::runtime_error("the clock does not move on");
    const auto next = wakes_at();
    if (!next || *next > end) break;
    now = std::max(now, *next);
    wake();
  }
  now = end;
  return *this;
}

World& World::down_until(const std::string& when) {
  now = at(when);
  wake();
  return *this;
}

World& World::later(Duration by) { return until_instant(now + by); }

void World::leave(const char* who, const std::string& from, const std::string& until, const char* delegate) {
  DirectoryFacts facts = *rules.facts;
  facts.leaves.push_back({PersonId(who), at(from), at(until), PersonId(delegate)});
  rules.facts = std::make_shared<const DirectoryFacts>(std::move(facts));
}

std::vector<std::string> World::heard() {
  std::vector<std::string> all;
  for (const Effect& effect : effects) {
    const auto* notify = std::get_if<Notify>(&effect);
    if (notify == nullptr) continue;
    std::string line = notify->to.person ? notify->to.person->value : "group(";
    if (notify->to.chat) {
      for (const PersonId& mention : notify->mention) line += (line.ends_with('(') ? "" : ",") + mention.value;
      line += ")";
    }
    all.push_back(line + ":" + notify->notice.key + (notify->by == By::urgent ? "!" : ""));
  }
  effects.clear();
  return all;
}

std::vector<std::string> World::cards() {
  std::vector<std::string> all;
  for (const Effect& effect : effects)
    if (const auto* card = std::get_if<PostCard>(&effect))
      all.push_back(card->kind == CardKind::live ? "live" : "personal:" + (card->to.person ? card->to.person->value : "?"));
  effects.clear();
  return all;
}

}  // namespace xieban::test
