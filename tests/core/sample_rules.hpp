#pragma once
// A small company for the tests of words and people: namesakes, aliases, a vacancy, a leaver.

#include <memory>

#include "bot/core/rules.hpp"

namespace xieban::test {

/// Departments tech, test, market, product, pmo; people with two 李雷; identities on "feishu:main".
std::shared_ptr<Organisation> sample_organisation();
/// The organisation with office, workday and natural calendars and the types normal, urgent and incident.
Rules sample_rules(Lang = Lang::zh);

}  // namespace xieban::test
