#include "bot/core/request/sign_off.hpp"

#include <algorithm>

#include "bot/base/text.hpp"
#include "bot/core/request/draft.hpp"
#include "bot/core/request/tasks.hpp"
#include "bot/crypto/crypto.hpp"

namespace xieban {
namespace {

std::vector<PersonId> signers_of(const SignOff& sign_off) {
  std::vector<PersonId> list;
  for (const Signature& one : sign_off.signatures) list.push_back(one.signer);
  return list;
}

Signature fresh_signature(const PersonId& signer, const Directory& people) {
  Signature made;
  made.signer = signer;
  if (const Person* person = people.person(signer)) made.department = person->department;
  return made;
}

bool all_agreed(const SignOff& sign_off) {
  return std::ranges::all_of(sign_off.signatures, [](const Signature& one) { return one.state == SignState::agreed; });
}

}  // namespace

std::string agreed_text(const Request& request) {
  std::string all;
  const auto add = [&](const std::string& name, const std::string& value) {
    all += name + " " + std::to_string(value.size()) + " " + value + "\n";
  };
  add("number", number(request));
  add("title", request.title);
  add("lead", request.lead.value);
  add("due", to_rfc3339(request.due));
  add("goal", request.goal);
  add("background", request.background);
  add("situation", request.situation);
  add("impact", request.impact);
  for (const auto& [id, value] : request.fields) add("field " + id, value);
  return all;
}

std::string agreed_hash(const Request& request) { return crypto::sha256_hex(agreed_text(request)); }

std::string short_hash(std::string_view hash) {
  constexpr std::size_t digits = 12;
  return std::string(hash.substr(0, digits));
}

std::vector<std::size_t> answers_of(const Request& request, const PersonId& actor, const Rules& rules, TimePoint now) {
  std::vector<std::size_t> mine;
  if (!request.sign_off) return mine;
  const auto& all = request.sign_off->signatures;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].state == SignState::agreed) continue;
    const auto there = resolve(Recipient(all[i].signer), request, nullptr, rules, now);
    if (all[i].signer == actor || std::ranges::find(there, actor) != there.end()) mine.push_back(i);
  }
  return mine;
}

std::vector<const Signature*> awaited(const Request& request) {
  std::vector<const Signature*> list;
  if (!request.sign_off) return list;
  for (const Signature& one : request.sign_off->signatures)
    if (one.state == SignState::waiting) list.push_back(&one);
  const auto due = [&](const Signature* one) {
    const Clock* clock = running_clock(request, ClockKind::sign_off, {}, one->signer);
    return clock != nullptr && clock->target ? *clock->target : TimePoint::max();
  };
  std::ranges::stable_sort(list, {}, due);
  return list;
}

void Draft::tend_sign_off() {
  if (!request_.sign_off || terminal(request_.phase)) return;
  const std::string hash = agreed_hash(request_), before = request_.sign_off->hash;
  if (hash != before) {
    std::vector<PersonId> answered;
    for (const Signature& one : request_.sign_off->signatures) {
      stop_clock(ClockKind::sign_off, {}, one.signer);
      if (one.state != SignState::waiting) answered.push_back(one.signer);
    }
    add(SignaturesVoided{before, hash, answered});
    const std::vector<PersonId> signers = signers_of(*request_.sign_off);
    tell(signers, "sign_again", {{"hash", short_hash(hash)}});
    // Who changed it signs anew as well; what they did is no news to them.
    if (std::ranges::find(signers, context_.actor) != signers.end()) card_for(context_.actor);
  }
  start_signing();
}

void Draft::start_signing() {
  std::vector<PersonId> without_clock;
  for (const Signature* one : awaited(request_))
    if (running_clock(request_, ClockKind::sign_off, {}, one->signer) == nullptr) without_clock.push_back(one->signer);
  for (const PersonId& signer : without_clock) start_clock(ClockKind::sign_off, std::nullopt, {}, signer);
  const auto& paused = request_.conditions.paused;
  if (!paused || paused->ended) return;
  for (const PersonId& signer : without_clock)
    pause_clock(*running_clock(request_, ClockKind::sign_off, {}, signer), paused->reason);
}

