#include "tests/sim/servers/wecom_events.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "bot/crypto/crypto.hpp"
#include "tests/sim/servers/answers.hpp"
#include "tests/sim/servers/wecom_seal.hpp"

namespace xieban::sim::wecom {

namespace asio = boost::asio;
using nlohmann::json;

namespace {

constexpr Duration check_patience{1000}, patience{5000};
constexpr int bad_answer = 40035, bad_envelope = 40001;

Keys keys_of(const json& app, bool bot) {
  const json part = object_of(app, bot ? "bot" : "app");
  return Keys{text_of(part, "token"), text_of(part, "aes_key"), bot ? std::string() : text_of(app, "corp_id")};
}

/// The whole path and query of a callback; Base64 in it travels escaped.
std::string target_of(const json& app, bool bot, const std::string& query) {
  return "/hook/wecom/" + text_of(app, "id") + (bot ? "/bot?" : "/app?") + query;
}

std::string escaped(const std::string& base64) {
  std::string out;
  for (const char c : base64) out += only(std::string(1, c), "", 1) ? std::string(1, c) : "%" + crypto::hex(std::string(1, c));
  return out;
}

/// What a test wants to be wrong with a genuine callback.
void spoil_signature(std::string& signature) { signature[0] = signature[0] == '0' ? '1' : '0'; }

}  // namespace

std::string Events::now_text() const { return std::to_string(seconds_of(stage_.clock.now())); }

std::optional<Push> Events::push(const json& what, std::string& error) {
  const json& apps = stage_.world.all().at("apps");
  const json* app = what.contains("app") ? stage_.world.app_by("id", what["app"]) : apps.empty() ? nullptr : &apps.front();
  if (app == nullptr) {
    error = "no such app";
    return std::nullopt;
  }
  Push made;
  made.app = text_of(*app, "id");
  made.answer_within = patience;
  made.id = what.value("id", stage_.ids.next(""));
  const std::string kind = text_of(what, "kind");
  if (kind == "bot_added" || kind == "bot_removed" || kind == "chat_dissolved")
    return change_chat(std::move(made), what, error);
  // A private chat is the smart bot's if there is one, unless the chat, the card or the channel says something else.
  const Shown* on = stage_.journal.find(text_of(what, "message"));
  const std::string chat = on != nullptr ? on->chat : text_of(what, "chat");
  bool bot = app->contains("bot") && !chat.starts_with("app:");
  if (what.contains("channel")) bot = text_of(what, "channel") == "bot";
  if (kind == "menu" || kind == "subscribed" || kind == "unsubscribed" || kind == "user_left" || kind == "contact_changed")
    bot = false;
  if (kind == "feedback") bot = true;
  const std::string usual = bot ? object_of(*app, "bot").value("transport", "stream") : "webhook";
  const bool stream = what.value("via", usual) == "stream";
  // A bot is reached by its long connection or by its address, a self-built app by its address only.
  if (stream && usual != "stream") {
    error = bot ? "the smart bot has no long connection: its transport is webhook" : "a self-built app has no long connection";
    return std::nullopt;
  }
  made.via = stream ? Push::Via::stream : Push::Via::webhook;
  for (json& person : stage_.world.people()) {
    if (kind == "user_left" && text_of(person, "id") == text_of(what, "user")) person["active"] = false;
  }
  // A smart bot is not told of it.
  if (kind == "user_left" && !app->contains("app")) {
    made.via = Push::Via::nothing;
    return made;
  }
  if (!app->contains(bot ? "bot" : "app")) {
    error = bot ? "the app has no smart bot" : "there is no self-built app";
    return std::nullopt;
  }
  if (kind == "url_check") return url_check(std::move(made), *app, bot);
  if (kind == "raw") return raw(std::move(made), *app, what, bot);
  if (stage_.world.person(text_of(what, "user")) == nullptr) {
    error = "unknown user " + text_of(what, "user");
    return std::nullopt;
  }
  if (kind != "press") return bot ? to_bot(std::move(made), *app, what, error) : to_app(std::move(made), *app, what, error);
  if (on == nullptr) {
    error = "unknown card " + text_of(what, "message");
    return std::nullopt;
  }
  return bot ? bot_press(std::move(made), *app, what, *on, error) : app_press(std::move(made), *app, what, *on, error);
}

std::optional<Push> Events::change_chat(Push made, const json& what, std::string& error) {
  json* chat = nullptr;
  for (json& one : stage_.world.chats()) {
    if (text_of(one, "id") == text_of(what, "chat")) chat = &one;
  }
  if (chat == nullptr) {
    error = "unknown chat " + text_of(what, "chat");
    return std::nullopt;
  }
  const std::string kind = text_of(what, "kind");
  if (kind == "chat_dissolved") {
    (*chat)["dissolved"] = true;
  } else {
    (*chat)["robot"] = kind == "bot_added";
  }
  // Nothing tells a bot of it (100719).
  made.via = Push::Via::nothing;
  return made;
}

// ---- envelopes ---------------------------------------------------------------------------------------

HttpRequest Events::sealed(const json& app, bool bot, const std::string& plain, const std::string& spoil) {
  Keys keys = keys_of(app, bot);
  if (spoil == "receive_id") keys.receive_id = "wwsomebodyelse";
  const std::string nonce = stage_.ids.next("").substr(0, 10);
  const std::string timestamp = now_text();
  const std::string encrypt = seal(keys, plain, stage_.ids.next("").substr(0, 16));
  std::string sign = signature(keys.token, timestamp, nonce, encrypt);
  if (spoil == "signature") spoil_signature(sign);
  const std::string query = "msg_signature=" + sign + "&timestamp=" + timestamp + "&nonce=" + nonce;
  HttpRequest request("POST", target_of(app, bot, query));
  if (bot) {
    request.headers.set("Content-Type", "application/json; charset=utf-8");
    request.body = dump({{"encrypt", encrypt}});
    return request;
  }
  request.headers.set("Content-Type", "text/xml; charset=utf-8");
  XmlWriter envelope;
  envelope.text("ToUserName", text_of(app, "corp_id")).text("AgentID", dump(object_of(app, "app").value("agent_id", json(0))));
  request.body = envelope.text("Encrypt", encrypt).inside("xml");
  return request;
}

Push Events::url_check(Push made, const json& app, bool bot) {
  const Keys keys = keys_of(app, bot);
  const std::string nonce = stage_.ids.next("").substr(0, 10);
  const std::string timestamp = now_text();
  std::string digits;
  for (int i = 0; i < 19; ++i) digits += static_cast<char>('1' + stage_.ids.below(9));
  const std::string echo = seal(keys, digits, stage_.ids.next("").substr(0, 16));
  const std::string query = "msg_signature=" + signature(keys.token, timestamp, nonce, echo) + "&timestamp=" + timestamp +
                            "&nonce=" + nonce + "&echostr=" + escaped(echo);
  made.via = Push::Via::webhook;
  made.channel = "check";
  made.request = HttpRequest("GET", target_of(app, bot, query));
  made.origin = {{"digits", digits}};
  made.answer_within = check_patience;
  return made;
}

/// "raw" is what gets sealed; with "sealed": false it is the body itself, without signature. By stream the text of a frame.
Push Events::raw(Push made, const json& app, const json& what, bool bot) {
  const json given = what.value("raw", json());
  const std::string text = given.is_string() ? given.get<std::string>() : dump(given);
  made.channel = "raw";
  made.origin = {{"bot", bot}};
  if (made.via == Push::Via::stream) {
    made.frame = text;
    return made;
  }
  made.request = sealed(app, bot, text, text_of(what, "spoil"));
  if (what.value("sealed", true)) return made;
  made.request.target = target_of(app, bot, text_of(what, "query"));
  made.request.body = text;
  return made;
}

HttpRequest Events::again(const Push& push) {
  const std::string plain = text_of(push.origin, "plain");
  const json* app = stage_.world.app_by("id", push.app);
  // Whether a repeat keeps its nonce is not known.
  if (plain.empty() || app == nullptr || stage_.world.limit("repeats_are_sealed_anew", 1) == 0) return push.request;
  return sealed(*app, push.channel == "bot", plain, "");
}

// ---- what comes back ---------------------------------------------------------------------------------

Refused Events::app_answer(const Push& push, const json& app, const std::string& body, std::string& plain) {
  const Keys keys = keys_of(app, false);
  const auto envelope = read_xml(body);
  if (!envelope) return Refusal{bad_answer, "the answer is no XML"};
  const std::string encrypt = text_of(*envelope, "Encrypt");
  const std::string sign = signature(keys.token, text_of(*envelope, "TimeStamp"), text_of(*envelope, "Nonce"), encrypt);
  if (text_of(*envelope, "MsgSignature") != sign) return Refusal{bad_envelope, "MsgSignature"};
  const auto inner = unseal(keys, encrypt);
  if (!inner) return Refusal{bad_envelope, "Encrypt"};
  plain = *inner;
  const auto reply = read_xml(plain);
  if (!reply) return Refusal{bad_answer, "the reply is no XML"};
  if (!push.origin.value("may_answer", false)) return Refusal{bad_answer, "nothing may be answered here"};
  return parts_.apps.passive(app, *reply, text_of(push.origin, "user"), text_of(push.origin, "task"));
}

Refused Events::bot_answer(const Push& push, const json& app, const std::string& body, std::string& plain) {
  const Keys keys = keys_of(app, true);
  const json envelope = json::parse(body, nullptr, false);
  if (!envelope.is_object()) return Refusal{bad_answer, "the answer is no JSON"};
  const json time = envelope.value("timestamp", json());
  if (!time.is_number_integer()) return Refusal{bad_answer, "timestamp is a number"};
  const std::string nonce = text_of(envelope, "nonce");
  if (nonce != push.request.param("nonce")) return Refusal{bad_answer, "nonce is not the callback's"};
  const std::string encrypt = text_of(envelope, "encrypt");
  if (text_of(envelope, "msgsignature") != signature(keys.token, dump(time), nonce, encrypt))
    return Refusal{bad_envelope, "msgsignature"};
  const auto inner = unseal(keys, encrypt);
  if (!inner) return Refusal{bad_envelope, "encrypt"};
  plain = *inner;
  const json reply = json::parse(plain, nullptr, false);
  if (!reply.is_object()) return Refusal{bad_answer, "the reply is no JSON"};
  // Tencent's own plugin says "nothing" with an empty object.
  if (reply.empty()) return std::nullopt;
  return parts_.bot.answer(text_of(push.origin, "question"), reply);
}

bool Events::answered(const Push& push, const HttpResponse& answer) {
  if (answer.status != 200) return false;
  if (push.channel == "check") return answer.body == text_of(push.origin, "digits");
  const json* app = stage_.world.app_by("id", push.app);
  if (app == nullptr || push.channel == "raw" || answer.body.empty()) return true;
  Received seen;
  seen.at = stage_.clock.now();
  seen.app = push.app;
  seen.request = HttpRequest("ANSWER", std::string(push.request.path()));
  std::string plain;
  const auto refused =
      push.channel == "bot" ? bot_answer(push, *app, answer.body, plain) : app_answer(push, *app, answer.body, plain);
  seen.request.body = plain.empty() ? answer.body : plain;
  seen.accepted = !refused;
  if (refused) seen.code = refused->errcode;
  stage_.journal.received(std::move(seen));
  return true;
}

std::optional<Push> Events::follow_up(const Push& push) {
  const std::string question = text_of(push.origin, "question");
  const json* app = stage_.world.app_by("id", push.app);
  const std::string stream = parts_.bot.open_stream(question);
  if (push.channel != "bot" || stream.empty() || app == nullptr) return std::nullopt;
  Push next = push;
  next.repeats.clear();
  next.wait = Duration(stage_.world.limit("stream_poll_ms", 1000));
  json body = push.origin["head"];
  body.erase("response_url");
  body["msgid"] = stage_.ids.next("");
  body["msgtype"] = "stream";
  body["stream"] = {{"id", stream}};
  next.request = sealed(*app, true, dump(body), "");
  next.origin["plain"] = "";
  return next;
}

asio::awaitable<Delivery> Events::send_on_stream(Push push, int attempt) {
  // Nothing acknowledges a push here (101463): it is taken at once, and what the bot answers stands in /_sim/received.
  Delivery made;
  made.attempt = attempt;
  if (push.channel == "raw") {
    const std::string text = push.frame;
    made.acked = parts_.gateway.send_raw(push.app, text);
  } else {
    std::optional<Bot::Question> question;
    const json& from = push.origin;
    question.emplace();
    question->kind = static_cast<Bot::Question::Kind>(from.at("kind").get<int>());
    question->place = Bot::Place{push.app, text_of(from, "user"), text_of(from, "group")};
    question->task = text_of(from, "task");
    question->message = text_of(from, "message");
    made.acked = parts_.gateway.push(push.app, push.frame, question);
  }
  made.status = made.acked ? 200 : 0;
  co_return made;
}

}  // namespace xieban::sim::wecom
