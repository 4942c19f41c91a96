#pragma once
// What a platform event means, without a platform word in it.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "bot/base/ids.hpp"
#include "bot/base/time.hpp"
#include "bot/core/people.hpp"
#include "bot/core/words/phrase.hpp"

namespace xieban {

enum class EventKind { url_check, message, press, event };

/// Two deliveries with equal keys are one event.
struct InboxKey {
  AppId app;
  std::string key;
  friend auto operator<=>(const InboxKey&, const InboxKey&) = default;
  friend bool operator==(const InboxKey&, const InboxKey&) = default;
};
struct Mention {
  std::optional<UserId> user;  // WeCom gives text only
  std::string shown_as;        // the name as it stands in the text, without @
  bool is_bot = false;
};
enum class FileKind { image, file, audio, video };
struct Attachment {
  FileKind kind = FileKind::file;
  std::string platform_key, name;
  std::uint64_t bytes = 0;
};
struct Said {
  std::string text;  // as typed; mentions stand as "@name" in it
  std::vector<Mention> mentions;
  std::vector<Attachment> attachments;
  std::string in_reply_to;
};
/// A button of a card. `card` is ours; the rest is the platform's word and proves nothing about rights.
struct Pressed {
  CardId card;
  std::uint32_t version = 0;
  std::string action;
  std::string handle;       // the adapter's own, for its answer
  std::string update_with;  // set: the card is from now on updated with this, once more, instead of its provider_id
  std::map<std::string, std::vector<std::string>> inputs;
};
struct MenuChosen {
  std::string key;
};
struct Recalled {
  std::string message;
};
/// The bot is new in a group, or somebody has opened their private chat with it.
struct JoinedChat {
  std::optional<bool> external;  // people of other companies are there too; absent: the platform does not say
};
struct LeftChat {};
struct ChatGone {};
struct PersonLeft {
  std::vector<UserId> users;
};
struct PersonChanged {
  std::vector<UserId> users;
};
/// More of the directory than single people changed: departments, or how much of it the app may see.
struct DirectoryChanged {};
/// Where the platform takes answers to this chat for a while, without a token.
struct ReplyAddress {
  std::string url;
  TimePoint until{};
  friend bool operator==(const ReplyAddress&, const ReplyAddress&) = default;
};
struct Inbound {
  InboxKey key;
  EventKind kind = EventKind::event;
  UserId actor;
  ChatRef chat;
  std::string chat_name;  // as people see it there; empty: the platform does not say
  bool one_to_one = false;
  bool opens = true;  // channels that need prior contact have it in this chat from now on
  TimePoint sent_at{};
  std::optional<ReplyAddress> reply_to;
  // Put in by the shell, so that the functions stay pure.
  std::uint64_t noise = 0;       // chance: for link codes
  std::vector<Phrase> ailments;  // what is wrong with apps and connections: for /体检
  std::variant<Said, Pressed, MenuChosen, Recalled, JoinedChat, LeftChat, ChatGone, PersonLeft, PersonChanged, DirectoryChanged>
      what;
};

/// When an action counts: the platform's time if it is not later than ours and at most 8 h earlier, else ours.
TimePoint counts_at(TimePoint sent, TimePoint received);

}  // namespace xieban
