#pragma once
// DingTalk, both hosts and the Stream gateway: tokens, robots, cards, contacts, DING, pushes; strict.
//
// An app of the world has, beside its credentials: scopes (absent: all), robots [{key, secret?, keywords?, chat, stopped?}],
// files [{code, content}], templates {id: "published"|"draft"} (absent: the public ones), robot (false: stopped),
// group_templates {id: robotCode} of scene groups,
// transport ("stream"|"webhook", where events go without "via"), owner_key, bot_name. A person may be "visible": false or
// "admin"; a chat "robot": false. Department ids are numbers as text.
//
// limits, with what the platform documents: api_per_second 20, address_per_20_seconds 10000, monthly_calls 5000,
// monthly_pushes 3000, custom_robot_per_minute 20, card_value_bytes 1024, ding 1 (0: not in this edition).
// limits for what nobody has confirmed: group_per_minute and person_per_minute 0 (none), ding_per_month 0 (none),
// session_counts 0 (session replies cost nothing), oapi_own_tokens 0 (1: the old host wants its own),
// invalid_token_status 400, card_again_is_ignored 0 (1: an outTrackId used twice is no error), keep_mentions 0 (1: names stay
// in the text), chat_events 1, cool_app 0 (1: being added is told), robot_http_repeats 0,
// stream_robot_repeat_seconds 60 (0: fire and forget), stream_keeps_unheard 0 (1: kept while no connection is open),
// stream_same_message_id 0, stream_ping_seconds 30.

#include <optional>
#include <string>

#include "tests/sim/servers/dingtalk_access.hpp"
#include "tests/sim/servers/dingtalk_cards.hpp"
#include "tests/sim/servers/dingtalk_events.hpp"
#include "tests/sim/servers/dingtalk_gateway.hpp"
#include "tests/sim/servers/dingtalk_groups.hpp"
#include "tests/sim/servers/dingtalk_robots.hpp"
#include "tests/sim/servers/platform.hpp"

namespace xieban::sim {

class DingTalk final : public PlatformSim {
 public:
  explicit DingTalk(Stage&);
  static nlohmann::json usual_world();

  Outcome call(const HttpRequest&) override;
  /// A code that is a number has the old host's shape.
  Outcome business(const Fault&, const HttpRequest&) override;
  void expire_tokens() override { tokens_.expire(); }
  void refuse_tokens(bool on) override { tokens_.refuse(on); }
  void clear() override;

  std::optional<Push> push(const nlohmann::json& what, std::string& error) override { return events_.push(what, error); }
  bool answered(const Push& push, const HttpResponse& answer) override { return events_.answered(push, answer); }
  void gave_up(const Push& push) override { events_.gave_up(push); }

  std::shared_ptr<SocketUser> upgrade(const HttpRequest& request, HttpResponse& refusal) override {
    return gateway_.upgrade(request, refusal);
  }
  boost::asio::awaitable<Delivery> send_on_stream(Push push, int attempt) override {
    return events_.send_on_stream(std::move(push), attempt);
  }
  Result<int> disturb_stream(const nlohmann::json& what) override { return gateway_.disturb(what); }

 private:
  Outcome token(const HttpRequest&);
  Outcome api(const HttpRequest&);
  Outcome oapi(const HttpRequest&);
  Outcome routed(const HttpRequest&, const nlohmann::json& app, const nlohmann::json& body);

  Stage& stage_;
  dingtalk::Tokens tokens_;
  dingtalk::Quotas quotas_;
  dingtalk::Robots robots_;
  dingtalk::Groups groups_;
  dingtalk::Cards cards_;
  dingtalk::Gateway gateway_;
  dingtalk::Events events_;
};

}  // namespace xieban::sim
