#pragma once
#include "adapters/dingtalk/settings.hpp"
#include "bot/ports/contacts.hpp"

namespace xieban::dingtalk {

/// People, their managers and departments, by the old host's calls: topapi/v2/user/get, topapi/v2/user/getbymobile,
/// topapi/v2/department/get (open.dingtalk.com, "contacts").
class DingTalkContacts final : public Contacts {
 public:
  explicit DingTalkContacts(Settings settings) : settings_(std::move(settings)) {}
  [[nodiscard]] HttpRequest ask_person(const UserId&, const Token&) const override;
  [[nodiscard]] ContactRead<ContactPerson> read_person(const HttpResponse&) const override;
  [[nodiscard]] HttpRequest ask_unit(const std::string& id, const Token&) const override;
  [[nodiscard]] ContactRead<ContactUnit> read_unit(const HttpResponse&) const override;
  /// The old host takes the app's token in practice; where it does not, gettoken's ("obtain the access_token of an internal
  /// app", old form).
  [[nodiscard]] std::optional<HttpRequest> own_token_request() const override;
  [[nodiscard]] Result<Token> read_own_token(const HttpResponse&, TimePoint now) const override;
  [[nodiscard]] std::optional<HttpRequest> ask_mobile(const std::string& mobile, const Token&) const override;
  [[nodiscard]] ContactRead<UserId> read_mobile(const HttpResponse&) const override;

 private:
  Settings settings_;
};

}  // namespace xieban::dingtalk
