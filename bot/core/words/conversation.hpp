#pragma once
// The dialogue that collects what a command still lacks: as a form card, or question by question in plain text.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bot/core/card/card.hpp"
#include "bot/core/words/command.hpp"

namespace xieban {

/// One open conversation per person and app.
struct ConversationKey {
  PersonId person;
  AppId app;
  friend auto operator<=>(const ConversationKey&, const ConversationKey&) = default;
  friend bool operator==(const ConversationKey&, const ConversationKey&) = default;
};
struct Conversation {
  ConversationId id;
  ConversationKey key;
  ChatRef chat;      // where the questions are asked: the private chat, or the group where none can be opened
  ChatRef begun_in;  // the group where it began; empty: private
  bool begun_private = false;
  Verb verb = Verb::raise;
  RequestId request;
  TaskNo task;
  std::map<std::string, std::string> answers;
  std::uint32_t at = 0;              // index of the field asked for now
  std::vector<std::string> offered;  // ids of the people or departments that a number chooses among now
  TimePoint touched_at;
  bool done = false;  // finished or cancelled: the row may go
};
constexpr Duration conversation_expiry{30 * 60 * 1000};

/// Half an hour after it was last touched nobody goes on with it.
bool expired(const Conversation&, TimePoint now);

/// What a verb's form asks for, in order. Raise includes the fields of its type. The ids are the keys of `answers`,
/// of Incomplete.fields and of order_from_fields():
///   raise, urgent  title to due type urgent goal background situation impact + the ids of the type's fields
///                  ("to": a department or a person; "urgent": "yes" or "no")
///   accept due · decline reason proposal · ask text · assign person · handover person reason · support department
///   task person content due standard after · progress percent health reason measure ("health": normal late risk)
///   extend due reason · object reason · escalate reason · deliver text · verify result reason ("result": pass reject)
///   sign people (joined by commas) · dispute position · rule decision
///   pause reason until · cancel reason · reopen reason · note text · search words · leave until person
/// People, departments and types may be given by id or by name, dates in the deadline language.
std::vector<Input> form_fields(Verb, const Request*, const Rules&, const PersonId& actor,
                               const std::map<std::string, std::string>& answers, TimePoint now);
Card form_card(const Conversation&, const Request*, const Rules&, TimePoint now);
/// A form that was sent, cancelled or ran out, without inputs and buttons.
Card closed_form_card(const Conversation&, std::string_view why, const Rules&);

/// What a plain-text answer does to the dialogue.
struct Turn {
  Conversation conversation;
  std::optional<Phrase> ask;    // the next question
  std::optional<Phrase> error;  // why the answer was not taken; the question is asked again
  bool complete = false;        // everything needed is there: order_from_fields()
  bool cancelled = false;
};
/// 跳过, 返回 and 取消 (skip, back, cancel) work at each question.
Turn answer(Conversation, std::string_view text, const Request*, const Rules&, TimePoint now);
/// The question asked now, as text.
Phrase question(const Conversation&, const Request*, const Rules&, TimePoint now);

}  // namespace xieban
