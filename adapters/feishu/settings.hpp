#pragma once
#include <string>

#include "bot/base/ids.hpp"
#include "bot/base/secret.hpp"

namespace xieban::feishu {

/// One self-built Feishu (or Lark) app.
struct Settings {
  AppId app;           // "feishu:main"
  std::string app_id;  // "cli_…"
  Secret app_secret;
  bool stream = false;  // events come over the long connection
  Secret encrypt_key;   // empty: posted events come in plain
  Secret verification_token;
  Secret old_encrypt_key, old_verification_token;  // while they are changed over
  std::string api_base = "https://open.feishu.cn";
  std::string stream_base;  // asked where to connect; empty: api_base
  std::string bot_name = "协办";
  bool mirror_tasks = false;  // action items go into their owners' own lists of tasks
};

}  // namespace xieban::feishu
