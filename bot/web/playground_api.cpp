#include "bot/web/playground_api.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <chrono>
#include <memory>
#include <utility>

#include "bot/base/rng.hpp"
#include "bot/base/text.hpp"
#include "bot/core/brain/preview.hpp"
#include "bot/core/words/command.hpp"
#include "bot/web/playground_body.hpp"
#include "bot/web/playground_names.hpp"
#include "bot/web/playground_pages.hpp"
#include "bot/web/playground_people.hpp"
#include "bot/web/playground_plan.hpp"

namespace xieban {

namespace asio = boost::asio;
using asio::awaitable;
using nlohmann::json;

namespace {

constexpr int deliveries = 4;  // of one event, while the intake is busy
constexpr Duration longest_turn{5LL * 366 * 24 * 3600 * 1000};
constexpr std::size_t plan_page = 100, plan_requests = 500;
constexpr std::size_t preview_most = 200;  // messages: what somebody reads on a page

std::unexpected<ApiError> wrong(int status, std::string code, std::string message) {
  return std::unexpected(ApiError(status, std::move(code), std::move(message)));
}
std::unexpected<ApiError> bad_field(std::string message) { return wrong(400, "bad_field", std::move(message)); }

/// The store or the engine could not: nothing of what was asked is promised.
std::unexpected<ApiError> unavailable(const Error& error) {
  return wrong(503, error.code == Errc::limited ? "busy" : "unavailable", error.text);
}

json message_json(const PlaygroundMessage& message, const Rules& rules) {
  const Calendar& zone = rules.office();
  return {{"id", message.id},
          {"rev", message.rev},
          {"chat", message.chat},
          {"from", message.from},
          {"to", message.to ? json(*message.to) : json(nullptr)},
          {"kind", message.kind},
          {"text", message.text},
          {"card", message.card},
          {"mentions", message.mentions},
          {"urgent", message.urgent},
          {"request", message.request ? json(*message.request) : json(nullptr)},
          {"created_at", to_rfc3339(message.created, zone.offset(message.created))},
          {"updated_at", to_rfc3339(message.updated, zone.offset(message.updated))}};
}

json messages_json(const std::vector<PlaygroundMessage>& messages, const Rules& rules) {
  json list = json::array();
  for (const PlaygroundMessage& message : messages) list.push_back(message_json(message, rules));
  return list;
}

std::string time_json(TimePoint at, const Rules& rules) { return to_rfc3339(at, rules.office().offset(at)); }

/// Who acts where: the chat exists, the person exists and is in it.
struct Place {
  PlaygroundChat chat;
  PersonId person;
};
Api<Place> place_of(const json& body, const Rules& rules, const std::vector<PlaygroundChat>& made, TimePoint now) {
  Api<std::string> chat_id = text_member(body, "chat");
  if (!chat_id) return std::unexpected(chat_id.error());
  Api<std::string> user = text_member(body, "user");
  if (!user) return std::unexpected(user.error());
  std::optional<PlaygroundChat> chat = playground_chat(rules, made, *chat_id, now);
  if (!chat) return wrong(404, "unknown_chat", "there is no chat \"" + *chat_id + "\"");
  const Directory directory = rules.people();
  const Person* person = directory.person(PersonId(*user));
  if (person == nullptr || !person->active) return wrong(404, "unknown_user", "there is no person \"" + *user + "\"");
  // A chat one is not in is answered like one that does not exist.
  if (!chat->has(person->id)) return wrong(404, "unknown_chat", "\"" + *user + "\" is not in the chat \"" + *chat_id + "\"");
  return Place{std::move(*chat), person->id};
}

Api<TimePoint> time_member(const json& value, std::string_view name) {
  const auto* text = value.get_ptr<const std::string*>();
  const std::optional<TimePoint> at = text == nullptr ? std::nullopt : parse_rfc3339(*text);
  if (!at) return bad_field("\"" + std::string(name) + "\" must be an RFC 3339 time with offset");
  return *at;
}

/// {id: str or [str]} -> {id: [str]}; only what the card asks for.
Api<json> inputs_of(const json& body, const json& card) {
  json inputs = json::object();
  const auto given = body.find("inputs");
  if (given == body.end()) return inputs;
  if (!given->is_object()) return bad_field("\"inputs\" must be an object");
  for (const auto& [id, value] : given->items()) {
    const auto& asked = card.at("inputs");
    const bool known = std::any_of(asked.begin(), asked.end(), [&](const json& input) { return input.at("id") == id; });
    if (!known) return bad_field("the card has no input \"" + id + "\"");
    if (value.is_string()) {
      inputs[id] = json::array({value});
    } else if (value.is_array() && std::all_of(value.begin(), value.end(), [](const json& one) { return one.is_string(); })) {
      inputs[id] = value;
    } else {
      return bad_field("the input \"" + id + "\" must be a string or a list of strings");
    }
  }
  return inputs;
}

bool visible(const PlaygroundMessage& message, const std::string& person) { return !message.to || *message.to == person; }

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

class PlaygroundApi {
 public:
  using Call = awaitable<Api<json>> (PlaygroundApi::*)(HttpRequest);

