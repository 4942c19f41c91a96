#pragma once
// The frames of Feishu's long connection, read and written byte by byte: field numbers and labels as the platform's SDKs have
// them (github.com/larksuite/node-sdk, pbbp2). Nothing is shared with the adapter, so that both cannot err alike.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace xieban::sim {

struct FeishuFrame {
  std::uint64_t seq_id = 0, log_id = 0;
  std::int32_t service = 0, method = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string payload_encoding, payload_type, payload, log_id_new;

  /// The first header of that name; empty when there is none.
  [[nodiscard]] std::string header(std::string_view name) const;
};

std::string write_frame(const FeishuFrame&);
/// nullopt: no frame, or one without its four required fields.
std::optional<FeishuFrame> read_frame(std::string_view);

}  // namespace xieban::sim
