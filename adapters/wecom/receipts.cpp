#include "adapters/wecom/receipts.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "adapters/wecom/card.hpp"
#include "adapters/wecom/channels.hpp"
#include "adapters/wecom/groups.hpp"
#include "adapters/wecom/press.hpp"
#include "adapters/wecom/read.hpp"
#include "bot/base/text.hpp"

namespace xieban::wecom {

using nlohmann::json;

namespace {

constexpr Duration second{1000}, minute{60'000};

enum class Meaning { again, pause, address, token, gone, form, words, stands, no_right, refused };
struct Code {
  std::int64_t code;
  Meaning meaning;
};
constexpr std::array<Code, 45> codes{{
    {-1, Meaning::again},       {45033, Meaning::again},   {45009, Meaning::pause},   {60020, Meaning::address},
    {40001, Meaning::token},    {40014, Meaning::token},   {42001, Meaning::token},   {40003, Meaning::gone},
    {60111, Meaning::gone},     {81013, Meaning::gone},    {60011, Meaning::gone},    {86001, Meaning::gone},
    {86003, Meaning::gone},     {86101, Meaning::gone},    {86201, Meaning::gone},    {86207, Meaning::gone},
    {86215, Meaning::gone},     {93006, Meaning::gone},    {93000, Meaning::gone},    {93004, Meaning::gone},
    {93008, Meaning::gone},     {40008, Meaning::form},    {40035, Meaning::form},    {40058, Meaning::form},
    {40063, Meaning::form},     {41016, Meaning::form},    {41033, Meaning::form},    {42014, Meaning::stands},
    {42015, Meaning::form},     {42016, Meaning::form},    {42017, Meaning::form},    {42018, Meaning::form},
    {42019, Meaning::form},     {42020, Meaning::form},    {45002, Meaning::form},    {44004, Meaning::refused},
    {40013, Meaning::refused},  {40056, Meaning::refused}, {40091, Meaning::refused}, {40201, Meaning::words},
    {48002, Meaning::no_right}, {48009, Meaning::refused}, {81001, Meaning::refused}, {82001, Meaning::refused},
    {301002, Meaning::refused},
}};

Receipt wait_for(Duration pause, std::string detail) {
  Receipt receipt(Outcome::retry, std::move(detail));
  receipt.retry_after = pause;
  return receipt;
}

/// Whatever is asked is refused so until an administrator has changed something.
Receipt shut_out(std::string detail) {
  Receipt receipt = wait_for(5 * minute, std::move(detail));
  receipt.shut_out = true;
  return receipt;
}

/// A gateway before the platform may say how long; the platform itself has minutes.
Duration told_to_wait(const HttpResponse& answer) {
  const auto seconds = whole(answer.headers.get("Retry-After"));
  constexpr std::int64_t longest = 86'400;
  return seconds && *seconds > 0 && *seconds <= longest ? *seconds * second : minute;
}

Receipt gone(std::string detail) {
  Receipt receipt(Outcome::rejected, std::move(detail));
  receipt.target_gone = true;
  return receipt;
}

Receipt delivered(std::string id) {
  Receipt receipt(Outcome::delivered);
  receipt.provider_id = std::move(id);
  return receipt;
}

std::string folded(std::string_view id) {
  std::string out(id);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

/// "a|b" after a send, a list after an update; ids come in lower case.
bool names(const json* list, const UserId& user) {
  if (list == nullptr) return false;
  const std::string wanted = folded(user.value);
  if (list->is_array()) return std::ranges::any_of(*list, [&](const json& one) { return folded(text(&one)) == wanted; });
  const std::string all = text(list);
  return std::ranges::any_of(text::split(all, '|'), [&](std::string_view one) { return folded(one) == wanted; });
}

Receipt accepted(const Outgoing& sent, const json& body) {
  if (sent.to) {
    for (const char* list : {"invaliduser", "unlicenseduser"})
      if (names(member(body, list), *sent.to)) return gone(std::string(list) + ": the app cannot write to this person");
  }
  // An update brings no new code: until the next press the card stays as it is.
  if (sent.form == Form::card_update) return delivered({});
  const std::string code = text(body, "response_code");
  return delivered(code.empty() ? "msg:" + text(body, "msgid") : update_code(code));
}

/// "42001 access_token expired, hint: [1700000000], from ip: 1.2.3.4": both are for whoever repairs it.
std::string detail_of(std::int64_t code, const json& body) {
  return std::to_string(code) + " " + text::clip_bytes(text::repair(text(body, "errmsg")), 200);
}

Receipt refused(const Outgoing& sent, Meaning meaning, std::string detail) {
  switch (meaning) {
    case Meaning::again:
      return Receipt(Outcome::retry, std::move(detail));
    case Meaning::pause:
      return wait_for(minute, std::move(detail));
    case Meaning::address:
      return shut_out("this machine's address is not among the app's trusted IPs: " + detail);
    case Meaning::token:
      return Receipt(Outcome::token_expired, std::move(detail));
    case Meaning::gone:
      return gone(std::move(detail));
    case Meaning::words:
      return Receipt(is_last_form(sent) ? Outcome::rejected : Outcome::unsupported, std::move(detail));
    case Meaning::stands:
      // Its task_id is like no other one's: an earlier try of this very card was taken. The next press brings its code.
      if (sent.form == Form::card && sent.channel == app_card) return delivered("task:" + task_id(sent));
      [[fallthrough]];
    case Meaning::form:
      return Receipt(sent.form == Form::text ? Outcome::rejected : Outcome::unsupported, std::move(detail));
    case Meaning::no_right: {
      Receipt receipt(Outcome::rejected, std::move(detail));
      receipt.no_right = true;
      return receipt;
    }
    case Meaning::refused:
      break;
  }
  return Receipt(Outcome::rejected, std::move(detail));
}

}  // namespace

Receipt read_receipt(const Outgoing& sent, const HttpResponse& answer) {
  const json body = parse(answer.body);
  const auto code = number(member(body, "errcode"));
  if (!code) {
    const std::string status = "HTTP " + std::to_string(answer.status) + " without errcode";
    if (answer.status == 429) return wait_for(told_to_wait(answer), status);
    // What stands behind a gateway that gives up may have gone on.
    return Receipt(answer.status >= 400 && answer.status < 500 ? Outcome::rejected : Outcome::unknown, status);
  }
  const bool of_group = sent.form == Form::group;
  if (*code == 0) return of_group ? read_appchat_answer(sent, 0, text(body, "chatid"), {}) : accepted(sent, body);
  const std::string detail = detail_of(*code, body);
  const auto known = std::ranges::find(codes, *code, &Code::code);
  const Meaning meaning = known == codes.end() ? Meaning::form : known->meaning;
  const bool of_service =
      meaning == Meaning::again || meaning == Meaning::pause || meaning == Meaning::address || meaning == Meaning::token;
  if (of_group && !of_service) return read_appchat_answer(sent, *code, {}, detail);
  // An address for replies takes one, for an hour; whatever it says against a second one, the next way is tried.
  const bool reply = sent.channel == reply_text || sent.channel == reply_card;
  if (reply && meaning != Meaning::again && meaning != Meaning::pause) return Receipt(Outcome::unsupported, detail);
  return refused(sent, meaning, detail);
}

FrameAnswer read_frame_answer(std::int64_t errcode, bool reply, bool card) {
  FrameAnswer answer;
  const std::string detail = "errcode " + std::to_string(errcode);
  switch (errcode) {
    case 0:
      answer.receipt = Receipt(Outcome::delivered);
      break;
    case 846605:  // the req_id is of an old connection, or was used
      answer.receipt = Receipt(Outcome::unsupported, detail);
      answer.say_unprompted = reply;
      break;
    case 846607:
      answer.receipt = wait_for(minute, detail);
      answer.too_much = true;
      break;
    case 45009:
      answer.receipt = wait_for(minute, detail);
      break;
    case 846609:  // not subscribed
      answer.receipt = wait_for(2 * second, detail);
      answer.reconnect = true;
      break;
    case -1:
    case 45033:
      answer.receipt = wait_for(5 * second, detail);
      break;
    case 93006:
      answer.receipt = gone(detail);
      break;
    case 40008:
    case 40201:  // the words
    case 600039:
      answer.receipt = Receipt(Outcome::unsupported, detail);
      break;
    default:
      answer.receipt = Receipt(card ? Outcome::unsupported : Outcome::rejected, detail);
  }
  return answer;
}

}  // namespace xieban::wecom
