#pragma once
// The words of [[type]]: gates, clocks, roles, rungs.

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bot/core/clock/policy.hpp"

namespace xieban::config {

template <class T, std::size_t N>
using NameTable = std::array<std::pair<std::string_view, T>, N>;

inline constexpr NameTable<Phase, 7> gate_names{{{"respond", Phase::respond},
                                                 {"agree", Phase::agree},
                                                 {"plan", Phase::plan},
                                                 {"run", Phase::run},
                                                 {"deliver", Phase::deliver},
                                                 {"accept", Phase::accept},
                                                 {"review", Phase::review}}};
inline constexpr NameTable<ClockKind, 12> clock_names{{{"first_response", ClockKind::first_response},
                                                       {"recovery", ClockKind::recovery},
                                                       {"sign_off", ClockKind::sign_off},
                                                       {"task", ClockKind::task},
                                                       {"progress", ClockKind::progress},
                                                       {"milestone", ClockKind::milestone},
                                                       {"dispute", ClockKind::dispute},
                                                       {"ruling", ClockKind::ruling},
                                                       {"minutes", ClockKind::minutes},
                                                       {"acceptance", ClockKind::acceptance},
                                                       {"review", ClockKind::review},
                                                       {"assessment", ClockKind::assessment}}};
inline constexpr NameTable<Role, 9> role_names{{{"owner", Role::owner},
                                                {"requester", Role::requester},
                                                {"signer", Role::signer},
                                                {"liaison", Role::liaison},
                                                {"head", Role::head},
                                                {"vice_president", Role::vice_president},
                                                {"leadership_group", Role::leadership_group},
                                                {"pmo", Role::pmo},
                                                {"participants", Role::participants}}};

/// nullptr: no such word.
template <class T, std::size_t N>
const T* look_up(const NameTable<T, N>& table, std::string_view name) {
  for (const auto& [known, value] : table)
    if (known == name) return &value;
  return nullptr;
}
template <class T, std::size_t N>
std::vector<std::string_view> names_of(const NameTable<T, N>& table) {
  std::vector<std::string_view> out;
  for (const auto& entry : table) out.push_back(entry.first);
  return out;
}

/// "first_response"; "answer" too, which no file names.
std::string_view name_of(ClockKind);
/// "head", "person:zhao.tech".
std::string name_of(const Recipient&);
/// "group", "private", "urgent".
std::string_view name_of(By);
/// "50%", "+4h", "-24h".
std::string moment_of(const Rung&);

}  // namespace xieban::config
