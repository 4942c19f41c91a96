#pragma once
// The whole bot without sockets and threads: company, store, intake, outbox, waker and chores over the fake platform.
// What people see survives restart() and kill(), as the platform does; the rest comes back from the database file.

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bot/engine/chores.hpp"
#include "bot/engine/intake.hpp"
#include "bot/engine/outbox.hpp"
#include "bot/engine/sender.hpp"
#include "bot/engine/waker.hpp"
#include "tests/support/company.hpp"
#include "tests/support/fake_platform.hpp"
#include "tests/support/fake_transport.hpp"
#include "tests/support/faulty_store.hpp"
#include "tests/support/sim_time.hpp"

namespace xieban::testing {

struct SimOptions {
  TimePoint start = local("2026-11-23 09:00");
  std::filesystem::path file;  // empty: the store in memory, which nothing survives
  Traits traits = fake_traits();
  std::uint64_t seed = 1;
  bool background = true;  // run() of outbox, waker and chores; without it tests call drain() themselves
  Backoff backoff;
  std::string lease_holder;  // set: the outbox uses leases
};

class SimWorld {
 public:
  explicit SimWorld(SimOptions = {});
  ~SimWorld();
  SimWorld(const SimWorld&) = delete;
  SimWorld& operator=(const SimWorld&) = delete;

  // ---- what people do; each call answers when nothing is runnable at this instant ----
  HttpResponse say(const std::string& user, const std::string& chat, const std::string& text, std::string key = {});
  HttpResponse press(const std::string& user, const std::string& chat, CardId card, const std::string& action,
                     std::string key = {}, const std::map<std::string, std::vector<std::string>>& inputs = {});
  HttpResponse receive(HttpRequest);
  /// Begins without waiting for the answer, which `then` gets.
  void receive_later(HttpRequest, std::function<void(HttpResponse)> then);
  void advance(Duration by) { time().run_for(by); }
  void until(const std::string& local_time) { time().run_until(local(local_time)); }

  // ---- the process ----
  /// An orderly stop and a new start on the same file.
  void restart();
  /// The process is gone at this instant; a new one starts on the same file `down` later.
  void kill(Duration down = Duration{0});
  /// Orderly: stop() of each, then close of the store. The world cannot be used afterwards, but for restart().
  void stop();

  SimTime& time() { return *process().time; }
  FaultyStore& store() { return *process().store; }
  Outbox& outbox() { return *process().outbox; }
  Waker& waker() { return *process().waker; }
  Intake& intake() { return *process().intake; }
  Chores& chores() { return *process().chores; }
  Sender& sender() { return *process().sender; }
  RulesBox& rules() { return *process().rules; }
  boost::asio::io_context& context() { return process().context; }
  Metrics& metrics() { return *process().metrics; }
  FakeTransport& platform_side() { return *transport_; }
  const FakePlatform& platform() const { return *platform_; }
  StoreLog& log() { return log_; }
  template <class T>
  T run(boost::asio::awaitable<T> coroutine) {
    return time().run(std::move(coroutine));
  }

  // ---- what stands in the store ----
  std::optional<Request> request(std::uint64_t id);
  std::vector<Stamped> history(std::uint64_t id);
  Stats stats();
  /// Puts an intent into the outbox without a request behind it.
  void post(Intent);

 private:
  struct Process {
    boost::asio::io_context context;
    std::unique_ptr<SimTime> time;
    std::unique_ptr<Metrics> metrics;
    std::unique_ptr<RulesBox> rules;
    std::unique_ptr<FaultyStore> store;
    Platforms platforms;
    std::unique_ptr<Sender> sender;
    std::unique_ptr<Outbox> outbox;
    std::unique_ptr<Waker> waker;
    std::unique_ptr<Intake> intake;
    std::unique_ptr<Chores> chores;
  };
  Process& process() { return *process_; }
  void start(TimePoint now);
  std::string next_key(std::string key);

  SimOptions options_;
  std::shared_ptr<const FakePlatform> platform_;
  std::unique_ptr<FakeTransport> transport_;
  StoreLog log_;
  std::unique_ptr<Process> process_;
  std::uint64_t events_ = 0, starts_ = 0;
};

/// A file name in a folder of its own, removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace xieban::testing
