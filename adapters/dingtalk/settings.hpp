#pragma once
#include <map>
#include <string>

#include "bot/base/ids.hpp"
#include "bot/base/secret.hpp"

namespace xieban::dingtalk {

/// A custom robot (自定义机器人) of one group: it can only say something there.
struct CustomRobot {
  Secret access_token;
  Secret secret;  // of the signature (加签); empty: the robot asks for none
};

/// One internal app (企业内部应用) with its robot.
struct Settings {
  AppId app;              // "dingtalk:main"
  std::string corp_id;    // "ding…"
  std::string client_id;  // "ding…": AppKey, robotCode and owner key of the event encryption
  Secret client_secret;
  Secret event_token, event_aes_key, card_secret;  // HTTP only
  Secret old_event_token, old_event_aes_key;       // while they are changed over
  bool stream = true;                              // presses come over the long connection, else over HTTP
  std::string card_template = "public";            // "public" | "none" | id of an own template
  std::string group_template;                      // of scene groups; empty: the app makes none
  std::string group_robot;                         // robotCode of the template's robot; empty: the app's own
  unsigned monthly_calls = 5000;
  std::map<ChatId, CustomRobot> robots;
  std::string api_base = "https://api.dingtalk.com";
  std::string oapi_base = "https://oapi.dingtalk.com";
  std::string stream_base;  // empty: api_base
  std::string bot_name = "协办";
};

}  // namespace xieban::dingtalk
