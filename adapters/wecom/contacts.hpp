#pragma once
#include <utility>

#include "adapters/wecom/settings.hpp"
#include "bot/ports/contacts.hpp"

namespace xieban::wecom {

/// People and departments as far as the self-built app sees them: user/get (path 90196), department/get (path 95351). A mobile
/// number finds nobody: apps made since 2022 are not told any, and a few misses close the look-up for a day (path 95402).
class WeComContacts final : public Contacts {
 public:
  [[nodiscard]] HttpRequest ask_person(const UserId&, const Token&) const override;
  [[nodiscard]] ContactRead<ContactPerson> read_person(const HttpResponse&) const override;
  [[nodiscard]] HttpRequest ask_unit(const std::string& id, const Token&) const override;
  [[nodiscard]] ContactRead<ContactUnit> read_unit(const HttpResponse&) const override;
  /// A smart bot that no super administrator made is told encrypted ids: openuserid_to_userid (path 101521).
  [[nodiscard]] std::optional<HttpRequest> ask_plain_id(const UserId&, const Token&) const override;
  [[nodiscard]] ContactRead<UserId> read_plain_id(const HttpResponse&) const override;
  [[nodiscard]] std::optional<HttpRequest> ask_mobile(const std::string& mobile, const Token&) const override;
  [[nodiscard]] ContactRead<UserId> read_mobile(const HttpResponse&) const override;
};

}  // namespace xieban::wecom
