#pragma once
// WeCom: self-built apps, smart bots by address and by long connection, group chats of apps, robots of groups; strict.
//
// An entry of apps is what the configuration names: id, corp_id, app {agent_id, secret, callback, token, aes_key} and/or
// bot {transport, bot_id, secret, token, aes_key, name}, webhooks [{chat, key, stopped?}]. Beside that: app.trusted_ips
// (absent: any address), app.whole_company (false: no group chats), app.closed (true: it is switched off), app.enter_agent
// (false: entries are not told), bot.encrypted_ids (true: no super administrator made it). A person may be "visible": false and
// have an open_userid; a chat "robot": false. Department ids are numbers as text. Chats people see: "app:USER" and "bot:USER"
// in private, a group's id, a group chat's chatid.
//
// limits, with what the platform documents: api_per_minute 10000, api_per_hour 150000, member_per_minute 30, member_per_hour
// 1000, messages_per_day (200 for each person), chat_per_minute 30, chat_per_hour 1000, messages_in_progress 3, stream_minutes
// 6, uploads_per_minute 30, uploads_per_hour 1000, webhook_per_minute 20, appchats_per_day 1000, appchat_changes_per_hour 1000,
// appchat_people_per_minute 20000, appchat_people_per_hour 150000, appchat_member_per_minute 200, appchat_member_per_day 10000,
// lookup_misses (a fifth of the people), bad_secrets_per_hour 2000.
// limits for what nobody has confirmed: gettoken_checks_ip 1, bad_secret_code 40001, duplicate_check_works 1,
// long_card_text_is_cut 0, long_markdown_is_cut 0 (0: refused), bot_repeats 2, repeat_seconds 5, repeats_are_sealed_anew 1,
// stream_poll_ms 1000, stream_frames_count 1, stream_with_card_on_socket 0, markdown_in_answers 0, replies_per_question 1,
// group_cards_may_be_sent 0, unheard_is_fine 0, unheard_code 93006, response_url_on_socket 1, response_url_checks_ip 0,
// image_megabytes 2, webhook_code 45009, contact_events 0, old_connection_closes_ms 200 (-1: stays open, half dead),
// silence_ms 100000 (0: never closed).

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/servers/platform.hpp"
#include "tests/sim/servers/wecom_access.hpp"
#include "tests/sim/servers/wecom_apps.hpp"
#include "tests/sim/servers/wecom_bot.hpp"
#include "tests/sim/servers/wecom_contacts.hpp"
#include "tests/sim/servers/wecom_events.hpp"
#include "tests/sim/servers/wecom_gateway.hpp"
#include "tests/sim/servers/wecom_groups.hpp"
#include "tests/sim/servers/wecom_media.hpp"

namespace xieban::sim {

class WeCom final : public PlatformSim {
 public:
  explicit WeCom(Stage&);
  static nlohmann::json usual_world();

  Outcome call(const HttpRequest&) override;
  Outcome business(const Fault&, const HttpRequest&) override;
  void expire_tokens() override { access_.expire(); }
  void refuse_tokens(bool on) override { access_.refuse(on); }
  void clear() override;

  std::optional<Push> push(const nlohmann::json& what, std::string& error) override { return events_.push(what, error); }
  [[nodiscard]] std::vector<std::string_view> event_members() const override {
    return {"channel", "content", "quote", "file", "feedback", "type", "key", "view", "change", "spoil", "sealed", "query"};
  }
  [[nodiscard]] std::vector<std::string_view> stream_members() const override { return {"times", "cmd", "code"}; }
  bool answered(const Push& push, const HttpResponse& answer) override { return events_.answered(push, answer); }
  HttpRequest again(const Push& push) override { return events_.again(push); }
  std::optional<Push> follow_up(const Push& push) override { return events_.follow_up(push); }

  std::shared_ptr<SocketUser> upgrade(const HttpRequest& request, HttpResponse& refusal) override {
    return gateway_.upgrade(request, refusal);
  }
  boost::asio::awaitable<Delivery> send_on_stream(Push push, int attempt) override {
    return events_.send_on_stream(std::move(push), attempt);
  }
  Result<int> disturb_stream(const nlohmann::json& what) override { return gateway_.disturb(what); }

 private:
  Outcome routed(const HttpRequest&, const nlohmann::json& app);

  Stage& stage_;
  wecom::Access access_;
  wecom::Media media_;
  wecom::Apps apps_;
  wecom::Bot bot_;
  wecom::Groups groups_;
  wecom::Contacts contacts_;
  wecom::Gateway gateway_;
  wecom::Events events_;
};

}  // namespace xieban::sim
