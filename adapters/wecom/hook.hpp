#pragma once
// What WeCom posts to us: "/hook/wecom/main/app" for the self-built app (XML inside), "/hook/wecom/main/bot" for the smart bot
// (JSON inside), each with its own token and key; and the frames of the long connection, which proved itself.
// Protocol: developer.work.weixin.qq.com, path 90238 (URL check, 1 s), 90968 (encryption), 101033 (smart bots).

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/callback_cipher.hpp"
#include "adapters/wecom/settings.hpp"
#include "bot/base/rng.hpp"
#include "bot/ports/platform.hpp"

namespace xieban::wecom {

/// Last part of the path under which each is received.
inline constexpr std::string_view app_channel_name = "app", bot_channel_name = "bot";
/// Header of an event that came in a frame: its req_id.
inline constexpr const char* req_id_header = "req-id";

class Hook {
 public:
  Hook(const Settings&, Rng);

  /// bad_signature: the proof does not fit, it is for another receiver, or more than a day from now. bad_input: not the
  /// protocol.
  Result<Decoded> decode(const HttpRequest&, TimePoint now);
  /// Encrypted answers at the time of the last event. `inner`: the passive reply's XML, the answer's JSON.
  [[nodiscard]] HttpResponse to_app(std::string_view inner);
  [[nodiscard]] HttpResponse to_bot(const nlohmann::json& inner, const std::string& nonce);
  /// Chance for whoever needs ids of their own.
  [[nodiscard]] std::uint64_t chance() { return rng_.next(); }

 private:
  static Result<std::string> open(CallbackKeys&, const HttpRequest&, const std::string& encrypt, TimePoint now);
  std::string letters(std::size_t count);

  const Settings& settings_;
  CallbackKeys app_, bot_;
  Rng rng_;
  TimePoint last_{};
};

}  // namespace xieban::wecom
