#pragma once
#include <boost/asio/awaitable.hpp>
#include <map>
#include <memory>

#include "bot/core/rules.hpp"
#include "bot/ports/store.hpp"

namespace xieban {

/// The rules in force, with the newest facts of the directory that were seen. Belongs to the loop's thread; what crosses to
/// another thread is the shared pointer it hands out.
class RulesBox {
 public:
  explicit RulesBox(RulesPtr first) : base_(first), rules_(std::move(first)) {}
  [[nodiscard]] const RulesPtr& get() const { return rules_; }
  /// The configuration was read again.
  void set(RulesPtr next);
  /// The store's directory changed.
  void learn(std::shared_ptr<const DirectoryFacts>);
  /// How long refreshes of this app's cards wait for more changes, at least; zero: as its traits say.
  void refresh_after(const AppId&, Duration);

 private:
  void make();
  RulesPtr base_, rules_;
  std::shared_ptr<const DirectoryFacts> facts_;
  std::map<AppId, Duration> refresh_after_;
};

/// Reads the directory's facts from the store into the rules. False: the store could not; they stay as they are.
boost::asio::awaitable<bool> learn_directory(Store&, RulesBox&);

}  // namespace xieban
