#include "bot/base/log.hpp"

#include <fmt/format.h>
#include <spdlog/async_logger.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/sinks/base_sink.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <memory>
#include <mutex>

#include "bot/base/text.hpp"

namespace xieban::log {
namespace {

constexpr std::size_t queue_lines = 8192;
constexpr std::size_t value_bytes = 4096;  // longer values are cut, so that the queue is bounded in bytes too

/// Standard output. Written when no further line waits: spdlog's own sink makes a system call for each. Only the pool's one
/// thread comes here.
class Stdout final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  explicit Stdout(spdlog::details::thread_pool& pool) : pool_(pool) {}
  ~Stdout() override { std::fflush(stdout); }  // behind the last line waits the message that ends the pool
  Stdout(const Stdout&) = delete;
  Stdout& operator=(const Stdout&) = delete;

 private:
  void sink_it_(const spdlog::details::log_msg& line) override {
    // One call: another thread may write a line of its own to standard output.
    text_.assign(line.payload.data(), line.payload.size());
    text_ += '\n';
    std::fwrite(text_.data(), 1, text_.size(), stdout);
    if (pool_.queue_size() == 0) flush_();
  }
  void flush_() override { std::fflush(stdout); }

  spdlog::details::thread_pool& pool_;
  std::string text_;
};

/// What runs between start() and stop().
struct Running {
  std::shared_ptr<spdlog::details::thread_pool> pool = std::make_shared<spdlog::details::thread_pool>(queue_lines, 1);
  std::shared_ptr<spdlog::async_logger> logger = std::make_shared<spdlog::async_logger>(
      "xieban", std::make_shared<Stdout>(*pool), pool, spdlog::async_overflow_policy::overrun_oldest);

  Running() { logger->set_level(spdlog::level::trace); }
};

struct State {
  std::mutex mutex;       // guards what follows but not the call of a sink
  std::mutex sink_calls;  // lines arrive one after another
  std::shared_ptr<Running> running;
  std::shared_ptr<const Sink> sink;
  std::uint64_t dropped_before = 0;
  std::atomic<int> least{static_cast<int>(Level::error) + 1};  // until start() or set_sink() nothing passes
};

State& state() {
  static State instance;
  return instance;
}

constexpr int silent = static_cast<int>(Level::error) + 1;

std::string_view name_of(Level level) {
  switch (level) {
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warn:
      return "warn";
    case Level::error:
      return "error";
  }
  return "error";
}

void append_timestamp(std::string& out, std::chrono::system_clock::time_point at) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::milliseconds>(at - day));
  fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                 static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), time.hours().count(),
                 time.minutes().count(), time.seconds().count(), time.subseconds().count());
}

/// What would end a line or steer a terminal: C0, DEL, C1, and Unicode's own line ends.
bool must_escape(char32_t c) { return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x2028 || c == 0x2029; }

void append_json(std::string& out, std::string_view value) {
  const std::string clipped = value.size() > value_bytes ? text::clip_bytes(value, value_bytes) : std::string();
  if (!clipped.empty()) value = clipped;
  const std::string repaired = text::is_utf8(value) ? std::string() : text::repair(value);
  if (!repaired.empty()) value = repaired;
  out += '"';
  for (std::size_t i = 0; i < value.size(); ++i) {
    const auto byte = static_cast<unsigned char>(value[i]);
    // Only these code points need a look beyond one byte: U+0080..9F is C2 80..9F, U+2028/9 is E2 80 A8/A9.
    char32_t point = byte;
    std::size_t length = 1;
    if (byte == 0xc2 && i + 1 < value.size()) {
      point = static_cast<unsigned char>(value[i + 1]);
      length = 2;
    } else if (byte == 0xe2 && i + 2 < value.size() && value[i + 1] == '\x80') {
      point = 0x2000U + (static_cast<unsigned char>(value[i + 2]) & 0x3fU);
      length = 3;
    } else if (byte >= 0x80) {
      point = 0xfffd;  // part of a longer sequence: copied byte by byte
    }
    if (point == '"' || point == '\\') {
      out += '\\';
      out += value[i];
    } else if (point == '\n') {
      out += "\\n";
    } else if (point == '\t') {
      out += "\\t";
    } else if (point == '\r') {
      out += "\\r";
    } else if (must_escape(point)) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<std::uint32_t>(point));
    } else {
      out.append(value.substr(i, length));
    }
    i += length - 1;
  }
  out += '"';
}

