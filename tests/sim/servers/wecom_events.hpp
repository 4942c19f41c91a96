#pragma once
// What happened among people, as WeCom tells it: XML to the self-built app, JSON to the smart bot by address or by socket, and
// what the bot answers at once.

#include <map>
#include <optional>
#include <string>

#include "tests/sim/servers/platform.hpp"
#include "tests/sim/servers/wecom_apps.hpp"
#include "tests/sim/servers/wecom_bot.hpp"
#include "tests/sim/servers/wecom_gateway.hpp"
#include "tests/sim/servers/wecom_media.hpp"
#include "tests/sim/servers/wecom_xml.hpp"

namespace xieban::sim::wecom {

class Events {
 public:
  struct Parts {
    Apps& apps;
    Bot& bot;
    Media& media;
    Gateway& gateway;
  };
  Events(Stage& stage, Parts parts) : stage_(stage), parts_(parts) {}

  std::optional<Push> push(const nlohmann::json& what, std::string& error);
  /// The bot's answer to a webhook takes effect; true: acknowledged.
  bool answered(const Push&, const HttpResponse&);
  /// A stream that is not finished is asked for again (101031).
  std::optional<Push> follow_up(const Push&);
  HttpRequest again(const Push&);
  boost::asio::awaitable<Delivery> send_on_stream(Push, int attempt);
  void clear() { entered_.clear(); }

 private:
  using What = nlohmann::json;
  // The self-built app.
  std::optional<Push> to_app(Push, const nlohmann::json& app, const What&, std::string& error);
  Push app_event(Push, const nlohmann::json& app, const XmlWriter&, const std::string& user, const std::string& task);
  XmlWriter app_head(const nlohmann::json& app, const std::string& user, const char* type) const;
  std::optional<Push> app_press(Push, const nlohmann::json& app, const What&, const Shown& on, std::string& error);
  std::optional<Push> app_change(Push, const nlohmann::json& app, const What&, std::string& error);
  // The smart bot.
  std::optional<Push> to_bot(Push, const nlohmann::json& app, const What&, std::string& error);
  Push bot_push(Push, const nlohmann::json& app, const char* cmd, const nlohmann::json& body, const Bot::Question&);
  nlohmann::json bot_head(const nlohmann::json& app, const Bot::Place&, const std::string& id);
  nlohmann::json bot_message(const nlohmann::json& app, const What&, const Bot::Place&, const std::string& id, bool stream);
  std::optional<Push> bot_press(Push, const nlohmann::json& app, const What&, const Shown& on, std::string& error);
  std::optional<Push> bot_enters(Push, const nlohmann::json& app, const Bot::Place&);
  // Both.
  std::optional<Push> change_chat(Push, const What&, std::string& error);
  Push url_check(Push, const nlohmann::json& app, bool bot);
  Push raw(Push, const nlohmann::json& app, const What&, bool bot);
  HttpRequest sealed(const nlohmann::json& app, bool bot, const std::string& plain, const std::string& spoil);
  Refused app_answer(const Push&, const nlohmann::json& app, const std::string& body, std::string& plain);
  Refused bot_answer(const Push&, const nlohmann::json& app, const std::string& body, std::string& plain);
  [[nodiscard]] std::string now_text() const;

  Stage& stage_;
  Parts parts_;
  std::map<std::string, std::string> entered_;  // app/user -> the day of the last enter_chat
};

}  // namespace xieban::sim::wecom
