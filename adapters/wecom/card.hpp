#pragma once
// Our card as a template card (模板卡片, developer.work.weixin.qq.com, path 90236 and 101032). Its texts are plain; what is
// over-long is cut here, since it is not documented whether the platform cuts or refuses it.

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "adapters/wecom/settings.hpp"
#include "bot/core/brain/brain.hpp"

namespace xieban::wecom {

constexpr std::size_t most_buttons = 6;

/// Apps and bots draw the same card within different limits.
enum class Dialect { app, bot };
/// How many characters of each text the platform shows.
CardRoom card_room(Dialect);

/// A fresh id for each message: the platform refuses one that it has seen. Equal messages have equal ones.
std::string task_id(const Outgoing&);
/// template_card of a new card. It has buttons: without any the platform asks for a link, which not everybody has.
nlohmann::json render(const Card&, CardId, std::uint32_t version, const Settings&, Dialect, const std::string& task);
/// The same for an update: without buttons it shows as settled.
nlohmann::json render_update(const Card&, CardId, std::uint32_t version, const Settings&, Dialect, const std::string& task);

}  // namespace xieban::wecom
