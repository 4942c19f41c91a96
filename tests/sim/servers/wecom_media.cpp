#include "tests/sim/servers/wecom_media.hpp"

#include <algorithm>
#include <chrono>

#include "bot/crypto/crypto.hpp"
#include "tests/sim/servers/wecom_codes.hpp"

namespace xieban::sim::wecom {

using nlohmann::json;

namespace {

constexpr Duration session_life{30 * 60 * 1000}, offer_life{5 * 60 * 1000};
constexpr Duration media_life{3 * 24 * 60 * 60 * 1000};
constexpr std::size_t megabyte = 1024 * 1024, most_chunk = 512 * 1024, most_chunks = 100, least_size = 5, most_file_name = 256;
constexpr std::size_t iv_bytes = 16;

/// 0: no such type.
std::size_t most_bytes(const World& world, const std::string& type) {
  if (type == "voice") return 2 * megabyte;
  if (type == "video") return 10 * megabyte;
  if (type == "file") return 20 * megabyte;
  if (type == "image") return static_cast<std::size_t>(world.limit("image_megabytes", 2)) * megabyte;
  return 0;
}

/// What stands between the two; to the end, if the second is not there. Empty without the first.
std::string between(const std::string& text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  if (at == std::string::npos) return "";
  const std::size_t start = at + from.size();
  return text.substr(start, std::min(text.find(to, start), text.size()) - start);
}

std::size_t size_of(const json& body, const char* member) {
  const auto found = body.find(member);
  return found != body.end() && found->is_number_unsigned() ? found->get<std::size_t>() : 0;
}

}  // namespace

Refused Media::begin(const std::string& app, const json& body, json& answer) {
  Session session;
  session.file.owner = app;
  session.file.type = text_of(body, "type");
  session.file.name = text_of(body, "filename");
  session.size = size_of(body, "total_size");
  session.count = size_of(body, "total_chunks");
  const std::size_t most = most_bytes(stage_.world, session.file.type);
  if (most == 0) return Refusal{bad_value, "type"};
  if (session.file.name.empty() || session.file.name.size() > most_file_name) return Refusal{bad_value, "filename"};
  if (session.size < least_size || session.size > most) return Refusal{bad_value, "total_size"};
  if (session.count == 0 || session.count > most_chunks) return Refusal{bad_value, "total_chunks"};
  const bool in_minute = access_.take("upload/" + app + "/minute", stage_.world.limit("uploads_per_minute", 30), minute);
  const bool in_hour = access_.take("upload/" + app + "/hour", stage_.world.limit("uploads_per_hour", 1000), hour);
  if (!in_minute || !in_hour) return Refusal{too_often, "too many uploads"};
  session.until = stage_.clock.now() + session_life;
  const std::string id = stage_.ids.next("up-");
  sessions_[id] = std::move(session);
  answer = {{"upload_id", id}};
  return std::nullopt;
}

Refused Media::finish(Session& session, json& answer) {
  File file = session.file;
  for (const auto& [index, bytes] : session.chunks) file.bytes += bytes;
  if (session.chunks.size() != session.count || file.bytes.size() != session.size)
    return Refusal{bad_value, "chunks are missing"};
  answer = keep(std::move(file));
  return std::nullopt;
}

json Media::keep(File file) {
  const TimePoint now = stage_.clock.now();
  file.until = now + media_life;
  const std::string id = stage_.ids.next("media-");
  json answer = {{"type", file.type}, {"media_id", id}, {"created_at", seconds_of(now)}};
  files_[id] = std::move(file);
  return answer;
}

Outcome Media::upload_form(const HttpRequest& request, const std::string& key) {
  File file;
  file.owner = "robot/" + key;
  file.type = request.param("type");
  if (file.type != "file" && file.type != "voice") return refusal(bad_value, "type is file or voice");
  const std::string type(request.headers.get("Content-Type"));
  const std::string boundary = between(type, "boundary=", ";");
  const std::string part = boundary.empty() ? "" : between(request.body, "--" + boundary + "\r\n", "\r\n--" + boundary);
  const auto blank = part.find("\r\n\r\n");
  if (blank == std::string::npos) return refusal(no_media, "media data missing");
  const std::string head = part.substr(0, blank);
  file.name = between(head, "filename=\"", "\"");
  file.bytes = part.substr(blank + 4);
  if (between(head, " name=\"", "\"") != "media" || file.name.empty()) return refusal(no_media, "media data missing");
  if (file.bytes.size() < least_size || file.bytes.size() > most_bytes(stage_.world, file.type))
    return refusal(bad_value, "the file is too small or too large");
  return good(keep(std::move(file)));
}

Refused Media::upload(const std::string& app, const std::string& cmd, const json& body, json& answer) {
  if (cmd == "aibot_upload_media_init") return begin(app, body, answer);
  const auto found = sessions_.find(text_of(body, "upload_id"));
  if (found == sessions_.end() || found->second.file.owner != app || found->second.until <= stage_.clock.now())
    return Refusal{bad_value, "upload_id"};
  Session& session = found->second;
  if (cmd == "aibot_upload_media_finish") return finish(session, answer);
  const auto bytes = crypto::unbase64(text_of(body, "base64_data"));
  const bool has_index = body.contains("chunk_index") && body["chunk_index"].is_number_unsigned();
  const std::size_t index = size_of(body, "chunk_index");
  if (!has_index || index >= session.count) return Refusal{bad_value, "chunk_index"};
  if (!bytes || bytes->empty() || bytes->size() > most_chunk) return Refusal{bad_value, "base64_data"};
  session.chunks.emplace(index, *bytes);
  return std::nullopt;
}

const Media::File* Media::find(const std::string& owner, const std::string& media_id) const {
  const auto found = files_.find(media_id);
  if (found == files_.end() || found->second.owner != owner || found->second.until <= stage_.clock.now()) return nullptr;
  return &found->second;
}

std::string Media::offer(const std::string& name, const std::string& bytes, const std::string& key32) {
  const std::string id = stage_.ids.next("");
  const std::string sealed = crypto::aes256_cbc_encrypt(key32, key32.substr(0, iv_bytes), bytes, padding_block);
  offers_[id] = File{"", "", name, sealed, stage_.clock.now() + offer_life};
  return stage_.url + "/files/" + id;
}

Outcome Media::download(const std::string& id) const {
  const auto found = offers_.find(id);
  Outcome outcome;
  outcome.response = HttpResponse(404);
  if (found == offers_.end() || found->second.until <= stage_.clock.now()) return outcome;
  outcome.response = HttpResponse(200, found->second.bytes, "application/octet-stream");
  std::string escaped;
  for (const char c : found->second.name) {
    const std::string one(1, c);
    escaped += only(one, ".-_", 1) ? one : "%" + crypto::hex(one);
  }
  outcome.response.headers.set("Content-Disposition", "attachment; filename*=UTF-8''" + escaped);
  outcome.accepted = true;
  return outcome;
}

void Media::clear() {
  sessions_.clear();
  files_.clear();
  offers_.clear();
}

}  // namespace xieban::sim::wecom
