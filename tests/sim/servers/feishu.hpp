#pragma once
// Feishu's open platform: tokens, messages, cards, chats, people, tasks, custom robots; events posted or over
// the long connection; strict.
//
// An app of the world may have a transport ("stream"|"webhook", where events go without "via"; absent: stream). A chat may be
// "dissolved": true or "robot": false (the bot was removed), as events make it.

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/servers/feishu_gateway.hpp"
#include "tests/sim/servers/platform.hpp"
#include "tests/sim/servers/windows.hpp"

namespace xieban::sim {

class Feishu final : public PlatformSim {
 public:
  explicit Feishu(Stage&);
  static nlohmann::json usual_world();

  Outcome call(const HttpRequest&) override;
  Outcome business(const Fault&, const HttpRequest&) override;
  /// Of a press: 200672 malformed, 200673 an invalid card, 200830 a card of another schema.
  [[nodiscard]] int refused_answer(const Push&, const std::string& answer) const override;
  void expire_tokens() override;
  void refuse_tokens(bool on) override { refuse_ = on; }
  void clear() override;
  std::optional<Push> push(const nlohmann::json& what, std::string& error) override;
  [[nodiscard]] std::vector<std::string_view> event_members() const override { return {"key", "department"}; }
  [[nodiscard]] std::vector<std::string_view> stream_members() const override { return {"status", "headers"}; }
  std::shared_ptr<SocketUser> upgrade(const HttpRequest&, HttpResponse& refusal) override;
  boost::asio::awaitable<Delivery> send_on_stream(Push, int attempt) override;
  Result<int> disturb_stream(const nlohmann::json&) override;

  static Outcome good(const nlohmann::json& data);
  static Outcome refusal(std::int64_t code, const std::string& message, int status = 400);
  /// None of these scopes is granted: 99991672. Apps without a list of scopes have all of them.
  static std::optional<Outcome> missing_scope(const nlohmann::json& app, const std::vector<std::string>& any_of);

 private:
  struct Token {
    std::string app;
    TimePoint until;
  };
  struct Sent {
    std::string message;
    TimePoint at;
  };
  /// Bodies that carry the code beside their members.
  static Outcome flat(const nlohmann::json& body);
  Outcome token(const HttpRequest&);
  Outcome send(const HttpRequest&, const nlohmann::json& app, const std::string& reply_to);
  Outcome update(const HttpRequest&, const nlohmann::json& app, const std::string& message);
  Outcome urgent(const HttpRequest&, const nlohmann::json& app, const std::string& message);
  Outcome robot(const HttpRequest&, const std::string& key);
  Outcome read(const HttpRequest&, const nlohmann::json& app);
  Outcome chats(const HttpRequest&, const nlohmann::json& app);
  Outcome make_chat(const HttpRequest&, const nlohmann::json& app, const nlohmann::json& body);
  Outcome add_members(nlohmann::json& chat, const HttpRequest&, const nlohmann::json& app, const nlohmann::json& body);
  Outcome tasks(const HttpRequest&, const nlohmann::json& app);
  Outcome make_task(const nlohmann::json& app, const nlohmann::json& body);
  static Outcome change_task(nlohmann::json& task, const nlohmann::json& body);
  Outcome announce(nlohmann::json& chat, const nlohmann::json& app, const nlohmann::json& body, const HttpRequest&);
  std::optional<Outcome> over_rate(const std::string& key, std::uint32_t count, Duration per, std::int64_t code = 99991400,
                                   int status = 429);
  /// Each app has its own of every call; what goes to one target is counted for all of them.
  std::optional<Outcome> over_limit(const nlohmann::json& app, const std::string& what, const std::string& target);
  /// Neither removed from it nor dissolved with it.
  static bool has_bot(const nlohmann::json& chat);
  /// The app's world says `"bot": false`: 230006.
  static std::optional<Outcome> without_bot(const nlohmann::json& app);
  nlohmann::json message_event(const nlohmann::json& what, std::string& key, std::string& error);
  std::optional<nlohmann::json> press_event(const nlohmann::json& what, std::string& error);
  HttpRequest sealed(const nlohmann::json& app, const nlohmann::json& event);

  Stage& stage_;
  FeishuGateway gateway_;
  std::map<std::string, Token> tokens_;
  std::map<std::string, Sent> by_key_;
  std::map<std::string, Sent> chats_by_key_;
  std::map<std::string, Sent> tasks_by_key_;
  std::set<std::string> announced_;  // client tokens
  Windows windows_;
  bool refuse_ = false;
};

}  // namespace xieban::sim
