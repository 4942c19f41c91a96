#include "bot/engine/rules_box.hpp"

#include <algorithm>
#include <utility>

namespace xieban {

void RulesBox::set(RulesPtr next) {
  base_ = std::move(next);
  make();
}

void RulesBox::learn(std::shared_ptr<const DirectoryFacts> facts) {
  // A decision that loaded its snapshot early may end late: what it knew is older than what is known by now.
  if (!facts || facts == rules_->facts || (facts_ && facts->version < facts_->version)) return;
  facts_ = std::move(facts);
  make();
}

void RulesBox::refresh_after(const AppId& app, Duration wait) {
  Duration& now = refresh_after_[app];
  if (std::exchange(now, wait) != wait) make();
}

void RulesBox::make() {
  Rules made = facts_ ? base_->with(facts_) : *base_;
  for (const auto& [app, wait] : refresh_after_) {
    const auto traits = made.traits.find(app);
    if (traits != made.traits.end()) traits->second.refresh_after = std::max(traits->second.refresh_after, wait);
  }
  rules_ = std::make_shared<const Rules>(std::move(made));
}

boost::asio::awaitable<bool> learn_directory(Store& store, RulesBox& rules) {
  Load nothing;
  auto loaded = co_await store.load(std::move(nothing));
  if (!loaded || !*loaded) co_return false;
  rules.learn((*loaded)->directory);
  co_return true;
}

}  // namespace xieban
