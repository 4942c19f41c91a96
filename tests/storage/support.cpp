#include "tests/storage/support.hpp"

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <stdexcept>

namespace xieban::test {

std::shared_ptr<const Policy> policy(const std::string& type) {
  Policy made;
  made.type = TypeId(type);
  made.name = "普通";
  made.gates = {Phase::respond, Phase::run, Phase::accept};
  made.hash = policy_hash(made);
  return std::make_shared<const Policy>(made);
}

Request request(std::uint64_t id, const std::string& title) {
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

Stamped entry(Request& of, Event event, TimePoint when) {
  Stamped made;
  made.request = of.id;
  made.seq = ++of.seq;
  ++of.version;
  made.at = made.counted_at = when;
  made.by = of.requester;
  made.event = std::move(event);
  return made;
}
RequestChange note(Request of, const std::string& text, std::optional<TimePoint> wake_at) {
  RequestChange change;
  change.entries.push_back(entry(of, Noted{text}));
  change.wake_at = wake_at;
  change.request = std::move(of);
  return change;
}
RequestChange raise(Request fresh, std::optional<TimePoint> wake_at) {
  RequestChange change;
  change.policy = policy();
  Raised raised;
  raised.as = std::make_shared<const Request>(fresh);
  change.entries.push_back(entry(fresh, raised));
  change.wake_at = wake_at;
  change.request = std::move(fresh);
  return change;
}

Intent intent(std::uint64_t about, const std::string& text, const std::string& chat) {
  Intent made;
  Say say;
  say.to = Target::to(group(chat));
  say.text = Phrase("test.say", {{"text", text}});
  say.request = RequestId(about);
  made.effect = say;
  made.thread = Thread{app, ChatId(chat), RequestId(about)};
  return made;
}
Intent card_intent(std::uint64_t about, CardKind kind, const std::string& chat) {
  auto made = intent(about, "", chat);
  PostCard post;
  post.request = RequestId(about);
  post.kind = kind;
  post.to = Target::to(group(chat));
  made.effect = post;
  return made;
}
Intent refresh_intent(std::uint64_t about, CardId card, const std::string& chat) {
  auto made = intent(about, "", chat);
  RefreshCard refresh;
  refresh.request = RequestId(about);
  refresh.card = card;
  made.effect = refresh;
  made.supersedes = "refresh:" + card.str();
  return made;
}

std::optional<Outgoing> compose_plain(const Parcel& parcel) {
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
    if (parcel.snapshot.card) out.update_of = parcel.snapshot.card->provider_id;
  }
  return out;
}

Settlement settled(const Claimed& claimed, Outcome outcome, TimePoint now, std::optional<TimePoint> retry_at) {
  Settlement made;
  made.parcel = claimed.parcel.id;
  made.attempt = claimed.attempt;
  made.fence = claimed.fence;
  made.update_of = claimed.outgoing.update_of;
  made.receipt = Receipt(outcome);
  made.retry_at = retry_at;
  made.now = now;
  return made;
}

void run(boost::asio::io_context& context, boost::asio::awaitable<void> work) {
  bool done = false;
  boost::asio::co_spawn(context, std::move(work), [&done](std::exception_ptr thrown) {
    if (thrown) std::rethrow_exception(thrown);
    done = true;
  });
  context.restart();
  context.run();
  if (!done) throw std::logic_error("the coroutine did not finish");
}

Bench::Bench(bool sqlite, SameKey same_key) {
  if (!sqlite) {
    store_ = make_memory_store(context_.get_executor(), std::move(same_key));
    return;
  }
  folder_.emplace();
  SqliteOptions options;
  options.loop = options.writer = options.reader = context_.get_executor();
  options.same_key = std::move(same_key);
  options.now = at(0);
  auto opened = open_sqlite(folder_->file(), std::move(options));
  if (!opened) throw std::runtime_error(opened.error().text);
  store_ = std::move(*opened);
}
Bench::~Bench() { run(context_, store_->close()); }

Committed Bench::change(ChangeSet changes, TimePoint now) {
  return get(store_->transact(
      Load{}, [changes](const Snapshot&) { return changes; }, now));
}
Committed Bench::change(RequestChange request_change, TimePoint now) {
  ChangeSet changes;
  changes.requests.push_back(std::move(request_change));
  return change(std::move(changes), now);
}
Committed Bench::intend(std::vector<Intent> intents, TimePoint now) {
  ChangeSet changes;
  changes.intents = std::move(intents);
  return change(std::move(changes), now);
}
Snapshot Bench::load(const Load& load) { return *get(store_->load(load)); }
Request Bench::stored(std::uint64_t id) {
  Load wanted;
  wanted.requests = {RequestId(id)};
  return load(wanted).requests.at(0);
}
std::vector<Claimed> Bench::claim(TimePoint now, std::size_t limit, std::vector<Lane> closed, Compose compose) {
  return get(store_->claim_outbox(now, limit, Duration(60'000), std::move(closed), std::move(compose)));
}
void Bench::settle(Settlement one) { get(store_->settle({std::move(one)})); }

}  // namespace xieban::test
