#include "tests/bench/feishu_event.hpp"

#include <chrono>
#include <nlohmann/json.hpp>

#include "bot/crypto/crypto.hpp"

namespace xieban::bench {

using nlohmann::json;

SignedEvent message_event(const EventOptions& options, const std::string& message_id, const std::string& text) {
  using std::chrono::milliseconds;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const std::string created = std::to_string(std::chrono::duration_cast<milliseconds>(now).count());
  const std::string tenant = "17c0ffee5a9d4b21";
  const json sender_id = {{"open_id", options.user}, {"union_id", "on_3f2a9c8d7e6b5a4f"}, {"user_id", "zhou8x2k"}};
  const json bot_id = {{"open_id", "ou_bot_main"}, {"union_id", ""}, {"user_id", ""}};
  const json bot = {{"key", "@_user_1"}, {"id", bot_id}, {"mentioned_type", "bot"}, {"name", "协办"}, {"tenant_key", tenant}};
  const json event = {{"schema", "2.0"},
                      {"header",
                       {{"event_id", "ev" + message_id},
                        {"event_type", "im.message.receive_v1"},
                        {"create_time", created},
                        {"token", options.token},
                        {"app_id", options.app_id},
                        {"tenant_key", tenant}}},
                      {"event",
                       {{"sender", {{"sender_id", sender_id}, {"sender_type", "user"}, {"tenant_key", tenant}}},
                        {"message",
                         {{"message_id", message_id},
                          {"create_time", created},
                          {"update_time", created},
                          {"chat_id", options.chat},
                          {"chat_type", "group"},
                          {"message_type", "text"},
                          {"content", json{{"text", "@_user_1 " + text}}.dump()},
                          {"mentions", json::array({bot})}}}}}};
  const std::string iv = "0123456789abcdef";
  const std::string sealed = iv + crypto::aes256_cbc_encrypt(crypto::sha256(options.encrypt_key), iv, event.dump());
  SignedEvent made;
  made.timestamp = created.substr(0, 10);
  made.nonce = "n";
  made.body = json{{"encrypt", crypto::base64(sealed)}}.dump();
  made.signature = crypto::sha256_hex(made.timestamp + made.nonce + options.encrypt_key + made.body);
  return made;
}

}  // namespace xieban::bench
