#include "adapters/dingtalk/receipts.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "adapters/dingtalk/channels.hpp"
#include "adapters/dingtalk/groups.hpp"
#include "adapters/dingtalk/read.hpp"
#include "bot/base/text.hpp"

namespace xieban::dingtalk {

using nlohmann::json;

namespace {

constexpr Duration second{1000}, minute{60'000}, hour{3'600'000};

enum class Meaning {
  token,       // fetch a new one, try once more
  wait,        // too fast
  wait_all,    // whatever the app calls
  used_up,     // the month's calls are
  transient,   // try again
  maybe_done,  // it may have been sent
  gone,        // group dissolved, robot removed
  nobody,      // person left, or out of reach
  other_form,  // content, template or card refused: take the next form
  done,        // our own repeat was recognised
  no_right,    // a permission is missing
  never,       // configuration or a fault of ours: no attempt will help
};
struct Code {
  std::string_view prefix;  // of the platform's code
  Meaning meaning;
  Duration pause{};
};
/// The first that fits counts.
constexpr std::array codes = {
    Code{"Forbidden.AccessDenied.QpsLimit", Meaning::wait, second},
    Code{"Forbidden.AccessDenied.QpmLimitForAppkeyAndApi", Meaning::wait_all, minute},
    Code{"Forbidden.AccessDenied.QpmLimit", Meaning::wait, minute},
    Code{"Forbidden.AccessDenied.ApiCountLimitForOrg", Meaning::used_up, hour},
    Code{"Forbidden.AccessDenied.AccessTokenPermissionDenied", Meaning::no_right},
    Code{"Forbidden.", Meaning::never},
    Code{"send.too.fast", Meaning::wait, 10 * second},
    Code{"send.byToken.tooFast", Meaning::wait, 10 * second},
    Code{"too.many.", Meaning::wait, 10 * second},
    Code{"toomuch.msg", Meaning::wait, minute},
    Code{"invalid.openConversationId", Meaning::gone},
    Code{"conversation.org.notMatch", Meaning::gone},
    Code{"group.disbanded", Meaning::gone},
    Code{"bot.stopped", Meaning::gone},
    Code{"bot.forbidden.sendMessage", Meaning::gone},
    Code{"resource.not.found", Meaning::gone},
    Code{"resource.unavailable", Meaning::gone},
    Code{"staffId.notExisted", Meaning::nobody},
    Code{"invalidParameter.userIds", Meaning::nobody},
    Code{"robot.oto.notExist", Meaning::nobody},
    Code{"chatbotId.notAllow.sendOTO", Meaning::nobody},
    Code{"param.cardAlreadyExist", Meaning::done},
    Code{"param.", Meaning::other_form},
    Code{"contain.", Meaning::other_form},
    Code{"unknown.send.result", Meaning::maybe_done},
    Code{"system.error", Meaning::transient},
    Code{"system.busy", Meaning::transient},
};

constexpr std::int64_t robot_blocked = 130101;
/// Codes of the old host: session webhooks.
struct OldCode {
  std::int64_t code;
  Meaning meaning;
  Duration pause{};
};
constexpr std::array old_codes = {
    OldCode{-1, Meaning::transient}, OldCode{400013, Meaning::gone},         OldCode{400102, Meaning::gone},
    OldCode{400106, Meaning::gone},  OldCode{410100, Meaning::wait, minute}, OldCode{robot_blocked, Meaning::wait, 10 * minute},
};

std::optional<Duration> told_to_wait(const HttpResponse& answer) {
  const std::string_view header = answer.headers.get("Retry-After");
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(header.data(), header.data() + header.size(), value);
  if (error != std::errc{} || end == header.data() || value < 0 || value > 86400) return std::nullopt;
  return Duration(value * 1000);
}

Receipt wait_for(Duration pause, const HttpResponse& answer, std::string detail) {
  Receipt receipt(Outcome::retry, std::move(detail));
  receipt.retry_after = told_to_wait(answer).value_or(pause);
  return receipt;
}

Receipt all_wait_for(Duration pause, const HttpResponse& answer, std::string detail) {
  Receipt receipt = wait_for(pause, answer, std::move(detail));
  receipt.whole_app = true;
  return receipt;
}

Receipt delivered(std::string id) {
  Receipt receipt(Outcome::delivered);
  receipt.provider_id = std::move(id);
  return receipt;
}

Receipt gone(std::string detail) {
  Receipt receipt(Outcome::rejected, std::move(detail));
  receipt.target_gone = true;
  return receipt;
}

Receipt refused(Meaning meaning, Duration pause, const Outgoing& sent, const std::string& sent_as, const HttpResponse& answer,
                const std::string& detail) {
  switch (meaning) {
    case Meaning::token:
      return Receipt(Outcome::token_expired, detail);
    case Meaning::wait:
      return wait_for(pause, answer, detail);
    case Meaning::wait_all:
      return all_wait_for(pause, answer, detail);
    case Meaning::used_up: {
      Receipt receipt = wait_for(pause, answer, detail);
      receipt.used_up = true;
      return receipt;
    }
    case Meaning::transient:
      return Receipt(Outcome::retry, detail);
    case Meaning::maybe_done:
      return Receipt(Outcome::unknown, detail);
    case Meaning::gone:
    case Meaning::nobody: {
      // What an urgent call or an update says about a chat, the next message will say too.
      if (sent.form == Form::urgent || sent.form == Form::card_update || sent.form == Form::group)
        return Receipt(Outcome::rejected, detail);
      Receipt receipt = gone(detail);
      receipt.chat_gone = meaning == Meaning::gone;
      return receipt;
    }
    case Meaning::done:
      if (sent.form == Form::card) return delivered(sent_as);
      return Receipt(Outcome::rejected, detail);
    case Meaning::other_form: {
      const bool last = sent.form == Form::group || is_last_form(sent);
      return Receipt(last ? Outcome::rejected : Outcome::unsupported, detail);
    }
    case Meaning::no_right: {
      Receipt receipt(Outcome::rejected, detail);
      receipt.no_right = true;
      return receipt;
    }
    case Meaning::never:
      break;
  }
  return Receipt(Outcome::rejected, detail);
}

// ---- what HTTP 200 hides ---------------------------------------------------------------------------------

/// Session webhooks and custom robots.
Receipt of_hook(const Outgoing& sent, const json& body, const HttpResponse& answer) {
  const std::string hook = sent.channel == custom_robot_channel ? "custom robot" : "session webhook";
  const auto code = number(member(body, "errcode"));
  if (!code) return Receipt(Outcome::unknown, hook + ": an answer without errcode");
  // It gives its messages no id; an urgent call behind one needs a name for it.
  if (*code == 0) return delivered(sent.key);
  const std::string detail = hook + ": errcode " + std::to_string(*code);
  const auto found = std::ranges::find(old_codes, *code, &OldCode::code);
  // A custom robot that was stopped, or blocked for minutes, says nothing about the group: the app itself can speak there.
  const bool blocked = *code == robot_blocked;
  const bool stopped = found != old_codes.end() && found->meaning == Meaning::gone;
  const bool of_robot = sent.channel == custom_robot_channel && (blocked || stopped);
  if (found != old_codes.end() && !of_robot) return refused(found->meaning, found->pause, sent, {}, answer, detail);
  // Ended (300001), not signed for, content it dislikes: the other way may do it.
  return Receipt(Outcome::unsupported, detail);
}

Receipt of_card(const std::string& sent_as, const json& body) {
  const json* result = member(body, "result");
  const json* spaces = result == nullptr ? nullptr : member(*result, "deliverResults");
  if (const json* success = member(body, "success"); success != nullptr && !truth(success))
    return Receipt(Outcome::unsupported, "card: success false");
  // A card that stood already: the repeat has no effect, and delivers it nowhere.
  const bool empty = spaces != nullptr && spaces->is_array() && spaces->empty();
  const std::string named = result == nullptr ? std::string() : text(*result, "outTrackId");
  if ((empty && named.empty()) || ((empty || spaces == nullptr) && named == sent_as)) return delivered(sent_as);
  if (empty || spaces == nullptr || !spaces->is_array()) return Receipt(Outcome::unknown, "card: no deliverResults");
  for (const json& space : *spaces) {
    if (!truth(member(space, "success"))) return Receipt(Outcome::unsupported, "card: created, but not delivered");
  }
  return delivered(sent_as);
}

Receipt of_update(const Outgoing& sent, const json& body) {
  if (const json* success = member(body, "success"); success != nullptr && truth(success)) return delivered(sent.update_of);
  return Receipt(member(body, "success") == nullptr ? Outcome::unknown : Outcome::unsupported, "card update: no success");
}

Receipt of_call(const Outgoing& sent, const json& body) {
  std::vector<std::string> missed;
  if (const json* failed = member(body, "failedList"); failed != nullptr && failed->is_object()) {
    for (const auto& [reason, people] : failed->items()) {
      for (std::string& user : texts(&people)) missed.push_back(std::move(user));
    }
  }
  if (missed.empty()) {
    if (text(body, "openDingId").empty()) return Receipt(Outcome::unknown, "DING: no openDingId");
    return delivered(sent.update_of);
  }
  return Receipt(Outcome::rejected, "DING: " + std::to_string(missed.size()) + " people cannot be called");
}

Receipt of_message(const Outgoing& sent, const json& body, const HttpResponse& answer) {
  const auto has = [&](const char* list) {
    return sent.to && std::ranges::count(texts(member(body, list)), sent.to->value) > 0;
  };
  if (has("invalidStaffIdList")) return gone("the platform knows no such person, or the app may not write to them");
  if (has("flowControlledStaffIdList")) return wait_for(10 * second, answer, "flow-controlled for this person");
  std::string id = text(body, "processQueryKey");
  if (id.empty()) return Receipt(Outcome::unknown, "no processQueryKey");
  return delivered(std::move(id));
}

}  // namespace

Receipt read_receipt(const Outgoing& sent, const std::string& sent_as, const HttpResponse& answer) {
  const std::string status = "HTTP " + std::to_string(answer.status);
  const json body = parse(answer.body);
  // The guard of the gateway blocks an address that called too often; its status is another one each time.
  if (number(member(body, "status")) == 1111 || text(body, "punish") == "deny")
    return all_wait_for(5 * minute, answer, status + " blocked by the gateway");
  const std::string code = text(either(body, "code", "Code"));
  if (answer.status >= 200 && answer.status < 300 && code.empty()) {
    if (!body.is_object()) return Receipt(Outcome::unknown, status + " without JSON");
    if (sent.form == Form::group) return read_group_answer(sent, body);
    if (sent.form == Form::urgent) return of_call(sent, body);
    if (sent.channel == reply_channel || sent.channel == custom_robot_channel) return of_hook(sent, body, answer);
    if (sent.form == Form::card_update) return of_update(sent, body);
    if (sent.form == Form::card && sent.channel != action_channel) return of_card(sent_as, body);
    return of_message(sent, body, answer);
  }
  const std::string detail = code.empty() ? status : status + " " + code.substr(0, 80);
  if (answer.status == 401 || code.starts_with("InvalidAuthentication")) {
    // What goes out without a token gets no better by a new one: the other way may do it.
    const bool no_token = sent.form != Form::urgent && (sent.channel == reply_channel || sent.channel == custom_robot_channel);
    if (no_token) return Receipt(Outcome::unsupported, detail);
    return refused(Meaning::token, {}, sent, sent_as, answer, detail);
  }
  if (code == "param.userIdNotExist" && sent.to) return refused(Meaning::nobody, {}, sent, sent_as, answer, detail);
  const auto known = std::ranges::find_if(codes, [&](const Code& one) { return code.starts_with(one.prefix); });
  if (known != codes.end()) return refused(known->meaning, known->pause, sent, sent_as, answer, detail);
  if (answer.status == 429) return wait_for(second, answer, detail);
  // The gateway gives up after three seconds: what stands behind it may have gone on.
  if (answer.status >= 500) return Receipt(Outcome::unknown, detail);
  // A proxy, or the gateway's block of an address: the platform itself has said nothing about what was sent.
  if (code.empty()) return Receipt(Outcome::retry, detail + " without a code");
  return Receipt(Outcome::rejected, detail);
}

std::string why_not_registered(const HttpResponse& answer, const std::string& url) {
  const json body = parse(answer.body);
  const std::string code = text(either(body, "code", "Code"));
  const std::string status = "HTTP " + std::to_string(answer.status);
  if (answer.status != 200 || !code.empty()) return code.empty() ? status : status + " " + text::clip_bytes(code, 80);
  const json* success = member(body, "success");
  if (success == nullptr || !truth(success)) return status + " without success";
  const json* result = member(body, "result");
  const std::string stored = result == nullptr ? std::string() : text(*result, "callbackUrl");
  if (!stored.empty() && stored != url) return "another address stays registered";
  return {};
}

}  // namespace xieban::dingtalk
