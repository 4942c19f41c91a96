#include "adapters/feishu/receipts.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "adapters/feishu/groups.hpp"
#include "adapters/feishu/tasks.hpp"

namespace xieban::feishu {

using nlohmann::json;

namespace {

enum class Meaning {
  token,       // fetch a new one, try once more
  frequency,   // wait as told
  transient,   // try again
  gone,        // chat dissolved, bot removed or silenced there, person unreachable
  other_form,  // too long, a card that was refused or is too old: take the next form
  audited,     // words that the platform or the company does not let through: the same without them
  never,       // configuration or content: no attempt will help
  quota,       // the month's calls are used up
  shut_out,    // the app itself is refused, until somebody puts that right
};
struct Code {
  int code;
  Meaning meaning;
};
constexpr std::array codes = {
    Code{99991661, Meaning::token},    Code{99991663, Meaning::token},    Code{99991664, Meaning::token},
    Code{99991665, Meaning::token},    Code{99991671, Meaning::token},    Code{99991400, Meaning::frequency},
    Code{230020, Meaning::frequency},  Code{11232, Meaning::frequency},   Code{11233, Meaning::frequency},
    Code{11247, Meaning::frequency},   Code{230049, Meaning::transient},  Code{2200, Meaning::transient},
    Code{5000, Meaning::transient},    Code{190004, Meaning::transient},  Code{190005, Meaning::transient},
    Code{190010, Meaning::transient},  Code{1470422, Meaning::transient}, Code{1470500, Meaning::transient},
    Code{230002, Meaning::gone},       Code{232009, Meaning::gone},       Code{10002, Meaning::gone},
    Code{10030, Meaning::gone},        Code{230013, Meaning::gone},       Code{230029, Meaning::gone},
    Code{230034, Meaning::gone},       Code{230035, Meaning::gone},       Code{230053, Meaning::gone},
    Code{230038, Meaning::gone},       Code{99992351, Meaning::gone},     Code{99992352, Meaning::gone},
    Code{99992361, Meaning::gone},     Code{99992356, Meaning::gone},     Code{99992360, Meaning::gone},
    Code{230025, Meaning::other_form}, Code{230099, Meaning::other_form}, Code{230110, Meaning::other_form},
    Code{230011, Meaning::other_form}, Code{230031, Meaning::other_form}, Code{99992354, Meaning::other_form},
    Code{230054, Meaning::other_form}, Code{99991403, Meaning::quota},    Code{99991662, Meaning::shut_out},
    Code{99991673, Meaning::shut_out}, Code{99991401, Meaning::shut_out}, Code{230006, Meaning::shut_out},
    Code{230018, Meaning::gone},       Code{230019, Meaning::gone},       Code{230027, Meaning::gone},
    Code{230075, Meaning::gone},       Code{230022, Meaning::audited},    Code{230028, Meaning::audited},
};
constexpr std::array<std::int64_t, 2> left_chat = {230002, 232009};  // whatever is sent there
constexpr std::array missing_scope = {99991672, 99991676};
constexpr Duration quota_pause{3600 * 1000};
constexpr Duration shut_out_pause{60 * 1000};

/// Why nothing goes out, for those who can put it right.
std::string_view reason_of(int code) {
  switch (code) {
    case 99991403:
      return "the month's calls are used up";
    case 99991662:
      return "the app is disabled";
    case 99991673:
      return "the app is not installed";
    case 99991401:
      return "this host's address is not in the app's list of allowed addresses";
    case 230006:
      return "the bot ability is off";
    default:
      return "a scope is missing";
  }
}

/// Without the right to send, nothing new comes through; other calls without theirs take another way.
std::optional<Meaning> meaning_of(int code, Form form) {
  const bool new_message = form == Form::card || form == Form::text;
  if (new_message && std::ranges::find(missing_scope, code) != missing_scope.end()) return Meaning::shut_out;
  const auto found = std::ranges::find(codes, code, &Code::code);
  return found == codes.end() ? std::nullopt : std::optional(found->meaning);
}

std::optional<Duration> seconds(std::string_view header) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(header.data(), header.data() + header.size(), value);
  if (error != std::errc{} || end == header.data() || value < 0 || value > 86400) return std::nullopt;
  return Duration(value * 1000);
}

std::optional<Duration> wait_of(const HttpResponse& answer) {
  if (auto reset = seconds(answer.headers.get("x-ogw-ratelimit-reset"))) return reset;
  return seconds(answer.headers.get("Retry-After"));
}

Receipt refused(Meaning meaning, const Outgoing& sent, const HttpResponse& answer, const std::string& detail, bool locked) {
  switch (meaning) {
    case Meaning::token:
      return Receipt(Outcome::token_expired, detail);
    case Meaning::frequency: {
      Receipt receipt(Outcome::retry, detail);
      receipt.retry_after = wait_of(answer);
      return receipt;
    }
    case Meaning::transient:
      return Receipt(Outcome::retry, detail);
    case Meaning::quota:
    case Meaning::shut_out: {
      Receipt receipt(Outcome::retry, detail);
      receipt.retry_after = meaning == Meaning::quota ? quota_pause : shut_out_pause;
      receipt.used_up = meaning == Meaning::quota;
      receipt.shut_out = true;
      return receipt;
    }
    case Meaning::gone: {
      Receipt receipt(Outcome::rejected, detail);
      receipt.target_gone = true;
      return receipt;
    }
    case Meaning::other_form:
      if (locked) return Receipt(Outcome::retry, detail);
      return Receipt(sent.form == Form::text ? Outcome::rejected : Outcome::unsupported, detail);
    case Meaning::audited:
      return Receipt(is_last_form(sent) ? Outcome::rejected : Outcome::unsupported, detail);
    case Meaning::never:
      break;
  }
  return Receipt(Outcome::rejected, detail);
}

}  // namespace

