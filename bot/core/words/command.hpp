#pragma once
// What people type -> what they mean. Pure; people, departments and types are looked up in the rules.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "bot/core/inbound.hpp"
#include "bot/core/request/request.hpp"
#include "bot/core/rules.hpp"
#include "bot/core/words/phrase.hpp"

namespace xieban {

/// One slash command with everything that was typed after it, before names and dates are looked up.
enum class Verb {
  raise,
  urgent,
  accept,
  decline,
  ask,
  assign,
  handover,
  support,
  task,
  progress,
  extend,
  confirm,
  object,
  escalate,
  nudge,
  deliver,
  verify,
  pause,
  resume,
  cancel,
  reopen,
  note,
  undo,
  follow,
  show,
  mine,
  department,
  board,
  search,
  why,
  help,
  leave,
  link,
  unlink,
  health,
  apply,
  sign,
  dispute,
  rule
};
/// Chinese words, English words and whether it takes a request's number; the table that parser, help and tests share.
struct VerbInfo {
  Verb verb;
  std::string_view zh, en;             // "/接单", "/accept" without the slash
  std::vector<std::string_view> also;  // further words that are accepted
  bool needs_request = false;
};
const std::vector<VerbInfo>& verbs();
const VerbInfo& info(Verb);
/// The verb behind a button's action or a conversation ("accept"); nullopt for anything else.
std::optional<Verb> verb_of(std::string_view action);
std::string_view action_of(Verb);

/// A command on one request.
struct OnRequest {
  RequestId request;
  Command command;
  std::vector<std::string> due_doubts;  // names of the warnings its time was read with
};
/// Too little was typed to act, but a form or dialogue can collect the rest. Fields hold what was typed already.
struct Incomplete {
  Verb verb = Verb::raise;
  RequestId request;
  TaskNo task;
  std::map<std::string, std::string> fields;
};
struct Show {
  RequestId request;
  int page = 1;
};
struct Why {
  RequestId request;
};
struct ListMine {
  int page = 1;
};
struct ListDepartment {
  int page = 1;
};
struct ListBoard {
  int page = 1;
};
struct Search {
  std::string words;
  int page = 1;
};
struct Help {
  std::string topic;
};
struct TakeLeave {
  TimePoint until;
  PersonId delegate;
};
struct LinkMe {
  std::string code;
};  // empty: give me a code
struct UnlinkPerson {
  PersonId person;
};
struct UndoLast {
  RequestId request;
};
struct Checkup {};
struct ApplyType {
  TypeId type;
};  // carries a changed type over to open requests
using Order = std::variant<Raise, OnRequest, Incomplete, Show, Why, ListMine, ListDepartment, ListBoard, Search, Help,
                           TakeLeave, LinkMe, UnlinkPerson, UndoLast, Checkup, ApplyType>;

/// Cannot be read: what was wrong and a corrected line to send.
struct Misread {
  Phrase text;
  std::string corrected;
};
/// A name fits several: one option per candidate, each the same command with that candidate's id written out.
struct Ambiguous {
  Phrase question;
  std::vector<Option> options;
};
using Parsed = std::variant<std::monostate, Order, Misread, Ambiguous>;

/// monostate: not a command. `in_group`: text counts as addressed to the bot only after /, ／ or a mention of it.
/// `today_numbers`: the year used when a number is written without one does not matter; numbers are running.
Parsed parse_command(const Said&, const Rules&, const PersonId& actor, const ChatRef&, bool in_group, TimePoint now);

/// Fields of a form, typed or pressed, -> the same Order that the one-line command gives. Keys are those of form_fields().
Parsed order_from_fields(Verb, RequestId, TaskNo, const std::map<std::string, std::string>&, const Rules&,
                         const PersonId& actor, const ChatRef&, bool chat_is_private, TimePoint now);

/// "12", "#12", "XB-2026-0012", "12.3"; nullopt for anything else.
struct Reference {
  RequestId request;
  TaskNo task;
};
std::optional<Reference> parse_reference(std::string_view);

}  // namespace xieban
