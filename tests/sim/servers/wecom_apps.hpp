#pragma once
// What a self-built app says in its private chats: messages (90236), cards and their updates (94888), recalls (94867), passive
// replies (90241). Its chat with a person is "app:" + person.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/sim/servers/wecom_access.hpp"
#include "tests/sim/servers/wecom_message.hpp"

namespace xieban::sim::wecom {

class Apps {
 public:
  Apps(Stage& stage, Access& access) : stage_(stage), access_(access) {}

  Outcome send(const nlohmann::json& app, const nlohmann::json& body, const std::string& raw);
  Outcome update(const nlohmann::json& app, const nlohmann::json& body);
  Outcome recall(const nlohmann::json& app, const nlohmann::json& body);

  struct Click {
    Pressed pressed;
    std::string task, card_type, response_code;
  };
  /// Somebody presses what `on` shows; gives out a new code.
  std::optional<Click> press(const Shown& on, const std::string& action, const nlohmann::json& inputs);
  /// The decrypted reply in the answer to a callback of `user`; `task`: the card that was pressed, if one was.
  Refused passive(const nlohmann::json& app, const nlohmann::json& reply, const std::string& user, const std::string& task);
  void clear();

 private:
  struct Card {
    std::map<std::string, std::string> shown;  // user -> message
  };
  struct Code {
    std::string card;
    TimePoint until;
  };
  struct Sent {
    std::string app;
    TimePoint at;
    std::vector<std::string> shown;
  };
  struct Receivers {
    std::vector<std::string> users;
    std::string bad_users, bad_parties, bad_tags;
    Refused refused;
  };
  Refused refuse_agent(const nlohmann::json& app, const nlohmann::json& body) const;
  Refused refuse_options(const nlohmann::json& body, bool card) const;
  Refused refuse_card(const nlohmann::json& app, const nlohmann::json& card) const;
  [[nodiscard]] Receivers receivers(const nlohmann::json& body) const;
  std::string show(const Seen&, const std::string& app, const std::string& user, const std::string& key);
  std::string new_code(const std::string& card);
  /// False: that person never got the card.
  bool replace(const std::string& card, const std::string& user, const nlohmann::json& with);

  Stage& stage_;
  Access& access_;
  std::map<std::string, Card> cards_;  // by app/task_id
  std::map<std::string, Code> codes_;
  std::map<std::string, Sent> sent_;
  struct Repeat {
    Outcome answer;
    TimePoint until;
  };
  std::map<std::string, Repeat> repeats_;  // by app and the bytes of the body
};

}  // namespace xieban::sim::wecom