Receipt read_receipt(const Outgoing& sent, const HttpResponse& answer) {
  const std::string status = "HTTP " + std::to_string(answer.status);
  const json body = json::parse(answer.body, nullptr, false);
  const auto code_at = body.is_object() ? body.find("code") : body.end();
  if (!body.is_object() || code_at == body.end() || !code_at->is_number_integer()) {
    if (answer.status == 429) {
      Receipt receipt(Outcome::retry, status);
      receipt.retry_after = wait_of(answer);
      return receipt;
    }
    // An error of the gateway, or an answer cut short: it may have been done. The key makes a repeat harmless.
    if (answer.status >= 500 || answer.status == 200) return Receipt(Outcome::unknown, status + " without a code");
    return Receipt(Outcome::rejected, status + " without a code");
  }
  const auto code = code_at->get<std::int64_t>();
  if (code == 0) {
    Receipt receipt(Outcome::delivered);
    const auto data = body.find("data");
    if (sent.form == Form::task) return task_done(sent, data == body.end() ? json() : *data);
    if (sent.form == Form::group) return group_done(sent, data == body.end() ? json() : *data);
    if (sent.form == Form::card_update || sent.form == Form::urgent) {
      receipt.provider_id = sent.update_of;
      const bool some = data != body.end() && data->is_object() && data->contains("invalid_user_id_list");
      const json missed = some ? (*data)["invalid_user_id_list"] : json();
      if (sent.form == Form::urgent && missed.is_array() && !missed.empty())
        return Receipt(Outcome::rejected, std::to_string(missed.size()) + " people cannot be roused");
      return receipt;
    }
    if (data != body.end() && data->is_object()) receipt.provider_id = data->value("message_id", "");
    if (receipt.provider_id.empty()) return Receipt(Outcome::unknown, "code 0 without message_id");
    return receipt;
  }
  const auto said = body.find("msg");
  const std::string reason = said != body.end() && said->is_string() ? said->get<std::string>() : "";
  const bool locked = reason.find("action is lock") != std::string::npos;
  const auto meaning = code < 1 || code > 2000000000 ? std::nullopt : meaning_of(static_cast<int>(code), sent.form);
  std::string detail = status + " code " + std::to_string(code);
  if (meaning == Meaning::quota || meaning == Meaning::shut_out) detail.append(": ").append(reason_of(static_cast<int>(code)));
  const bool of_call =
      meaning && (*meaning == Meaning::gone || *meaning == Meaning::other_form || *meaning == Meaning::audited);
  const bool of_what_was_asked = meaning ? of_call : answer.status < 500 && answer.status != 429;
  if (sent.form == Form::group && of_what_was_asked) return group_refused(sent, code, detail);
  if (sent.form == Form::task && of_what_was_asked) return task_refused(sent, code, detail);
  if (meaning) {
    Receipt receipt = refused(*meaning, sent, answer, detail, locked);
    receipt.chat_gone = std::ranges::find(left_chat, code) != left_chat.end();
    return receipt;
  }
  if (answer.status == 429) return refused(Meaning::frequency, sent, answer, detail, locked);
  if (answer.status >= 500) return Receipt(Outcome::retry, detail);
  return Receipt(Outcome::rejected, detail);
}

}  // namespace xieban::feishu
