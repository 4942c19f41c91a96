#pragma once
// Described values from JSON text. Only this header and codec.cpp know which parser reads it.

#include <boost/mp11/algorithm.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "storage/codec/codec.hpp"
#include "storage/codec/writer.hpp"

namespace xieban::codec {

using Json = nlohmann::json;

template <class T>
requires std::is_integral_v<T>
void read(const Json& json, T& number) { json.get_to(number); }
template <class T>
requires std::is_enum_v<T>
void read(const Json& json, T& one) {
  const auto& name = json.get_ref<const std::string&>();
  bool found = false;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto enumerator) {
    if (!found && name == enumerator.name) {
      one = enumerator.value;
      found = true;
    }
  });
  if (!found) throw Unreadable("unknown value " + name);
}
inline void read(const Json& json, std::string& text) { text = json.get_ref<const std::string&>(); }
inline void read(const Json& json, Duration& duration) { duration = Duration(json.get<Duration::rep>()); }
inline void read(const Json& json, TimePoint& instant) { instant = TimePoint(Duration(json.get<Duration::rep>())); }
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
  if (!json.is_array()) throw Unreadable("not a list");
  values.reserve(json.size());
  for (const auto& item : json) read(item, values.emplace_back());
}
template <class A, class B>
void read(const Json& json, std::pair<A, B>& pair) {
  read(json.at(0), pair.first);
  read(json.at(1), pair.second);
}
template <class T>
void read(const Json& json, std::map<std::string, T>& values) {
  values.clear();
  if (!json.is_object()) throw Unreadable("not an object");
  for (const auto& [key, item] : json.items()) read(item, values[key]);
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
  read_alternative(json.at("kind").get_ref<const std::string&>(), json.at("v"), value);
}
template <Described T>
void read(const Json& json, T& value) {
  if (!json.is_object()) throw Unreadable("not an object");
  boost::mp11::mp_for_each<Members<T>>([&](auto member) {
    if (const auto found = json.find(member.name); found != json.end()) read(*found, value.*member.pointer);
  });
}

/// The one place where text becomes values.
template <class Fill>
void parse(std::string_view text, Fill fill) {
  try {
    fill(Json::parse(text));
  } catch (const Json::exception& error) {
    throw Unreadable(error.what());
  }
}

}  // namespace xieban::codec
