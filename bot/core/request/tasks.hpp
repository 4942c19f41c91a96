#pragma once
// The same words, /交付 and /验收, on one action item.

#include "bot/core/request/draft.hpp"

namespace xieban::deciding {

using Args = rights::Args;

Outcome deliver_task(const Deliver&, Task, Draft&);
Outcome verify_task(const Verify&, Task, Draft&);

}  // namespace xieban::deciding
