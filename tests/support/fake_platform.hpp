#pragma once
// A chat platform small enough to read in one go: JSON in, JSON out, with tokens, keys and cards.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bot/ports/platform.hpp"

namespace xieban::testing {

/// One group channel and one private channel; cards with inputs, mentions, urgent private messages, a key window of one hour.
Traits fake_traits();
/// The same, and groups of its own: the id of the call that makes one is the chat.
Traits fake_traits_with_groups();

/// Texts that begin so go out as frames of the long connection, without a token.
inline constexpr std::string_view over_socket = "frame: ";

/// What a test needs beyond it, it overrides.
class FakePlatform : public Platform {
 public:
  explicit FakePlatform(AppId app = AppId("fake:main"), Traits traits = fake_traits(), bool needs_token = true);

  [[nodiscard]] const AppId& app() const override { return app_; }
  [[nodiscard]] const Traits& traits() const override { return traits_; }
  [[nodiscard]] std::string origin() const override { return "https://" + app_.value; }
  [[nodiscard]] Result<Decoded> decode(const HttpRequest&, TimePoint now) const override;
  [[nodiscard]] HttpResponse answer(const Inbound&, const Reply&, const Card*) const override;
  [[nodiscard]] HttpResponse busy(const Inbound&, const std::string& text) const override;
  [[nodiscard]] std::optional<HttpRequest> token_request() const override;
  [[nodiscard]] bool needs_token(const Outgoing&) const override;
  [[nodiscard]] Result<Token> read_token(const HttpResponse&, TimePoint now) const override;
  [[nodiscard]] Result<Wire> encode(const Outgoing&, const Token&) const override;
  [[nodiscard]] Receipt interpret(const Outgoing&, const HttpResponse&) const override;

 private:
  AppId app_;
  Traits traits_;
  bool needs_token_;
};

/// Events as FakePlatform reads them, signed.
HttpRequest said(const std::string& key, const std::string& user, const std::string& chat, const std::string& text,
                 bool one_to_one = false, const std::vector<std::pair<std::string, std::string>>& mentions = {});
HttpRequest pressed(const std::string& key, const std::string& user, const std::string& chat, CardId card,
                    const std::string& action, std::uint32_t version = 0,
                    const std::map<std::string, std::vector<std::string>>& inputs = {});

}  // namespace xieban::testing
