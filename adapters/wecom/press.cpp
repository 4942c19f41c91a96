#include "adapters/wecom/press.hpp"

#include "adapters/press_token.hpp"

namespace xieban::wecom {

namespace {

constexpr std::string_view code_mark = "code:";
constexpr std::string_view app_mark = "app:", callback_mark = "callback:", stream_mark = "stream:";

}  // namespace

ChatId private_chat(const std::string& user) { return ChatId("p:" + user); }

Pressed read_press(std::string_view key, const Settings& settings) {
  Pressed pressed;
  if (auto token = unseal(key, settings.card_key())) {
    pressed.card = token->card;
    pressed.version = token->version;
    pressed.action = std::move(token->action);
  }
  return pressed;
}

std::string handle_of(PressFrom from, std::string_view nonce, std::string_view task) {
  switch (from) {
    case PressFrom::app:
      return std::string(app_mark).append(task);
    case PressFrom::bot_stream:
      return std::string(stream_mark).append(task);
    case PressFrom::bot_callback:
      break;
  }
  // A task_id has no colon, a nonce may have one.
  return std::string(callback_mark).append(task).append(":").append(nonce);
}

std::optional<PressHandle> read_handle(std::string_view text) {
  PressHandle handle;
  if (text.starts_with(app_mark)) {
    handle.task = text.substr(app_mark.size());
  } else if (text.starts_with(stream_mark)) {
    handle.from = PressFrom::bot_stream;
    handle.task = text.substr(stream_mark.size());
  } else if (text.starts_with(callback_mark)) {
    handle.from = PressFrom::bot_callback;
    const std::string_view rest = text.substr(callback_mark.size());
    const auto colon = rest.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    handle.task = rest.substr(0, colon);
    handle.nonce = rest.substr(colon + 1);
  } else {
    return std::nullopt;
  }
  return handle;
}

std::string update_code(std::string_view response_code) { return std::string(code_mark).append(response_code); }

std::optional<std::string> read_update_code(std::string_view id) {
  if (!id.starts_with(code_mark) || id.size() == code_mark.size()) return std::nullopt;
  return std::string(id.substr(code_mark.size()));
}

}  // namespace xieban::wecom