namespace deciding {

Outcome on(const AskSign& command, Draft& d) {
  std::vector<Signature> asked;
  for (const PersonId& id : command.people) {
    const Person* person = d.people().person(id);
    if (person == nullptr || !person->active) return d.refuse(Refusal::bad_person, "refuse.bad_signer");
    if (std::ranges::find(asked, id, &Signature::signer) != asked.end()) continue;
    // Who has not answered yet, or has signed this text, is not asked twice.
    if (const auto& known = d.request().sign_off) {
      const auto same = std::ranges::find(known->signatures, id, &Signature::signer);
      if (same != known->signatures.end() && same->state != SignState::objected) continue;
    }
    asked.push_back(fresh_signature(id, d.people()));
  }
  if (command.people.empty()) return d.refuse(Refusal::reason_missing, "refuse.sign_whom");
  if (asked.empty()) return d.refuse(Refusal::same_as_before, "refuse.sign_already", {{"person", d.names(command.people)}});
  const std::string hash = agreed_hash(d.request());
  d.add(SignOffAsked{d.actor(), d.at(), hash, asked});
  d.start_signing();
  std::vector<PersonId> people;
  for (const Signature& one : asked) {
    people.push_back(one.signer);
    for (const PersonId& there : resolve(Recipient(one.signer), d.request(), nullptr, d.context().rules, d.context().now))
      d.card_for(there);
  }
  const Clock* clock = running_clock(d.request(), ClockKind::sign_off, {}, people.front());
  return d.phrase("done.sign", {{"person", d.names(people)},
                                {"time", clock != nullptr && clock->target ? d.time(*clock->target) : std::string()},
                                {"hash", short_hash(hash)}});
}

Outcome sign(const Confirm& command, Draft& d) {
  const SignOff asked = *d.request().sign_off;
  if (!command.text.empty() && !asked.hash.starts_with(command.text))
    return d.refuse(Refusal::nothing_due, "refuse.sign_old_text");
  if (!command.yes && text::blank(command.reason)) return d.refuse(Refusal::reason_missing, "refuse.object_reason");
  std::vector<PersonId> others;
  bool answered = false;
  for (const std::size_t i : answers_of(d.request(), d.actor(), d.context().rules, d.context().now)) {
    Signature mine = asked.signatures[i];
    if (!command.yes && mine.state == SignState::objected) continue;
    mine.state = command.yes ? SignState::agreed : SignState::objected;
    mine.by = d.actor();
    mine.at = d.at();
    mine.hash = asked.hash;
    mine.reason = command.yes ? std::string() : command.reason;
    if (mine.signer != d.actor()) others.push_back(mine.signer);
    d.stop_clock(ClockKind::sign_off, {}, mine.signer);
    d.add(Signed{std::move(mine)});
    answered = true;
  }
  if (!answered) return d.refuse(Refusal::nothing_due, "refuse.objected_already");
  const rights::Args about{{"reason", command.reason}, {"hash", short_hash(asked.hash)}, {"person", d.names(others)}};
  std::vector<PersonId> whom{asked.by};
  if (!command.yes) {
    d.tell(whom, "sign_objected", about);
    return d.phrase("done.sign_no", {{"person", d.name(asked.by)}});
  }
  if (all_agreed(*d.request().sign_off)) {
    for (const Role role : {Role::requester, Role::owner})
      for (const PersonId& person : d.role(role)) whom.push_back(person);
    whom.insert(whom.end(), d.request().followers.begin(), d.request().followers.end());
    const rights::Args all{{"people", d.names(signers_of(asked))}, {"hash", short_hash(asked.hash)}};
    d.tell(whom, "sign_complete", all);
    d.tell_group("sign_complete", all);
  }
  return d.phrase(others.empty() ? "done.sign_yes" : "done.sign_yes_for", about);
}

}  // namespace deciding
}  // namespace xieban
