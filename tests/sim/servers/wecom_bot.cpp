#include "tests/sim/servers/wecom_bot.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "bot/crypto/crypto.hpp"
#include "tests/sim/servers/wecom_codes.hpp"
#include "tests/sim/servers/wecom_contacts.hpp"

namespace xieban::sim::wecom {

using nlohmann::json;

namespace {

constexpr Duration at_once{5000};
constexpr std::size_t most_stream = 20'480, most_images = 10;

bool is_media(const std::string& type) { return type == "file" || type == "image" || type == "voice" || type == "video"; }

}  // namespace

// ---- questions ---------------------------------------------------------------------------------------

void Bot::heard(const Place& place) { heard_.insert(place.app + "/" + place.chat()); }

bool Bot::stream_is_over(const Stream& stream) const {
  const auto most = std::chrono::minutes(stage_.world.limit("stream_minutes", 6));
  return stream.finished || stage_.clock.now() - stream.began > most;
}

int Bot::in_progress(const std::string& app, const std::string& user) const {
  const auto open = [&](const auto& one) {
    const Asked& asked = one.second;
    return asked.question.place.app == app && asked.question.place.user == user && !asked.stream.id.empty() &&
           !stream_is_over(asked.stream);
  };
  return static_cast<int>(std::ranges::count_if(asked_, open));
}

void Bot::ask(const std::string& key, const Question& question) {
  Asked asked;
  asked.question = question;
  asked.at = stage_.clock.now();
  asked_[key] = std::move(asked);
}

std::string Bot::open_stream(const std::string& key) const {
  const auto found = asked_.find(key);
  if (found == asked_.end() || found->second.stream.id.empty() || stream_is_over(found->second.stream)) return "";
  return found->second.stream.id;
}

/// nullptr: unknown, of another kind, or too late to be answered: 24 hours for messages, 5 seconds for the rest.
Bot::Asked* Bot::find(const std::string& key, Question::Kind kind) {
  const auto found = asked_.find(key);
  if (found == asked_.end() || found->second.question.kind != kind) return nullptr;
  const Duration life = kind == Question::Kind::message ? day : at_once;
  return stage_.clock.now() - found->second.at > life ? nullptr : &found->second;
}

std::string Bot::outward(const std::string& app, const std::string& user) const {
  const json* entry = stage_.world.app_by("id", app);
  const json* person = stage_.world.person(user);
  const bool encrypted = entry != nullptr && object_of(*entry, "bot").value("encrypted_ids", false);
  return encrypted && person != nullptr ? open_id(*person) : user;
}

std::string Bot::inward(const std::string& app, const std::string& id) const {
  for (const json& person : stage_.world.all().at("people")) {
    const std::string own = text_of(person, "id");
    if (outward(app, own) == id) return own;
  }
  return "";
}

// ---- saying ------------------------------------------------------------------------------------------

Refused Bot::take_quota(const Place& place) {
  const std::string key = "bot/" + place.app + "/" + place.chat();
  const bool in_minute = access_.take(key + "/minute", stage_.world.limit("chat_per_minute", 30), minute);
  const bool in_hour = access_.take(key + "/hour", stage_.world.limit("chat_per_hour", 1000), hour);
  if (in_minute && in_hour) return std::nullopt;
  return Refusal{too_many, "too many messages in this conversation"};
}

std::string Bot::show(const Place& place, const Seen& seen) {
  Shown shown;
  shown.id = stage_.ids.next("bm");
  shown.app = place.app;
  shown.chat = place.chat();
  shown.to = place.group.empty() ? place.user : "";
  shown.kind = seen.kind;
  shown.text = seen.text;
  shown.card = seen.card;
  shown.key = text_of(seen.card, "task_id");
  shown.sent_at = stage_.clock.now();
  return stage_.journal.show(std::move(shown)).id;
}

Refused Bot::refuse_task(const Place& place, const json& card) {
  const std::string task = text_of(card, "task_id");
  if (task.empty() || tasks_.insert(place.app + "/" + task).second) return std::nullopt;
  return Refusal{bad_task, "task_id was used before"};
}

Refused Bot::media(const Place& place, const json& body) {
  const std::string type = text_of(body, "msgtype");
  const Media::File* file = media_.find(place.app, text_of(object_of(body, type.c_str()), "media_id"));
  if (file == nullptr || file->type != type) return Refusal{bad_media, "invalid media_id"};
  if (auto why = take_quota(place)) return why;
  Seen seen;
  seen.kind = "media";
  seen.text = file->name;
  seen.card = {
      {"type", file->type}, {"name", file->name}, {"bytes", file->bytes.size()}, {"sha256", crypto::sha256_hex(file->bytes)}};
  show(place, seen);
  return std::nullopt;
}

Refused Bot::stream(Asked& asked, const json& stream) {
  const std::string id = text_of(stream, "id");
  const json finish = stream.value("finish", json(false));
  const json content = stream.value("content", json(""));
  const json items = stream.value("msg_item", json::array());
  if (id.empty() || !finish.is_boolean() || !content.is_string()) return Refusal{bad_value, "stream.id, finish or content"};
  if (content.get<std::string>().size() > most_stream) return Refusal{too_long, "stream.content exceed max length 20480"};
  if (!items.is_array() || items.size() > most_images || (!items.empty() && finish == false))
    return Refusal{bad_value, "stream.msg_item"};
  if (!good_feedback(stream)) return Refusal{bad_value, "stream.feedback.id"};
  Stream& own = asked.stream;
  const bool first = own.id.empty();
  if (!first && own.id != id) return Refusal{bad_request, "one stream for one question"};
  if (!first && stream.contains("feedback")) return Refusal{bad_value, "stream.feedback belongs to the first reply"};
  if (!first && stream_is_over(own)) return Refusal{stream_over, "stream message update expired"};
  if (first) {
    if (asked.replies >= stage_.world.limit("replies_per_question", 1)) return Refusal{bad_request, "invalid req_id"};
    if (auto why = take_quota(asked.question.place)) return why;
    ++asked.replies;
    Seen seen;
    seen.text = content;
    own = Stream{id, show(asked.question.place, seen), stage_.clock.now(), finish.get<bool>()};
  } else {
    const bool counts = stage_.world.limit("stream_frames_count", 1) != 0;
    if (counts) {
      if (auto why = take_quota(asked.question.place)) return why;
    }
    Shown next = *stage_.journal.find(own.message);
    next.text = content;
    ++next.version;
    stage_.journal.show(std::move(next));
    own.finished = finish;
  }
  Shown* shown = stage_.journal.find(own.message);
  shown->card = {{"stream", id}, {"finish", finish}};
  return std::nullopt;
}

Refused Bot::card(Asked& asked, const json& body) {
  auto seen = read_bot_card(body, Bends(stage_.world));
  if (!seen) return seen.error();
  if (asked.card_sent) return Refusal{bad_request, "one card for one question"};
  if (auto why = take_quota(asked.question.place)) return why;
  if (auto why = refuse_task(asked.question.place, seen->card)) return why;
  asked.card_sent = true;
  show(asked.question.place, *seen);
  return std::nullopt;
}

Refused Bot::respond(const std::string& key, const json& body) {
  Asked* asked = find(key, Question::Kind::message);
  if (asked == nullptr) return Refusal{bad_request, "invalid req_id"};
  const Place place = asked->question.place;
  const bool socket = asked->question.via == Via::socket;
  const std::string type = text_of(body, "msgtype");
  const bool both = type == "stream_with_template_card";
  const bool both_may = !socket || stage_.world.limit("stream_with_card_on_socket", 0) != 0;
  if (type == "stream" || (both && both_may)) {
    if (auto why = stream(*asked, object_of(body, "stream"))) return why;
    return both && body.contains("template_card") ? card(*asked, body) : std::nullopt;
  }
  const bool markdown_may = socket || stage_.world.limit("markdown_in_answers", 0) != 0;
  if (!(type == "markdown" && markdown_may) && type != "template_card" && !(socket && is_media(type)))
    return Refusal{bad_type, "invalid message type"};
  if (asked->replies >= stage_.world.limit("replies_per_question", 1)) return Refusal{bad_request, "invalid req_id"};
  if (type == "template_card") {
    if (auto why = card(*asked, body)) return why;
  } else if (type == "markdown") {
    const auto seen = read_bot_markdown(body);
    if (!seen) return seen.error();
    if (auto why = take_quota(place)) return why;
    show(place, *seen);
  } else if (auto why = media(place, body)) {
    return why;
  }
  ++asked->replies;
  return std::nullopt;
}

Refused Bot::welcome(const std::string& key, const json& body) {
  Asked* asked = find(key, Question::Kind::welcome);
  if (asked == nullptr || asked->replies > 0) return Refusal{bad_request, "invalid req_id"};
  const std::string type = text_of(body, "msgtype");
  if (type == "template_card") {
    if (auto why = card(*asked, body)) return why;
  } else if (type == "text") {
    Seen seen;
    seen.text = text_of(object_of(body, "text"), "content");
    if (seen.text.empty()) return Refusal{no_content, "text.content is empty"};
    if (auto why = take_quota(asked->question.place)) return why;
    show(asked->question.place, seen);
  } else {
    return Refusal{bad_type, "invalid message type"};
  }
  ++asked->replies;
  return std::nullopt;
}

Refused Bot::update(const std::string& key, const json& body) {
  Asked* asked = find(key, Question::Kind::press);
  if (asked == nullptr || asked->replies > 0) return Refusal{bad_request, "invalid req_id"};
  if (text_of(body, "response_type") != "update_template_card") return Refusal{bad_type, "response_type"};
  const auto seen = read_bot_card(body, Bends(stage_.world), true);
  if (!seen) return seen.error();
  if (text_of(seen->card, "task_id") != asked->question.task) return Refusal{bad_task, "task_id is not that of the event"};
  const json users = body.value("userids", json::array());
  if (!users.is_array()) return Refusal{bad_value, "userids"};
  const Place& place = asked->question.place;
  for (const json& user : users) {
    if (!user.is_string() || inward(place.app, user).empty()) return Refusal{bad_value, "userids: " + dump(user)};
  }
  ++asked->replies;
  Shown next = *stage_.journal.find(asked->question.message);
  ++next.version;
  if (users.empty() || next.to == place.user) {
    next.card = seen->card;
    next.text = seen->text;
  } else {
    for (const json& user : users) next.card["shown_to"][inward(place.app, user)] = seen->card;
  }
  stage_.journal.show(std::move(next));
  return std::nullopt;
}

Refused Bot::answer(const std::string& key, const json& body) {
  const auto found = asked_.find(key);
  if (found == asked_.end()) return Refusal{bad_request, "nothing was asked"};
  switch (found->second.question.kind) {
    case Question::Kind::message:
      return respond(key, body);
    case Question::Kind::welcome:
      return welcome(key, body);
    case Question::Kind::press:
      return update(key, body);
    case Question::Kind::silent:
      break;
  }
  return Refusal{bad_type, "only an empty packet answers this"};
}

Refused Bot::send(const json& app, const json& body) {
  const std::string id = text_of(body, "chatid");
  const json kind = body.value("chat_type", json(0));
  if (id.empty()) return Refusal{bad_chat, "invalid chatid"};
  if (!kind.is_number_integer() || kind < 0 || kind > 2) return Refusal{bad_value, "chat_type is 0, 1 or 2"};
  Place place;
  place.app = text_of(app, "id");
  const json* chat = kind == 1 ? nullptr : stage_.world.chat(id);
  if (chat != nullptr) place.group = id;
  if (chat == nullptr && kind != 2) place.user = inward(place.app, id);
  const bool gone = chat != nullptr && (chat->value("dissolved", false) || !chat->value("robot", true));
  if (gone || (place.group.empty() && place.user.empty())) return Refusal{bad_chat, "invalid chatid"};
  if (!heard_.contains(place.app + "/" + place.chat()) && stage_.world.limit("unheard_is_fine", 0) == 0)
    return Refusal{stage_.world.limit("unheard_code", bad_chat), "nobody has spoken to the bot in this conversation"};
  const std::string type = text_of(body, "msgtype");
  if (is_media(type)) return media(place, body);
  const bool card_may = place.group.empty() || stage_.world.limit("group_cards_may_be_sent", 0) != 0;
  if (type != "markdown" && !(type == "template_card" && card_may)) return Refusal{bad_type, "invalid message type"};
  const auto seen = type == "markdown" ? read_bot_markdown(body) : read_bot_card(body, Bends(stage_.world));
  if (!seen) return seen.error();
  if (auto why = take_quota(place)) return why;
  if (auto why = refuse_task(place, seen->card)) return why;
  show(place, *seen);
  return std::nullopt;
}

// ---- the address for one answer ----------------------------------------------------------------------

std::string Bot::response_url(const Place& place) {
  const std::string code = stage_.ids.next("");
  addresses_[code] = Address{place, stage_.clock.now() + hour};
  return stage_.url + "/cgi-bin/aibot/response?response_code=" + code;
}

Outcome Bot::respond_by_url(const HttpRequest& request) {
  const auto found = addresses_.find(request.param("response_code"));
  if (found == addresses_.end() || found->second.until <= stage_.clock.now())
    return refusal(bad_parameter, "response_code is unknown, used or older than an hour");
  const Place place = found->second.place;
  const auto answer = [&] {
    const json* app = stage_.world.app_by("id", place.app);
    if (app != nullptr && stage_.world.limit("response_url_checks_ip", 0) != 0) {
      if (const auto why = access_.untrusted(*app, request.remote)) return refusal(*why);
    }
    const json body = json::parse(request.body, nullptr, false);
    if (!body.is_object() || request.headers.get("Content-Type").find("application/json") == std::string_view::npos)
      return refusal(bad_parameter, "the body is not JSON");
    const std::string type = text_of(body, "msgtype");
    if (type != "markdown" && !(type == "template_card" && place.group.empty()))
      return refusal(bad_type, "invalid message type");
    const auto seen = type == "markdown" ? read_bot_markdown(body) : read_bot_card(body, Bends(stage_.world));
    if (!seen) return refusal(seen.error());
    if (take_quota(place)) return refusal(too_often, "api freq out of limit");
    if (auto why = refuse_task(place, seen->card)) return refusal(*why);
    addresses_.erase(found);
    show(place, *seen);
    return good();
  };
  Outcome outcome = answer();
  outcome.app = place.app;
  return outcome;
}

// ---- presses -----------------------------------------------------------------------------------------

std::optional<Pressed> Bot::press(const Shown& on, const std::string& user, const std::string& action, const json& inputs) {
  const json own = object_of(object_of(on.card, "shown_to"), user.c_str());
  return press_card(own.empty() ? on.card : own, action, inputs);
}

void Bot::clear() {
  asked_.clear();
  addresses_.clear();
  heard_.clear();
  tasks_.clear();
}

}  // namespace xieban::sim::wecom
