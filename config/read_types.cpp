// [[type]] and [[type.clock]]: a shipped id changes what it names, a new id is a type of its own.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>

#include "bot/core/clock/policy.hpp"
#include "config/draft.hpp"
#include "config/type_names.hpp"

namespace xieban::config {
namespace {

/// These have a due time of their own: a task's, a milestone's date, the next report.
bool own_due_time(ClockKind kind) {
  return kind == ClockKind::task || kind == ClockKind::milestone || kind == ClockKind::progress;
}

std::optional<std::variant<Share, Offset>> parse_at(std::string_view written) {
  if (written.ends_with('%')) {
    int percent = 0;
    const char* end = written.data() + written.size() - 1;
    const auto [stop, fault] = std::from_chars(written.data(), end, percent);
    if (fault != std::errc() || stop != end || percent < 1 || percent > 200) return std::nullopt;
    return Share{static_cast<std::uint8_t>(percent)};
  }
  if (!written.starts_with('+') && !written.starts_with('-')) return std::nullopt;
  const auto by = parse_short_duration(written);
  if (!by || by->count() == 0 || std::chrono::abs(*by) > std::chrono::days{366}) return std::nullopt;
  return Offset{.by = *by};
}

std::vector<Recipient> read_recipients(Section& rung, Reading& reading) {
  std::vector<Recipient> out;
  if (!rung.has("to") && !rung.book().lost_keys.contains("to"))
    rung.error("to", "missing; write whom it reaches, e.g. to = [\"owner\", \"head\"]");
  const auto words = rung.distinct_words("to");
  if (const Node* list = rung.take("to"); list != nullptr && list->kind == Node::Kind::list && list->items.empty())
    rung.error("to", "nobody is reached; write e.g. to = [\"head\"]");
  for (const auto& word : words) {
    if (word.text.starts_with("person:")) {
      const std::string id = word.text.substr(7);
      if (id.empty()) reading.book.error(word.place.at, word.place.key, "person: needs an id; write \"person:zhao.tech\"");
      reading.draft.refer(Refers::person, id, word.place);
      out.emplace_back(PersonId(id));
    } else if (const Role* role = look_up(role_names, word.text)) {
      out.emplace_back(*role);
    } else {
      reading.book.error(word.place.at, word.place.key,
                         fmt::format("\"{}\" is not a role{}; write person:ID or one of {}", word.text,
                                     did_you_mean(word.text, names_of(role_names)), listed(names_of(role_names))));
    }
  }
  return out;
}

Rung read_rung(Section& section, Reading& reading) {
  Rung rung;
  const std::string at =
      section.required("at", "when it comes: \"50%\", \"100%\", \"+4h\" after or \"-24h\" before the target");
  if (const auto parsed = parse_at(at)) {
    rung.at = *parsed;
  } else if (!at.empty()) {
    section.error(
        "at", fmt::format("\"{}\" is not a moment; write \"50%\" (1 to 200), \"+4h\" after or \"-24h\" before the target", at));
  }
  rung.to = read_recipients(section, reading);
  const std::string by = section.choice("by", "private", {"group", "private", "urgent"});
  rung.by = by == "group" ? By::in_group : by == "urgent" ? By::urgent : By::in_private;
  if (const auto every = section.duration("every", std::chrono::minutes{1}, std::chrono::days{30}))
    rung.repeat = Repeat{.every = *every};
  const auto times = static_cast<std::uint8_t>(section.number("times", 8, 1, 100));
  if (rung.repeat) {
    rung.repeat->times = times;
  } else if (section.has("times") && !section.has("every")) {
    section.error("times", "it says how often `every` repeats; write every = \"30m\" too, or leave it out");
  }
  section.done();
  return rung;
}

void read_target(Section& section, ClockRule& rule) {
  const Node* node = section.take("target");
  if (node == nullptr) return;
  if (own_due_time(rule.kind)) {
    section.error("target", "it has its own due time; leave target out");
    return;
  }
  const auto written = section.text("target");
  if (node->kind != Node::Kind::text) return;
  const auto target = parse_short_duration(written);
  if (!target) {
    section.error("target", fmt::format("\"{}\" is not a duration; write \"90s\", \"30m\", \"24h\" or \"3d\"", written));
  } else if (target->count() <= 0) {
    section.error("target", fmt::format("\"{}\" leaves no time; write a target above zero, e.g. \"24h\"", written));
  } else if (*target > std::chrono::days{366}) {
    section.error("target", fmt::format("\"{}\" is over a year; write at most \"366d\"", written));
  } else {
    rule.target = *target;
  }
}

void read_ladder(Section& section, ClockRule& rule, Reading& reading) {
  if (!section.has("ladder")) {
    section.take("ladder");
    return;
  }
  rule.ladder.clear();
  auto rungs = section.tables("ladder");
  if (const Node* list = section.take("ladder"); list->kind == Node::Kind::list && list->items.empty())
    section.error("ladder", "empty: nobody would be reminded and nothing would escalate; write at least one rung");
  for (auto& rung_section : rungs) {
    rule.ladder.push_back(read_rung(rung_section, reading));
    const auto* offset = std::get_if<Offset>(&rule.ladder.back().at);
    if (offset != nullptr && rule.target && -offset->by >= *rule.target)
      rung_section.error("at",
                         fmt::format("{} before a target of {} is not after the start; write less, or a share such as \"50%\"",
                                     short_duration(-offset->by), short_duration(*rule.target)));
  }
}

/// A ladder that only ever tells the side that does not answer is no escalation.
bool climbs(const ClockRule& rule) {
  return std::ranges::any_of(rule.ladder, [](const Rung& rung) {
    return std::ranges::any_of(rung.to, [](const Recipient& to) {
      const auto* role = std::get_if<Role>(&to);
      return role == nullptr ||
             (*role != Role::owner && *role != Role::requester && *role != Role::liaison && *role != Role::participants);
    });
  });
}

void read_clock(Section& section, Policy& policy, std::set<std::string, std::less<>>& taken, Reading& reading) {
  const std::string id = section.required("id", "id = \"first_response\"");
  const ClockKind* kind = look_up(clock_names, id);
  if (!id.empty() && kind == nullptr)
    section.error("id", fmt::format("\"{}\" is not a clock{}; write one of {}", id, did_you_mean(id, names_of(clock_names)),
                                    listed(names_of(clock_names))));
  if (!id.empty() && !taken.insert(id).second)
    section.error("id", fmt::format("the clock \"{}\" stands twice in this type", id));

  auto rule = std::ranges::find(policy.clocks, kind != nullptr ? *kind : ClockKind::answer, &ClockRule::kind);
  const bool known = kind != nullptr && rule != policy.clocks.end();
  ClockRule changed =
      known ? *rule : ClockRule{.kind = kind != nullptr ? *kind : ClockKind::first_response, .calendar = CalendarId("workday")};
  read_target(section, changed);
  const std::string calendar = section.text("calendar");
  if (!calendar.empty()) changed.calendar = CalendarId(calendar);
  reading.draft.refer(Refers::calendar, calendar, section.place("calendar"));
  read_ladder(section, changed, reading);
  if (!known && kind != nullptr) {
    if (!section.has("target") && !own_due_time(*kind) && !section.book().lost_keys.contains("target"))
      section.error("target", "missing; write how long it may take, e.g. target = \"24h\"");
    if (!section.has("ladder") && !section.book().lost_keys.contains("ladder"))
      section.error("ladder", "missing; write at least one rung, or nobody would be reminded");
  }
  if (changed.kind == ClockKind::first_response && section.has("ladder") && !changed.ladder.empty() && !climbs(changed))
    section.warning("ladder",
                    "no rung goes above the owner: silence would never reach a head; add e.g. { at = \"100%\", to = "
                    "[\"head\"], by = \"private\" }");
  section.done();
  if (kind == nullptr) return;
  if (known) {
    *rule = std::move(changed);
  } else {
    policy.clocks.push_back(std::move(changed));
  }
}

void read_gates(Section& section, Policy& policy, Reading& reading) {
  const auto words = section.words("gates");
  const Node* list = section.take("gates");
  if (list == nullptr || list->kind != Node::Kind::list) return;
  std::vector<Phase> gates;
  bool good = true;
  const auto wrong = [&](const Place& place, std::string text) {
    reading.book.error(place.at, place.key, std::move(text));
    good = false;
  };
  for (const auto& word : words) {
    const Phase* gate = look_up(gate_names, word.text);
    if (gate == nullptr) {
      wrong(word.place, fmt::format("\"{}\" is not a gate{}; write some of {}", word.text,
                                    did_you_mean(word.text, names_of(gate_names)), listed(names_of(gate_names))));
    } else if (std::ranges::find(gates, *gate) != gates.end()) {
      wrong(word.place, fmt::format("\"{}\" stands twice; leave one out", word.text));
    } else if (!gates.empty() && *gate < gates.back()) {
      wrong(word.place, fmt::format("\"{}\" stands too late; the order is {}", word.text, listed(names_of(gate_names))));
    } else {
      gates.push_back(*gate);
    }
  }
  if (!good || words.size() != list->items.size()) return;
  if (std::ranges::find(gates, Phase::run) == gates.end()) {
    section.error("gates", "\"run\" is missing; somebody must carry the request out, e.g. [\"respond\", \"run\", \"accept\"]");
    return;
  }
  policy.gates = std::move(gates);
}

void read_fields(Section& section, Policy& policy) {
  if (!section.has("fields")) {
    section.take("fields");
    return;
  }
  policy.fields.clear();
  std::set<std::string, std::less<>> taken;
  for (auto& entry : section.tables("fields")) {
    FieldRule field;
    field.id = read_id(entry, taken, "id = \"background\"");
    field.name = entry.required("name", "name = \"背景\"");
    const std::string kind =
        entry.choice("kind", "text", {"text", "long", "number", "choice", "person", "department", "datetime"});
    constexpr NameTable<FieldKind, 7> kKinds{{{"text", FieldKind::text},
                                              {"long", FieldKind::long_text},
                                              {"number", FieldKind::number},
                                              {"choice", FieldKind::choice},
                                              {"person", FieldKind::person},
                                              {"department", FieldKind::department},
                                              {"datetime", FieldKind::datetime}}};
    field.kind = *look_up(kKinds, kind);
    field.required = entry.flag("required", false);
    for (auto& word : entry.distinct_words("choices")) field.choices.push_back(std::move(word.text));
    if (field.kind == FieldKind::choice && field.choices.empty() && !entry.has("choices"))
      entry.error("choices", "missing; a choice needs its answers, e.g. choices = [\"高\", \"中\", \"低\"]");
    if (field.kind != FieldKind::choice && entry.has("choices"))
      entry.error("choices", "only kind = \"choice\" has answers to choose from; leave it out");
    entry.done();
    policy.fields.push_back(std::move(field));
  }
}

/// The clocks that the file leaves open come from the shipped type of the same urgency: no gate is without its clock.
void complete(Policy& policy, const Policy& model) {
  for (const auto& rule : model.clocks)
    if (std::ranges::find(policy.clocks, rule.kind, &ClockRule::kind) == policy.clocks.end()) policy.clocks.push_back(rule);
  if (policy.gates.empty()) policy.gates = model.gates;
}

void read_type(Section& section, const std::vector<Policy>& shipped, std::set<std::string, std::less<>>& taken,
               Reading& reading) {
  Draft& draft = reading.draft;
  const std::string id = read_id(section, taken, "id = \"normal\" to change a shipped type, or an id of your own");
  const auto by_id = [&](std::string_view wanted) {
    return std::ranges::find_if(shipped, [&](const Policy& policy) { return policy.type.value == wanted; });
  };
  const auto model = by_id(id);
  const bool fresh = model == shipped.end();
  Policy policy;
  if (fresh) {
    policy.type = TypeId(id);
    policy.reopen_within = std::chrono::days{14};
    policy.name = section.required("name", "name = \"普通\"");
  } else {
    policy = *model;
    if (section.has("name")) policy.name = section.required("name", "name = \"普通\", or leave it out to keep the shipped one");
    section.take("name");
  }
  if (section.has("aliases")) {
    policy.aliases.clear();
    for (auto& word : section.distinct_words("aliases")) policy.aliases.push_back(std::move(word.text));
  }
  section.take("aliases");
  read_gates(section, policy, reading);
  policy.urgent = section.flag("urgent", policy.urgent);
  policy.own_group = section.flag("own_group", policy.own_group);
  constexpr NameTable<GroupAfter, 2> kAfter{{{"keep", GroupAfter::keep}, {"dissolve", GroupAfter::dissolve}}};
  const std::string after = section.choice("own_group_after", "", {"keep", "dissolve"});
  if (const GroupAfter* found = look_up(kAfter, after)) policy.own_group_after = *found;
  policy.accept_by_silence = section.flag("accept_by_silence", policy.accept_by_silence);
  if (const auto window = section.duration("reopen_within", Duration::zero(), std::chrono::days{3660}))
    policy.reopen_within = *window;
  const std::string progress = section.choice("progress", "", {"off", "daily", "weekly", "biweekly"});
  constexpr NameTable<Cadence, 4> kCadences{
      {{"off", Cadence::off}, {"daily", Cadence::daily}, {"weekly", Cadence::weekly}, {"biweekly", Cadence::biweekly}}};
  if (const Cadence* cadence = look_up(kCadences, progress)) policy.progress = *cadence;
  if (const auto minute = section.minute_of_day("progress_at")) policy.progress_at = *minute;
  read_fields(section, policy);
  std::set<std::string, std::less<>> clocks;
  for (auto& clock : section.tables("clock")) read_clock(clock, policy, clocks, reading);
  section.done();
  if (fresh) {
    if (const auto base = by_id(policy.urgent ? "urgent" : "normal"); base != shipped.end()) complete(policy, *base);
    draft.types.push_back(std::move(policy));
    draft.type_places.push_back(section.place("id"));
  } else {
    const auto index = static_cast<std::size_t>(std::distance(shipped.begin(), model));
    draft.types[index] = std::move(policy);
    draft.type_places[index] = section.place("id");
  }
}

}  // namespace

void read_types(Section& root, Reading& reading) {
  const std::vector<Policy> shipped = shipped_policies();
  reading.draft.types = shipped;
  reading.draft.type_places.assign(shipped.size(), Place{});
  std::set<std::string, std::less<>> taken;
  for (auto& section : root.tables("type")) read_type(section, shipped, taken, reading);
}

}  // namespace xieban::config
