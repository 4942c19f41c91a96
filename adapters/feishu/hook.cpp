#include "adapters/feishu/hook.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "adapters/feishu/card.hpp"
#include "adapters/press_token.hpp"
#include "bot/crypto/crypto.hpp"
#include "bot/ports/stream.hpp"

namespace xieban::feishu {

namespace dom = simdjson::dom;

namespace {

constexpr std::size_t aes_block = 16;

std::unexpected<Error> bad(const char* what) { return std::unexpected(Error(Errc::bad_input, what)); }
std::unexpected<Error> foreign(const char* what) { return std::unexpected(Error(Errc::bad_signature, what)); }

/// Text of a member; empty when it is absent or something else (ids may be null or missing without their scope).
std::string_view text(dom::element from, const char* name) {
  std::string_view value;
  if (from[name].get(value) != simdjson::SUCCESS) return {};
  return value;
}
std::optional<dom::element> member(dom::element from, const char* name) {
  dom::element value;
  if (from[name].get(value) != simdjson::SUCCESS) return std::nullopt;
  return value;
}

/// create_time: 13 digits are milliseconds, 16 microseconds.
TimePoint instant(std::string_view digits, TimePoint otherwise) {
  std::int64_t value = 0;
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (code != std::errc{} || end != digits.data() + digits.size() || value <= 0) return otherwise;
  if (digits.size() >= 16) value /= 1000;
  return TimePoint(Duration(value));
}

UserId user_of(dom::element ids) {
  const std::string_view open_id = text(ids, "open_id");
  return UserId(std::string(open_id.empty() ? text(ids, "user_id") : open_id));
}

ChatRef private_chat(const AppId& app, const UserId& user) {
  ChatRef chat;
  chat.app = app;
  chat.chat = ChatId("p:" + user.value);
  return chat;
}

Ignored ignored() {
  Ignored nothing;
  nothing.answer = HttpResponse(200, "{}", "application/json");
  return nothing;
}

// ---- messages -----------------------------------------------------------------------------------

struct Names {
  std::map<std::string, Mention, std::less<>> by_key;
};

/// Which mention is of us: the one of our own account; while that is not known, of a bot, or of whoever is called like us.
bool of_us(const Mention& mention, std::string_view type, const UserId& self, const std::string& bot_name) {
  if (!self.empty() && mention.user) return *mention.user == self;
  return type == "bot" || (type.empty() && mention.shown_as == bot_name);
}

Names read_mentions(dom::element message, const UserId& self, const std::string& bot_name) {
  Names names;
  dom::array list;
  if (message["mentions"].get(list) != simdjson::SUCCESS) return names;
  for (const dom::element one : list) {
    Mention mention;
    mention.shown_as = text(one, "name");
    if (const auto ids = member(one, "id")) {
      const UserId user = ids->is_object() ? user_of(*ids) : UserId();
      if (!user.empty()) mention.user = user;
    }
    mention.is_bot = of_us(mention, text(one, "mentioned_type"), self, bot_name);
    names.by_key.emplace(std::string(text(one, "key")), std::move(mention));
  }
  return names;
}

/// "@_user_10" -> "@name"; the whole run of digits is the key, so that @_user_1 does not eat @_user_10.
std::string with_names(std::string_view content, const Names& names) {
  constexpr std::string_view mark = "@_user_";
  std::string out;
  out.reserve(content.size());
  while (!content.empty()) {
    const auto at = content.find(mark);
    out.append(content.substr(0, at));
    if (at == std::string_view::npos) break;
    content.remove_prefix(at);
    std::size_t length = mark.size();
    while (length < content.size() && content[length] >= '0' && content[length] <= '9') ++length;
    const auto found = names.by_key.find(content.substr(0, length));
    if (found == names.by_key.end()) {
      out.append(content.substr(0, length));
    } else {
      out.append("@").append(found->second.shown_as);
    }
    content.remove_prefix(length);
  }
  return out;
}

void flatten_paragraphs(dom::element paragraphs, std::string& out) {
  dom::array lines;
  if (paragraphs.get(lines) != simdjson::SUCCESS) return;
  for (const dom::element line : lines) {
    dom::array parts;
    if (line.get(parts) != simdjson::SUCCESS) continue;
    if (!out.empty()) out += '\n';
    for (const dom::element part : parts) {
      const std::string_view tag = text(part, "tag");
      if (tag == "at") {
        out.append(text(part, "user_id"));
      } else {
        out.append(text(part, "text"));
      }
    }
  }
}

/// A rich text: received without a language level, but some producers wrap one ({"zh_cn":{…}}).
std::string flatten_post(dom::element content) {
  std::string out(text(content, "title"));
  if (const auto paragraphs = member(content, "content")) {
    flatten_paragraphs(*paragraphs, out);
    return out;
  }
  dom::object languages;
  if (content.get(languages) == simdjson::SUCCESS) {
    for (const auto& [language, inner] : languages) {
      if (inner.is_object()) return flatten_post(inner);
    }
  }
  return out;
}

/// Types of messages that are read; of all but the first two, what they attach.
constexpr std::array<std::string_view, 6> read_types = {"text", "post", "image", "file", "audio", "media"};

Attachment attachment(std::string_view type, dom::element content) {
  Attachment file;
  if (type == "image") {
    file.kind = FileKind::image;
    file.platform_key = text(content, "image_key");
  } else {
    file.kind = type == "file" ? FileKind::file : type == "audio" ? FileKind::audio : FileKind::video;
    file.platform_key = text(content, "file_key");
    file.name = text(content, "file_name");
  }
  return file;
}

// ---- cards ----------------------------------------------------------------------------------------

/// A picker's "2031-03-28 18:30 +0800" -> "2031-03-28 18:30 UTC+08:00": the instant that was meant, whatever zone the company's
/// calendar is in. Anything else is as it was typed.
std::string picked_time(std::string_view value) {
  constexpr std::string_view shape = "0000-00-00 00:00 +0000";
  if (value.size() != shape.size()) return std::string(value);
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const char c = value[i];
    const bool fits = shape[i] == '0' ? c >= '0' && c <= '9' : shape[i] == '+' ? c == '+' || c == '-' : c == shape[i];
    if (!fits) return std::string(value);
  }
  constexpr std::size_t local = 16, zone = 17;
  return std::string(value.substr(0, local)) + " UTC" + std::string(value.substr(zone, 3)) + ":" +
         std::string(value.substr(zone + 3));
}

/// The field that a component asks for, and how exact its answer is: 0 typed, 1 a person, 2 chosen.
std::pair<std::string_view, std::size_t> field_of(std::string_view name) {
  if (name.ends_with(typed_part)) return {name.substr(0, name.size() - typed_part.size()), 0};
  if (name.ends_with(person_part)) return {name.substr(0, name.size() - person_part.size()), 1};
  return {name, 2};
}

/// What was filled in, by field; of several components that ask for one the most exact stands first.
std::map<std::string, std::vector<std::string>> form_values(dom::element action) {
  std::map<std::string, std::array<std::vector<std::string>, 3>> parts;
  std::map<std::string, std::vector<std::string>> inputs;
  dom::object form;
  if (action["form_value"].get(form) != simdjson::SUCCESS) return inputs;
  for (const auto& [name, value] : form) {
    const auto [field, part] = field_of(name);
    std::vector<std::string>& into = parts[std::string(field)].at(part);
    std::string_view one;
    dom::array several;
    if (value.get(one) == simdjson::SUCCESS) {
      if (!one.empty()) into.push_back(picked_time(one));
    } else if (value.get(several) == simdjson::SUCCESS) {
      for (const dom::element item : several) {
        if (item.get(one) == simdjson::SUCCESS) into.emplace_back(one);
      }
    }
  }
  for (const auto& [field, values] : parts) {
    std::vector<std::string>& into = inputs[field];
    for (const auto& part : values) into.insert(into.end(), part.begin(), part.end());
  }
  return inputs;
}

}  // namespace

