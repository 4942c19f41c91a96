#include <array>
#include <cstddef>

#include "bot/core/request/request.hpp"

namespace xieban {
namespace {

// In the order of the variants: a name never changes, it stands in the history, in metrics and in the outbox.
constexpr std::array<std::string_view, std::variant_size_v<Command>> verbs_of{
    "raise",  "accept",   "decline",   "ask_back", "assign",  "hand_over", "support", "add_task", "report",
    "extend", "confirm",  "escalate",  "nudge",    "deliver", "verify",    "pause",   "resume",   "cancel",
    "reopen", "add_note", "take_back", "follow",   "sign",    "dispute",   "rule"};

constexpr std::array<std::string_view, std::variant_size_v<Event>> events_of{"raised",
                                                                             "owner_changed",
                                                                             "phase_moved",
                                                                             "clock_started",
                                                                             "clock_stopped",
                                                                             "clock_paused",
                                                                             "clock_resumed",
                                                                             "clock_moved",
                                                                             "rung_reached",
                                                                             "breached",
                                                                             "declined",
                                                                             "asked",
                                                                             "answered",
                                                                             "support_added",
                                                                             "task_added",
                                                                             "task_changed",
                                                                             "reported",
                                                                             "extension_asked",
                                                                             "extension_settled",
                                                                             "escalated",
                                                                             "nudged",
                                                                             "delivered",
                                                                             "verified",
                                                                             "paused",
                                                                             "resumed",
                                                                             "closed",
                                                                             "reopened",
                                                                             "noted",
                                                                             "taken_back",
                                                                             "followed",
                                                                             "care_needed",
                                                                             "refused",
                                                                             "step_marked",
                                                                             "clocks_recomputed",
                                                                             "type_applied",
                                                                             "group_made",
                                                                             "group_grew",
                                                                             "group_gone",
                                                                             "sign_off_asked",
                                                                             "signed",
                                                                             "signatures_voided",
                                                                             "position_taken",
                                                                             "dispute_submitted",
                                                                             "ruled",
                                                                             "dispute_settled"};

constexpr std::array<std::string_view, std::variant_size_v<Effect>> effects_of{
    "post_card",   "refresh_card", "refresh_cards", "notify",    "urgent",     "say",        "post_form",  "post_choice",
    "post_detail", "post_why",     "post_list",     "post_help", "make_group", "tend_group", "mirror_task"};

}  // namespace

std::string_view verb_name(const Command& command) { return verbs_of[command.index()]; }
std::string_view kind_name(const Event& event) { return events_of[event.index()]; }
std::string_view kind_name(const Effect& effect) { return effects_of[effect.index()]; }

std::string number(RequestId id, int year) {
  std::string running = id.str();
  if (running.size() < 4) running.insert(0, 4 - running.size(), '0');
  return "XB-" + std::to_string(year) + "-" + running;
}

std::string number(const Request& request) { return number(request.id, request.year); }

}  // namespace xieban
