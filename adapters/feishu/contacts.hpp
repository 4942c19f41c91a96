#pragma once
#include "bot/ports/contacts.hpp"

namespace xieban::feishu {

/// People, their direct leaders and departments, as far as the scopes and the app's data range (通讯录权限范围) go. Calls:
/// open.feishu.cn, contact-v3, user/get, user/batch_get_id, department/get; bot-v3/bot_info; im-v1, chat-members/get. People
/// are known by their open_id.
class FeishuContacts final : public Contacts {
 public:
  [[nodiscard]] HttpRequest ask_person(const UserId&, const Token&) const override;
  /// Absent too: whoever has left, and whoever is outside the data range.
  [[nodiscard]] ContactRead<ContactPerson> read_person(const HttpResponse&) const override;
  /// `id`: an open_department_id ("od-…"), or one that the company gave.
  [[nodiscard]] HttpRequest ask_unit(const std::string& id, const Token&) const override;
  [[nodiscard]] ContactRead<ContactUnit> read_unit(const HttpResponse&) const override;
  /// Of an event that named somebody by the company's own id alone: their open_id.
  [[nodiscard]] std::optional<HttpRequest> ask_plain_id(const UserId&, const Token&) const override;
  [[nodiscard]] ContactRead<UserId> read_plain_id(const HttpResponse&) const override;
  [[nodiscard]] std::optional<HttpRequest> ask_self(const Token&) const override;
  [[nodiscard]] ContactRead<UserId> read_self(const HttpResponse&) const override;
  [[nodiscard]] std::optional<HttpRequest> ask_members(const ChatId&, const std::string& page, const Token&) const override;
  /// People only: bots are not named.
  [[nodiscard]] ContactRead<ContactMembers> read_members(const HttpResponse&) const override;
  [[nodiscard]] std::optional<HttpRequest> ask_mobile(const std::string& mobile, const Token&) const override;
  [[nodiscard]] ContactRead<UserId> read_mobile(const HttpResponse&) const override;
};

}  // namespace xieban::feishu
