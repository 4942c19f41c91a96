#pragma once
#include <memory>
#include <string>

#include "adapters/dingtalk/contacts.hpp"
#include "adapters/dingtalk/hook.hpp"
#include "adapters/dingtalk/settings.hpp"
#include "bot/ports/platform.hpp"

namespace xieban::dingtalk {

/// DingTalk over HTTP and over its long connection. Decodes and answers on one thread only. `rng`: for the nonces of
/// encrypted answers.
class DingTalkPlatform final : public Platform {
 public:
  DingTalkPlatform(Settings, Rng rng);
  [[nodiscard]] const AppId& app() const override { return settings_.app; }
  [[nodiscard]] const Traits& traits() const override { return traits_; }
  [[nodiscard]] std::string origin() const override { return settings_.api_base; }
  [[nodiscard]] Result<Decoded> decode(const HttpRequest&, TimePoint now) const override;
  [[nodiscard]] HttpResponse answer(const Inbound&, const Reply&, const Card*) const override;
  [[nodiscard]] HttpResponse busy(const Inbound&, const std::string& text) const override;
  [[nodiscard]] std::optional<HttpRequest> token_request() const override;
  [[nodiscard]] bool needs_token(const Outgoing&) const override;
  [[nodiscard]] Result<Token> read_token(const HttpResponse&, TimePoint now) const override;
  [[nodiscard]] Result<Wire> encode(const Outgoing&, const Token&) const override;
  [[nodiscard]] Receipt interpret(const Outgoing&, const HttpResponse&) const override;
  [[nodiscard]] std::unique_ptr<StreamMachine> make_stream() const override;
  [[nodiscard]] const Contacts* contacts() const override { return &contacts_; }

 private:
  [[nodiscard]] bool public_card() const { return settings_.card_template == "public"; }
  Settings settings_;
  Traits traits_;
  std::unique_ptr<Hook> hook_;
  DingTalkContacts contacts_;
};

}  // namespace xieban::dingtalk
