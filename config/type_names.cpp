#include "config/type_names.hpp"

#include <fmt/format.h>

#include "config/section.hpp"

namespace xieban::config {

std::string_view name_of(ClockKind kind) {
  for (const auto& [name, value] : clock_names)
    if (value == kind) return name;
  return "answer";
}

std::string name_of(const Recipient& recipient) {
  if (const auto* person = std::get_if<PersonId>(&recipient)) return "person:" + person->value;
  for (const auto& [name, role] : role_names)
    if (role == std::get<Role>(recipient)) return std::string(name);
  return {};
}

std::string_view name_of(By by) {
  switch (by) {
    case By::in_private:
      return "private";
    case By::in_group:
      return "group";
    case By::urgent:
      return "urgent";
  }
  return {};
}

std::string moment_of(const Rung& rung) {
  if (const auto* share = std::get_if<Share>(&rung.at)) return fmt::format("{}%", share->percent);
  const Duration by = std::get<Offset>(rung.at).by;
  return (by < Duration::zero() ? "-" : "+") + short_duration(std::chrono::abs(by));
}

}  // namespace xieban::config
