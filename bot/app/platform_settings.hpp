#pragma once
// From the configuration to what each adapter is made of.

#include <string>

#include "adapters/dingtalk/settings.hpp"
#include "adapters/feishu/settings.hpp"
#include "adapters/wecom/settings.hpp"
#include "config/config.hpp"

namespace xieban::app {

feishu::Settings settings_of(const config::Feishu&);
/// `public_url`: where presses can be posted to. Without it, and without a long connection, nobody hears of a press, so that
/// cards come as texts with commands to type.
dingtalk::Settings settings_of(const config::DingTalk&, const std::string& public_url);
wecom::Settings settings_of(const config::WeCom&);

}  // namespace xieban::app
