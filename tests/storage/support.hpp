#pragma once
// What the storage tests share: values, a store of either kind on one io_context, and the way to wait for it.

#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bot/ports/store.hpp"
#include "storage/codec/codec.hpp"
#include "storage/memory/memory_store.hpp"
#include "storage/sqlite/sqlite_store.hpp"

namespace xieban::test {

inline TimePoint at(std::int64_t seconds) { return TimePoint(Duration(1'790'000'000'000 + seconds * 1000)); }
inline const AppId app{"playground:main"};
inline InboxKey key(const std::string& text) { return InboxKey{app, text}; }
inline ChatRef group(const std::string& id = "g1") { return ChatRef{app, ChatId(id)}; }

std::shared_ptr<const Policy> policy(const std::string& type = "normal");
Request request(std::uint64_t id, const std::string& title = "新品推广页接口对接");
/// The next entry of its history; the request counts it.
Stamped entry(Request& of, Event event, TimePoint when = at(0));
/// A note on it, as a change.
RequestChange note(Request of, const std::string& text, std::optional<TimePoint> wake_at = std::nullopt);
RequestChange raise(Request fresh, std::optional<TimePoint> wake_at = std::nullopt);

Intent intent(std::uint64_t about, const std::string& text, const std::string& chat = "g1");
Intent card_intent(std::uint64_t about, CardKind kind = CardKind::live, const std::string& chat = "g1");
Intent refresh_intent(std::uint64_t about, CardId card, const std::string& chat = "g1");
/// What a brain would compose: a card for cards, an update for refreshes, a text for everything else.
std::optional<Outgoing> compose_plain(const Parcel& parcel);
Settlement settled(const Claimed& claimed, Outcome outcome, TimePoint now, std::optional<TimePoint> retry_at = std::nullopt);

/// A folder that goes with the test.
class Folder {
 public:
  Folder() {
    auto pattern = (std::filesystem::temp_directory_path() / "xieban-storage-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path file(const std::string& name = "xieban.db") const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// Runs until nothing is left to do.
void run(boost::asio::io_context&, boost::asio::awaitable<void>);
/// The same; what the coroutine returned.
template <class T>
boost::asio::awaitable<void> keep(boost::asio::awaitable<T> work, std::optional<T>& result) {
  result.emplace(co_await std::move(work));
}
template <class T>
T run(boost::asio::io_context& context, boost::asio::awaitable<T> work) {
  std::optional<T> result;
  run(context, keep(std::move(work), result));
  return std::move(*result);
}

/// A store of either kind; `get` waits for a call and gives its value, or fails the test with its error.
class Bench {
 public:
  explicit Bench(bool sqlite, SameKey same_key = {});
  ~Bench();
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  Store& store() { return *store_; }
  boost::asio::io_context& context() { return context_; }

  template <class T>
  T get(Async<T> call) {
    auto result = run(context_, std::move(call));
    if (!result) throw std::runtime_error(result.error().text);
    if constexpr (!std::is_void_v<T>) return std::move(*result);
  }
  template <class T>
  Result<T> ask(Async<T> call) {
    return run(context_, std::move(call));
  }

  /// One unit that decides `changes`, whatever it sees.
  Committed change(ChangeSet changes, TimePoint now = at(0));
  Committed change(RequestChange request_change, TimePoint now = at(0));
  Committed intend(std::vector<Intent> intents, TimePoint now = at(0));
  Snapshot load(const Load& load);
  Request stored(std::uint64_t id);
  std::vector<Claimed> claim(TimePoint now, std::size_t limit = 10, std::vector<Lane> closed = {},
                             Compose compose = compose_plain);
  void settle(Settlement one);

 private:
  boost::asio::io_context context_{1};
  std::optional<Folder> folder_;
  std::unique_ptr<Store> store_;
};

inline std::string kind_of_store(const testing::TestParamInfo<bool>& store) { return store.param ? "sqlite" : "memory"; }

/// The contract: every test runs against memory and SQLite.
class Contract : public testing::TestWithParam<bool>, public Bench {
 protected:
  Contract() : Bench(GetParam()) {}
};

}  // namespace xieban::test
