#include "adapters/wecom/hook.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "adapters/wecom/app_event.hpp"
#include "adapters/wecom/bot_event.hpp"
#include "adapters/wecom/read.hpp"
#include "adapters/wecom/xml.hpp"
#include "bot/crypto/crypto.hpp"
#include "bot/ports/stream.hpp"

namespace xieban::wecom {

using nlohmann::json;

namespace {

constexpr Duration clock_window{5LL * 60 * 1000};

std::unexpected<Error> bad(const char* what) { return std::unexpected(Error(Errc::bad_input, what)); }
std::unexpected<Error> foreign(const char* what) { return std::unexpected(Error(Errc::bad_signature, what)); }

std::string_view channel_of(const HttpRequest& request) {
  const std::string_view path = request.path();
  return path.substr(path.rfind('/') + 1);
}

std::string seconds_of(TimePoint at) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count());
}

/// Of the app or the bot.
template <class Part>
CallbackKeys keys_of(const std::optional<Part>& part, const std::string& receiver) {
  if (!part) return CallbackKeys({}, {}, {}, {}, receiver);
  return CallbackKeys(part->token, part->aes_key, part->old_token, part->old_aes_key, receiver);
}

}  // namespace

Hook::Hook(const Settings& settings, Rng rng)
    : settings_(settings),
      app_(keys_of(settings.app, settings.corp_id)),
      // A company's own smart bot seals for nobody in particular.
      bot_(keys_of(settings.bot, {})),
      rng_(rng) {}

std::string Hook::letters(std::size_t count) {
  constexpr std::string_view all = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  std::string out;
  while (out.size() < count) out += all[rng_.below(all.size())];
  return out;
}

HttpResponse Hook::to_app(std::string_view inner) {
  const std::string encrypt = app_.seal(inner, letters(16));
  const std::string timestamp = seconds_of(last_);
  const std::string nonce = letters(16);
  const json answer = {
      {"Encrypt", encrypt}, {"MsgSignature", app_.sign(timestamp, nonce, encrypt)}, {"TimeStamp", timestamp}, {"Nonce", nonce}};
  return HttpResponse(200, write_xml("xml", answer), "application/xml");
}

HttpResponse Hook::to_bot(const json& inner, const std::string& nonce) {
  const std::string encrypt = bot_.seal(dump(inner), letters(16));
  const std::string timestamp = seconds_of(last_);
  const json answer = {{"encrypt", encrypt},
                       {"msgsignature", bot_.sign(timestamp, nonce, encrypt)},
                       {"timestamp", std::chrono::duration_cast<std::chrono::seconds>(last_.time_since_epoch()).count()},
                       {"nonce", nonce}};
  return HttpResponse(200, dump(answer), "text/plain; charset=utf-8");
}

Result<std::string> Hook::open(CallbackKeys& keys, const HttpRequest& request, const std::string& encrypt, TimePoint now) {
  const std::string timestamp = request.param("timestamp");
  const std::string signature = request.param("msg_signature"), nonce = request.param("nonce");
  if (encrypt.empty() || !keys.signed_by(signature, timestamp, nonce, encrypt)) return foreign("signature does not fit");
  const auto at = instant(timestamp);
  if (!at || std::chrono::abs(now - *at) > clock_window) return foreign("timestamp is not of now");
  auto plain = keys.open(signature, timestamp, nonce, encrypt);
  if (!plain) return foreign("cannot be decrypted");
  return plain;
}

Result<Decoded> Hook::decode(const HttpRequest& request, TimePoint now) {
  last_ = now;
  const std::string_view channel = channel_of(request);
  if (request.method == stream_method) {
    BotPath path;
    path.stream = true;
    path.req_id = request.headers.get(req_id_header);
    return settings_.bot ? read_bot_event(settings_, parse(request.body), path, now) : bad("no smart bot is configured");
  }
  const bool for_app = channel == app_channel_name;
  if (!for_app && channel != bot_channel_name) return bad("no such channel");
  CallbackKeys& keys = for_app ? app_ : bot_;
  if (keys.empty()) return foreign("nothing is received here");

  if (request.method == "GET") {
    // A plus that a form decoder on the way took for a space.
    std::string encrypt = request.param("echostr");
    std::ranges::replace(encrypt, ' ', '+');
    if (encrypt.empty()) return bad("a URL check without echostr");
    auto echo = open(keys, request, encrypt, now);
    if (!echo) return std::unexpected(echo.error());
    Handshake check;
    check.answer = HttpResponse(200, std::move(*echo), "text/plain");
    return Decoded(std::move(check));
  }
  if (request.method != "POST") return bad("only GET and POST are received");

  if (for_app) {
    const auto envelope = read_xml(request.body);
    if (!envelope) return std::unexpected(envelope.error());
    const auto xml = open(keys, request, envelope->text_of("Encrypt"), now);
    return xml ? read_app_event(settings_, *xml, now) : std::unexpected(xml.error());
  }
  const json envelope = parse(request.body);
  if (envelope.is_discarded()) return bad("body is not JSON");
  std::string encrypt = text(envelope, "encrypt");
  if (encrypt.empty()) encrypt = text(envelope, "Encrypt");
  const auto plain = open(keys, request, encrypt, now);
  if (!plain) return std::unexpected(plain.error());
  BotPath path;
  path.nonce = request.param("nonce");
  return read_bot_event(settings_, parse(*plain), path, now);
}

}  // namespace xieban::wecom
