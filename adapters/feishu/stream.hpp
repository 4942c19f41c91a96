#pragma once
// Feishu's long connection: protobuf frames, events and card callbacks in JSON, each acknowledged by its own frame. Nothing is
// sent over it. Protocol: the platform's SDKs (github.com/larksuite/oapi-sdk-go, ws; github.com/larksuite/node-sdk, ws-client).

#include <cstdint>
#include <deque>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/feishu/settings.hpp"
#include "bot/ports/stream.hpp"

namespace xieban::feishu {

/// Codes of the endpoint and of declined handshakes (oapi-sdk-go, ws).
namespace stream_code {
inline constexpr std::int64_t busy = 1, internal_error = 1000040343, too_many = 1000040350, other_brand = 1000040351,
                              forbidden = 403, auth_failed = 514;
}
/// Whether it is worth asking again without anybody having changed anything.
bool passes_by_itself(std::int64_t code);
/// What an administrator can do about it; empty: nothing is known.
std::string_view stream_hint(std::int64_t code);

class Stream final : public StreamMachine {
 public:
  explicit Stream(Settings);
  [[nodiscard]] std::optional<HttpRequest> open_request() const override;
  [[nodiscard]] Result<std::string> endpoint(const HttpResponse&) override;
  [[nodiscard]] std::optional<Error> declined(const HttpResponse&) override;
  [[nodiscard]] bool refused() const override { return refused_; }
  [[nodiscard]] std::optional<Comeback> comeback() const override { return comeback_; }
  std::vector<StreamAction> opened(TimePoint now) override;
  std::vector<StreamAction> received(std::string_view frame, bool binary, TimePoint now) override;
  /// 200 with the answer of a card; anything but 200 asks the platform to send the event again, as it does over HTTP.
  std::vector<StreamAction> committed(std::string_view ack_key, const HttpResponse& answer, TimePoint now) override;
  std::vector<StreamAction> failed(std::string_view ack_key, TimePoint now) override;
  std::vector<StreamAction> tick(TimePoint now) override;
  [[nodiscard]] std::optional<TimePoint> next_tick() const override;

 private:
  /// An event on its way through the store.
  struct Pending {
    std::string frame;  // that completed it, without its payload: the acknowledgement repeats it
    TimePoint at;
  };
  /// An event that came in several frames, not all of them yet.
  struct Parts {
    std::string id;  // message_id
    std::int64_t sum = 0;
    std::map<std::int64_t, std::string> have;  // by seq
    TimePoint until;
  };

  void adopt(const nlohmann::json& client_config);
  [[nodiscard]] SocketFrame ping() const;
  std::vector<StreamAction> arrived(std::string frame, std::string payload, TimePoint now);
  std::vector<StreamAction> acknowledge(std::string_view ack_key, int code, const std::string& data, TimePoint now);
  /// The whole payload, once nothing is missing.
  std::optional<std::string> assemble(const std::string& id, std::int64_t sum, std::int64_t seq, std::string payload,
                                      TimePoint now);
  void drop_stale(TimePoint now);
  [[nodiscard]] std::optional<TimePoint> dead_at() const;

  Settings settings_;
  std::int32_t service_ = 0;
  std::string connection_;  // device_id, for the log
  Duration ping_every_;     // PingInterval
  std::optional<Comeback> comeback_;
  bool refused_ = false;
  std::optional<TimePoint> heard_, pinged_;
  std::map<std::string, Pending, std::less<>> pending_;
  std::uint64_t events_ = 0;
  std::deque<Parts> parts_;  // oldest first
  std::size_t part_bytes_ = 0;
};

}  // namespace xieban::feishu
