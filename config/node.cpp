#include "config/node.hpp"

namespace xieban::config {

const Node* Node::find(std::string_view key) const {
  for (const auto& member : members)
    if (member.key == key) return &member.value;
  return nullptr;
}

std::string_view describe(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::table:
      return "a table";
    case Node::Kind::list:
      return "a list";
    case Node::Kind::text:
      return "text";
    case Node::Kind::integer:
      return "a whole number";
    case Node::Kind::real:
      return "a number with a fraction";
    case Node::Kind::flag:
      return "true or false";
    case Node::Kind::null:
      return "nothing";
    case Node::Kind::date:
      return "a date or time without quotes";
  }
  return "something else";
}

}  // namespace xieban::config
