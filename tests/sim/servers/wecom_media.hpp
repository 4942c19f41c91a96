#pragma once
// Files of the smart bot: sent up in chunks over the socket, and offered for download encrypted (101463). Files of a group's
// robot: sent up as a form.

#include <map>
#include <string>

#include "tests/sim/servers/wecom_access.hpp"

namespace xieban::sim::wecom {

class Media {
 public:
  Media(Stage& stage, Access& access) : stage_(stage), access_(access) {}

  /// aibot_upload_media_init, _chunk and _finish; `answer` becomes the body of the ack.
  Refused upload(const std::string& app, const std::string& cmd, const nlohmann::json& body, nlohmann::json& answer);
  struct File {
    std::string owner, type, name, bytes;
    TimePoint until;
  };
  /// POST /cgi-bin/webhook/upload_media: a form with the file as "media" (99110); good for the robot of `key` only.
  Outcome upload_form(const HttpRequest&, const std::string& key);
  /// nullptr: unknown, another owner's or too old. Owners are apps, and "robot/" + key.
  [[nodiscard]] const File* find(const std::string& owner, const std::string& media_id) const;

  /// An address that is good for five minutes; the bytes come encrypted under `key32`.
  std::string offer(const std::string& name, const std::string& bytes, const std::string& key32);
  Outcome download(const std::string& id) const;
  void clear();

 private:
  struct Session {
    File file;
    std::size_t size = 0, count = 0;
    std::map<std::size_t, std::string> chunks;
    TimePoint until;
  };
  Refused begin(const std::string& app, const nlohmann::json& body, nlohmann::json& answer);
  Refused finish(Session&, nlohmann::json& answer);
  nlohmann::json keep(File);

  Stage& stage_;
  Access& access_;
  std::map<std::string, Session> sessions_;
  std::map<std::string, File> files_, offers_;
};

}  // namespace xieban::sim::wecom
