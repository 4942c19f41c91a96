#pragma once
// The same words on different things: /交付 and /验收 on one action item, /同意 and /不同意 on a sign-off and on a dispute.

#include "bot/core/request/draft.hpp"

namespace xieban::deciding {

using Args = rights::Args;

Outcome deliver_task(const Deliver&, Task, Draft&);
Outcome verify_task(const Verify&, Task, Draft&);
Outcome sign(const Confirm&, Draft&);
Outcome settle(const Confirm&, Draft&);

}  // namespace xieban::deciding
