#pragma once
// From what to say to what is sent: channel, form, limits, mentions.

#include <algorithm>
#include <functional>

#include "bot/core/brain/brain.hpp"

namespace xieban::brain {

/// An answer that is read page by page.
struct Reading {
  std::vector<Card> pages;                            // at least one
  Card whole;                                         // all of them in one
  std::size_t page = 1;                               // the one that was asked for; beyond the last it is the last
  std::function<std::string(std::size_t page)> turn;  // the command for a page; empty: none
  [[nodiscard]] const Card& shown() const { return pages[std::clamp<std::size_t>(page, 1, pages.size()) - 1]; }
};

/// What an intent wants to say, before it meets a platform.
struct Message {
  std::optional<Card> card;
  std::optional<Reading> reading;  // the card is a page of it
  bool whole = false;              // rather a text than a card that would be cut
  bool every_button = false;       // to be whole it needs all of its buttons
  bool inputs = false;             // the card collects input, or is for channels only whose cards can
  std::string text;                // of a message without card, or instead of a card with inputs
  std::vector<PersonId> mention;
  bool urgent = false;
  std::string urgent_of;  // the platform's id of the message to make urgent: no new message
  RequestId request;
  int year = 0;
  std::uint32_t version = 0;
  std::string rest;  // the command that shows what had to be cut
  std::optional<CardHandle> update_of;
};

/// What a call about a request's own group wants.
struct GroupWish {
  ChatRef group;  // empty chat: it is to be made
  GroupStep step = GroupStep::make;
  std::string name, about;
  std::vector<PersonId> people;
};
/// nullopt: the app makes no groups, the plan has no further entry, or too few people have an account there.
std::optional<Outgoing> address(const Parcel&, const Request&, GroupWish, const Rules&);

/// What a task in somebody's own list is to show.
struct MirrorWish {
  TaskCall call;  // without people
  std::string about;
  std::vector<PersonId> people;  // of a new one: its owner, then who follows it
};
/// nullopt: the app mirrors no tasks, its owner has no account there, or the plan has no further entry.
std::optional<Outgoing> address(const Parcel&, const Request&, MirrorWish, const Rules&);

/// nullopt: this platform cannot carry it, or the plan has no further entry.
std::optional<Outgoing> address(const Parcel&, Message, const Rules&, TimePoint now);

}  // namespace xieban::brain
