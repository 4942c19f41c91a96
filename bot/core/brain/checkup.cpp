// /体检: what an administrator has to see to.

#include <algorithm>

#include "bot/base/text.hpp"
#include "bot/core/brain/answering.hpp"
#include "bot/core/brain/audience.hpp"
#include "bot/core/card/wording.hpp"

namespace xieban::brain {
namespace {

constexpr std::size_t most_names = 10;

class Report {
 public:
  explicit Report(const Answering& a) : a_(a), lang_(a.rules.lang) {}

  std::string text() {
    for (const Phrase& ailment : a_.in.ailments) add(ailment);
    if (a_.snapshot.checkup) of_store(*a_.snapshot.checkup);
    of_groups();
    of_units();
    of_people();
    return lines_;
  }

 private:
  void add(const Phrase& phrase) { lines_ += "\n• " + say(lang_, phrase); }

  void of_store(const CheckupFacts& facts) {
    for (const ChatFact& chat : facts.lost_chats) {
      if (is_private(chat.chat.chat)) {
        const Person* person = a_.people.who({chat.chat.app, UserId(chat.chat.chat.value.substr(2))});
        const std::string name = person ? person->name : chat.chat.chat.value.substr(2);
        add(Phrase("checkup.lost_person", {{"name", wording::flat(name)}, {"app", chat.chat.app.value}}));
        continue;
      }
      const std::string name = chat.name.empty() ? chat.chat.chat.value : chat.name;
      add(Phrase("checkup.lost_chat", {{"name", text::clip_width(wording::flat(name), 40)}, {"app", chat.chat.app.value}}));
    }
    count(facts.failed_messages, "checkup.failed_messages");
    count(facts.held_messages, "checkup.held_messages");
    count(facts.failed_events, "checkup.failed_events");
    count(facts.needs_care, "checkup.needs_care");
  }
  void count(std::size_t number, const char* key) {
    if (number > 0) add(Phrase(key, {{"count", std::to_string(number)}}));
  }

  /// Apps that make no groups, although a request wanted one.
  void of_groups() {
    for (const auto& [app, traits] : a_.rules.traits) {
      const auto why = a_.snapshot.settings.find(group_setting(app));
      if (why == a_.snapshot.settings.end()) continue;
      if (why->second != no_group_skill) {
        add(Phrase("checkup.group_refused", {{"app", app.value}, {"why", wording::flat(why->second)}}));
      } else if (traits.groups() == nullptr) {
        add(Phrase("checkup.no_groups", {{"app", app.value}}));
      }
    }
  }

  void of_units() {
    if (!a_.snapshot.directory) return;
    for (const OrgUnit& unit : a_.snapshot.directory->units) {
      if (unit.gone) add(Phrase("checkup.lost_department", {{"name", wording::flat(unit.name)}, {"app", unit.app.value}}));
    }
  }

  void of_people() {
    std::vector<std::string> unreached;
    for (const Person& person : a_.people.people()) {
      if (person.active && a_.people.identities(person.id).empty()) unreached.push_back(a_.people.name(person.id));
    }
    if (unreached.empty()) return;
    std::string names;
    for (std::size_t i = 0; i < std::min(unreached.size(), most_names); ++i)
      names += (i == 0 ? "" : lang_ == Lang::zh ? "、" : ", ") + unreached[i];
    add(Phrase("checkup.unreached", {{"names", names}, {"count", std::to_string(unreached.size())}}));
  }

  const Answering& a_;
  Lang lang_;
  std::string lines_;
};

}  // namespace

Told checkup(Answering& a) {
  Told told;
  if (!a.people.is_admin(a.me()) && !a.people.is_pmo(a.me(), a.now)) {
    told.outcome = Done::refused;
    told.text = Phrase("access.admin_only");
    return told;
  }
  const std::string lines = Report(a).text();
  a.say_aside(lines.empty() ? Phrase("checkup.well") : Phrase("checkup.report", {{"lines", lines}}));
  if (a.snapshot.checkup && a.snapshot.checkup->needs_care > 0) {
    PostList list;
    list.what = QueryKind::care;
    list.viewer = a.me();
    list.to = a.aside();
    a.post(std::move(list));
  }
  told.shown = true;
  return told;
}

}  // namespace xieban::brain
