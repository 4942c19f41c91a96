#pragma once
// The smart bot's long connection: JSON frames under req_ids, one connection per bot, replies and unprompted messages over it.
// Protocol: developer.work.weixin.qq.com, path 101463; times and counts as the platform's own client has them
// (@wecom/aibot-node-sdk 1.0.7).

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "adapters/wecom/settings.hpp"
#include "bot/base/rng.hpp"
#include "bot/ports/stream.hpp"

namespace xieban::wecom {

/// Events on their way through the store. They outlive the connection that brought them: the platform sends nothing twice.
struct Untaken {
  struct Event {
    HttpRequest request;
    std::uint64_t connection = 0;  // that brought it
    int tries = 0;
    std::optional<TimePoint> again_at;
  };
  std::map<std::string, Event, std::less<>> events;  // by req_id
  std::uint64_t connections = 0;
};

class Stream final : public StreamMachine {
 public:
  /// `rng`: for the ids of our frames. `untaken`: what earlier connections of this bot have left, and this one will.
  Stream(Settings, Rng rng, std::shared_ptr<Untaken> untaken = std::make_shared<Untaken>());
  [[nodiscard]] std::optional<HttpRequest> open_request() const override;
  [[nodiscard]] Result<std::string> endpoint(const HttpResponse&) override;
  /// Id or secret: asking on and on would lock the bot.
  [[nodiscard]] bool refused() const override { return refused_; }
  [[nodiscard]] bool live() const override { return live_; }
  /// As the platform's own client.
  [[nodiscard]] Duration longest_pause() const override { return Duration{30'000}; }
  std::vector<StreamAction> opened(TimePoint now) override;
  std::vector<StreamAction> received(std::string_view frame, bool binary, TimePoint now) override;
  /// Only a press has an answer: the card as it is now. Everything else is answered by what is sent.
  std::vector<StreamAction> committed(std::string_view ack_key, const HttpResponse& answer, TimePoint now) override;
  /// The platform sends nothing twice over a connection: the event is taken up again from here until it is on disk.
  std::vector<StreamAction> failed(std::string_view ack_key, TimePoint now) override;
  [[nodiscard]] bool sent_once() const override { return true; }
  std::vector<StreamAction> hurry() override;
  std::vector<StreamAction> send(std::string send_key, SocketFrame, TimePoint now) override;
  std::vector<StreamAction> tick(TimePoint now) override;
  [[nodiscard]] std::optional<TimePoint> next_tick() const override;

 private:
  /// A frame of ours that is not acknowledged yet.
  struct Waiting {
    std::string send_key;
    SocketFrame frame;  // as it was given to send()
    std::string task;   // of a card
    bool reply = false, card = false;
    TimePoint until;
  };
  struct Reply {
    std::string req_id;
    TimePoint until;
  };

  std::string fresh_id(std::string_view cmd, TimePoint now);
  std::vector<StreamAction> event(const nlohmann::json& frame, const std::string& req_id, bool message, TimePoint now);
  std::vector<StreamAction> acknowledged(const std::string& req_id, std::int64_t errcode, TimePoint now);
  std::vector<StreamAction> subscribed(std::int64_t errcode, TimePoint now);
  std::vector<StreamAction> unprompted(std::string send_key, const SocketFrame&, TimePoint now);
  std::vector<StreamAction> take_up(const std::function<bool(TimePoint)>& due);
  std::vector<StreamAction> transmit(Waiting, nlohmann::json frame, std::string req_id, TimePoint now);
  bool take_reply(const std::string& req_id, TimePoint now);
  bool unheard(const std::string& chat, TimePoint now);

  Settings settings_;
  Rng rng_;
  std::uint64_t connection_ = 0;
  bool live_ = false;  // the subscription is acknowledged: before, nothing may be sent
  bool refused_ = false;
  std::string subscription_, ping_;
  std::optional<TimePoint> subscribe_by_, ping_at_;
  int unanswered_pings_ = 0;
  std::map<std::string, Waiting, std::less<>> waiting_;
  std::shared_ptr<Untaken> untaken_;
  /// Chats that take nothing "because it is too much", though we say less than that.
  struct Refusing {
    int times = 0;
    TimePoint last;
  };
  std::map<std::string, Refusing, std::less<>> refusing_;
  std::deque<Reply> replies_;  // req_ids under which one reply may still go, oldest first
};

}  // namespace xieban::wecom
