#pragma once
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "bot/net/loop.hpp"

namespace xieban {

/// The clock of one call. Each step arms it with what ends that step.
class Deadline : public std::enable_shared_from_this<Deadline> {
 public:
  explicit Deadline(const boost::asio::any_io_executor& executor) : timer_(executor) {}

  /// While it lives, `on_pass` runs once at `at`, or when the whole call is ended.
  class Armed {
   public:
    Armed(Deadline& deadline, SteadyTime at, std::function<void()> on_pass) : deadline_(deadline) {
      deadline_.arm(at, std::move(on_pass));
    }
    Armed(const Armed&) = delete;
    Armed& operator=(const Armed&) = delete;
    ~Armed() { deadline_.disarm(); }

   private:
    Deadline& deadline_;
  };

  /// Ends the call: the step under way, and no other one is worth beginning.
  void end() {
    ended_ = true;
    pass();
  }
  /// The step armed last was ended.
  [[nodiscard]] bool passed() const { return passed_; }
  [[nodiscard]] bool ended() const { return ended_; }

 private:
  void pass() {
    ++turn_;
    passed_ = true;
    if (const auto on_pass = std::exchange(on_pass_, nullptr)) on_pass();
  }
  void arm(SteadyTime at, std::function<void()> on_pass) {
    passed_ = false;
    on_pass_ = std::move(on_pass);
    timer_.expires_at(at);
    timer_.async_wait([weak = weak_from_this(), turn = ++turn_](boost::system::error_code error) {
      const auto self = weak.lock();
      if (!error && self != nullptr && self->turn_ == turn) self->pass();
    });
  }
  void disarm() {
    ++turn_;
    on_pass_ = nullptr;
    timer_.cancel();
  }

  boost::asio::steady_timer timer_;
  std::function<void()> on_pass_;
  std::uint64_t turn_ = 0;
  bool passed_ = false, ended_ = false;
};

}  // namespace xieban
