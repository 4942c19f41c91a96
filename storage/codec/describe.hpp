#pragma once
// The members of every value that is stored, by name. A structured binding over the same list proves to the compiler
// that none is forgotten, a switch without default that no enumerator is.
//
// What stands here is the stored form: a member that is renamed, or whose default changes, needs a migration. A new
// member with a default is fine: older rows read as that default.

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <boost/preprocessor/seq/for_each.hpp>
#include <boost/preprocessor/stringize.hpp>
#include <boost/preprocessor/variadic/to_seq.hpp>
#include <string_view>

#include "bot/core/brain/brain.hpp"
#include "bot/core/card/card.hpp"
#include "bot/core/card/delivery.hpp"
#include "bot/core/clock/policy.hpp"
#include "bot/core/people.hpp"
#include "bot/core/request/effect.hpp"
#include "bot/core/request/request.hpp"
#include "bot/core/words/conversation.hpp"

#define XIEBAN_DESCRIBE(Type, ...)               \
  BOOST_DESCRIBE_STRUCT(Type, (), (__VA_ARGS__)) \
  [[maybe_unused]] inline void lists_all(const Type& described) { [[maybe_unused]] const auto& [__VA_ARGS__] = described; }

#define XIEBAN_ENUMERATOR(r, Type, name) \
  case Type::name:                       \
    return BOOST_PP_STRINGIZE(name);
#define XIEBAN_DESCRIBE_ENUM(Type, ...)                                                                    \
  BOOST_DESCRIBE_ENUM(Type, __VA_ARGS__)                                                                   \
  constexpr std::string_view enumerator_name(Type one) {                                                   \
    switch (one) { BOOST_PP_SEQ_FOR_EACH(XIEBAN_ENUMERATOR, Type, BOOST_PP_VARIADIC_TO_SEQ(__VA_ARGS__)) } \
    return {};                                                                                             \
  }

