#pragma once
// Intents: what the outbox holds. They say what to show to whom, not the words; compose() finds the words when it is sent.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "bot/base/ids.hpp"
#include "bot/core/clock/policy.hpp"
#include "bot/core/people.hpp"
#include "bot/core/words/phrase.hpp"

namespace xieban {

/// Exactly one is set: a chat, or a person wherever they can be reached (their private chat).
struct Target {
  std::optional<ChatRef> chat;
  std::optional<PersonId> person;
  std::optional<AppId> app;  // with a person: on this platform; absent: where the request lives, else any of theirs

  static Target to(ChatRef c) {
    Target t;
    t.chat = std::move(c);
    return t;
  }
  static Target to(PersonId p) {
    Target t;
    t.person = std::move(p);
    return t;
  }
  friend bool operator==(const Target&, const Target&) = default;
};

enum class CardKind {
  live,      // the one card of a request in a chat, updated in place
  personal,  // what one person must do, with the buttons for it; updated in place
  notice,    // a reminder or news with buttons; not updated
  form,      // collects the fields of a command
  choice,    // one question, a few answers
  detail,    // /查看: the request and its history
  list,      // /我的, /本部门, /看板
};

/// News or a reminder about a request. What is live (title, clock, next step) is read when it is composed.
struct Notice {
  std::string key;  // of the catalogue, without "notice."
  std::vector<std::pair<std::string, std::string>> args;
  ClockId clock;  // a reminder of this clock: falls away when that has stopped
  std::uint16_t rung = 0;
  bool reminder = false;
  friend bool operator==(const Notice&, const Notice&) = default;
};

struct PostCard {
  RequestId request;
  CardKind kind = CardKind::live;
  Target to;
  Phrase news = {};  // why its person is sent it: stands first while they are the owner; no key: nothing
};
struct RefreshCard {
  RequestId request;
  CardId card;
};
/// In the domain: "all live and personal cards of the request"; the brain turns it into one RefreshCard per card.
struct RefreshCards {
  RequestId request;
};
struct Notify {
  RequestId request;
  Target to;
  std::vector<PersonId> mention;
  Notice notice;
  By by = By::in_private;
};
/// The platform's urgent call behind an urgent notice that stands already (飞书加急): it adds no message. Follows a Notify
/// once that is delivered, where the channel says `urgent_after`.
struct Urgent {
  RequestId request;
  Target to;
  Notice notice;
  std::string message;  // the platform's id of the notice
};
/// An answer that is ready as text: help, a refusal, an echo.
struct Say {
  Target to;
  std::vector<PersonId> mention;
  Phrase text;
  RequestId request;
};
struct PostForm {
  ConversationId conversation;
  Target to;
};
struct Option {
  std::string label, command;
  friend bool operator==(const Option&, const Option&) = default;
};
/// One question, a few answers, each a command that the presser sends by pressing.
struct PostChoice {
  Target to;
  PersonId person;
  Phrase question;
  std::vector<Option> options;
  RequestId request;
};
struct PostDetail {
  RequestId request;
  Target to;
  PersonId viewer;
  int page = 1;
};
struct PostWhy {
  RequestId request;
  Target to;
  PersonId viewer;
};
enum class QueryKind { mine, department, board, search, care };
struct PostList {
  QueryKind what = QueryKind::mine;
  PersonId viewer;
  DepartmentId department;
  std::string text;
  Target to;
  int page = 1;
};
struct PostHelp {
  Target to;
  PersonId viewer;
  std::string topic;
};

/// A group of the request's own, on the platform where the request was raised. Made once.
struct MakeGroup {
  RequestId request;
  AppId app;
};
enum class GroupStep { make, add, announce, dissolve };
/// What is done about that group once it stands.
struct TendGroup {
  RequestId request;
  ChatRef group;
  GroupStep step = GroupStep::add;
  std::vector<PersonId> people;  // of `add`
};

/// A task in its owner's own list on a platform is brought to what the task is when this is sent.
struct MirrorTask {
  RequestId request;
  TaskNo task;
  AppId app;           // empty: each app that mirrors tasks
  bool makes = false;  // it may be put there; else only what is there already is changed
  PersonId giver;      // who gave it: follows it, where it is made
};

using Effect = std::variant<PostCard, RefreshCard, RefreshCards, Notify, Urgent, Say, PostForm, PostChoice, PostDetail, PostWhy,
                            PostList, PostHelp, MakeGroup, TendGroup, MirrorTask>;
std::string_view kind_name(const Effect&);  // stable: "post_card" …; the `kind` column of the outbox

}  // namespace xieban
