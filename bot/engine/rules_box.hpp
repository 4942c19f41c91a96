#pragma once
#include <memory>
#include <utility>

#include "bot/core/rules.hpp"

namespace xieban {

/// The rules in force. Belongs to the loop's thread; what crosses to another thread is the shared pointer it hands out.
class RulesBox {
 public:
  explicit RulesBox(RulesPtr first) : rules_(std::move(first)) {}
  [[nodiscard]] const RulesPtr& get() const { return rules_; }
  void set(RulesPtr next) { rules_ = std::move(next); }

 private:
  RulesPtr rules_;
};

}  // namespace xieban
