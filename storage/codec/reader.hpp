#pragma once
// Described values from JSON text. Only this header and codec.cpp know which parser reads it.

#include <simdjson.h>

#include <array>
#include <boost/mp11/algorithm.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "storage/codec/codec.hpp"
#include "storage/codec/writer.hpp"

namespace xieban::codec {

using Json = simdjson::dom::element;

/// The value as T, or Unreadable.
template <class T>
T get(const Json& json) {
  T value{};
  if (const auto error = json.get(value); error != simdjson::SUCCESS) throw Unreadable(simdjson::error_message(error));
  return value;
}

template <class T>
requires std::is_integral_v<T>
void read(const Json& json, T& number) {
  if constexpr (std::is_same_v<T, bool>) {
    number = get<bool>(json);
  } else {
    const auto wide = get<std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>>(json);
    if (!std::in_range<T>(wide)) throw Unreadable("a number is too large");
    number = static_cast<T>(wide);
  }
}
template <class T>
requires std::is_enum_v<T>
void read(const Json& json, T& one) {
  const auto name = get<std::string_view>(json);
  bool found = false;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto enumerator) {
    if (!found && name == enumerator.name) {
      one = enumerator.value;
      found = true;
    }
  });
  if (!found) throw Unreadable("unknown value " + std::string(name));
}
inline void read(const Json& json, std::string& text) { text = get<std::string_view>(json); }
inline void read(const Json& json, Duration& duration) { duration = Duration(get<std::int64_t>(json)); }
inline void read(const Json& json, TimePoint& instant) { instant = TimePoint(Duration(get<std::int64_t>(json))); }
template <class Tag>
void read(const Json& json, TextId<Tag>& id) {
  read(json, id.value);
}
template <class Tag, class Rep>
void read(const Json& json, NumberId<Tag, Rep>& id) {
  read(json, id.value);
}
template <Described T>
void read(const Json& json, T& value);
template <class T>
void read(const Json& json, std::optional<T>& value);
template <class T>
void read(const Json& json, std::shared_ptr<const T>& value);
template <class T>
void read(const Json& json, std::vector<T>& values);
template <class A, class B>
void read(const Json& json, std::pair<A, B>& pair);
template <class T>
void read(const Json& json, std::map<std::string, T>& values);
template <class... Ts>
void read(const Json& json, std::variant<Ts...>& value);

template <class T>
void read(const Json& json, std::optional<T>& value) {
  value.reset();
  if (!json.is_null()) read(json, value.emplace());
}
template <class T>
void read(const Json& json, std::shared_ptr<const T>& value) {
  value.reset();
  if (json.is_null()) return;
  auto content = std::make_shared<T>();
  read(json, *content);
  value = std::move(content);
}
template <class T>
void read(const Json& json, std::vector<T>& values) {
  values.clear();
  const auto list = get<simdjson::dom::array>(json);
  values.reserve(list.size());
  for (const Json item : list) read(item, values.emplace_back());
}
template <class A, class B>
void read(const Json& json, std::pair<A, B>& pair) {
  const auto list = get<simdjson::dom::array>(json);
  if (list.size() != 2) throw Unreadable("not a pair");
  auto item = list.begin();
  read(*item, pair.first);
  ++item;
  read(*item, pair.second);
}
template <class T>
void read(const Json& json, std::map<std::string, T>& values) {
  values.clear();
  for (const auto& [key, item] : get<simdjson::dom::object>(json)) read(item, values[std::string(key)]);
}
/// The alternative of that name, with content.
template <class... Ts>
void read_alternative(std::string_view kind, const Json& content, std::variant<Ts...>& value) {
  bool found = false;
  boost::mp11::mp_for_each<boost::mp11::mp_list<boost::mp11::mp_identity<Ts>...>>([&](auto type) {
    using T = typename decltype(type)::type;
    if (found) return;
    std::variant<Ts...> candidate{std::in_place_type<T>};
    if (alternative(candidate) != kind) return;
    found = true;
    read(content, std::get<T>(candidate));
    value = std::move(candidate);
  });
  if (!found) throw Unreadable("unknown kind " + std::string(kind));
}
template <class... Ts>
void read(const Json& json, std::variant<Ts...>& value) {
  std::string_view kind;
  Json content;
  if (json["kind"].get(kind) != simdjson::SUCCESS || json["v"].get(content) != simdjson::SUCCESS) {
    throw Unreadable("neither kind nor content");
  }
  read_alternative(kind, content, value);
}
/// How a member of T is called and read.
template <class T>
struct MemberReader {
  std::string_view name;
  void (*read_into)(const Json&, T&);
};
template <class T, class... Member>
constexpr auto member_readers(boost::mp11::mp_list<Member...>) {
  return std::array<MemberReader<T>, sizeof...(Member)>{
      MemberReader<T>{Member::name, [](const Json& json, T& value) { read(json, value.*Member::pointer); }}...};
}
template <Described T>
void read(const Json& json, T& value) {
  static constexpr auto readers = member_readers<T>(boost::mp11::mp_rename<Members<T>, boost::mp11::mp_list>{});
  // Members are written in the order of their description, so the next one is looked for behind the last one.
  std::size_t next = 0;
  for (const auto& [name, content] : get<simdjson::dom::object>(json)) {
    for (std::size_t tried = 0; tried < readers.size(); ++tried) {
      const auto& reader = readers[next];
      next = next + 1 == readers.size() ? 0 : next + 1;
      if (reader.name != name) continue;
      reader.read_into(content, value);
      break;
    }
  }
}

/// The one place where text becomes values.
template <class Fill>
void parse(std::string_view text, Fill fill) {
  thread_local simdjson::dom::parser parser;
  Json json;
  if (const auto error = parser.parse(text.data(), text.size()).get(json); error != simdjson::SUCCESS) {
    throw Unreadable(simdjson::error_message(error));
  }
  fill(json);
}

}  // namespace xieban::codec
