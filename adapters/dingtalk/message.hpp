#pragma once
// A robot message in one form, however its client, its type and its transport wrote it.

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "bot/base/time.hpp"
#include "bot/core/inbound.hpp"

namespace xieban::dingtalk {

struct RobotMessage {
  std::string id;
  std::string conversation;
  bool group = false;
  std::string title;   // of a group
  std::string sender;  // userId; empty: nobody of the organisation, or the app is not published
  std::string sender_corp, robot_corp;
  std::string type;
  std::string text;                    // trimmed, without the leading name of the bot; inner white space is kept
  std::vector<std::string> mentioned;  // userIds, without the bot, in their order
  std::vector<Attachment> attachments;
  std::optional<TimePoint> sent_at;
  std::string webhook;
  std::optional<TimePoint> webhook_until;
  bool over_quota = false;  // the month's pushes are used up: neither text nor content came
};

RobotMessage read_message(const nlohmann::json& body);
/// The text with its mentions. The platform takes the names of the mentioned out of it; here they stand again as "@userId":
/// where two spaces tell the place, else behind the number of a command, else at the end. Where a client kept them they stay.
Said with_mentions(const RobotMessage&);

}  // namespace xieban::dingtalk
