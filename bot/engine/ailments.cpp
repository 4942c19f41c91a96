#include "bot/engine/ailments.hpp"

#include <algorithm>
#include <utility>

#include "bot/base/log.hpp"

namespace xieban {

void Ailments::note(const AppId& app, const std::string& key, const std::string& why, Rings rings) {
  Phrase what(key, {{"app", app.value}});
  if (!why.empty()) what.args.emplace_back("why", why);
  const auto known = std::ranges::find_if(all_, [&](const Ailment& one) { return one.app == app && one.what.key == key; });
  if (known != all_.end()) {
    known->what = std::move(what);
    return;
  }
  log::error("ailment", {{"app", app}, {"what", key}, {"why", why}});
  Ailment one;
  one.app = app;
  one.what = std::move(what);
  one.since = time_.now();
  one.rings = rings == Rings::yes;
  all_.push_back(std::move(one));
}

void Ailments::over(const AppId& app, std::string_view key) {
  const auto gone = std::erase_if(all_, [&](const Ailment& one) { return one.app == app && one.what.key == key; });
  if (gone > 0) log::info("ailment.over", {{"app", app}, {"what", key}});
}

}  // namespace xieban
