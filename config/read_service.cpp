// [server], [storage], [playground], [alarm]: what the process needs; not part of the rules.

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>

#include "config/draft.hpp"

namespace xieban::config {
namespace {

bool number_up_to(std::string_view digits, int most) {
  return !digits.empty() && digits.size() <= 5 && std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; }) &&
         std::stoi(std::string(digits)) <= most;
}

/// 4 or 6, or 0 for anything that is no address.
int address_family(const std::string& address) {
  in6_addr bytes{};
  if (inet_pton(AF_INET, address.c_str(), &bytes) == 1) return 4;
  if (inet_pton(AF_INET6, address.c_str(), &bytes) == 1) return 6;
  return 0;
}

void read_server(Section& section, Reading& reading) {
  Server& server = reading.draft.config.server;
  server.listen = section.text("listen", server.listen);
  if (!valid_listen(server.listen))
    section.error("listen",
                  fmt::format("\"{}\" is not ADDRESS:PORT; write \"127.0.0.1:8080\" or \"[::1]:8080\"", server.listen));
  server.public_url = read_base(section, "public_url", {}, Base::http);
  for (const auto& word : section.distinct_words("trusted_proxies")) {
    const auto slash = word.text.find('/');
    const std::string address = word.text.substr(0, slash);
    const int family = address_family(address);
    if (family == 0 || slash == std::string::npos || !number_up_to(word.text.substr(slash + 1), family == 4 ? 32 : 128)) {
      const std::string instead = family == 0 ? "10.0.0.0/8" : fmt::format("{}/{}", address, family == 4 ? 32 : 128);
      reading.book.error(word.place.at, word.place.key,
                         fmt::format("\"{}\" is not a network in CIDR form; write \"{}\"", word.text, instead));
    } else {
      server.trusted_proxies.push_back(word.text);
    }
  }
  if (auto tls = section.table("tls")) {
    server.certificate = resolve_path(reading, tls->text("certificate"));
    server.key = resolve_path(reading, tls->text("key"));
    if (server.certificate.empty() != server.key.empty()) {
      const std::string_view missing = server.key.empty() ? "key" : "certificate";
      tls->error(missing, "missing; name both files, or neither for plain HTTP behind a proxy");
    }
    for (const auto& [key, path] : {std::pair{"certificate", &server.certificate}, std::pair{"key", &server.key}})
      if (!path->empty() && !reading.world.read_file(*path)) tls->error(key, fmt::format("the file {} cannot be read", *path));
    tls->done();
  }
  section.done();
}

void read_storage(Section& section, Reading& reading) {
  Storage& storage = reading.draft.config.storage;
  storage.url = section.text("url", storage.url);
  const std::string_view url = storage.url;
  if (!(url.starts_with("sqlite:") && url.size() > 7) && !(url.starts_with("postgresql://") && url.size() > 13)) {
    section.error("url", "not a store; write \"sqlite:xieban.db\" or \"postgresql://HOST/DATABASE\"");
  } else if (url.starts_with("postgresql://")) {
    const auto authority = url.substr(13, url.substr(13).find('/'));
    const auto user = authority.substr(0, authority.rfind('@') == std::string_view::npos ? 0 : authority.rfind('@'));
    if (user.contains(':'))
      section.warning("url",
                      "the password stands here in plain text; leave it out and put it into the file that PGPASSFILE names");
  }
  // Feishu repeats an event for up to 6 hours; a row must outlive that.
  if (const auto keep = section.duration("keep_inbox", std::chrono::hours{8}, std::chrono::days{366}))
    storage.keep_inbox = *keep;
  if (auto backup = section.table("backup")) {
    storage.backup.folder = backup->text("folder", storage.backup.folder);
    if (backup->minute_of_day("at")) storage.backup.at = backup->text("at");
    storage.backup.keep = static_cast<int>(backup->number("keep", storage.backup.keep, 1, 3650));
    backup->done();
  }
  storage.backup.folder = resolve_path(reading, storage.backup.folder);
  section.done();
}

}  // namespace

bool valid_listen(std::string_view listen) {
  const auto colon = listen.rfind(':');
  if (colon == std::string_view::npos || !number_up_to(listen.substr(colon + 1), 65535)) return false;
  const std::string_view host = listen.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) return address_family(std::string(host.substr(1, host.size() - 2))) == 6;
  return address_family(std::string(host)) == 4;
}

void read_service(Section& root, Reading& reading) {
  Config& config = reading.draft.config;
  if (auto server = root.table("server")) read_server(*server, reading);
  if (auto storage = root.table("storage")) {
    read_storage(*storage, reading);
  } else {
    config.storage.backup.folder = resolve_path(reading, config.storage.backup.folder);
  }
  if (auto playground = root.table("playground")) {
    config.playground.enabled = playground->flag("enabled", false);
    config.playground.allow_remote = playground->flag("allow_remote", false);
    playground->done();
  }
  if (auto alarm = root.table("alarm")) {
    for (auto& word : alarm->distinct_words("people")) {
      config.alarm.people.emplace_back(word.text);
      reading.draft.refer(Refers::person, word.text, word.place);
    }
    config.alarm.heartbeat_url = read_base(*alarm, "heartbeat_url", {}, Base::link);
    alarm->done();
  }
}

}  // namespace xieban::config
