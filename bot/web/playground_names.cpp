#include "bot/web/playground_names.hpp"

namespace xieban {

namespace {

/// As the configuration writes it: 2h, 30m, 90s.
std::string short_form(Duration amount) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(amount).count();
  if (seconds % 3600 == 0) return std::to_string(seconds / 3600) + "h";
  if (seconds % 60 == 0) return std::to_string(seconds / 60) + "m";
  return std::to_string(seconds) + "s";
}

}  // namespace

std::string_view clock_name(ClockKind kind) {
  switch (kind) {
    case ClockKind::first_response:
      return "first_response";
    case ClockKind::recovery:
      return "recovery";
    case ClockKind::sign_off:
      return "sign_off";
    case ClockKind::task:
      return "task";
    case ClockKind::progress:
      return "progress";
    case ClockKind::milestone:
      return "milestone";
    case ClockKind::dispute:
      return "dispute";
    case ClockKind::ruling:
      return "ruling";
    case ClockKind::minutes:
      return "minutes";
    case ClockKind::acceptance:
      return "acceptance";
    case ClockKind::review:
      return "review";
    case ClockKind::assessment:
      return "assessment";
    case ClockKind::answer:
      return "answer";
  }
  return "";
}

std::string_view role_name(Role role) {
  switch (role) {
    case Role::owner:
      return "owner";
    case Role::requester:
      return "requester";
    case Role::signer:
      return "signer";
    case Role::liaison:
      return "liaison";
    case Role::head:
      return "head";
    case Role::vice_president:
      return "vice_president";
    case Role::leadership_group:
      return "leadership_group";
    case Role::pmo:
      return "pmo";
    case Role::participants:
      return "participants";
  }
  return "";
}

std::string_view by_name(By by) {
  switch (by) {
    case By::in_private:
      return "private";
    case By::in_group:
      return "group";
    case By::urgent:
      return "urgent";
  }
  return "";
}

std::string rung_name(const Rung& rung) {
  std::string name;
  if (const auto* share = std::get_if<Share>(&rung.at)) {
    name = std::to_string(share->percent) + "%";
  } else {
    const Duration by = std::get<Offset>(rung.at).by;
    name = by < Duration::zero() ? "-" + short_form(-by) : "+" + short_form(by);
  }
  if (rung.repeat) name += " every " + short_form(rung.repeat->every);
  return name;
}

}  // namespace xieban
