#pragma once
#include <memory>
#include <string>

#include "adapters/feishu/contacts.hpp"
#include "adapters/feishu/hook.hpp"
#include "adapters/feishu/settings.hpp"
#include "bot/ports/platform.hpp"

namespace xieban::feishu {

/// Feishu over its long connection or over webhook. Decodes on one thread only.
class FeishuPlatform final : public Platform {
 public:
  explicit FeishuPlatform(Settings);
  [[nodiscard]] const AppId& app() const override { return settings_.app; }
  [[nodiscard]] const Traits& traits() const override { return traits_; }
  [[nodiscard]] std::string origin() const override { return settings_.api_base; }
  [[nodiscard]] Result<Decoded> decode(const HttpRequest&, TimePoint now) const override;
  [[nodiscard]] HttpResponse answer(const Inbound&, const Reply&, const Card*) const override;
  [[nodiscard]] HttpResponse busy(const Inbound&, const std::string& text) const override;
  [[nodiscard]] std::optional<HttpRequest> token_request() const override;
  [[nodiscard]] Result<Token> read_token(const HttpResponse&, TimePoint now) const override;
  [[nodiscard]] Result<Wire> encode(const Outgoing&, const Token&) const override;
  [[nodiscard]] Receipt interpret(const Outgoing&, const HttpResponse&) const override;
  [[nodiscard]] std::unique_ptr<StreamMachine> make_stream() const override;
  void know_self(const UserId& self) const override { hook_->know_self(self); }
  [[nodiscard]] const Contacts* contacts() const override { return &contacts_; }

 private:
  Settings settings_;
  Traits traits_;
  std::unique_ptr<Hook> hook_;
  FeishuContacts contacts_;
};

}  // namespace xieban::feishu
