#pragma once
// JSON text straight from described values, without a tree in between.

#include <boost/describe/enumerators.hpp>
#include <boost/describe/members.hpp>
#include <boost/mp11/algorithm.hpp>
#include <charconv>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "storage/codec/describe.hpp"

namespace xieban::codec {

/// The stored name of a variant's alternative, and how many there are: one overload per variant.
std::string_view alternative(const Event&);
std::string_view alternative(const Effect&);
std::string_view alternative(const Recipient&);
std::string_view alternative(const std::variant<Share, Offset>&);

void append_text(std::string& out, std::string_view);

template <class T>
inline constexpr bool is_variant = false;
template <class... Ts>
inline constexpr bool is_variant<std::variant<Ts...>> = true;
template <class T>
concept Described = boost::describe::has_describe_members<T>::value;
template <class T>
using Members = boost::describe::describe_members<T, boost::describe::mod_public>;

template <class T>
requires std::is_integral_v<T>
void append(std::string& out, T number) {
  if constexpr (std::is_same_v<T, bool>) {
    out += number ? "true" : "false";
  } else {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    out.append(digits, end);
  }
}
template <class T>
requires std::is_enum_v<T>
void append(std::string& out, T one) {
  out += '"';
  out += enumerator_name(one);
  out += '"';
}
inline void append(std::string& out, const std::string& text) { append_text(out, text); }
inline void append(std::string& out, Duration duration) { append(out, duration.count()); }
inline void append(std::string& out, TimePoint instant) { append(out, instant.time_since_epoch().count()); }
template <class Tag>
void append(std::string& out, const TextId<Tag>& id) {
  append_text(out, id.value);
}
template <class Tag, class Rep>
void append(std::string& out, NumberId<Tag, Rep> id) {
  append(out, id.value);
}
// Declared before use: containers and structs nest in each other.
template <Described T>
void append(std::string& out, const T& value);
template <class T>
void append(std::string& out, const std::optional<T>& value);
template <class T>
void append(std::string& out, const std::shared_ptr<const T>& value);
template <class T>
void append(std::string& out, const std::vector<T>& values);
template <class A, class B>
void append(std::string& out, const std::pair<A, B>& pair);
template <class T>
void append(std::string& out, const std::map<std::string, T>& values);
template <class... Ts>
void append(std::string& out, const std::variant<Ts...>& value);

template <class T>
void append(std::string& out, const std::optional<T>& value) {
  if (value) {
    append(out, *value);
  } else {
    out += "null";
  }
}
template <class T>
void append(std::string& out, const std::shared_ptr<const T>& value) {
  if (value) {
    append(out, *value);
  } else {
    out += "null";
  }
}
template <class T>
void append(std::string& out, const std::vector<T>& values) {
  out += '[';
  bool first = true;
  for (const auto& value : values) {
    if (!first) out += ',';
    first = false;
    append(out, value);
  }
  out += ']';
}
template <class A, class B>
void append(std::string& out, const std::pair<A, B>& pair) {
  out += '[';
  append(out, pair.first);
  out += ',';
  append(out, pair.second);
  out += ']';
}
template <class T>
void append(std::string& out, const std::map<std::string, T>& values) {
  out += '{';
  bool first = true;
  for (const auto& [key, value] : values) {
    if (!first) out += ',';
    first = false;
    append_text(out, key);
    out += ':';
    append(out, value);
  }
  out += '}';
}
template <class... Ts>
void append(std::string& out, const std::variant<Ts...>& value) {
  out += R"({"kind":")";
  out += alternative(value);
  out += R"(","v":)";
  std::visit([&out](const auto& content) { append(out, content); }, value);
  out += '}';
}

/// Whether a member has its default and stays out of the text.
template <class T>
bool is_default(const T& value, const T& standard) {
  if constexpr (requires { value.has_value(); }) {
    return !value.has_value();
  } else if constexpr (requires { value.use_count(); }) {
    return value == nullptr;
  } else if constexpr (requires { value.size(); }) {
    return value.empty() && standard.empty();
  } else if constexpr (Described<T> || is_variant<T>) {
    return false;
  } else {
    return value == standard;
  }
}

template <Described T>
void append(std::string& out, const T& value) {
  [[maybe_unused]] static const T standard{};
  out += '{';
  bool first = true;
  boost::mp11::mp_for_each<Members<T>>([&](auto member) {
    const auto& content = value.*member.pointer;
    if (is_default(content, standard.*member.pointer)) return;
    const auto start = out.size();
    if (!first) out += ',';
    out += '"';
    out += member.name;
    out += "\":";
    const auto before = out.size();
    append(out, content);
    // A struct of nothing but defaults: as good as absent.
    if constexpr (Described<std::remove_cvref_t<decltype(content)>>) {
      if (out.size() - before == 2) {
        out.resize(start);
        return;
      }
    }
    first = false;
  });
  out += '}';
}

}  // namespace xieban::codec
