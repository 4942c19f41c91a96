#include "storage/codec/codec.hpp"

#include "bot/base/text.hpp"
#include "bot/crypto/crypto.hpp"
#include "storage/codec/reader.hpp"
#include "storage/codec/writer.hpp"

namespace xieban::codec {

std::string_view alternative(const Event& event) { return kind_name(event); }
std::string_view alternative(const Effect& effect) { return kind_name(effect); }
std::string_view alternative(const Recipient& recipient) { return recipient.index() == 0 ? "role" : "person"; }
std::string_view alternative(const std::variant<Share, Offset>& at) { return at.index() == 0 ? "share" : "offset"; }

void append_text(std::string& out, std::string_view given) {
  std::string repaired;
  if (!simdjson::validate_utf8(given.data(), given.size())) {
    repaired = text::repair(given);
    given = repaired;
  }
  out += '"';
  std::size_t done = 0;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const auto byte = static_cast<unsigned char>(given[i]);
    if (byte >= 0x20 && byte != '"' && byte != '\\') continue;
    out.append(given, done, i - done);
    done = i + 1;
    switch (byte) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      default: {
        constexpr std::string_view digits = "0123456789abcdef";
        out += "\\u00";
        out += digits[byte >> 4U];
        out += digits[byte & 15U];
      }
    }
  }
  out.append(given, done);
  out += '"';
}

namespace {
template <class T>
std::string text_of(const T& value) {
  std::string out;
  append(out, value);
  return out;
}
template <class... Ts>
std::string content_of(const std::variant<Ts...>& value) {
  return std::visit([](const auto& content) { return text_of(content); }, value);
}
}  // namespace

std::string encode(const Request& value) { return text_of(value); }
std::string encode(const Policy& value) { return text_of(value); }
std::string encode(const Conversation& value) { return text_of(value); }
std::string encode(const CardHandle& value) { return text_of(value); }
std::string encode(const Outgoing& value) { return text_of(value); }
std::string encode(const ChatFact& value) { return text_of(value); }
std::string encode(const Leave& value) { return text_of(value); }
std::string encode(const IdentityLink& value) { return text_of(value); }
std::string encode(const LinkCode& value) { return text_of(value); }
std::string encode(const Account& value) { return text_of(value); }
std::string encode(const OrgUnit& value) { return text_of(value); }
std::string encode(const Event& value) { return content_of(value); }
std::string encode(const Effect& value) { return content_of(value); }

template <class T>
T decode(std::string_view json) {
  T value{};
  parse(json, [&value](const Json& parsed) { read(parsed, value); });
  return value;
}
template Request decode<Request>(std::string_view);
template Policy decode<Policy>(std::string_view);
template Conversation decode<Conversation>(std::string_view);
template CardHandle decode<CardHandle>(std::string_view);
template Outgoing decode<Outgoing>(std::string_view);
template ChatFact decode<ChatFact>(std::string_view);
template Leave decode<Leave>(std::string_view);
template IdentityLink decode<IdentityLink>(std::string_view);
template LinkCode decode<LinkCode>(std::string_view);
template Account decode<Account>(std::string_view);
template OrgUnit decode<OrgUnit>(std::string_view);

Event decode_event(std::string_view kind, std::string_view json) {
  Event event;
  parse(json, [&](const Json& parsed) { read_alternative(kind, parsed, event); });
  return event;
}
Effect decode_effect(std::string_view kind, std::string_view json) {
  Effect effect;
  parse(json, [&](const Json& parsed) { read_alternative(kind, parsed, effect); });
  return effect;
}

}  // namespace xieban::codec

namespace xieban {

PolicyHash policy_hash(const Policy& policy) {
  auto content = policy;
  content.hash = {};
  return PolicyHash(crypto::sha256_hex(codec::encode(content)));
}

}  // namespace xieban
