#pragma once
// A string that never prints itself: logs, errors and formatters see ***.

#include <string>
#include <utility>

namespace xieban {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  /// The only way to the value. Call it where the bytes are needed, keep no copy.
  [[nodiscard]] const std::string& reveal() const { return value_; }
  [[nodiscard]] bool empty() const { return value_.empty(); }
  friend bool operator==(const Secret&, const Secret&) = default;

 private:
  std::string value_;
};

/// For fmt (argument-dependent look-up): prints ***.
inline const char* format_as(const Secret&) { return "***"; }
/// For streams.
template <class Stream>
Stream& operator<<(Stream& out, const Secret&) {
  out << "***";
  return out;
}

}  // namespace xieban
