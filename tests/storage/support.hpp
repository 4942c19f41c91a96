#pragma once
// What the storage tests share: values, a store of either kind on one io_context, and the way to wait for it.

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
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

inline std::shared_ptr<const Policy> policy(const std::string& type = "normal") {
  Policy made;
  made.type = TypeId(type);
  made.name = "普通";
  made.gates = {Phase::respond, Phase::run, Phase::accept};
  made.hash = policy_hash(made);
  return std::make_shared<const Policy>(made);
}

inline Request request(std::uint64_t id, const std::string& title = "新品推广页接口对接") {
  Request made;
  made.id = RequestId(id);
  made.year = 2026;
  made.title = title;
  made.type = TypeId("normal");
  made.policy = policy()->hash;
  made.phase = Phase::respond;
  made.requester = PersonId("li.market");
  made.owner = PersonId("zhao.tech");
  made.raised_by = DepartmentId("market");
  made.lead = DepartmentId("tech");
  made.chats = {group()};
  made.raised_at = at(0);
  made.due = at(86400);
  Clock clock;
  clock.id = ClockId(1);
  clock.start = at(0);
  clock.target = at(3600);
  clock.calendar = CalendarId("workday");
  made.clocks = {clock};
  return made;
}

inline Stamped entry(Request& of, Event event, TimePoint when = at(0)) {
  Stamped made;
  made.request = of.id;
  made.seq = ++of.seq;
  ++of.version;
  made.at = made.counted_at = when;
  made.by = of.requester;
  made.event = std::move(event);
  return made;
}
/// A note on it, as a change.
inline RequestChange note(Request of, const std::string& text, std::optional<TimePoint> wake_at = std::nullopt) {
  RequestChange change;
  change.entries.push_back(entry(of, Noted{text}));
  change.wake_at = wake_at;
  change.request = std::move(of);
  return change;
}
inline RequestChange raise(Request fresh, std::optional<TimePoint> wake_at = std::nullopt) {
  RequestChange change;
  change.policy = policy();
  Raised raised;
  raised.as = std::make_shared<const Request>(fresh);
  change.entries.push_back(entry(fresh, raised));
  change.wake_at = wake_at;
  change.request = std::move(fresh);
  return change;
}

inline Intent intent(std::uint64_t about, const std::string& text, const std::string& chat = "g1") {
  Intent made;
  Say say;
  say.to = Target::to(group(chat));
  say.text = Phrase("test.say", {{"text", text}});
  say.request = RequestId(about);
  made.effect = say;
  made.thread = Thread{app, ChatId(chat), RequestId(about)};
  return made;
}
inline Intent card_intent(std::uint64_t about, CardKind kind = CardKind::live, const std::string& chat = "g1") {
  auto made = intent(about, "", chat);
  PostCard post;
  post.request = RequestId(about);
  post.kind = kind;
  post.to = Target::to(group(chat));
  made.effect = post;
  return made;
}
inline Intent refresh_intent(std::uint64_t about, CardId card, const std::string& chat = "g1") {
  auto made = intent(about, "", chat);
  RefreshCard refresh;
  refresh.request = RequestId(about);
  refresh.card = card;
  made.effect = refresh;
  made.supersedes = "refresh:" + card.str();
  return made;
}

/// What a brain would compose: a card for cards, an update for refreshes, a text for everything else.
inline std::optional<Outgoing> compose_plain(const Parcel& parcel) {
  Outgoing out;
  out.parcel = parcel.id;
  out.app = parcel.thread.app;
  out.channel = ChannelId("group");
  out.chat = ChatRef{parcel.thread.app, parcel.thread.chat};
  out.request = parcel.thread.request;
  out.key = "k" + parcel.id.str();
  out.text = "attempt " + std::to_string(parcel.attempt);
  if (std::holds_alternative<PostCard>(parcel.effect)) {
    out.form = Form::card;
    out.card = Card{};
    out.card_id = CardId(parcel.id.value);
  } else if (const auto* refresh = std::get_if<RefreshCard>(&parcel.effect)) {
    out.form = Form::card_update;
    out.card = Card{};
    out.card_id = refresh->card;
  }
  return out;
}

inline Settlement settled(const Claimed& claimed, Outcome outcome, TimePoint now, std::optional<TimePoint> retry_at = std::nullopt) {
  Settlement made;
  made.parcel = claimed.parcel.id;
  made.attempt = claimed.attempt;
  made.fence = claimed.fence;
  made.receipt = Receipt(outcome);
  made.retry_at = retry_at;
  made.now = now;
  return made;
}

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

/// Runs until nothing is left to do; what the coroutine returned.
template <class T>
T run(boost::asio::io_context& context, boost::asio::awaitable<T> work) {
  std::optional<T> result;
  boost::asio::co_spawn(context, std::move(work), [&result](std::exception_ptr thrown, T value) {
    if (thrown) std::rethrow_exception(thrown);
    result = std::move(value);
  });
  context.restart();
  context.run();
  if (!result) throw std::logic_error("the coroutine did not finish");
  return std::move(*result);
}
inline void run(boost::asio::io_context& context, boost::asio::awaitable<void> work) {
  bool done = false;
  boost::asio::co_spawn(context, std::move(work), [&done](std::exception_ptr thrown) {
    if (thrown) std::rethrow_exception(thrown);
    done = true;
  });
  context.restart();
  context.run();
  if (!done) throw std::logic_error("the coroutine did not finish");
}

/// A store of either kind; `get` waits for a call and gives its value, or fails the test with its error.
class Bench {
 public:
  explicit Bench(bool sqlite, SameKey same_key = {}) {
    if (!sqlite) {
      store_ = make_memory_store(context_.get_executor(), std::move(same_key));
      return;
    }
    folder_.emplace();
    auto opened = open_sqlite(folder_->file(), options(std::move(same_key)));
    if (!opened) throw std::runtime_error(opened.error().text);
    store_ = std::move(*opened);
  }
  ~Bench() {
    if (store_) run(context_, store_->close());
  }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  SqliteOptions options(SameKey same_key = {}) {
    SqliteOptions made;
    made.loop = made.writer = made.reader = context_.get_executor();
    made.same_key = std::move(same_key);
    made.now = at(0);
    return made;
  }
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
  Committed change(ChangeSet changes, TimePoint now = at(0)) {
    return get(store_->transact(Load{}, [changes](const Snapshot&) { return changes; }, now));
  }
  Committed change(RequestChange request_change, TimePoint now = at(0)) {
    ChangeSet changes;
    changes.requests.push_back(std::move(request_change));
    return change(std::move(changes), now);
  }
  Committed intend(std::vector<Intent> intents, TimePoint now = at(0)) {
    ChangeSet changes;
    changes.intents = std::move(intents);
    return change(std::move(changes), now);
  }
  Snapshot load(const Load& load) { return *get(store_->load(load)); }
  Request stored(std::uint64_t id) {
    Load wanted;
    wanted.requests = {RequestId(id)};
    return load(wanted).requests.at(0);
  }
  std::vector<Claimed> claim(TimePoint now, std::size_t limit = 10, std::vector<Lane> closed = {}, Compose compose = compose_plain) {
    return get(store_->claim_outbox(now, limit, Duration(60'000), std::move(closed), std::move(compose)));
  }
  void settle(Settlement one) { get(store_->settle({std::move(one)})); }

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
