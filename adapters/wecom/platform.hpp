#pragma once
#include <memory>
#include <string>

#include "adapters/wecom/contacts.hpp"
#include "adapters/wecom/hook.hpp"
#include "adapters/wecom/settings.hpp"
#include "bot/ports/platform.hpp"

namespace xieban::wecom {

struct Untaken;

/// WeCom's five channels as one: self-built app, smart bot by long connection or callback, replies, group robots, groups of
/// the app. Decodes and answers on one thread only. `rng`: for the nonces of encrypted answers and the ids of frames.
class WeComPlatform final : public Platform {
 public:
  WeComPlatform(Settings, Rng rng);
  [[nodiscard]] const AppId& app() const override { return settings_.app_id; }
  [[nodiscard]] const Traits& traits() const override { return traits_; }
  [[nodiscard]] std::string origin() const override { return settings_.api_base; }
  [[nodiscard]] Result<Decoded> decode(const HttpRequest&, TimePoint now) const override;
  /// Of a press: the card as it is now, for the app's clicker alone, for a bot's card wherever it stands.
  [[nodiscard]] HttpResponse answer(const Inbound&, const Reply&, const Card*) const override;
  /// 503: callbacks come again, and what came over the long connection is taken up again there.
  [[nodiscard]] HttpResponse busy(const Inbound&, const std::string& text) const override;
  [[nodiscard]] std::optional<HttpRequest> token_request() const override;
  [[nodiscard]] bool needs_token(const Outgoing&) const override;
  [[nodiscard]] Result<Token> read_token(const HttpResponse&, TimePoint now) const override;
  [[nodiscard]] Result<Wire> encode(const Outgoing&, const Token&) const override;
  [[nodiscard]] Receipt interpret(const Outgoing&, const HttpResponse&) const override;
  [[nodiscard]] std::unique_ptr<StreamMachine> make_stream() const override;
  [[nodiscard]] const Contacts* contacts() const override { return settings_.app ? &contacts_ : nullptr; }

 private:
  [[nodiscard]] Result<Wire> encode_app_card(const Outgoing&, const Secret& token) const;
  [[nodiscard]] Result<Wire> encode_bot_card(const Outgoing&) const;
  [[nodiscard]] Result<Wire> encode_text(const Outgoing&, const Secret& token) const;
  [[nodiscard]] Result<Wire> reply(const Outgoing&, const nlohmann::json& body) const;

  Settings settings_;
  Traits traits_;
  std::unique_ptr<Hook> hook_;
  WeComContacts contacts_;
  std::shared_ptr<Untaken> untaken_;  // handed on from one long connection to the next
};

}  // namespace xieban::wecom
