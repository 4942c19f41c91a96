// Details, lists and help.

#include "bot/core/brain/pages.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <initializer_list>

#include "bot/base/text.hpp"
#include "bot/core/brain/audience.hpp"
#include "bot/core/brain/charts.hpp"
#include "bot/core/card/wording.hpp"

namespace xieban::brain {
namespace {

constexpr std::size_t rows_on_page = 10;
constexpr std::size_t entries_on_page = 12;
constexpr std::size_t widest_title = 40;
constexpr std::size_t most_rows = 50;  // a query gives no more: with so many there may be others

struct Page {
  std::size_t number = 1, count = 1, first = 0, last = 0;
};
std::vector<Page> pages_of(std::size_t items, std::size_t per_page) {
  const std::size_t count = std::max<std::size_t>(1, (items + per_page - 1) / per_page);
  std::vector<Page> pages;
  for (std::size_t i = 0; i < count; ++i) pages.push_back({i + 1, count, i * per_page, std::min(items, (i + 1) * per_page)});
  return pages;
}
Page all_on_one(std::size_t items) { return {1, 1, 0, items}; }

Reading read_at(int page, std::function<std::string(std::size_t)> turn) {
  Reading reading;
  reading.page = page < 1 ? 1 : static_cast<std::size_t>(page);
  reading.turn = std::move(turn);
  return reading;
}

/// Each entry told with the request as it was then, so that clocks that have gone since still have their names.
std::vector<std::string> told(const std::vector<Stamped>& history, const Request& request, const Policy& policy,
                              const Rules& rules, TimePoint now) {
  std::vector<std::string> lines;
  Request state;
  state.id = request.id;
  for (const Stamped& entry : history) {
    if (entry.request != request.id) continue;
    state = apply(std::move(state), entry);
    if (std::string line = history_line(entry, state, rules, now, &policy); !line.empty()) lines.push_back(std::move(line));
  }
  return lines;
}

/// The command for another page. Words that are looked for may be numbers themselves.
std::string turned(const std::string& command, bool search, std::size_t page, Lang lang) {
  const std::string number = std::to_string(page);
  return command + " " + (search ? say(lang, Phrase("list.search_page", {{"page", number}})) : number);
}

/// Buttons that turn the page, and where one is.
void close_page(Card& card, const Page& page, const Rules& rules, const std::string& command, bool search = false) {
  const auto add = [&](std::size_t number, std::string_view label) {
    Button button;
    button.action = "page:" + std::to_string(number);
    button.label = say(rules.lang, label);
    if (!command.empty()) button.command = turned(command, search, number, rules.lang);
    card.buttons.push_back(std::move(button));
  };
  if (page.number > 1) add(page.number - 1, "button.previous");
  if (page.number < page.count) add(page.number + 1, "button.next");
  if (page.count > 1)
    card.footer =
        say(rules.lang, Phrase("page.footer", {{"page", std::to_string(page.number)}, {"count", std::to_string(page.count)}}));
}

std::string list_command(const PostList& list, Lang lang) {
  switch (list.what) {
    case QueryKind::mine:
      return wording::command(lang, Verb::mine);
    case QueryKind::department:
      return wording::command(lang, Verb::department);
    case QueryKind::board:
      return wording::command(lang, Verb::board);
    case QueryKind::search:
      return wording::command(lang, Verb::search) + " " + wording::flat(list.text);
    default:
      return {};
  }
}

std::string list_title(const PostList& list, const Rules& rules) {
  const Lang lang = rules.lang;
  switch (list.what) {
    case QueryKind::mine:
      return say(lang, Phrase("list.mine", {{"who", wording::who(rules, list.viewer)}}));
    case QueryKind::department:
      return say(lang, Phrase("list.department", {{"department", wording::department(rules, list.department)}}));
    case QueryKind::board:
      return say(lang, Phrase("list.board", {{"company", rules.company}}));
    case QueryKind::search:
      return say(lang, Phrase("list.search", {{"text", list.text}}));
    case QueryKind::care:
      return say(lang, "list.care");
  }
  return {};
}

/// Whose the next step is.
const PersonId& acting(const Row& row) { return row.at_requester ? row.requester : row.owner; }

std::string row_line(const Row& row, bool visible, bool mine, const Rules& rules, TimePoint now) {
  const Lang lang = rules.lang;
  if (!visible) return say(lang, Phrase("list.hidden", {{"number", number(row.request, row.year)}}));
  std::string marks;
  const auto mark = [&](std::string_view key) { marks += say(lang, key); };
  if (row.urgent) mark("mark.urgent");
  if (row.overdue(now)) mark("mark.late");
  if (row.needs_care) mark("mark.care");
  std::string line = say(lang, Phrase("list.row", {{"marks", marks},
                                                   {"number", number(row.request, row.year)},
                                                   {"title", text::clip_width(wording::flat(row.title), widest_title)},
                                                   {"phase", wording::phase(lang, row.phase)},
                                                   {"owner", wording::who(rules, acting(row))}}));
  if (row.due) line += say(lang, Phrase("list.due", {{"time", wording::when(rules, *row.due, now)}}));
  if (const std::string key = "stake." + row.role; mine && has_phrase(key)) line += " · " + say(lang, key);
  return line;
}

Table empty_table(bool mine, Lang lang) {
  Table table;
  for (const char* column : {"number", "title", "state", "owner", "due"})
    table.columns.push_back(say(lang, "list.column." + std::string(column)));
  if (mine) table.columns.push_back(say(lang, "list.column.role"));
  table.state = 2;
  return table;
}

TableRow table_row(const Row& row, bool visible, bool mine, const Rules& rules, TimePoint now) {
  const Lang lang = rules.lang;
  TableRow made;
  made.words = row_line(row, visible, mine, rules, now);
  made.cells = {number(row.request, row.year)};
  if (!visible) {
    made.cells.push_back(say(lang, "list.restricted"));
    made.cells.resize(mine ? 6 : 5);
    return made;
  }
  made.late = row.overdue(now);
  std::string title = text::clip_width(wording::flat(row.title), widest_title);
  if (row.needs_care) title.insert(0, say(lang, "mark.care"));
  if (row.urgent) title.insert(0, say(lang, "mark.urgent"));
  made.cells.push_back(std::move(title));
  const std::string phase = wording::phase(lang, row.phase);
  made.cells.push_back(made.late ? say(lang, Phrase("list.late_state", {{"phase", phase}})) : phase);
  made.cells.push_back(wording::who(rules, acting(row)));
  made.cells.push_back(row.due ? wording::when(rules, *row.due, now) : std::string());
  if (!mine) return made;
  const std::string role = "stake." + row.role;
  made.cells.push_back(has_phrase(role) ? say(lang, role) : std::string());
  return made;
}

Button row_button(const Row& row, bool visible, Lang lang) {
  Button button;
  button.action = "show:" + row.request.str();
  button.label = row.request.str();
  if (visible)
    button.label = say(lang, Phrase("list.button", {{"number", button.label},
                                                    {"title", text::clip_width(wording::flat(row.title), widest_title / 2)}}));
  button.command = wording::command(lang, Verb::show, row.request);
  return button;
}

/// Late first, then by what is due next.
Rows in_order(Rows rows, TimePoint now) {
  const auto rank = [&](const Row& row) { return std::pair(!row.overdue(now), row.due.value_or(TimePoint::max())); };
  std::ranges::stable_sort(rows, {}, rank);
  // One line per request, whatever roles the person has in it.
  Rows out;
  for (Row& row : rows)
    if (std::ranges::find(out, row.request, &Row::request) == out.end()) out.push_back(std::move(row));
  return out;
}

struct HelpGroup {
  std::string_view title;
  std::vector<Verb> verbs;
};

bool leads(const PersonId& viewer, const Rules& rules, TimePoint now) {
  const Directory people = rules.people();
  if (people.is_pmo(viewer, now) || people.is_admin(viewer)) return true;
  return std::ranges::any_of(people.departments(), [&](const Department& department) {
    return people.is_head_of(viewer, department.id, now) ||
           std::ranges::find(department.liaisons, viewer) != department.liaisons.end();
  });
}

std::vector<HelpGroup> help_groups(const PersonId& viewer, const Rules& rules, TimePoint now) {
  std::vector<HelpGroup> groups{
      {"help.group.start", {Verb::raise, Verb::urgent}},
      {"help.group.respond", {Verb::accept, Verb::decline, Verb::ask}},
      {"help.group.work", {Verb::progress, Verb::task, Verb::extend, Verb::note, Verb::deliver, Verb::verify}},
      {"help.group.agree", {Verb::confirm, Verb::object, Verb::sign, Verb::dispute, Verb::rule}},
      {"help.group.push", {Verb::nudge, Verb::escalate, Verb::follow}},
      {"help.group.change", {Verb::pause, Verb::resume, Verb::cancel, Verb::reopen, Verb::undo}},
      {"help.group.read", {Verb::show, Verb::mine, Verb::department, Verb::board, Verb::search, Verb::why}},
      {"help.group.self", {Verb::leave, Verb::link}},
  };
  if (leads(viewer, rules, now))
    groups.insert(groups.begin() + 2, {"help.group.lead", {Verb::assign, Verb::handover, Verb::support}});
  if (rules.people().is_admin(viewer)) groups.push_back({"help.group.admin", {Verb::health, Verb::unlink, Verb::apply}});
  return groups;
}

std::optional<Verb> verb_named(std::string_view topic) {
  std::string word = text::fold(topic);
  if (word.starts_with("/")) word.erase(0, 1);
  const auto found = std::ranges::find_if(verbs(), [&](const VerbInfo& verb) {
    return word == verb.zh || word == verb.en || std::ranges::find(verb.also, std::string_view(word)) != verb.also.end();
  });
  return found == verbs().end() ? std::nullopt : std::optional(found->verb);
}

Card help_card(const PostHelp& help, const Rules& rules, TimePoint now) {
  const Lang lang = rules.lang;
  Card card;
  card.tone = Tone::info;
  if (const auto verb = verb_named(help.topic)) {
    const std::string action(action_of(*verb));
    card.title = say(lang, Phrase("help.topic", {{"command", wording::command(lang, *verb)}}));
    card.body = say(lang, "help.usage." + action) + "\n" + say(lang, "help." + action);
    return card;
  }
  card.title = say(lang, "help.title");
  card.body = say(lang, "help.intro");
  for (const HelpGroup& group : help_groups(help.viewer, rules, now)) {
    std::string usages;
    for (const Verb verb : group.verbs)
      (usages += usages.empty() ? "" : "\n") += say(lang, "help.usage." + std::string(action_of(verb)));
    card.fields.push_back({say(lang, group.title), std::move(usages)});
  }
  card.footer = say(lang, "help.footer");
  return card;
}

}  // namespace

Reading detail_pages(const Request& request, const Policy& policy, const std::vector<Stamped>& history,
                     const PostDetail& detail, const Rules& rules, TimePoint now) {
  const Lang lang = rules.lang;
  const std::vector<std::string> lines = told(history, request, policy, rules, now);
  const std::string command = wording::command(lang, Verb::show, request.id);
  Viewer viewer;
  if (!detail.viewer.empty()) viewer.person = detail.viewer;
  Card first = card_for(request, policy, viewer, rules, now);
  std::erase_if(first.buttons, [](const Button& button) { return button.action == "show"; });
  first.chart = burn_up(history, request, rules, now);
  const auto tell = [&](Card card, const Page& page) {
    if (!card.body.empty()) card.body += "\n\n";
    card.body += say(lang, Phrase("detail.history", {{"count", std::to_string(lines.size())}}));
    for (std::size_t i = page.first; i < page.last; ++i) card.body += "\n" + lines[i];
    close_page(card, page, rules, command);
    return card;
  };
  Card later;
  later.title = first.title;
  later.tone = first.tone;
  Reading reading = read_at(detail.page, [command](std::size_t page) { return command + " " + std::to_string(page); });
  for (const Page& page : pages_of(lines.size(), entries_on_page))
    reading.pages.push_back(tell(page.number == 1 ? first : later, page));
  reading.whole = tell(std::move(first), all_on_one(lines.size()));
  return reading;
}

Reading list_pages(const PostList& list, const Rows& found, const std::vector<Promise>& promises, const PersonId& viewer,
                   bool outside, const Rules& rules, TimePoint now) {
  const Lang lang = rules.lang;
  const Rows rows = in_order(found, now);
  const bool mine = list.what == QueryKind::mine;
  const auto late = std::ranges::count_if(rows, [&](const Row& row) { return row.overdue(now); });
  const std::string command = list_command(list, lang);
  const auto draw = [&](const Page& page) {
    Card card;
    card.title = list_title(list, rules);
    card.tone = late > 0 ? Tone::warning : Tone::info;
    card.body =
        rows.empty()
            ? say(lang, list.what == QueryKind::search ? "list.nothing_found" : "list.empty")
            : say(lang, Phrase("list.summary", {{"count", std::to_string(rows.size())}, {"late", std::to_string(late)}}));
    if (!rows.empty()) card.table = empty_table(mine, lang);
    if (list.what == QueryKind::board && page.number == 1 && !outside && found.size() < most_rows)
      card.chart = open_by_department(rows, viewer, rules, now);
    // A department's own figures: for its people, not for a group of several departments.
    if (list.what == QueryKind::department && page.number == 1 && !viewer.empty()) card.chart = on_time(promises, rules, now);
    for (std::size_t i = page.first; i < page.last; ++i) {
      const bool visible = !outside && row_visible(rows[i], viewer, rules, now);
      card.table->rows.push_back(table_row(rows[i], visible, mine, rules, now));
      card.buttons.push_back(row_button(rows[i], visible, lang));
    }
    close_page(card, page, rules, command, list.what == QueryKind::search);
    return card;
  };
  Reading reading = read_at(list.page, {});
  if (!command.empty())
    reading.turn = [command, search = list.what == QueryKind::search, lang](std::size_t page) {
      return turned(command, search, page, lang);
    };
  for (const Page& page : pages_of(rows.size(), rows_on_page)) reading.pages.push_back(draw(page));
  reading.whole = draw(all_on_one(rows.size()));
  return reading;
}

Reading help_pages(const PostHelp& help, const Rules& rules, TimePoint now) {
  const Lang lang = rules.lang;
  const std::string command = wording::command(lang, Verb::help);
  int page = 1;
  std::from_chars(help.topic.data(), help.topic.data() + help.topic.size(), page);
  Reading reading = read_at(page, [command](std::size_t wanted) { return command + " " + std::to_string(wanted); });
  reading.whole = help_card(help, rules, now);
  reading.pages = {reading.whole};
  return reading;
}

Reading why_pages(const Request& request, const Policy& policy, const std::vector<Stamped>& history, const Rules& rules,
                  TimePoint now) {
  Reading reading = read_at(1, {});
  reading.whole = why_card(request, policy, history, rules, now);
  reading.pages = {reading.whole};
  return reading;
}

}  // namespace xieban::brain
