#include "bot/web/playground_world.hpp"

#include <algorithm>
#include <utility>

#include "bot/base/text.hpp"

namespace xieban {

using boost::asio::awaitable;
using nlohmann::json;

namespace {

constexpr std::size_t page = 500;
constexpr std::string_view messages_path = "/messages";

std::string dump(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

template <class T>
json or_null(const std::optional<T>& value) {
  return value ? json(*value) : json(nullptr);
}

std::optional<std::string> text_or_none(const json& value) {
  if (!value.is_string()) return std::nullopt;
  return value.get<std::string>();
}

/// The row's body; chat, to and id are columns.
std::string body_of(const PlaygroundMessage& message) {
  return dump({{"from", message.from},
               {"kind", message.kind},
               {"text", message.text},
               {"card", message.card},
               {"mentions", message.mentions},
               {"urgent", message.urgent},
               {"request", or_null(message.request)},
               {"created", message.created.time_since_epoch().count()},
               {"updated", message.updated.time_since_epoch().count()},
               {"card_id", message.card_id},
               {"version", message.version},
               {"parcel", message.parcel}});
}

PlaygroundMessage message_of(const Store::Shown& row) {
  const json body = json::parse(row.body);
  PlaygroundMessage message;
  message.rev = row.rev;
  message.id = row.id;
  message.chat = row.chat;
  if (!row.to.empty()) message.to = row.to;
  message.from = body.at("from").get<std::string>();
  message.kind = body.at("kind").get<std::string>();
  message.text = body.at("text").get<std::string>();
  message.card = body.at("card");
  message.mentions = body.at("mentions").get<std::vector<std::string>>();
  message.urgent = body.at("urgent").get<bool>();
  message.request = text_or_none(body.at("request"));
  message.created = TimePoint(Duration(body.at("created").get<Duration::rep>()));
  message.updated = TimePoint(Duration(body.at("updated").get<Duration::rep>()));
  message.card_id = body.at("card_id").get<std::uint64_t>();
  message.version = body.at("version").get<std::uint32_t>();
  message.parcel = body.at("parcel").get<std::uint64_t>();
  return message;
}

/// What a send brings; throws json::exception when it is not what our adapter encodes.
void read_content(const json& body, PlaygroundMessage& into) {
  into.kind = body.at("kind").get<std::string>();
  into.text = body.at("text").get<std::string>();
  into.card = body.at("card");
  into.mentions = body.at("mentions").get<std::vector<std::string>>();
  into.urgent = body.at("urgent").get<bool>();
  into.request = text_or_none(body.at("request"));
  into.card_id = body.at("card_id").get<std::uint64_t>();
  into.version = body.at("version").get<std::uint32_t>();
  into.parcel = body.at("parcel").get<std::uint64_t>();
}

bool looks_the_same(const PlaygroundMessage& a, const PlaygroundMessage& b) {
  return a.kind == b.kind && a.text == b.text && a.card == b.card && a.mentions == b.mentions && a.urgent == b.urgent &&
         a.request == b.request;
}

// Groups stand among the messages, as rows of their own kind: the store keeps one list for the playground.
constexpr std::string_view group_kind = "group";
constexpr std::string_view groups_path = "/groups";

bool is_group(const PlaygroundMessage& message) { return message.kind == group_kind; }

HttpResponse done(const std::string& id) { return HttpResponse(200, dump({{"id", id}}), "application/json; charset=utf-8"); }

HttpResponse later() {
  HttpResponse response(503);
  response.headers.set("Retry-After", "1");
  return response;
}

}  // namespace

PlaygroundWorld::PlaygroundWorld(Store& store, const TimeSource& time) : store_(store), time_(time) {}

awaitable<Result<HttpResponse>> PlaygroundWorld::send(std::string, HttpRequest request, Duration) {
  const std::string path(request.path());
  json body = json::parse(request.body, nullptr, false);
  if (!body.is_object()) co_return HttpResponse(400);
  if (path.starts_with(groups_path)) {
    std::string method = request.method, rest = path.substr(groups_path.size());
    co_return co_await tend_group(std::move(method), std::move(rest), std::move(body));
  }
  try {
    PlaygroundMessage probe;
    read_content(body, probe);
    if (!body.at("key").is_string() || !body.at("chat").is_string()) co_return HttpResponse(400);
  } catch (const json::exception&) {
    co_return HttpResponse(400);
  }
  if (request.method == "POST" && path == messages_path) co_return co_await create(std::move(body));
  const std::string prefix = std::string(messages_path) + "/";
  if (request.method == "PUT" && path.starts_with(prefix)) {
    std::string id = path.substr(prefix.size());
    co_return co_await update(std::move(id), std::move(body));
  }
  co_return HttpResponse(404);
}

awaitable<HttpResponse> PlaygroundWorld::create(json body) {
  const AsyncLock::Held held = co_await changing_.acquire();
  std::string key = body.at("key").get<std::string>();
  PlaygroundMessage message;
  message.id = "m-" + key;
  // Asked for by id: a repeat of this call after the message was updated must not put the first content back.
  Result<std::optional<Store::Shown>> before = co_await store_.shown_one(message.id);
  if (!before) co_return later();
  if (*before) co_return done(message.id);

  message.chat = body.at("chat").get<std::string>();
  message.to = text_or_none(body.value("to", json(nullptr)));
  message.from = "bot";
  message.created = message.updated = time_.now();
  read_content(body, message);
  Result<PlaygroundMessage> shown = co_await show(std::move(message), std::move(key));
  if (!shown) co_return later();
  co_return done(shown->id);
}

awaitable<HttpResponse> PlaygroundWorld::update(std::string id, json body) {
  const AsyncLock::Held held = co_await changing_.acquire();
  Result<std::optional<PlaygroundMessage>> before = co_await find(id);
  if (!before) co_return later();
  if (!*before) co_return HttpResponse(404);
  PlaygroundMessage message = **before;
  read_content(body, message);

  Applied standing;
  standing.version = (*before)->version;
  standing.parcel = (*before)->parcel;
  const auto seen = unchanged_.find(id);
  if (seen != unchanged_.end()) standing = std::max(standing, seen->second);
  Applied coming;
  coming.version = message.version;
  coming.parcel = message.parcel;
  if (coming < standing) co_return done(id);
  if (looks_the_same(message, **before)) {
    unchanged_[id] = coming;
    co_return done(id);
  }
  message.updated = time_.now();
  std::string no_key;
  Result<PlaygroundMessage> shown = co_await show(std::move(message), std::move(no_key));
  if (!shown) co_return later();
  unchanged_.erase(id);
  co_return done(id);
}

awaitable<HttpResponse> PlaygroundWorld::tend_group(std::string method, std::string path, json body) {
  const AsyncLock::Held held = co_await changing_.acquire();
  PlaygroundGroup group;
  try {
    group.id = "g-" + body.at("key").get<std::string>();
    group.name = body.at("name").get<std::string>();
    group.members = body.at("members").get<std::vector<std::string>>();
  } catch (const json::exception&) {
    co_return HttpResponse(400);
  }
  const bool make = path.empty() && method == "POST";
  if (!make) {
    const auto slash = path.find('/', 1);
    group.id = path.substr(1, slash == std::string::npos ? slash : slash - 1);
  }
  Result<std::optional<PlaygroundMessage>> before = co_await find(group.id);
  if (!before) co_return later();
  if (make) {
    if (*before) co_return done(group.id);
    co_return co_await keep_group(std::move(group), false);
  }
  if (!*before) co_return HttpResponse(404);
  group.name = (*before)->text;
  std::vector<std::string> joining = std::move(group.members);
  group.members = (*before)->mentions;
  for (std::string& person : joining)
    if (std::ranges::find(group.members, person) == group.members.end()) group.members.push_back(std::move(person));
  co_return co_await keep_group(std::move(group), method == "DELETE");
}

awaitable<HttpResponse> PlaygroundWorld::keep_group(PlaygroundGroup group, bool dissolved) {
  PlaygroundMessage row;
  row.id = row.chat = group.id;
  row.from = "bot";
  row.kind = std::string(group_kind);
  row.text = std::move(group.name);
  row.mentions = std::move(group.members);
  row.card = {{"dissolved", dissolved}};
  row.created = row.updated = time_.now();
  std::string no_key;
  Result<PlaygroundMessage> shown = co_await show(std::move(row), std::move(no_key));
  if (!shown) co_return later();
  groups_.reset();
  co_return done(shown->id);
}

Async<std::vector<PlaygroundGroup>> PlaygroundWorld::groups() {
  if (groups_) co_return *groups_;
  std::vector<PlaygroundGroup> groups;
  for (std::uint64_t from = 0;;) {
    BOT_CO_TRY(const std::vector<Store::Shown> rows, co_await store_.shown(from, page));
    for (const Store::Shown& row : rows) {
      if (!row.id.starts_with("g-")) continue;
      PlaygroundMessage message = message_of(row);
      if (is_group(message) && !message.card.value("dissolved", false))
        groups.push_back(PlaygroundGroup{message.id, std::move(message.text), std::move(message.mentions)});
    }
    if (rows.size() < page) break;
    from = rows.back().rev;
  }
  std::ranges::sort(groups, {}, &PlaygroundGroup::id);
  groups_ = groups;
  co_return groups;
}

Async<PlaygroundMessage> PlaygroundWorld::show(PlaygroundMessage message, std::string key) {
  Store::Shown row;
  row.id = message.id;
  row.chat = message.chat;
  row.to = message.to.value_or(std::string());
  row.key = std::move(key);
  row.body = body_of(message);
  BOT_CO_TRY(Store::Shown shown, co_await store_.show(std::move(row)));
  if (rev_) rev_ = std::max(*rev_, shown.rev);
  co_return message_of(shown);
}

Async<PlaygroundMessage> PlaygroundWorld::say(std::string chat, std::string person, std::string text,
                                              std::vector<std::string> mentions) {
  const AsyncLock::Held held = co_await changing_.acquire();
  BOT_CO_TRY(const std::uint64_t newest, co_await rev());
  PlaygroundMessage message;
  // Unique: the row's own rev will be at least this number, and the next one starts behind it.
  message.id = "s-" + std::to_string(newest + 1);
  message.chat = std::move(chat);
  message.from = std::move(person);
  message.kind = "said";
  message.text = text::repair(text);
  message.mentions = std::move(mentions);
  message.created = message.updated = time_.now();
  std::string key = message.id;
  co_return co_await show(std::move(message), std::move(key));
}

Async<void> PlaygroundWorld::answer_card(std::string id, std::uint64_t seen, json card, std::string text) {
  const AsyncLock::Held held = co_await changing_.acquire();
  BOT_CO_TRY(std::optional<PlaygroundMessage> before, co_await find(id));
  if (!before || before->rev != seen || before->card == card) co_return Result<void>();
  PlaygroundMessage message = std::move(*before);
  message.card = std::move(card);
  if (!text.empty()) message.text = std::move(text);
  message.updated = time_.now();
  std::string no_key;
  BOT_CO_TRY(const PlaygroundMessage shown, co_await show(std::move(message), std::move(no_key)));
  co_return Result<void>();
}

Async<std::vector<PlaygroundMessage>> PlaygroundWorld::after(std::uint64_t rev) {
  std::vector<PlaygroundMessage> messages;
  for (std::uint64_t from = rev;;) {
    BOT_CO_TRY(const std::vector<Store::Shown> rows, co_await store_.shown(from, page));
    for (const Store::Shown& row : rows) {
      PlaygroundMessage message = message_of(row);
      if (!is_group(message)) messages.push_back(std::move(message));
    }
    if (rows.size() < page) break;
    from = rows.back().rev;
  }
  co_return messages;
}

Async<std::optional<PlaygroundMessage>> PlaygroundWorld::find(std::string id) {
  BOT_CO_TRY(const std::optional<Store::Shown> row, co_await store_.shown_one(std::move(id)));
  std::optional<PlaygroundMessage> message;
  if (row) message = message_of(*row);
  co_return message;
}

Async<std::uint64_t> PlaygroundWorld::rev() {
  if (rev_) co_return *rev_;
  std::uint64_t newest = 0;
  for (;;) {
    BOT_CO_TRY(const std::vector<Store::Shown> rows, co_await store_.shown(newest, page));
    if (!rows.empty()) newest = rows.back().rev;
    if (rows.size() < page) break;
  }
  rev_ = std::max(newest, rev_.value_or(0));
  co_return *rev_;
}

void PlaygroundWorld::forget() {
  rev_ = 0;
  groups_.reset();
  unchanged_.clear();
}

}  // namespace xieban
