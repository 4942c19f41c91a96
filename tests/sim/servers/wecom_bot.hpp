#pragma once
// What a smart bot says: answers to callbacks (101031, 101463), cards it updates, messages of its own (101463), and the address
// for one more answer (101138). Its chat with a person is "bot:" + person; groups have their own ids.

#include <map>
#include <optional>
#include <set>
#include <string>

#include "tests/sim/servers/wecom_access.hpp"
#include "tests/sim/servers/wecom_media.hpp"
#include "tests/sim/servers/wecom_message.hpp"

namespace xieban::sim::wecom {

class Bot {
 public:
  Bot(Stage& stage, Access& access, Media& media) : stage_(stage), access_(access), media_(media) {}

  /// Where a callback came from.
  struct Place {
    std::string app, user;
    std::string group;  // empty: in private
    [[nodiscard]] std::string chat() const { return group.empty() ? "bot:" + user : group; }
  };
  enum class Via { socket, webhook };
  /// A callback that was sent and may be answered.
  struct Question {
    enum class Kind { message, welcome, press, silent } kind = Kind::silent;
    Place place;
    std::string task, message;  // press: of the card
    Via via = Via::socket;
  };

  /// Somebody spoke there; pushes may go there from now on.
  void heard(const Place&);
  /// Streams that are not finished yet; a person may have three (101463).
  [[nodiscard]] int in_progress(const std::string& app, const std::string& user) const;
  /// `key`: by which the answer names the question.
  void ask(const std::string& key, const Question&);
  void forget(const std::string& key) { asked_.erase(key); }
  /// The id of the stream a webhook's answer began and did not finish; empty: none, or six minutes are over.
  [[nodiscard]] std::string open_stream(const std::string& key) const;

  /// By the socket's names; on a webhook the kind of the question decides.
  Refused respond(const std::string& key, const nlohmann::json& body);
  Refused welcome(const std::string& key, const nlohmann::json& body);
  Refused update(const std::string& key, const nlohmann::json& body);
  Refused answer(const std::string& key, const nlohmann::json& body);
  /// aibot_send_msg.
  Refused send(const nlohmann::json& app, const nlohmann::json& body);

  /// A new address for one answer within an hour.
  std::string response_url(const Place&);
  Outcome respond_by_url(const HttpRequest&);

  /// Somebody presses what `on` shows.
  std::optional<Pressed> press(const Shown& on, const std::string& user, const std::string& action,
                               const nlohmann::json& inputs);
  /// As callbacks name a person.
  [[nodiscard]] std::string outward(const std::string& app, const std::string& user) const;
  void clear();

 private:
  struct Stream {
    std::string id, message;
    TimePoint began;
    bool finished = false;
  };
  struct Asked {
    Question question;
    TimePoint at;
    Stream stream;
    int replies = 0;
    bool card_sent = false;
  };
  struct Address {
    Place place;
    TimePoint until;
  };
  Asked* find(const std::string& key, Question::Kind);
  Refused stream(Asked&, const nlohmann::json& stream);
  Refused card(Asked&, const nlohmann::json& body);
  Refused media(const Place&, const nlohmann::json& body);
  Refused take_quota(const Place&);
  Refused refuse_task(const Place&, const nlohmann::json& card);
  std::string show(const Place&, const Seen&);
  [[nodiscard]] std::string inward(const std::string& app, const std::string& id) const;
  [[nodiscard]] bool stream_is_over(const Stream&) const;

  Stage& stage_;
  Access& access_;
  Media& media_;
  std::map<std::string, Asked> asked_;
  std::map<std::string, Address> addresses_;
  std::set<std::string> heard_, tasks_;  // app/chat; app/task_id
};

}  // namespace xieban::sim::wecom