struct Hook::Parser {
  dom::parser outer, inner, content;
};

EncryptKey::EncryptKey(const Secret& secret) : secret_(secret), aes_(crypto::sha256(secret.reveal())) {}

bool EncryptKey::signed_this(const HttpRequest& request) const {
  crypto::Sha256 digest;
  digest.add(request.headers.get("X-Lark-Request-Timestamp"))
      .add(request.headers.get("X-Lark-Request-Nonce"))
      .add(secret_.reveal())
      .add(request.body);
  return crypto::equal(crypto::hex(digest.digest()), request.headers.get("X-Lark-Signature"));
}

Result<std::string> EncryptKey::decrypt(std::string_view base64) const {
  const auto raw = crypto::unbase64(base64);
  if (!raw || raw->size() < 2 * aes_block || raw->size() % aes_block != 0) return bad("encrypted event: wrong length");
  const std::string_view bytes(*raw);
  auto plain = crypto::aes256_cbc_decrypt(aes_, bytes.substr(0, aes_block), bytes.substr(aes_block));
  if (!plain) return bad("encrypted event: cannot be decrypted");
  return plain;
}

Hook::Hook(const Settings& settings) : settings_(settings), parser_(std::make_unique<Parser>()) {
  for (const Secret& key : {settings.encrypt_key, settings.old_encrypt_key})
    if (!key.empty()) keys_.emplace_back(key);
}
Hook::~Hook() = default;

