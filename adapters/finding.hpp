#pragma once
// What `check --online` says of an app.

#include <string>

namespace xieban {

/// For an administrator: what is wrong and what to do.
struct Finding {
  bool error = true;    // false: the bot runs without it
  std::string subject;  // key of the app's section: "client_secret"; empty: the app as a whole
  std::string text;
};

Finding finding(bool error, std::string subject, std::string text);
/// Words of a platform's answer, which are foreign text: one line, at most 160 bytes.
std::string quotable(std::string text);

}  // namespace xieban