namespace xieban {

// -- people ----------------------------------------------------------------------------------------
XIEBAN_DESCRIBE_ENUM(Role, owner, requester, signer, liaison, head, vice_president, leadership_group, pmo, participants)
XIEBAN_DESCRIBE(IdentityKey, app, user)
XIEBAN_DESCRIBE(ChatRef, app, chat)
XIEBAN_DESCRIBE(PersonRef, person, user, name)
XIEBAN_DESCRIBE(Leave, person, from, until, delegate)
XIEBAN_DESCRIBE(IdentityLink, identity, person)
XIEBAN_DESCRIBE(LinkCode, code, identity, until, used)
XIEBAN_DESCRIBE(Account, identity, name, departments, manager, gone)
XIEBAN_DESCRIBE(OrgUnit, app, id, name, leaders, gone)

// -- policy ----------------------------------------------------------------------------------------
XIEBAN_DESCRIBE_ENUM(Phase, raise, respond, agree, plan, run, deliver, accept, review, archived, declined, cancelled)
XIEBAN_DESCRIBE_ENUM(ClockKind, first_response, recovery, sign_off, task, progress, milestone, dispute, ruling, minutes,
                     acceptance, review, assessment, answer)
XIEBAN_DESCRIBE_ENUM(By, in_private, in_group, urgent)
XIEBAN_DESCRIBE_ENUM(FieldKind, text, long_text, number, choice, person, department, datetime)
XIEBAN_DESCRIBE_ENUM(Cadence, off, daily, weekly, biweekly)
XIEBAN_DESCRIBE_ENUM(GroupAfter, keep, dissolve)
XIEBAN_DESCRIBE(Share, percent)
XIEBAN_DESCRIBE(Offset, by, calendar)
XIEBAN_DESCRIBE(Repeat, every, times)
XIEBAN_DESCRIBE(Rung, at, to, by, repeat, asks_reason, unless_reported)
XIEBAN_DESCRIBE(ClockRule, kind, target, calendar, ladder)
XIEBAN_DESCRIBE(FieldRule, id, name, kind, required, choices)
XIEBAN_DESCRIBE(Policy, hash, type, name, aliases, gates, urgent, own_group, own_group_after, accept_by_silence, reopen_within,
                progress, progress_at, fields, clocks)

// -- effects ---------------------------------------------------------------------------------------
XIEBAN_DESCRIBE_ENUM(CardKind, live, personal, notice, form, choice, detail, list)
XIEBAN_DESCRIBE_ENUM(QueryKind, mine, department, board, search, care)
XIEBAN_DESCRIBE(Phrase, key, args)
XIEBAN_DESCRIBE(Target, chat, person, app)
XIEBAN_DESCRIBE(Notice, key, args, clock, rung, reminder)
XIEBAN_DESCRIBE(PostCard, request, kind, to, news)
XIEBAN_DESCRIBE(RefreshCard, request, card)
XIEBAN_DESCRIBE(RefreshCards, request)
XIEBAN_DESCRIBE(Notify, request, to, mention, notice, by)
XIEBAN_DESCRIBE(Urgent, request, to, notice, message)
XIEBAN_DESCRIBE(Say, to, mention, text, request)
XIEBAN_DESCRIBE(PostForm, conversation, to)
XIEBAN_DESCRIBE(Option, label, command)
XIEBAN_DESCRIBE(PostChoice, to, person, question, options, request)
XIEBAN_DESCRIBE(PostDetail, request, to, viewer, page)
XIEBAN_DESCRIBE(PostWhy, request, to, viewer)
XIEBAN_DESCRIBE(PostList, what, viewer, department, text, to, page)
XIEBAN_DESCRIBE(PostHelp, to, viewer, topic)
XIEBAN_DESCRIBE_ENUM(GroupStep, make, add, announce, dissolve)
XIEBAN_DESCRIBE(MakeGroup, request, app)
XIEBAN_DESCRIBE(TendGroup, request, group, step, people)
XIEBAN_DESCRIBE(MirrorTask, request, task, app, makes, giver)

// -- request ---------------------------------------------------------------------------------------
XIEBAN_DESCRIBE_ENUM(Level, open, participants, department, secret)
XIEBAN_DESCRIBE_ENUM(Health, normal, late, risk)
XIEBAN_DESCRIBE_ENUM(TaskState, open, delivered, done)
XIEBAN_DESCRIBE(Pause, from, until, ended, reason)
XIEBAN_DESCRIBE(RungState, reached, count)
XIEBAN_DESCRIBE(Clock, id, kind, start, target, stopped, pauses, calendar, rungs, task, signer, breached)
XIEBAN_DESCRIBE(Conditions, waiting_for_requester, blocked, late, at_risk, needs_care, disputed, paused)
XIEBAN_DESCRIBE(Task, no, content, owner, department, created, due, baseline, standard, after, state, percent, health, reason,
                measure, reported_at)
XIEBAN_DESCRIBE(Supporting, department, contact)
XIEBAN_DESCRIBE(Extension, task, from, to, reason, by, asked)
XIEBAN_DESCRIBE_ENUM(SignState, waiting, agreed, objected)
XIEBAN_DESCRIBE_ENUM(Party, requester, owner)
XIEBAN_DESCRIBE_ENUM(Judge, none, vice_president, leadership_group)
XIEBAN_DESCRIBE(Signature, signer, department, state, by, at, hash, reason)
XIEBAN_DESCRIBE(SignOff, by, asked, hash, signatures)
XIEBAN_DESCRIBE(Position, text, by, at)
XIEBAN_DESCRIBE(Dispute, by, since, requester, owner, submitted, judges, ruling, ruled_by, over)
XIEBAN_DESCRIBE(Counters, clocks, tasks, notes, rejects, nudges, escalations, reopened)
XIEBAN_DESCRIBE(LastStep, by, at, verb, first_seq)
XIEBAN_DESCRIBE(Request, id, year, title, type, policy, urgent, phase, closed_from, conditions, requester, owner, raised_by,
                lead, supporting, chats, group, group_members, level, raised_at, due, baseline, due_assumed, goal, background,
                situation, impact, fields, percent, health, reason, measure, reported_at, question, delivery, delivered_by,
                closing, proposal, closed_at, clocks, tasks, extension, sign_off, dispute, followers, nudged_at, last_step,
                counters, rules_version, seq, version)

// -- history ---------------------------------------------------------------------------------------
XIEBAN_DESCRIBE(Raised, as)
XIEBAN_DESCRIBE(OwnerChanged, from, to, reason)
XIEBAN_DESCRIBE(PhaseMoved, from, to, reason)
XIEBAN_DESCRIBE(ClockStarted, clock)
XIEBAN_DESCRIBE(ClockStopped, clock, at)
XIEBAN_DESCRIBE(ClockPaused, clock, at, reason)
XIEBAN_DESCRIBE(ClockResumed, clock, at, target)
XIEBAN_DESCRIBE(ClockMoved, clock, before, after, why, calendar, rungs)
XIEBAN_DESCRIBE(RungReached, clock, rung, due, count, missed, told)
XIEBAN_DESCRIBE(Breached, clock, target)
XIEBAN_DESCRIBE(Declined, reason, proposal)
XIEBAN_DESCRIBE(Asked, question)
XIEBAN_DESCRIBE(Answered, text)
XIEBAN_DESCRIBE(SupportAdded, supporting)
XIEBAN_DESCRIBE(TaskAdded, task)
XIEBAN_DESCRIBE(TaskChanged, task)
XIEBAN_DESCRIBE(Reported, task, percent, health, reason, measure, at)
XIEBAN_DESCRIBE(ExtensionAsked, extension)
XIEBAN_DESCRIBE(ExtensionSettled, yes, extension, reason)
XIEBAN_DESCRIBE(Escalated, reason, to)
XIEBAN_DESCRIBE(Nudged, to, at)
XIEBAN_DESCRIBE(Delivered, text, by)
XIEBAN_DESCRIBE(Verified, pass, reason)
XIEBAN_DESCRIBE(Paused, pause)
XIEBAN_DESCRIBE(Resumed, at)
XIEBAN_DESCRIBE(Closed, as, reason, at)
XIEBAN_DESCRIBE(Reopened, to, reason, due)
XIEBAN_DESCRIBE(Noted, text)
XIEBAN_DESCRIBE(TakenBack, verb, restored)
XIEBAN_DESCRIBE(Followed, person, on)
XIEBAN_DESCRIBE(CareNeeded, needed, why)
XIEBAN_DESCRIBE(Refused, verb, why)
XIEBAN_DESCRIBE(StepMarked, step)
XIEBAN_DESCRIBE(ClocksRecomputed, rules_version)
XIEBAN_DESCRIBE(TypeApplied, from, to)
XIEBAN_DESCRIBE(GroupMade, chat, name, members)
XIEBAN_DESCRIBE(GroupGrew, people)
XIEBAN_DESCRIBE(GroupGone, chat)
XIEBAN_DESCRIBE(SignOffAsked, by, at, hash, asked)
XIEBAN_DESCRIBE(Signed, signature)
XIEBAN_DESCRIBE(SignaturesVoided, before, hash, signers)
XIEBAN_DESCRIBE(PositionTaken, party, position)
XIEBAN_DESCRIBE(DisputeSubmitted, to, judges)
XIEBAN_DESCRIBE(Ruled, decision, by)
XIEBAN_DESCRIBE(DisputeSettled, accepted, by)

// -- dialogues, chats, cards, what is sent ------------------------------------------------------------
XIEBAN_DESCRIBE_ENUM(Verb, raise, urgent, accept, decline, ask, assign, handover, support, task, progress, extend, confirm,
                     object, escalate, nudge, deliver, verify, pause, resume, cancel, reopen, note, undo, follow, show, mine,
                     department, board, search, why, help, leave, link, unlink, health, apply, sign, dispute, rule)
XIEBAN_DESCRIBE_ENUM(Tone, neutral, info, warning, danger, success)
XIEBAN_DESCRIBE_ENUM(InputKind, text, long_text, number, choice, multi, person, department, datetime)
XIEBAN_DESCRIBE_ENUM(ButtonStyle, normal, primary, danger)
XIEBAN_DESCRIBE_ENUM(Form, card, card_update, text, urgent, group, task)
XIEBAN_DESCRIBE(ConversationKey, person, app)
XIEBAN_DESCRIBE(Conversation, id, key, chat, begun_in, begun_private, verb, request, task, answers, at, offered, touched_at,
                done)
XIEBAN_DESCRIBE(ReplyAddress, url, until)
XIEBAN_DESCRIBE(ChatFact, chat, name, external, spoken, opened, gone, webhook, webhook_until, spare, made_for)
XIEBAN_DESCRIBE(CardField, label, value, beside, narrow, spare)
XIEBAN_DESCRIBE(InputOption, value, label, account)
XIEBAN_DESCRIBE(Input, id, label, kind, required, value, options, people, people_label, hint)
XIEBAN_DESCRIBE(Button, action, label, style, confirm, command)
XIEBAN_DESCRIBE(TableRow, cells, words, late)
XIEBAN_DESCRIBE(Table, columns, state, rows)
XIEBAN_DESCRIBE(Bar, label, values)
XIEBAN_DESCRIBE(Chart, title, series, bars)
XIEBAN_DESCRIBE(Card, title, tone, body, fields, table, chart, inputs, buttons, footer)
XIEBAN_DESCRIBE(CardHandle, id, request, chat, person, kind, provider_id, sent_at, updates, gone, answered, effect)
XIEBAN_DESCRIBE(GroupCall, step, name, members, second_way)
XIEBAN_DESCRIBE(TaskCall, id, title, due, done_at, turns, leaves, people)
XIEBAN_DESCRIBE(Outgoing, parcel, app, channel, chat, to, to_person, form, card, text, group, task, own_chat, mentions, urgent,
                request, request_year, card_id, version, update_of, webhook, key, maybe_repeated, elsewhere, detour, free_way)

}  // namespace xieban
