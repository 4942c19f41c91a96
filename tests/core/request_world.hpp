#pragma once
// One request among the people of a small company, driven as the brain drives it: decide, stamp, apply; wake when due.

#include <optional>
#include <string>
#include <vector>

#include "bot/core/request/request.hpp"
#include "bot/core/rules.hpp"

namespace xieban::test {

inline PersonId person(const char* id) { return PersonId(id); }

/// tech (head wang, liaisons zhao and sun, member qian), market (head han, member lei), finance (head cai, liaison lin),
/// pmo (head gao); vice president li over tech and market, chen leads the company; tang has left; market's vice
/// president is the same li. Types are the shipped ones, their hash is their id.
Rules sample_rules();
std::shared_ptr<const Policy> policy_named(const Rules&, const std::string& id);

/// Everything that a request is, as text: equal texts, equal requests.
std::string describe(const Request&);

class World {
 public:
  explicit World(std::string now = "2026-11-20T10:00:00", std::string type = "normal");

  /// Raised by lei of market for tech, in a group.
  static Raise raise_for_tech(std::string title = "接口对接");
  World& raised(Raise what = raise_for_tech(), PersonId by = PersonId("lei"));

  /// nullopt: done. The refusal is kept in the history, as the brain does.
  std::optional<Refusing> act(const PersonId& actor, const Command&, std::optional<TimePoint> counts = std::nullopt);
  std::optional<Refusing> act(const char* actor, const Command& command) { return act(PersonId(actor), command); }
  std::optional<Refusing> take_back(const char* actor);
  /// Goes to that instant, waking whenever something is due on the way.
  World& until(const std::string& when) { return until_instant(at(when)); }
  World& until_instant(TimePoint);
  /// The process was down until then: one wake, late.
  World& down_until(const std::string& when);
  World& later(Duration);
  /// A leave of somebody, as the store would hand it over.
  void leave(const char* who, const std::string& from, const std::string& until, const char* delegate);

  [[nodiscard]] static TimePoint at(const std::string& local);
  [[nodiscard]] const Request& request() const { return *request_; }
  [[nodiscard]] const std::vector<Stamped>& history() const { return history_; }
  [[nodiscard]] std::optional<TimePoint> wakes_at() const { return wake_at(request(), *policy, rules); }
  [[nodiscard]] std::optional<NextStep> next() const { return next_step(request(), *policy, rules, now); }
  /// Who was notified since the last call, as "person:key"; group messages as "group(person,…):key", urgent with "!".
  std::vector<std::string> heard();
  /// Cards posted since the last call: "live", "personal:zhao".
  std::vector<std::string> cards();

  template <class E>
  [[nodiscard]] std::vector<E> events() const {
    std::vector<E> found;
    for (const Stamped& entry : history_)
      if (const E* event = std::get_if<E>(&entry.event)) found.push_back(*event);
    return found;
  }

  Rules rules;
  std::shared_ptr<const Policy> policy;
  TimePoint now;
  Phrase done;                  // what the actor of the last command was told
  std::vector<Effect> effects;  // since heard() or cards() last looked
  int wakes = 0;

 private:
  void keep(const Decision&, const PersonId& by, TimePoint counted);
  void wake();

  std::optional<Request> request_;
  std::vector<Stamped> history_;
};

}  // namespace xieban::test
