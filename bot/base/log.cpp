#include "bot/base/log.hpp"

#include <fmt/format.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <cstdio>
#include <memory>
#include <mutex>
#include <thread>

#include "bot/base/text.hpp"

namespace xieban::log {
namespace {

constexpr std::size_t queue_bytes = 1024 * 1024;
constexpr std::size_t value_bytes = 4096;  // longer values are cut, so that one line cannot fill the queue
constexpr std::chrono::milliseconds gathering{5};

/// What runs between start() and stop(): lines on their way to standard output. Its thread lets them gather for a moment, so
/// that under load one wake-up and one system call take many of them.
class Lines {
 public:
  Lines() : thread_([this] { run(); }) {}
  ~Lines() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_one();
    thread_.join();
  }
  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;

  void add(std::string_view line) {
    {
      const std::lock_guard lock(mutex_);
      if (waiting_.size() + line.size() >= queue_bytes) {
        ++dropped_;
        return;
      }
      const bool others_wait = !waiting_.empty();
      waiting_ += line;
      waiting_ += '\n';
      if (others_wait) return;
    }
    changed_.notify_one();
  }
  [[nodiscard]] std::uint64_t dropped() {
    const std::lock_guard lock(mutex_);
    return dropped_;
  }

 private:
  void run() {
    std::string taken;
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      changed_.wait_for(lock, gathering, [this] { return stopping_; });
      if (waiting_.empty()) return;
      taken.swap(waiting_);
      lock.unlock();
      std::fwrite(taken.data(), 1, taken.size(), stdout);
      std::fflush(stdout);
      taken.clear();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::string waiting_;
  std::uint64_t dropped_ = 0;
  bool stopping_ = false;
  std::thread thread_;  // last: it uses the others
};

struct State {
  std::mutex mutex;       // guards what follows but not the call of a sink
  std::mutex sink_calls;  // lines arrive one after another
  std::shared_ptr<Lines> running;
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

void append_number(std::string& out, std::int64_t value) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

void append_timestamp(std::string& out, std::chrono::system_clock::time_point at) {
  // Under load many lines share a second, and a year takes as long to work out as the rest of the line.
  thread_local std::chrono::sys_seconds known{std::chrono::seconds{-1}};
  thread_local std::string written;
  const auto second = std::chrono::floor<std::chrono::seconds>(at);
  if (second != known) {
    known = second;
    const auto day = std::chrono::floor<std::chrono::days>(at);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(second - day);
    written =
        fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                    static_cast<unsigned>(date.day()), time.hours().count(), time.minutes().count(), time.seconds().count());
  }
  out += written;
  const auto millis = std::chrono::floor<std::chrono::milliseconds>(at - second).count();
  out += static_cast<char>('0' + millis / 100);
  out += static_cast<char>('0' + millis / 10 % 10);
  out += static_cast<char>('0' + millis % 10);
  out += 'Z';
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
  void operator()(std::int64_t v) const { append_number(out, v); }
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
  std::shared_ptr<Lines> running;
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
    running->add(line);
  }
}

}  // namespace

void start(Level least) {
  State& s = state();
  const std::lock_guard lock(s.mutex);
  if (s.running == nullptr) s.running = std::make_shared<Lines>();
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
  std::shared_ptr<Lines> last;
  {
    const std::lock_guard lock(s.mutex);
    last = std::move(s.running);
    s.running = nullptr;
    if (s.sink == nullptr) s.least = silent;
    if (last != nullptr) s.dropped_before += last->dropped();
  }
  // Its last owner waits until what is queued is written.
}

std::uint64_t dropped() {
  State& s = state();
  const std::lock_guard lock(s.mutex);
  return s.dropped_before + (s.running != nullptr ? s.running->dropped() : 0);
}

void debug(std::string_view event, std::initializer_list<Field> fields) { write(Level::debug, event, fields); }
void info(std::string_view event, std::initializer_list<Field> fields) { write(Level::info, event, fields); }
void warn(std::string_view event, std::initializer_list<Field> fields) { write(Level::warn, event, fields); }
void error(std::string_view event, std::initializer_list<Field> fields) { write(Level::error, event, fields); }

}  // namespace xieban::log
