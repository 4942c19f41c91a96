#pragma once
// DingTalk's long connection (Stream mode): JSON frames, each acknowledged under its messageId. Nothing is sent over it.
// Protocol: github.com/open-dingtalk/developerpedia, "stream protocol".

#include <deque>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "adapters/dingtalk/settings.hpp"
#include "bot/ports/stream.hpp"

namespace xieban::dingtalk {

class Stream final : public StreamMachine {
 public:
  explicit Stream(Settings);
  [[nodiscard]] std::optional<HttpRequest> open_request() const override;
  [[nodiscard]] Result<std::string> endpoint(const HttpResponse&) override;
  /// Credentials or configuration: asked again once a minute, as the platform wants it.
  [[nodiscard]] bool refused() const override { return refused_; }
  [[nodiscard]] Duration after_refusal() const override { return Duration{60'000}; }
  std::vector<StreamAction> opened(TimePoint now) override;
  std::vector<StreamAction> received(std::string_view frame, bool binary, TimePoint now) override;
  std::vector<StreamAction> committed(std::string_view ack_key, const HttpResponse& answer, TimePoint now) override;
  /// An event is asked for again, a message comes again by itself, a press is told that it failed.
  std::vector<StreamAction> failed(std::string_view ack_key, TimePoint now) override;
  std::vector<StreamAction> tick(TimePoint now) override;
  [[nodiscard]] std::optional<TimePoint> next_tick() const override;

 private:
  enum class Kind { robot, card, event };
  struct Answered {
    std::string id, frame;
    TimePoint at;
  };
  std::vector<StreamAction> of_connection(const std::string& topic, const std::string& id, const std::string& data,
                                          TimePoint now);
  std::vector<StreamAction> acknowledge(const std::string& id, Kind, const HttpResponse& answer, TimePoint now);
  /// The platform closes a connection that it gave up ten seconds later; what is under way is acknowledged before.
  void leave_when_done(std::vector<StreamAction>&);
  [[nodiscard]] Reconnect leave() const;
  void forget(TimePoint now);

  Settings settings_;
  std::map<std::string, Kind, std::less<>> pending_;
  std::deque<Answered> answered_;  // for frames that come again, oldest first
  std::optional<TimePoint> heard_;
  std::optional<TimePoint> leave_by_;
  std::string leaving_why_;
  bool refused_ = false;
};

}  // namespace xieban::dingtalk