const EncryptKey* Hook::signer(const HttpRequest& request) const {
  const auto found = std::ranges::find_if(keys_, [&](const EncryptKey& key) { return key.signed_this(request); });
  return found == keys_.end() ? nullptr : &*found;
}

bool Hook::old_card_signed(const HttpRequest& request) const {
  const auto signed_with = [&request](const Secret& token) {
    std::string signed_text(request.headers.get("X-Lark-Request-Timestamp"));
    signed_text.append(request.headers.get("X-Lark-Request-Nonce")).append(token.reveal()).append(request.body);
    return crypto::equal(crypto::sha1_hex(signed_text), request.headers.get("X-Lark-Signature"));
  };
  return signed_with(settings_.verification_token) ||
         (!settings_.old_verification_token.empty() && signed_with(settings_.old_verification_token));
}

namespace {

Result<Decoded> read_message(dom::element event, const Settings& settings, const UserId& self, dom::parser& parser,
                             TimePoint now) {
  const auto sender = member(event, "sender");
  const auto message = member(event, "message");
  if (!sender || !message) return bad("im.message.receive_v1 without sender or message");
  const auto sender_ids = member(*sender, "sender_id");
  if (text(*sender, "sender_type") != "user" || !sender_ids) return Decoded(ignored());

  Inbound inbound;
  inbound.key.app = settings.app;
  inbound.key.key = text(*message, "message_id");
  if (inbound.key.key.empty()) return bad("im.message.receive_v1 without message_id");
  inbound.kind = EventKind::message;
  inbound.actor = user_of(*sender_ids);
  inbound.sent_at = instant(text(*message, "create_time"), now);
  inbound.one_to_one = text(*message, "chat_type") == "p2p";
  if (inbound.one_to_one) {
    inbound.chat = private_chat(settings.app, inbound.actor);
  } else {
    inbound.chat.app = settings.app;
    inbound.chat.chat = ChatId(std::string(text(*message, "chat_id")));
  }

  const Names names = read_mentions(*message, self, settings.bot_name);
  Said said;
  said.in_reply_to = text(*message, "parent_id");
  for (const auto& [key, mention] : names.by_key) said.mentions.push_back(mention);
  const std::string_view type = text(*message, "message_type");
  // The content of the others need not be JSON.
  if (std::ranges::find(read_types, type) == read_types.end()) return Decoded(ignored());
  const std::string_view body = text(*message, "content");
  dom::element content;
  // The content's own views live until the next use of `parser`; everything is copied below.
  if (parser.parse(body.data(), body.size()).get(content) != simdjson::SUCCESS) return bad("message content is not JSON");
  if (type == "text") {
    said.text = with_names(text(content, "text"), names);
  } else if (type == "post") {
    said.text = with_names(flatten_post(content), names);
  } else {
    said.attachments.push_back(attachment(type, content));
  }
  inbound.what = std::move(said);
  return Decoded(std::move(inbound));
}

Result<Decoded> read_press(dom::element event, std::string_view event_id, std::string_view created, const Settings& settings,
                           TimePoint now) {
  const auto person = member(event, "operator");
  const auto action = member(event, "action");
  if (!person || !action || event_id.empty()) return bad("card.action.trigger without operator, action or event_id");
  Inbound inbound;
  inbound.key.app = settings.app;
  inbound.key.key = event_id;
  inbound.kind = EventKind::press;
  inbound.actor = user_of(*person);
  inbound.sent_at = instant(created, now);
  inbound.chat.app = settings.app;
  if (const auto context = member(event, "context")) {
    inbound.chat.chat = ChatId(std::string(text(*context, "open_chat_id")));
  }
  Pressed pressed;
  pressed.handle = text(event, "token");
  pressed.inputs = form_values(*action);
  std::string_view sealed;
  if (const auto value = member(*action, "value"); value && value->is_object()) sealed = text(*value, "k");
  // A form's button may come back without its value; its name carries the same words.
  if (sealed.empty()) sealed = text(*action, "name");
  // A token that is not ours names no card: the answer says that the card has expired, and nothing is acted on.
  if (auto token = unseal(sealed, settings.app_secret)) {
    pressed.card = token->card;
    pressed.version = token->version;
    pressed.action = std::move(token->action);
  }
  inbound.what = std::move(pressed);
  return Decoded(std::move(inbound));
}

/// What of the directory changed ("contact", user, department and scope events). Ids only: the rest is asked for, as far as
/// the app may see it.
std::optional<decltype(Inbound::what)> read_contact_event(std::string_view type, dom::element event) {
  if (type == "contact.department.created_v3" || type == "contact.department.updated_v3" ||
      type == "contact.department.deleted_v3" || type == "contact.scope.updated_v3")
    return DirectoryChanged{};
  const bool deleted = type == "contact.user.deleted_v3";
  if (!deleted && type != "contact.user.created_v3" && type != "contact.user.updated_v3") return std::nullopt;
  const auto object = member(event, "object");
  if (!object || !object->is_object()) return std::nullopt;
  const UserId user = user_of(*object);
  if (user.empty()) return std::nullopt;
  const auto status = member(*object, "status");
  const auto is = [&status](const char* name) {
    bool value = false;
    return status && (*status)[name].get(value) == simdjson::SUCCESS && value;
  };
  if (deleted || is("is_resigned") || is("is_exited")) return PersonLeft{{user}};
  return PersonChanged{{user}};
}

Result<Decoded> read_other(std::string_view type, std::string_view event_id, std::string_view created, dom::element event,
                           const Settings& settings, TimePoint now) {
  Inbound inbound;
  inbound.key.app = settings.app;
  inbound.key.key = event_id;
  inbound.kind = EventKind::event;
  inbound.sent_at = instant(created, now);
  inbound.chat.app = settings.app;
  inbound.chat.chat = ChatId(std::string(text(event, "chat_id")));
  if (const auto person = member(event, "operator_id")) inbound.actor = user_of(*person);
  if (type == "im.chat.member.bot.added_v1") {
    JoinedChat joined;
    bool external = false;
    if (event["external"].get(external) == simdjson::SUCCESS) joined.external = external;
    inbound.what = joined;
  } else if (type == "im.chat.access_event.bot_p2p_chat_entered_v1") {
    if (inbound.actor.empty()) return Decoded(ignored());
    inbound.one_to_one = true;
    inbound.chat = private_chat(settings.app, inbound.actor);
    inbound.what = JoinedChat{};
  } else if (type == "im.chat.member.bot.deleted_v1") {
    inbound.what = LeftChat{};
  } else if (type == "im.chat.disbanded_v1") {
    inbound.what = ChatGone{};
  } else if (type == "im.message.recalled_v1") {
    Recalled recalled;
    recalled.message = text(event, "message_id");
    inbound.what = std::move(recalled);
  } else if (type == "application.bot.menu_v6") {
    const auto person = member(event, "operator");
    const auto ids = person ? member(*person, "operator_id") : std::nullopt;
    if (!ids) return bad("application.bot.menu_v6 without operator");
    inbound.kind = EventKind::message;  // as good as typed
    inbound.actor = user_of(*ids);
    inbound.one_to_one = true;
    inbound.chat = private_chat(settings.app, inbound.actor);
    MenuChosen chosen;
    chosen.key = text(event, "event_key");
    inbound.what = std::move(chosen);
  } else if (auto change = read_contact_event(type, event)) {
    inbound.what = std::move(*change);
  } else {
    return Decoded(ignored());
  }
  if (inbound.key.key.empty()) return bad("event without event_id");
  return Decoded(std::move(inbound));
}

/// The verification token, or the one before it while they are changed over.
bool shows_our_token(const Settings& settings, std::string_view token) {
  const Secret& old = settings.old_verification_token;
  return crypto::equal(token, settings.verification_token.reveal()) || (!old.empty() && crypto::equal(token, old.reveal()));
}

/// The envelope, wherever it came from. Over a long connection the verification token is not needed, but a wrong one is wrong.
Result<Decoded> read_event(dom::element body, const Settings& settings, const UserId& self, dom::parser& parser,
                           TimePoint now) {
  const auto ours = [&settings](std::string_view token) {
    return settings.verification_token.empty() || shows_our_token(settings, token);
  };
  const auto header = member(body, "header");
  const auto event = member(body, "event");
  if (!header) {
    if (!ours(text(body, "token"))) return foreign("verification token does not fit");
    return Decoded(ignored());  // schema 1.0: nothing in it that we act on
  }
  if (!ours(text(*header, "token"))) return foreign("verification token does not fit");
  if (text(*header, "app_id") != settings.app_id) return foreign("another app's event");
  if (!event || !event->is_object()) return bad("event without content");
  const std::string_view type = text(*header, "event_type");
  if (type == "im.message.receive_v1") return read_message(*event, settings, self, parser, now);
  const std::string_view id = text(*header, "event_id");
  const std::string_view created = text(*header, "create_time");
  if (type == "card.action.trigger") return read_press(*event, id, created, settings, now);
  return read_other(type, id, created, *event, settings, now);
}

}  // namespace

