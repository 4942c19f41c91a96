// Values that more than one part of the file has: ids, secrets, addresses, paths.

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "bot/base/text.hpp"
#include "config/draft.hpp"

namespace xieban::config {
namespace {

bool env_name(std::string_view name) {
  return !name.empty() && std::isdigit(static_cast<unsigned char>(name[0])) == 0 &&
         std::ranges::all_of(name, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; });
}

/// A name for the environment variable to propose: "feishu[0].app_secret" -> "FEISHU_APP_SECRET".
std::string proposed_env(std::string_view key) {
  std::string out;
  bool in_index = false;
  for (const char c : key) {
    if (c == '[') in_index = true;
    if (!in_index) out += c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    if (c == ']') in_index = false;
  }
  return out;
}

bool loopback(std::string_view host) {
  if (host == "localhost" || host == "[::1]") return true;
  in_addr address{};
  return inet_pton(AF_INET, std::string(host).c_str(), &address) == 1 && (ntohl(address.s_addr) >> 24U) == 127;
}

}  // namespace

std::string resolve_path(const Reading& reading, const std::string& path) {
  if (path.empty()) return path;
  return (std::filesystem::path(reading.directory) / path).string();
}

bool valid_id(std::string_view id) {
  constexpr std::string_view kSeparators = ":/@|,;\"'\\";
  return !id.empty() && id.size() <= 64 && std::ranges::none_of(id, [&](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= 0x20 || byte == 0x7f || kSeparators.contains(c);
  });
}

std::string read_id(Section& section, std::set<std::string, std::less<>>& taken, std::string_view hint) {
  std::string id = section.required("id", hint);
  if (id.empty()) return id;
  if (!valid_id(id)) {
    section.error("id", "not an id; write at most 64 letters, digits, dots, dashes and underscores");
    return {};
  }
  if (!taken.insert(id).second) {
    section.error("id", fmt::format("\"{}\" is taken by an entry above; every id stands once", id));
    return {};
  }
  return id;
}

Secret read_secret(Section& section, std::string_view key, const Reading& reading, bool needed) {
  const Node* node = section.take(key);
  const std::string hint = fmt::format("{} = {{ env = \"{}\" }}", key, proposed_env(section.name(key)));
  if (node == nullptr) {
    if (needed && !section.book().lost_keys.contains(key)) section.error(key, "missing; write " + hint);
    return {};
  }
  if (node->kind == Node::Kind::text) {
    section.error(key, "a secret must not stand in this file in plain text; write " + hint);
    return {};
  }
  auto source = section.table(key);
  if (!source) return {};
  const bool has_env = source->has("env"), has_file = source->has("file");
  const std::string env = source->text("env"), file = source->text("file");
  source->done();
  if (has_env == has_file) {
    section.error(key, "name exactly one source; write " + hint + " or { file = \"PATH\" }");
    return {};
  }
  std::optional<std::string> value;
  if (has_env) {
    if (env.empty() && source->take("env")->kind != Node::Kind::text) return {};
    if (!env_name(env)) {  // not repeated here: it may be the secret itself
      section.error(key, "env must be the name of an environment variable: letters, digits and underscores; write " + hint);
      return {};
    }
    value = reading.world.environment(env);
    if (!needed && !value) return {};
    if (!value && reading.world.secrets == World::Secrets::may_be_unset) {
      section.warning(key, fmt::format("{} is not set here: serve needs it", env));
      return {};
    }
    if (!value || text::trim(*value).empty()) {
      section.error(
          key, fmt::format("the environment variable {} is {}; set it before xieban starts", env, value ? "empty" : "not set"));
      return {};
    }
  } else {
    if (file.empty()) {
      if (source->take("file")->kind == Node::Kind::text) section.error(key, "empty path; write { file = \"PATH\" }");
      return {};
    }
    const std::string path = resolve_path(reading, file);
    value = reading.world.read_file(path);
    if (!needed && !value) return {};
    if (!value || text::trim(*value).empty()) {
      section.error(key, fmt::format("the file {} {}; put the secret there", path, value ? "is empty" : "cannot be read"));
      return {};
    }
  }
  return Secret(std::string(text::trim(*value)));
}

std::string read_base(Section& section, std::string_view key, std::string fallback, Base kind) {
  std::string base = section.text(key);
  if (base.empty()) return fallback;
  const std::string_view safe = kind == Base::websocket ? "wss://" : "https://";
  const std::string_view plain = kind == Base::websocket ? "ws://" : "http://";
  const std::string_view whole = base;
  const bool is_safe = whole.starts_with(safe), is_plain = whole.starts_with(plain);
  if (!is_safe && !is_plain) {
    section.error(key, fmt::format("not an address; write \"{}HOST\"", safe));
    return {};
  }
  std::string_view rest = whole.substr(is_safe ? safe.size() : plain.size());
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  const std::string_view path = rest.substr(authority.size());
  std::string_view host = authority;
  std::string_view port = "443";
  const auto bracket = authority.find(']');
  if (const auto colon = authority.rfind(':');
      colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    host = authority.substr(0, colon);
    port = authority.substr(colon + 1);
  }
  const bool port_ok = !port.empty() && port.size() <= 5 &&
                       std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; }) &&
                       std::stoi(std::string(port)) <= 65535;
  const bool host_ok = !host.empty() && std::ranges::all_of(host, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string_view("-._[]:").contains(c);
  });
  if (!port_ok || !host_ok || path.find_first_of(kind == Base::link ? "# " : "?# ") != std::string_view::npos) {
    section.error(key, fmt::format("not an address; write \"{}HOST\" or \"{}HOST:PORT\", without user, ? and #", safe, safe));
    return {};
  }
  if (is_plain && !loopback(host)) {
    section.error(
        key, fmt::format("{} is accepted for this machine only (127.0.0.1, localhost); write \"{}{}\"", plain, safe, rest));
    return {};
  }
  while (kind != Base::link && base.ends_with('/')) base.pop_back();
  return base;
}

}  // namespace xieban::config
