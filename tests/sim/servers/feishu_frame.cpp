#include "tests/sim/servers/feishu_frame.hpp"

#include <cstddef>

namespace xieban::sim {
namespace {

enum class Wire : std::uint8_t { varint = 0, eight_bytes = 1, bytes = 2, four_bytes = 5 };

void put_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7U) out += static_cast<char>((value & 0x7fU) | 0x80U);
  out += static_cast<char>(value);
}
void put_number(std::string& out, unsigned field, std::uint64_t value) {
  put_varint(out, field << 3U);
  put_varint(out, value);
}
void put_bytes(std::string& out, unsigned field, std::string_view bytes) {
  put_varint(out, (field << 3U) | static_cast<unsigned>(Wire::bytes));
  put_varint(out, bytes.size());
  out += bytes;
}

/// One message's fields, in the order they come in.
class Reader {
 public:
  explicit Reader(std::string_view message) : rest_(message) {}

  [[nodiscard]] bool bad() const { return bad_; }
  /// Moves to the next field; false at the end, or where the bytes are no message.
  bool next() {
    if (bad_ || rest_.empty()) return false;
    const std::uint64_t key = varint();
    field = static_cast<unsigned>(key >> 3U);
    number = 0;
    bytes = {};
    switch (static_cast<Wire>(key & 7U)) {
      case Wire::varint:
        number = varint();
        break;
      case Wire::bytes:
        bytes = take(varint());
        break;
      case Wire::eight_bytes:
        take(8);
        break;
      case Wire::four_bytes:
        take(4);
        break;
      default:
        bad_ = true;
    }
    bad_ = bad_ || field == 0;
    return !bad_;
  }

  unsigned field = 0;
  std::uint64_t number = 0;
  std::string_view bytes;

 private:
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) break;
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
      if (byte < 0x80) return value;
    }
    bad_ = true;
    return 0;
  }
  std::string_view take(std::uint64_t count) {
    if (count > rest_.size()) {
      bad_ = true;
      return {};
    }
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(taken.size());
    return taken;
  }

  std::string_view rest_;
  bool bad_ = false;
};

std::optional<std::pair<std::string, std::string>> read_header(std::string_view bytes) {
  Reader reader(bytes);
  std::optional<std::string> key, value;
  while (reader.next()) {
    if (reader.field == 1) key = reader.bytes;
    if (reader.field == 2) value = reader.bytes;
  }
  if (reader.bad() || !key || !value) return std::nullopt;
  return std::pair(*key, *value);
}

}  // namespace

std::string FeishuFrame::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

std::string write_frame(const FeishuFrame& frame) {
  const auto widened = [](std::int32_t value) { return static_cast<std::uint64_t>(std::int64_t{value}); };
  std::string out;
  put_number(out, 1, frame.seq_id);
  put_number(out, 2, frame.log_id);
  put_number(out, 3, widened(frame.service));
  put_number(out, 4, widened(frame.method));
  for (const auto& [key, value] : frame.headers) {
    std::string header;
    put_bytes(header, 1, key);
    put_bytes(header, 2, value);
    put_bytes(out, 5, header);
  }
  // Empty ones too, as the platform's Go codec writes them.
  put_bytes(out, 6, frame.payload_encoding);
  put_bytes(out, 7, frame.payload_type);
  put_bytes(out, 8, frame.payload);
  put_bytes(out, 9, frame.log_id_new);
  return out;
}

std::optional<FeishuFrame> read_frame(std::string_view bytes) {
  FeishuFrame frame;
  Reader reader(bytes);
  unsigned seen = 0;
  while (reader.next()) {
    if (reader.field <= 4) seen |= 1U << reader.field;
    switch (reader.field) {
      case 1:
        frame.seq_id = reader.number;
        break;
      case 2:
        frame.log_id = reader.number;
        break;
      case 3:
        frame.service = static_cast<std::int32_t>(reader.number);
        break;
      case 4:
        frame.method = static_cast<std::int32_t>(reader.number);
        break;
      case 5: {
        auto header = read_header(reader.bytes);
        if (!header) return std::nullopt;
        frame.headers.push_back(std::move(*header));
        break;
      }
      case 6:
        frame.payload_encoding = reader.bytes;
        break;
      case 7:
        frame.payload_type = reader.bytes;
        break;
      case 8:
        frame.payload = reader.bytes;
        break;
      case 9:
        frame.log_id_new = reader.bytes;
        break;
      default:
        break;
    }
  }
  constexpr unsigned required = 0b11110;
  if (reader.bad() || (seen & required) != required) return std::nullopt;
  return frame;
}

}  // namespace xieban::sim
