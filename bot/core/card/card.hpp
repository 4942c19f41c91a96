#pragma once
// One card model; every adapter renders it. Texts are plain: adapters escape.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bot/base/time.hpp"
#include "bot/core/people.hpp"
#include "bot/core/words/phrase.hpp"

namespace xieban {

struct Request;
struct Rules;
struct Policy;
struct Stamped;

enum class Tone { neutral, info, warning, danger, success };
/// "neutral", "info" …
std::string_view tone_name(Tone);
struct CardField {
  static constexpr int stays = -1;  // whatever else is cut or left out

  std::string label, value;
  bool beside = false;  // stands beside its neighbour of the same kind, where a card has columns
  std::vector<std::pair<std::string, std::string>> narrow = {};  // labels and values that say it where it finds no room
  int spare = 0;  // a card that is short of room leaves out the highest first; 0: only when nothing else helps
  friend bool operator==(const CardField&, const CardField&) = default;
};
enum class InputKind { text, long_text, number, choice, multi, person, department, datetime };
struct InputOption {
  std::string value, label;
  std::string account = {};  // of a person, on the platform where the card goes; empty: none there
  friend bool operator==(const InputOption&, const InputOption&) = default;
};
struct Input {
  std::string id, label;
  InputKind kind = InputKind::text;
  bool required = false;
  std::vector<std::string> value;
  std::vector<InputOption> options;
  std::vector<InputOption> people;  // who may be chosen instead of one of the options
  std::string people_label;         // how that choice is called
  std::string hint;                 // an example of what may be typed instead of chosen; empty: nothing may
  friend bool operator==(const Input&, const Input&) = default;
};
enum class ButtonStyle { normal, primary, danger };
struct Button {
  std::string action;  // what Pressed.action says: a verb ("accept"), "submit", "cancel_form", "pick:1", "page:2"
  std::string label;
  ButtonStyle style = ButtonStyle::normal;
  std::string confirm;  // asked before it is sent; empty: none
  std::string command;  // what to type instead
  friend bool operator==(const Button&, const Button&) = default;
};
/// One line of a table. `words`: the same as one line of text, where tables are not drawn.
struct TableRow {
  std::vector<std::string> cells;  // one per column
  std::string words;
  bool late = false;
  friend bool operator==(const TableRow&, const TableRow&) = default;
};
struct Table {
  std::vector<std::string> columns;  // their headings
  std::size_t state = 0;             // the column that shows whether a row is late
  std::vector<TableRow> rows;
  friend bool operator==(const Table&, const Table&) = default;
};
struct Bar {
  std::string label;
  std::vector<std::uint32_t> values;  // one per series
  friend bool operator==(const Bar&, const Bar&) = default;
};
/// Horizontal bars, each of the values of its series one behind the other.
struct Chart {
  std::string title;
  std::vector<std::string> series;
  std::vector<Bar> bars;
  friend bool operator==(const Chart&, const Chart&) = default;
};
struct Card {
  std::string title;
  Tone tone = Tone::neutral;
  std::string body;
  std::vector<CardField> fields;
  std::optional<Table> table;
  std::optional<Chart> chart;
  std::vector<Input> inputs;
  std::vector<Button> buttons;
  std::string footer;
  friend bool operator==(const Card&, const Card&) = default;
};

/// Who looks at it: a group (no viewer) gets the buttons of the next step, a person those that they may use.
struct Viewer {
  std::optional<PersonId> person;
};

/// Live or personal card of a request: number, title, phase, owner, next step, clock, risk colour.
Card card_for(const Request&, const Policy&, const Viewer&, const Rules&, TimePoint now);
/// Who has to do what by when.
CardField next_step_field(const Request&, const Policy&, const Rules&, TimePoint now);
/// Both positions of the last dispute; nothing where there was none.
std::vector<CardField> position_fields(const Request&, const Rules&, TimePoint now);
/// Table and chart as lines of the body: for channels that draw neither.
void put_in_words(Card&, Lang, bool table, bool chart);
/// The card as text, with the typed command behind every button: for platforms and people without cards.
std::string plain_text(const Card&, Lang);
/// One line of the history for people: "11月21日 09:30 赵技 接单". Empty for entries that are for machines only.
/// With the request's policy the rungs of its ladders have names.
std::string history_line(const Stamped&, const Request& after, const Rules&, TimePoint now, const Policy* = nullptr);

}  // namespace xieban