Result<Decoded> Hook::decode_frame(std::string_view payload, TimePoint now) {
  dom::element body;
  if (parser_->outer.parse(payload.data(), payload.size()).get(body) != simdjson::SUCCESS || !body.is_object())
    return bad("event is not a JSON object");
  return read_event(body, settings_, self_, parser_->content, now);
}

Result<Decoded> Hook::decode(const HttpRequest& request, TimePoint now) {
  if (request.method == stream_method) return decode_frame(request.body, now);
  const bool encrypts = !settings_.encrypt_key.empty();
  // An app on its long connection needs no secret for what is posted: without them nothing that is posted can be genuine.
  if (settings_.verification_token.empty() || (settings_.stream && !encrypts))
    return foreign("this app's events are not posted");
  const bool has_signature = request.headers.has("X-Lark-Signature");
  // The bytes come first. Only a URL check may come unsigned, and that is known only after decryption.
  const EncryptKey* signed_with = encrypts && has_signature ? signer(request) : nullptr;
  const bool genuine = signed_with != nullptr;
  if (encrypts && has_signature && !genuine && !old_card_signed(request)) return foreign("signature does not fit");

  dom::element body;
  if (parser_->outer.parse(request.body).get(body) != simdjson::SUCCESS || !body.is_object())
    return bad("body is not a JSON object");
  std::string plain;
  const std::string_view encrypted = text(body, "encrypt");
  if (!encrypted.empty()) {
    if (!encrypts) return bad("encrypted event, but no encrypt_key is configured");
    bool read = false;
    for (const EncryptKey& key : keys_) {
      if (genuine && signed_with != &key) continue;
      auto text = key.decrypt(encrypted);
      if (!text) continue;
      plain = std::move(*text);
      read = parser_->inner.parse(plain).get(body) == simdjson::SUCCESS && body.is_object();
      if (read) break;
    }
    // Wrong key and broken bytes look alike from outside; so does what opens to no JSON, unless it is signed: the difference
    // would tell about the padding.
    if (!read) return genuine && !plain.empty() ? bad("event is not a JSON object") : foreign("cannot be decrypted");
  }

  if (text(body, "type") == "url_verification") {
    if (encrypts && encrypted.empty()) return foreign("URL check in plain text");
    if (!shows_our_token(settings_, text(body, "token"))) return foreign("verification token does not fit");
    const nlohmann::json echo = {{"challenge", text(body, "challenge")}};
    Handshake handshake;
    handshake.answer =
        HttpResponse(200, echo.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), "application/json");
    return Decoded(std::move(handshake));
  }
  if (encrypted.empty() && !text(body, "open_message_id").empty()) {
    // The old card callback comes in plain text beside the new one; the new one is the one that acts.
    if (!old_card_signed(request)) return foreign("signature does not fit");
    return Decoded(ignored());
  }
  if (encrypts && (encrypted.empty() || !genuine)) return foreign("event without encryption or signature");

  return read_event(body, settings_, self_, parser_->content, now);
}

}  // namespace xieban::feishu
