#include "tests/adapters/dingtalk_world.hpp"

#include <fstream>

#include "adapters/callback_cipher.hpp"
#include "adapters/dingtalk/signature.hpp"

namespace xieban::dingtalk {

using nlohmann::json;

const json& vectors() {
  static const json all = [] {
    std::ifstream file(std::string(XIEBAN_SOURCE_DIR) + "/tests/adapters/dingtalk_vectors.json");
    return json::parse(file);
  }();
  return all;
}

Settings demo_settings() {
  Settings settings;
  settings.app = AppId("dingtalk:main");
  settings.corp_id = "dingcorpdemo00112233445566778899";
  settings.client_id = "dingdemoa1b2c3d4e5f6";
  settings.client_secret = Secret("Demo_secret-0001");
  settings.event_token = Secret("DemoToken01");
  settings.event_aes_key = Secret("Zm9yRGVtb09ubHlOb3RBUmVhbEtleTAxMjM0NTY3ODl");
  settings.card_secret = Secret("CardSecret_Demo01");
  return settings;
}

std::string str(const json& from, const char* name) { return from.at(name).get<std::string>(); }

Result<Decoded> decode(const HttpRequest& request, const Settings& settings, TimePoint at) {
  const DingTalkPlatform platform(settings, Rng(7));
  return platform.decode(request, at);
}

HttpRequest robot_request(const json& body, const std::string& timestamp) {
  HttpRequest request("POST", "/hook/dingtalk/main/robot");
  request.headers.set("timestamp", timestamp);
  request.headers.set("sign", robot_signature(timestamp, demo_settings().client_secret));
  request.body = body.dump();
  return request;
}

HttpRequest event_request(const json& event, const std::string& owner) {
  const Settings settings = demo_settings();
  const CallbackCipher cipher(settings.event_aes_key, owner);
  const std::string encrypt = cipher.seal(event.dump(), "0123456789abcdef");
  HttpRequest request("POST", "/hook/dingtalk/main/event?timestamp=1767225600000&nonce=abcdefgh&msg_signature=" +
                                  callback_signature(settings.event_token, "1767225600000", "abcdefgh", encrypt));
  request.body = json{{"encrypt", encrypt}}.dump();
  return request;
}

HttpRequest card_request(const json& body, const std::string& timestamp) {
  HttpRequest request("POST", "/hook/dingtalk/main/card");
  request.headers.set("x-ddpaas-signature-timestamp", timestamp);
  request.headers.set("x-ddpaas-signature", card_signature(timestamp, demo_settings().card_secret));
  request.body = body.dump();
  return request;
}

HttpRequest streamed(const char* channel, const std::string& body) {
  HttpRequest request(std::string(stream_method), std::string("/stream/") + channel);
  request.body = body;
  return request;
}

void expect_success(const HttpResponse& answer) {
  const Settings settings = demo_settings();
  const json body = json::parse(answer.body);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(str(body, "msg_signature"),
            callback_signature(settings.event_token, str(body, "timeStamp"), str(body, "nonce"), str(body, "encrypt")));
  EXPECT_EQ(CallbackCipher(settings.event_aes_key, settings.client_id).open(str(body, "encrypt")), "success");
  EXPECT_GE(str(body, "nonce").size(), 8U);
}

}  // namespace xieban::dingtalk