  PlaygroundApi(PlaygroundHost& host, PlaygroundWorld& world, PlaygroundSettings settings)
      : host_(host),
        world_(world),
        settings_(std::move(settings)),
        rng_(settings_.seed == 0 ? random_seed() : settings_.seed) {}

  awaitable<HttpResponse> answer(HttpRequest request, Call call);
  awaitable<HttpResponse> file(HttpRequest request, std::string name);

  awaitable<Api<json>> say(HttpRequest);
  awaitable<Api<json>> press(HttpRequest);
  awaitable<Api<json>> enter(HttpRequest);
  awaitable<Api<json>> messages(HttpRequest);
  awaitable<Api<json>> world(HttpRequest);
  awaitable<Api<json>> plan(HttpRequest);
  awaitable<Api<json>> preview(HttpRequest);
  awaitable<Api<json>> clock(HttpRequest);
  awaitable<Api<json>> reset(HttpRequest);
  awaitable<Api<json>> cards(HttpRequest);

 private:
  [[nodiscard]] std::optional<ApiError> refused(const HttpRequest&) const;
  awaitable<HttpResponse> deliver(json event);
  /// What changed after `rev`, as JSON.
  awaitable<Api<json>> changed_since(std::uint64_t rev);
  awaitable<Api<std::vector<PlaygroundChat>>> made_groups();

