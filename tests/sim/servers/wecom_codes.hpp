#pragma once
// The codes that the simulator answers with, in one place. Source: the platform's document 全局错误码.

#include "bot/base/time.hpp"

namespace xieban::sim::wecom {

inline constexpr int bad_secret = 40001;
inline constexpr int bad_media = 40007;
inline constexpr int bad_type = 40008;
inline constexpr int bad_corp = 40013;
inline constexpr int bad_token = 40014;
inline constexpr int bad_parameter = 40035;
inline constexpr int bad_agent = 40056;
inline constexpr int bad_value = 40058;
inline constexpr int no_token = 41001;
inline constexpr int no_media = 41005;
inline constexpr int missing_title = 41016;
inline constexpr int missing_description = 41033;
inline constexpr int expired_token = 42001;
inline constexpr int bad_task = 42014;
inline constexpr int foreign_card = 42016;
inline constexpr int unknown_code = 42017;
inline constexpr int bad_key = 42019;
inline constexpr int no_content = 44004;
inline constexpr int too_long = 45002;
inline constexpr int too_often = 45009;
inline constexpr int no_right = 48002;
inline constexpr int no_department = 60003;
inline constexpr int not_visible = 60011;
inline constexpr int bad_address = 60020;
inline constexpr int bad_mobile = 60103;
inline constexpr int no_user = 60111;
inline constexpr int nobody_valid = 81013;
inline constexpr int nobody_named = 82001;
inline constexpr int bad_chat_id = 86001;
inline constexpr int unknown_chat = 86003;
inline constexpr int bad_name = 86004;
inline constexpr int bad_owner = 86005;
inline constexpr int bad_count = 86006;
inline constexpr int bad_member = 86007;
inline constexpr int foreign_chat = 86008;
inline constexpr int chat_exists = 86215;
inline constexpr int bad_robot = 93000;
inline constexpr int stopped_robot = 93004;
inline constexpr int bad_chat = 93006;
inline constexpr int robot_left = 93008;
inline constexpr int foreign_agent = 301002;
inline constexpr int bad_request = 846605;
inline constexpr int too_many = 846607;
inline constexpr int stream_over = 846608;
inline constexpr int not_subscribed = 846609;
inline constexpr int bad_credentials = 853000;

inline constexpr Duration minute{60 * 1000}, hour{60 * 60 * 1000}, day{24 * 60 * 60 * 1000};
inline constexpr std::size_t padding_block = 32;  // PKCS#7 over 32 bytes, not over AES's 16

}  // namespace xieban::sim::wecom
