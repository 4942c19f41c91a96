#pragma once
// The playground as a platform like the others: bytes in, values out. Its "server" is bot/web/playground_world.

#include <string>

#include "bot/ports/platform.hpp"

namespace xieban {

/// One app, "playground:main". A person's user id is the person id; a private chat is "p:" + person id.
///
/// Events (POST, JSON), `at` in RFC 3339:
///   {"id","type":"message","chat","user","at","text","mentions":[{"name","user"|null}]}
///   {"id","type":"press","chat","user","at","card":int,"version":int,"action","inputs":{id:[str]}}
/// In a group only text that starts with /, ／ or @ and the bot's name is for the bot; the rest is ignored.
class PlaygroundPlatform final : public Platform {
 public:
  explicit PlaygroundPlatform(std::string bot_name = "协办", Lang lang = Lang::zh);

  [[nodiscard]] const AppId& app() const override { return app_; }
  [[nodiscard]] const Traits& traits() const override { return traits_; }
  [[nodiscard]] std::string origin() const override { return "playground:"; }
  [[nodiscard]] Result<Decoded> decode(const HttpRequest&, TimePoint now) const override;
  /// {"toast":{"tone","text"}|null,"card":card|null,"text":str}; text: the card in words
  [[nodiscard]] HttpResponse answer(const Inbound&, const Reply&, const Card*) const override;
  [[nodiscard]] HttpResponse busy(const Inbound&, const std::string& text) const override;
  [[nodiscard]] std::optional<HttpRequest> token_request() const override { return std::nullopt; }
  [[nodiscard]] Result<Token> read_token(const HttpResponse&, TimePoint now) const override;
  /// POST /messages shows a message, PUT /messages/{id} updates one in place.
  [[nodiscard]] Result<Wire> encode(const Outgoing&, const Token&) const override;
  [[nodiscard]] Receipt interpret(const Outgoing&, const HttpResponse&) const override;

 private:
  AppId app_;
  std::string bot_name_;
  Lang lang_;
  Traits traits_;
};

}  // namespace xieban
