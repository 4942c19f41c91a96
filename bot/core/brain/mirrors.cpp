#include "bot/core/brain/mirrors.hpp"

#include <algorithm>
#include <utility>

#include "bot/base/text.hpp"
#include "bot/core/brain/change.hpp"
#include "bot/core/card/wording.hpp"

namespace xieban {
namespace {

/// What stands on the platform, as the store keeps it: "id open|done owner".
struct Mirror {
  std::string id;  // empty: nothing does
  bool done = false;
  PersonId owner;
};
constexpr std::string_view open_word = "open", done_word = "done";

Mirror mirror_of(const MirrorTask& effect, const Snapshot& snapshot) {
  const auto found = snapshot.settings.find(brain::mirror_setting(effect));
  if (found == snapshot.settings.end()) return {};
  const std::string& value = found->second;
  const auto first = value.find(' ');
  const auto second = first == std::string::npos ? first : value.find(' ', first + 1);
  if (second == std::string::npos) return {};
  return {value.substr(0, first), value.substr(first + 1, second - first - 1) == done_word, PersonId(value.substr(second + 1))};
}

Setting setting_of(const MirrorTask& effect, const Mirror& mirror) {
  const std::string word(mirror.done ? done_word : open_word);
  return {brain::mirror_setting(effect), mirror.id.empty() ? std::string() : mirror.id + " " + word + " " + mirror.owner.value};
}

bool to_do(const Request& request, const Task& task) { return !terminal(request.phase) && task.state == TaskState::open; }

std::string reference(const Request& request, TaskNo no) { return request.id.str() + "." + no.str(); }

/// Where it belongs, what is expected, how to report; above all of it, in one line, what became of it.
std::string about(const Request& request, TaskNo no, const Task* task, const PersonId& shown_to, const Rules& rules) {
  const Lang lang = rules.lang;
  std::string text;
  const auto line = [&](const std::string& one) { text += (text.empty() ? "" : "\n") + one; };
  if (task == nullptr) line(say(lang, "mirror.taken_back"));
  if (task != nullptr && task->owner != shown_to)
    line(say(lang, Phrase("mirror.handed_over", {{"person", wording::who(rules, task->owner)}})));
  if (terminal(request.phase)) line(say(lang, Phrase("mirror.closed", {{"state", wording::phase(lang, request.phase)}})));
  const bool secret = request.level == Level::secret;
  line(say(lang, Phrase("mirror.request", {{"title", secret ? number(request) : wording::title(request, lang)}})));
  if (task != nullptr && !secret && !task->standard.empty())
    line(say(lang, Phrase("mirror.standard", {{"standard", wording::flat(task->standard)}})));
  const std::string which = reference(request, no);
  line(say(lang, Phrase("mirror.how", {{"progress", wording::command(lang, Verb::progress, {}, which)},
                                       {"deliver", wording::command(lang, Verb::deliver, {}, which)}})));
  return text;
}

}  // namespace

Load load_mirror(const MirrorTask& effect) { return load_for(effect); }

ChangeSet mirror_set(const MirrorTask& effect, const Outgoing& sent, const std::string& made, const Snapshot& snapshot,
                     const Rules& rules, TimePoint now) {
  ChangeSet out;
  if (!sent.task) return out;
  const TaskCall& call = *sent.task;
  if (call.leaves) return mirror_gone(effect, sent, snapshot, rules, now);
  Mirror mirror = mirror_of(effect, snapshot);
  if (call.id.empty()) {
    if (made.empty() || call.people.empty()) return out;
    mirror = {made, false, call.people.front().person};
  } else if (mirror.id != call.id) {
    return out;
  }
  mirror.done = call.done_at.has_value();
  out.settings.push_back(setting_of(effect, mirror));
  return out;
}

ChangeSet mirror_gone(const MirrorTask& effect, const Outgoing& sent, const Snapshot& snapshot, const Rules& base,
                      TimePoint now) {
  ChangeSet out;
  if (!sent.task || mirror_of(effect, snapshot).id != sent.task->id) return out;
  out.settings.push_back(setting_of(effect, {}));
  if (!sent.task->leaves) return out;
  const brain::Newest newest(base, snapshot);
  const Request* request = brain::find_request(snapshot, effect.request);
  if (request == nullptr || find_task(*request, effect.task) == nullptr) return out;
  MirrorTask next = effect;
  next.makes = true;
  if (next.giver.empty()) next.giver = request->owner;
  brain::intend(out, {next}, request, {}, {}, newest.rules, now);
  return out;
}

namespace brain {

std::optional<MirrorWish> mirror_wish(const MirrorTask& effect, const Request& request, const Snapshot& snapshot,
                                      const Rules& rules, TimePoint now) {
  const Task* task = find_task(request, effect.task);
  const Mirror mirror = mirror_of(effect, snapshot);
  MirrorWish wish;
  wish.call.id = mirror.id;
  if (mirror.id.empty()) {
    if (!effect.makes || task == nullptr || !to_do(request, *task) || !can_see(request, task->owner, rules, now))
      return std::nullopt;
    wish.call.title = number(request) + "." + effect.task.str();
    if (request.level != Level::secret) wish.call.title += " " + wording::flat(task->content);
    wish.call.due = task->due;
    wish.people = {task->owner};
    if (effect.giver != task->owner && can_see(request, effect.giver, rules, now)) wish.people.push_back(effect.giver);
    wish.about = about(request, effect.task, task, task->owner, rules);
    return wish;
  }
  wish.call.leaves = task == nullptr || task->owner != mirror.owner;
  if (wish.call.leaves || !to_do(request, *task)) wish.call.done_at = now;
  wish.call.turns = wish.call.done_at.has_value() != mirror.done;
  if (!wish.call.leaves) wish.call.due = task->due;
  wish.about = about(request, effect.task, task, mirror.owner, rules);
  return wish;
}

}  // namespace brain
}  // namespace xieban
