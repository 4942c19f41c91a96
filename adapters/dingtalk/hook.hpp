#pragma once
// What the platform says to us: three channels with three proofs over HTTP, and the frames of the long connection, which
// proved itself. Protocol: open.dingtalk.com, "receive messages", "configure stream push", "event callback card".

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "adapters/callback_cipher.hpp"
#include "adapters/dingtalk/settings.hpp"
#include "bot/base/rng.hpp"
#include "bot/ports/platform.hpp"

namespace xieban::dingtalk {

/// Last part of the path under which a channel is received: "/hook/dingtalk/main/robot".
inline constexpr std::string_view robot_channel = "robot", event_channel = "event", card_channel = "card";

/// Headers of a frame that an event needs beside its body.
inline constexpr const char* event_type_header = "eventType";
inline constexpr const char* event_id_header = "eventId";
inline constexpr const char* event_corp_header = "eventCorpId";
inline constexpr const char* event_time_header = "eventBornTime";
/// Headers of a frame that tell one push from another.
inline constexpr const char* push_id_header = "messageId";
inline constexpr const char* push_time_header = "time";

class Hook {
 public:
  Hook(const Settings&, Rng);

  /// bad_signature: proof, organisation or app are not ours, or it is too old. bad_input: not the protocol.
  Result<Decoded> decode(const HttpRequest&, TimePoint now);
  /// The encrypted "success" under a fresh nonce, at the time of the last event; "{}" without a key.
  [[nodiscard]] HttpResponse success();

 private:
  Result<Decoded> robot(const HttpRequest&, TimePoint now);
  Result<Decoded> event(const HttpRequest&, TimePoint now);
  Result<Decoded> card(const HttpRequest&, TimePoint now);
  /// Fills in what it was about; Ignored for what does not concern us.
  Result<Decoded> read_event(const nlohmann::json&, const HttpRequest&, Inbound, TimePoint now);
  [[nodiscard]] bool ours(std::string_view corp) const { return corp.empty() || corp == settings_.corp_id; }
  std::string letters(std::size_t count);

  const Settings& settings_;
  CallbackKeys keys_;
  Rng rng_;
  TimePoint last_{};
};

/// https at the platform's own hosts, or exactly the configured old host: answers go nowhere else, whatever a message says.
bool may_post_to(std::string_view url, const Settings&);
/// "https://host" of a URL; empty when it has no path.
std::string origin_of(std::string_view url);

}  // namespace xieban::dingtalk
