#pragma once
// What the platforms' directories say of people, kept as facts in the store: read when a stranger speaks, and again every six
// hours for everybody who is known.

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bot/core/inbound.hpp"
#include "bot/engine/platforms.hpp"
#include "bot/engine/rules_box.hpp"
#include "bot/engine/sender.hpp"
#include "bot/ports/store.hpp"
#include "bot/ports/time_source.hpp"

namespace xieban {

/// What is wrong with an app's directory.
struct ContactTrouble {
  AppId app;
  std::string why;                   // it cannot be read; empty: it can
  std::vector<std::string> unknown;  // accounts and departments that it does not know, or does not show us
};

/// Lives as long as the loop; all calls on its thread.
class ContactBook {
 public:
  ContactBook(Store&, Sender&, TimeSource&, RulesBox&, const Platforms&);
  ~ContactBook();
  ContactBook(const ContactBook&) = delete;
  ContactBook& operator=(const ContactBook&) = delete;

  /// A stranger speaks: asks the platform who that is, and keeps the answer. Who is not found is not asked about again for
  /// ten minutes. At the latest at `until`.
  boost::asio::awaitable<void> meet(AppId, UserId, TimePoint until);
  /// This account changed: read it again soon.
  void look_again(const IdentityKey&);
  /// More of this app's directory changed: go over everybody again soon, however often that is said.
  void look_again(const AppId&);
  /// Which of these people are not in the chat, and so hear nothing of a mention there; nobody, where the platform does not
  /// tell. What it said is believed for ten minutes.
  boost::asio::awaitable<std::vector<PersonId>> absent(ChatRef, std::vector<PersonRef>);
  /// Learns what the apps' own accounts are, and goes over everybody every six hours, until stop().
  boost::asio::awaitable<void> run();
  void stop();
  [[nodiscard]] std::vector<ContactTrouble> troubles() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace xieban
