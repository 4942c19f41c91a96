#pragma once
// Values of the domain as JSON text and back. A member that has its default is not written, and a missing one reads as
// its default, so that rows stay small and older rows stay readable; unknown members are ignored.

#include <stdexcept>
#include <string>
#include <string_view>

#include "bot/core/brain/brain.hpp"

namespace xieban::codec {

/// A row that cannot be read: damaged, or written by a newer program.
class Unreadable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

std::string encode(const Request&);
std::string encode(const Policy&);
std::string encode(const Conversation&);
std::string encode(const CardHandle&);
std::string encode(const Outgoing&);
std::string encode(const ChatFact&);
std::string encode(const Leave&);
std::string encode(const IdentityLink&);
std::string encode(const LinkCode&);
std::string encode(const Account&);
std::string encode(const OrgUnit&);
/// The content alone; its kind stands beside it: kind_name().
std::string encode(const Event&);
std::string encode(const Effect&);

/// T is one of the types above. Throws Unreadable.
template <class T>
T decode(std::string_view json);
Event decode_event(std::string_view kind, std::string_view json);
Effect decode_effect(std::string_view kind, std::string_view json);

}  // namespace xieban::codec

namespace xieban {

/// SHA-256 in hex of a policy's content; its `hash` member does not count.
PolicyHash policy_hash(const Policy&);

}  // namespace xieban