  PlaygroundHost& host_;
  PlaygroundWorld& world_;
  PlaygroundSettings settings_;
  Rng rng_;
  AsyncLock acting_;  // one action at a time: what changed by it is what it answers with
};

std::optional<ApiError> PlaygroundApi::refused(const HttpRequest& request) const {
  if (settings_.allow_remote) return std::nullopt;
  if (settings_.listener_loopback && loopback_host(request.headers.get("Host"))) return std::nullopt;
  return ApiError(403, "not_local", "the playground answers on this machine only; see playground.allow_remote");
}

awaitable<HttpResponse> PlaygroundApi::answer(HttpRequest request, Call call) {
  const std::optional<ApiError> no = refused(request);
  if (no) co_return api_error(*no);
  const Api<json> answered = co_await (this->*call)(std::move(request));
  if (!answered) co_return api_error(answered.error());
  co_return api_answer(*answered);
}

awaitable<HttpResponse> PlaygroundApi::file(HttpRequest request, std::string name) {
  const std::optional<ApiError> no = refused(request);
  if (no) co_return api_error(*no);
  if (request.path() == "/playground") {
    // The page's own links are relative to the folder.
    HttpResponse moved(308);
    moved.headers.set("Location", "/playground/");
    co_return moved;
  }
  co_return playground_page(request, name);
}

awaitable<HttpResponse> PlaygroundApi::deliver(json event) {
  HttpRequest request("POST", "/event");
  request.headers.set("Content-Type", "application/json");
  request.body = event.dump();
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  for (int turn = 1;; ++turn) {
    HttpRequest once = request;
    HttpResponse response = co_await host_.receive(std::move(once));
    if (response.status != 503 || turn == deliveries) co_return response;
    // Like any platform: the same event again, a little later each time.
    asio::steady_timer pause(executor, std::chrono::milliseconds(25 << turn));
    co_await pause.async_wait(asio::use_awaitable);
  }
}

awaitable<Api<json>> PlaygroundApi::changed_since(std::uint64_t rev) {
  const Result<std::vector<PlaygroundMessage>> changed = co_await world_.after(rev);
  if (!changed) co_return unavailable(changed.error());
  const RulesPtr rules = host_.rules();
  co_return messages_json(*changed, *rules);
}

awaitable<Api<std::vector<PlaygroundChat>>> PlaygroundApi::made_groups() {
  const Result<std::vector<PlaygroundGroup>> groups = co_await world_.groups();
  if (!groups) co_return unavailable(groups.error());
  std::vector<PlaygroundChat> chats;
  for (const PlaygroundGroup& group : *groups) {
    PlaygroundChat chat;
    chat.id = group.id;
    chat.name = group.name;
    for (const std::string& member : group.members) chat.members.emplace_back(member);
    chats.push_back(std::move(chat));
  }
  co_return chats;
}

awaitable<Api<json>> PlaygroundApi::say(HttpRequest request) {
  const Api<json> body = read_body(request, {"chat", "user", "text"});
  if (!body) co_return std::unexpected(body.error());
  const RulesPtr rules = host_.rules();
  const Api<std::vector<PlaygroundChat>> made = co_await made_groups();
  if (!made) co_return std::unexpected(made.error());
  Api<Place> place = place_of(*body, *rules, *made, host_.now());
  if (!place) co_return std::unexpected(place.error());
  const Api<std::string> typed = text_member(*body, "text");
  if (!typed) co_return std::unexpected(typed.error());
  const std::string text = text::repair(*typed);

  json mentions = json::array();
  std::vector<std::string> mentioned;
  for (const FoundMention& mention : find_mentions(text, *rules, place->chat)) {
    mentions.push_back({{"name", mention.name}, {"user", mention.person ? json(mention.person->str()) : json(nullptr)}});
    if (mention.person && std::find(mentioned.begin(), mentioned.end(), mention.person->str()) == mentioned.end()) {
      mentioned.push_back(mention.person->str());
    }
  }

  const AsyncLock::Held held = co_await acting_.acquire();
  const Result<PlaygroundMessage> said = co_await world_.say(place->chat.id, place->person.str(), text, std::move(mentioned));
  if (!said) co_return unavailable(said.error());
  json event = {{"id", said->id},
                {"type", "message"},
                {"chat", said->chat},
                {"user", said->from},
                {"at", to_rfc3339(said->created)},
                {"text", text},
                {"mentions", std::move(mentions)}};
  const HttpResponse received = co_await deliver(std::move(event));
  if (received.status == 503) co_return wrong(503, "busy", "the bot is busy; nothing was done");
  if (received.status != 200) co_return wrong(500, "internal", "the bot could not read the event");
  co_await host_.settle();
  Api<json> changed = co_await changed_since(said->rev);
  if (!changed) co_return std::unexpected(changed.error());
  json answered = {{"said", message_json(*said, *rules)}, {"messages", std::move(*changed)}};
  co_return answered;
}

awaitable<Api<json>> PlaygroundApi::enter(HttpRequest request) {
  const Api<json> body = read_body(request, {"chat", "user"});
  if (!body) co_return std::unexpected(body.error());
  const RulesPtr rules = host_.rules();
  const Api<std::vector<PlaygroundChat>> made = co_await made_groups();
  if (!made) co_return std::unexpected(made.error());
  Api<Place> place = place_of(*body, *rules, *made, host_.now());
  if (!place) co_return std::unexpected(place.error());

  const AsyncLock::Held held = co_await acting_.acquire();
  const Result<std::uint64_t> before = co_await world_.rev();
  if (!before) co_return unavailable(before.error());
  json event = {{"id", "n-" + std::to_string(rng_.next())},
                {"type", "enter"},
                {"chat", place->chat.id},
                {"user", place->person.str()},
                {"at", to_rfc3339(host_.now())}};
  const HttpResponse received = co_await deliver(std::move(event));
  if (received.status == 503) co_return wrong(503, "busy", "the bot is busy; nothing was done");
  if (received.status != 200) co_return wrong(500, "internal", "the bot could not read the event");
  co_await host_.settle();
  Api<json> changed = co_await changed_since(*before);
  if (!changed) co_return std::unexpected(changed.error());
  json answered = {{"messages", std::move(*changed)}};
  co_return answered;
}

awaitable<Api<json>> PlaygroundApi::press(HttpRequest request) {
  const Api<json> body = read_body(request, {"chat", "user", "message", "action", "inputs"});
  if (!body) co_return std::unexpected(body.error());
  const RulesPtr rules = host_.rules();
  const Api<std::vector<PlaygroundChat>> made = co_await made_groups();
  if (!made) co_return std::unexpected(made.error());
  Api<Place> place = place_of(*body, *rules, *made, host_.now());
  if (!place) co_return std::unexpected(place.error());
  const Api<std::string> id = text_member(*body, "message");
  if (!id) co_return std::unexpected(id.error());
  const Api<std::string> action = text_member(*body, "action");
  if (!action) co_return std::unexpected(action.error());

  const AsyncLock::Held held = co_await acting_.acquire();
  const Result<std::optional<PlaygroundMessage>> found = co_await world_.find(*id);
  if (!found) co_return unavailable(found.error());
  const std::optional<PlaygroundMessage>& message = *found;
  if (!message || message->chat != place->chat.id || !visible(*message, place->person.str())) {
    co_return wrong(404, "unknown_message", "there is no message \"" + *id + "\" here");
  }
  const bool offered =
      message->card.is_object() && std::any_of(message->card.at("buttons").begin(), message->card.at("buttons").end(),
                                               [&](const json& button) { return button.at("action") == *action; });
  if (!offered) co_return wrong(404, "unknown_action", "the card has no action \"" + *action + "\"");
  Api<json> inputs = inputs_of(*body, message->card);
  if (!inputs) co_return std::unexpected(inputs.error());
  const Result<std::uint64_t> before = co_await world_.rev();
  if (!before) co_return unavailable(before.error());

  json event = {{"id", "e-" + std::to_string(rng_.next())},
                {"type", "press"},
                {"chat", message->chat},
                {"user", place->person.str()},
                {"at", to_rfc3339(host_.now())},
                {"card", message->card_id},
                {"version", message->version},
                {"action", *action},
                {"inputs", std::move(*inputs)}};
  const HttpResponse received = co_await deliver(std::move(event));
  json reply = json::parse(received.body, nullptr, false);
  if (received.status == 503) co_return wrong(503, "busy", "the bot is busy; nothing was done");
  if (received.status != 200 || !reply.is_object()) co_return wrong(500, "internal", "the bot could not read the event");
  if (reply.contains("card") && reply.at("card").is_object()) {
    const Result<void> shown =
        co_await world_.answer_card(message->id, message->rev, std::move(reply.at("card")), reply.value("text", std::string()));
    if (!shown) co_return unavailable(shown.error());
  }
  co_await host_.settle();
  Api<json> changed = co_await changed_since(*before);
  if (!changed) co_return std::unexpected(changed.error());
  json toast;
  if (reply.contains("toast")) toast = std::move(reply.at("toast"));
  json answered = {{"toast", std::move(toast)}, {"messages", std::move(*changed)}};
  co_return answered;
}

awaitable<Api<json>> PlaygroundApi::messages(HttpRequest request) {
  const RulesPtr rules = host_.rules();
  const TimePoint now = host_.now();
  const Api<std::vector<PlaygroundChat>> made = co_await made_groups();
  if (!made) co_return std::unexpected(made.error());
  const std::vector<PlaygroundChat> chats = playground_chats(*rules, *made, now);
  const std::string only_chat = request.param("chat"), only_user = request.param("user");
  const auto chat_named = [&](const std::string& id) {
    return std::find_if(chats.begin(), chats.end(), [&](const PlaygroundChat& chat) { return chat.id == id; });
  };
  if (!only_chat.empty() && chat_named(only_chat) == chats.end()) {
    co_return wrong(404, "unknown_chat", "there is no chat \"" + only_chat + "\"");
  }
  if (!only_user.empty()) {
    const Directory directory = rules->people();
    const Person* person = directory.person(PersonId(only_user));
    if (person == nullptr || !person->active) co_return wrong(404, "unknown_user", "there is no person \"" + only_user + "\"");
  }
  std::uint64_t after = 0;
  if (request.has_param("after") && !request.param("after").empty()) {
    const std::optional<std::uint64_t> given = whole_number(request.param("after"));
    if (!given) co_return bad_field("\"after\" must be a rev");
    after = *given;
  }
  const Result<std::vector<PlaygroundMessage>> changed = co_await world_.after(after);
  if (!changed) co_return unavailable(changed.error());
  const Result<std::uint64_t> rev = co_await world_.rev();
  if (!rev) co_return unavailable(rev.error());
  json list = json::array();
  for (const PlaygroundMessage& message : *changed) {
    if (!only_chat.empty() && message.chat != only_chat) continue;
    if (!only_user.empty()) {
      const auto chat = chat_named(message.chat);
      if (chat == chats.end() || !chat->has(PersonId(only_user)) || !visible(message, only_user)) continue;
    }
    list.push_back(message_json(message, *rules));
  }
  // Not past what was read: what came meanwhile must come with the next call.
  const std::uint64_t read_to = changed->empty() ? std::min(after, *rev) : changed->back().rev;
  json answered = {{"messages", std::move(list)}, {"rev", read_to}};
  co_return answered;
}

awaitable<Api<json>> PlaygroundApi::world(HttpRequest) {
  const RulesPtr rules = host_.rules();
  const TimePoint now = host_.now();
  const Api<std::vector<PlaygroundChat>> made = co_await made_groups();
  if (!made) co_return std::unexpected(made.error());
  json answered = world_json(*rules, *made, now);
  answered["now"] = time_json(now, *rules);
  answered["running"] = true;
  co_return answered;
}

awaitable<Api<json>> PlaygroundApi::plan(HttpRequest request) {
  std::optional<RequestId> only;
  if (const std::string wanted = request.param("request"); !wanted.empty()) {
    const std::optional<Reference> reference = parse_reference(wanted);
    if (!reference || !reference->task.empty()) co_return bad_field("\"request\" must be a number like XB-2026-0012 or 12");
    only = reference->request;
  }
  const RulesPtr rules = host_.rules();
  PlaygroundPlan planned(*rules, host_.now());
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  RequestId after = only ? RequestId(only->value == 0 ? 0 : only->value - 1) : RequestId(0);
  const std::size_t page = only ? 1 : plan_page;
  for (std::size_t read = 0; read < plan_requests;) {
    Result<std::vector<Snapshot>> rows = co_await host_.store().open_requests(after, page);
    if (!rows) co_return unavailable(rows.error());
    if (rows->empty()) break;
    read += rows->size();
    for (Snapshot& row : *rows) {
      after = row.requests.front().id;
      if (only && after != *only) continue;
      planned.add(std::move(row));
      co_await asio::post(executor, asio::use_awaitable);
    }
    if (only) break;
  }
  while (planned.word_next()) co_await asio::post(executor, asio::use_awaitable);
  co_return planned.json();
}

awaitable<Api<json>> PlaygroundApi::preview(HttpRequest request) {
  const RulesPtr rules = host_.rules();
  const Organisation& organisation = *rules->organisation;
  PreviewOf of;
  const std::string type = request.param("type"), lead = request.param("department");
  of.policy = rules->type(type.empty() ? rules->default_type : TypeId(type));
  if (!of.policy) co_return bad_field("there is no type \"" + type + "\"");
  if (organisation.departments.empty() || organisation.people.empty()) co_return bad_field("nobody could raise it");
  of.lead = lead.empty() ? organisation.departments.front().id : DepartmentId(lead);
  if (rules->people().department(of.lead) == nullptr) co_return bad_field("there is no department \"" + lead + "\"");
  of.requester = organisation.people.front().id;
  of.raised_at = host_.now();
  if (const std::string at = request.param("raised_at"); !at.empty()) {
    const auto given = parse_rfc3339(at);
    if (!given) co_return bad_field("\"raised_at\" must be an RFC 3339 time with offset");
    of.raised_at = *given;
  }
  of.until = of.raised_at + std::chrono::days(14);
  of.most = preview_most;
  const auto foreseen = xieban::preview(*rules, of);
  if (!foreseen) co_return bad_field(xieban::say(rules->lang, foreseen.error()));
  json types = json::array(), messages = json::array();
  for (const auto& one : rules->types) types.push_back({{"id", one->type.value}, {"name", one->name}});
  for (const Foreseen& one : *foreseen) {
    const Role* role = one.role ? std::get_if<Role>(&*one.role) : nullptr;
    messages.push_back({{"at", time_json(one.at, *rules)},
                        {"elapsed", to_iso_duration(one.elapsed)},
                        {"clock", clock_name(one.clock)},
                        {"rung", rung_name(one.rung)},
                        {"role", role == nullptr ? std::string_view("person") : role_name(*role)},
                        {"person", one.person.value},
                        {"by", by_name(one.by)},
                        {"text", one.text}});
  }
  json answered = {{"types", std::move(types)},
                   {"type", of.policy->type.value},
                   {"department", of.lead.value},
                   {"raised_at", time_json(of.raised_at, *rules)},
                   {"messages", std::move(messages)}};
  co_return answered;
}

awaitable<Api<json>> PlaygroundApi::clock(HttpRequest request) {
  const Api<json> body = read_body(request, {"advance", "to"});
  if (!body) co_return std::unexpected(body.error());
  if (body->size() != 1) co_return bad_field("exactly one of \"advance\" and \"to\" is needed");
  if (host_.real_apps()) co_return wrong(409, "real_apps", "the clock cannot be turned while a real platform is configured");

  const AsyncLock::Held held = co_await acting_.acquire();
  const TimePoint now = host_.now();
  std::optional<TimePoint> to;
  if (body->contains("advance")) {
    const auto* text = body->at("advance").get_ptr<const std::string*>();
    const std::optional<Duration> by = text == nullptr ? std::nullopt : parse_iso_duration(*text);
    if (!by || *by < Duration::zero()) co_return bad_field("\"advance\" must be an ISO 8601 duration like PT2H");
    if (*by > longest_turn) co_return bad_field("\"advance\" must be at most five years");
    to = now + *by;
  } else if (body->at("to") != "next") {
    const Api<TimePoint> at = time_member(body->at("to"), "to");
    if (!at) co_return std::unexpected(at.error());
    if (*at < now)
      co_return wrong(409, "clock_backwards", "the clock never goes back; it is " + time_json(now, *host_.rules()));
    if (*at > now + longest_turn) co_return bad_field("\"to\" must be within five years");
    to = *at;
  }
  const Result<ClockTurn> turned = co_await host_.turn(to);
  if (!turned) co_return unavailable(turned.error());
  const RulesPtr rules = host_.rules();
  json answered = {{"now", time_json(turned->now, *rules)},
                   {"next", turned->next ? json(time_json(*turned->next, *rules)) : json(nullptr)},
                   {"wakes", turned->wakes},
                   {"sends", turned->sends}};
  co_return answered;
}

/// Examples, drawn by the page itself from what the playground would be sent.
awaitable<Api<json>> PlaygroundApi::cards(HttpRequest) {
  json cards = json::array();
  const RulesPtr rules = host_.rules();
  for (const GalleryCard& one : settings_.gallery(rules->lang)) {
    json card, wires = json::array();
    std::string text;
    for (const auto& [platform, sent] : one.wires) {
      wires.push_back({{"platform", platform}, {"json", sent}});
      if (platform != "playground") continue;
      const json message = json::parse(sent).at("body");
      card = message.at("card");
      text = message.at("text").get<std::string>();
    }
    cards.push_back({{"name", one.name}, {"card", std::move(card)}, {"text", std::move(text)}, {"wires", std::move(wires)}});
  }
  json answered = {{"cards", std::move(cards)}};
  co_return answered;
}

awaitable<Api<json>> PlaygroundApi::reset(HttpRequest request) {
  const Api<json> body = read_body(request, {"now"});
  if (!body) co_return std::unexpected(body.error());
  std::optional<TimePoint> now;
  if (body->contains("now")) {
    const Api<TimePoint> at = time_member(body->at("now"), "now");
    if (!at) co_return std::unexpected(at.error());
    now = *at;
  }
  if (host_.real_apps()) co_return wrong(409, "real_apps", "nothing is reset while a real platform is configured");
  const AsyncLock::Held held = co_await acting_.acquire();
  const Result<TimePoint> begun = co_await host_.reset(now);
  if (!begun) co_return unavailable(begun.error());
  world_.forget();
  const RulesPtr rules = host_.rules();
  json answered = {{"now", time_json(*begun, *rules)}};
  co_return answered;
}

}  // namespace

void add_playground(Router& router, PlaygroundHost& host, PlaygroundWorld& world, PlaygroundSettings settings) {
  const bool gallery = static_cast<bool>(settings.gallery);
  const auto api = std::make_shared<PlaygroundApi>(host, world, std::move(settings));
  const auto call = [&](const char* method, const char* name, PlaygroundApi::Call member) {
    router.add(method, std::string("/playground/api/") + name,
               [api, member](HttpRequest request, Params) { return api->answer(std::move(request), member); });
  };
  call("POST", "say", &PlaygroundApi::say);
  call("POST", "press", &PlaygroundApi::press);
  call("POST", "enter", &PlaygroundApi::enter);
  call("GET", "messages", &PlaygroundApi::messages);
  call("GET", "world", &PlaygroundApi::world);
  call("GET", "plan", &PlaygroundApi::plan);
  call("GET", "preview", &PlaygroundApi::preview);
  call("POST", "clock", &PlaygroundApi::clock);
  call("POST", "reset", &PlaygroundApi::reset);
  router.refuse("/playground/api/",
                [](int status) { return status == 413 ? api_error(body_too_large()) : HttpResponse(status); });
  const Handler index = [api](HttpRequest request, Params) { return api->file(std::move(request), ""); };
  router.add("GET", "/playground/", index);
  router.add("GET", "/playground", index);
  if (gallery) {
    call("GET", "cards", &PlaygroundApi::cards);
    router.add("GET", "/playground/cards", index);  // the same page; it looks at its address
  }
  router.add("GET", "/playground/{name}",
             [api](HttpRequest request, const Params& params) { return api->file(std::move(request), params.at("name")); });
}

}  // namespace xieban