struct AppendValue {
  std::string& out;
  void operator()(const std::string& v) const { append_json(out, v); }
  void operator()(bool v) const { out += v ? "true" : "false"; }
  void operator()(std::int64_t v) const { fmt::format_to(std::back_inserter(out), "{}", v); }
  void operator()(double v) const {
    // JSON has no infinity and no NaN.
    if (std::isfinite(v)) {
      fmt::format_to(std::back_inserter(out), "{}", v);
    } else {
      out += "null";
    }
  }
};

std::string line_of(Level level, std::string_view event, std::initializer_list<Field> fields) {
  std::string out;
  out.reserve(128 + fields.size() * 32);
  out += R"({"ts":")";
  append_timestamp(out, std::chrono::system_clock::now());
  out += R"(","level":")";
  out += name_of(level);
  out += R"(","event":)";
  append_json(out, event);
  for (const Field& field : fields) {
    out += ',';
    // A field never hides what every line has.
    if (field.key == "ts" || field.key == "level" || field.key == "event") {
      append_json(out, std::string(field.key) + "_");
    } else {
      append_json(out, field.key);
    }
    out += ':';
    std::visit(AppendValue{out}, field.value);
  }
  out += '}';
  return out;
}

void write(Level level, std::string_view event, std::initializer_list<Field> fields) {
  State& s = state();
  if (static_cast<int>(level) < s.least.load(std::memory_order_relaxed)) return;
  std::shared_ptr<Running> running;
  std::shared_ptr<const Sink> sink;
  {
    const std::lock_guard lock(s.mutex);
    running = s.running;
    sink = s.sink;
  }
  const std::string line = line_of(level, event, fields);
  if (sink != nullptr) {
    const std::lock_guard lock(s.sink_calls);
    (*sink)(level, line);
  } else if (running != nullptr) {
    running->logger->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
  }
}

}  // namespace

void start(Level least) {
  State& s = state();
  const std::lock_guard lock(s.mutex);
  if (s.running == nullptr) s.running = std::make_shared<Running>();
  s.least = static_cast<int>(least);
}

void set_sink(Sink sink, Level least) {
  State& s = state();
  const std::lock_guard lock(s.mutex);
  s.sink = sink ? std::make_shared<const Sink>(std::move(sink)) : nullptr;
  s.least = s.sink != nullptr ? static_cast<int>(least) : silent;
}

void stop() {
  State& s = state();
  std::shared_ptr<Running> last;
  {
    const std::lock_guard lock(s.mutex);
    last = std::move(s.running);
    s.running = nullptr;
    if (s.sink == nullptr) s.least = silent;
    if (last != nullptr) s.dropped_before += last->pool->overrun_counter();
  }
  // The last owner's thread pool writes what is queued, then joins its thread.
}

std::uint64_t dropped() {
  State& s = state();
  const std::lock_guard lock(s.mutex);
  return s.dropped_before + (s.running != nullptr ? s.running->pool->overrun_counter() : 0);
}

void debug(std::string_view event, std::initializer_list<Field> fields) { write(Level::debug, event, fields); }
void info(std::string_view event, std::initializer_list<Field> fields) { write(Level::info, event, fields); }
void warn(std::string_view event, std::initializer_list<Field> fields) { write(Level::warn, event, fields); }
void error(std::string_view event, std::initializer_list<Field> fields) { write(Level::error, event, fields); }

}  // namespace xieban::log
