// Rules that read a file line by line or word by word.

#include <algorithm>
#include <cctype>
#include <regex>

#include "tests/rules/rules.hpp"

namespace xieban::rules {
namespace {

template <class Visit>
void each_line(std::string_view text, Visit visit) {
  std::size_t number = 1;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    visit(number++, text.substr(0, end));
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

std::string at(const File& file, std::size_t line, const std::string& what) {
  return file.path + ":" + std::to_string(line) + ": " + what;
}

bool starts_with_any(std::string_view text, const std::vector<std::string_view>& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(), [&](std::string_view prefix) { return text.starts_with(prefix); });
}

// -- includes ---------------------------------------------------------------------------------------------

struct Layer {
  std::string_view folder;
  std::vector<std::string_view> ours;       // prefixes of our own headers
  std::vector<std::string_view> libraries;  // names of library_of()
};

const std::vector<Layer>& layers() {
  static const std::vector<Layer> table{
      {"bot/base/", {"bot/base/"}, {"spdlog", "prometheus", "posix"}},
      // What people sign is told by its digest.
      {"bot/core/", {"bot/base/", "bot/core/", "bot/crypto/crypto.hpp"}, {"date"}},
      {"bot/ports/", {"bot/base/", "bot/core/", "bot/ports/"}, {"awaitable"}},
      {"bot/engine/", {"bot/base/", "bot/core/", "bot/ports/", "bot/engine/"}, {"asio", "awaitable"}},
      {"bot/crypto/", {"bot/base/", "bot/crypto/"}, {"openssl"}},
      {"bot/net/", {"bot/base/", "bot/ports/", "bot/net/"}, {"asio", "awaitable", "beast", "url", "openssl", "posix"}},
      {"bot/documents/", {"bot/base/", "bot/core/", "bot/documents/"}, {"xlsxwriter"}},
      {"bot/web/",
       {"bot/base/", "bot/core/", "bot/ports/", "bot/documents/", "bot/net/router.hpp", "bot/web/"},
       {"asio", "awaitable", "json"}},
      {"adapters/",
       {"bot/base/", "bot/core/", "bot/ports/", "bot/crypto/", "adapters/"},
       {"json", "simdjson", "pugixml", "protobuf"}},
      // The chain of the history and the names of documents are digests.
      {"storage/",
       {"bot/base/", "bot/core/", "bot/ports/", "bot/crypto/", "storage/"},
       {"asio", "awaitable", "simdjson", "sqlite", "libpq", "posix", "boost_values"}},
      // A policy's hash is that of its stored form, so the configuration needs the codec.
      {"config/",
       {"bot/base/", "bot/core/", "bot/net/limits.hpp", "storage/codec/", "config/"},
       {"toml", "date", "json", "posix"}},
  };
  return table;
}

/// "" for the standard library; fmt stands for std::format, which g++ 12 lacks.
std::string library_of(std::string_view header) {
  static const std::vector<std::pair<std::string_view, std::string_view>> known{
      {"boost/asio/awaitable.hpp", "awaitable"},
      {"boost/asio", "asio"},
      {"boost/system", "asio"},
      {"boost/beast", "beast"},
      {"boost/url", "url"},
      {"boost/describe", "boost_values"},
      {"boost/mp11", "boost_values"},
      {"boost/preprocessor", "boost_values"},
      {"boost/unordered", "boost_values"},
      {"boost/", "boost"},
      {"openssl/", "openssl"},
      {"fmt/", ""},
      {"spdlog/", "spdlog"},
      {"prometheus/", "prometheus"},
      {"date/", "date"},
      {"nlohmann/", "json"},
      {"simdjson", "simdjson"},
      {"pugixml", "pugixml"},
      {"google/protobuf", "protobuf"},
      {"SQLiteCpp/", "sqlite"},
      {"sqlite3.h", "sqlite"},
      {"libpq", "libpq"},
      {"postgresql/", "libpq"},
      {"toml++/", "toml"},
      {"CLI/", "cli11"},
      {"xlsxwriter", "xlsxwriter"},
      {"gtest/", "gtest"},
      {"gmock/", "gtest"},
      {"rapidcheck", "rapidcheck"},
      {"benchmark/", "benchmark"},
  };
  for (const auto& [prefix, library] : known) {
    if (header.starts_with(prefix)) return std::string(library);
  }
  return header.find('/') == std::string_view::npos && !header.ends_with(".h") ? "" : "posix";
}

}  // namespace

Findings check_includes(const File& file) {
  Findings findings;
  if (!is_source(file)) return findings;
  const auto layer = std::find_if(layers().begin(), layers().end(),
                                  [&](const Layer& candidate) { return file.path.starts_with(candidate.folder); });
  // Asio compiled once, for every layer that uses its declarations.
  const bool exempt = file.path == "bot/ports/asio_impl.cpp";
  const bool no_library_at_all = file.path == "bot/ports/platform.hpp" || file.path == "bot/ports/http.hpp";
  static const std::regex include(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"])");
  each_line(file.text, [&](std::size_t number, std::string_view line) {
    if (line.find("include") == std::string_view::npos) return;
    std::match_results<std::string_view::const_iterator> match;
    if (!std::regex_search(line.begin(), line.end(), match, include)) return;
    const std::string header = match[2];
    if (match[1] == "\"") {
      if (!starts_with_any(header, {"bot/", "adapters/", "storage/", "config/", "tests/"})) {
        findings.push_back(at(file, number, "includes are written from the root: " + header));
      } else if (layer != layers().end() && !starts_with_any(header, layer->ours)) {
        findings.push_back(at(file, number, std::string(layer->folder) + " must not include " + header));
      } else if (is_production(file) && header.starts_with("tests/")) {
        findings.push_back(at(file, number, "the product must not include tests: " + header));
      }
      return;
    }
    if (layer == layers().end() || exempt) return;
    const std::string library = library_of(header);
    if (library.empty()) return;
    const auto& allowed = layer->libraries;
    if (no_library_at_all || std::find(allowed.begin(), allowed.end(), library) == allowed.end()) {
      findings.push_back(at(file, number, std::string(layer->folder) + " must not use " + header));
    }
  });
  return findings;
}

// -- calls ------------------------------------------------------------------------------------------------

Findings check_calls(const File& file) {
  struct Ban {
    std::string_view hint;  // in every line that may match: regular expressions are slow
    std::regex what;
    std::string name;
    std::vector<std::string_view> owners;
    bool tests_may = true;
  };
  static const std::vector<std::string_view> clock_owners{"bot/net/loop.cpp", "bot/base/log.cpp"};
  static const std::vector<Ban> bans{
      {"now", std::regex(R"(\b(system_clock|steady_clock|high_resolution_clock|utc_clock)\s*::\s*now\b)"), "a clock",
       clock_owners},
      {"time", std::regex(R"(\b(clock_gettime|gettimeofday|localtime|localtime_r|mktime)\s*\()"), "a clock", clock_owners},
      {"time", std::regex(R"(\btime\s*\(\s*(nullptr|NULL|0)\s*\))"), "a clock", {}},
      {"rand", std::regex(R"(\b(random_device|getrandom)\b|\bs?rand\s*\()"), "chance", {"bot/base/rng.cpp"}},
      {"RAND_", std::regex(R"(\bRAND_\w*bytes\b)"), "chance", {}},
      {"entropy", std::regex(R"(\bgetentropy\b)"), "chance", {}},
      {"getenv", std::regex(R"(\b(secure_)?getenv\b)"), "the environment", {"config/load.cpp"}},
      {"std", std::regex(R"(\bstd\s*::\s*(thread|jthread|async)\b)"), "a thread", {"bot/base/log.cpp"}},
      {"pthread_create", std::regex(R"(\bpthread_create\b)"), "a thread", {}},
      {"abort", std::regex(R"(::\s*abort\b|\babort\s*\(\s*\))"), "abort", {}},
      {"sleep", std::regex(R"(\b(sleep_for|sleep_until|usleep|nanosleep)\b)"), "sleeping", {}, false},
      {"popen", std::regex(R"(\bpopen\s*\()"), "a shell", {}},
      {"system", std::regex(R"((^|[^\w.:>])(std\s*::\s*|::\s*)?system\s*\()"), "a shell", {}},
  };
  Findings findings;
  if (!is_source(file)) return findings;
  const std::string code = code_only(file.text);
  each_line(code, [&](std::size_t number, std::string_view line) {
    for (const Ban& ban : bans) {
      if (line.find(ban.hint) == std::string_view::npos) continue;
      if (ban.tests_may && !is_production(file)) continue;
      if (std::find(ban.owners.begin(), ban.owners.end(), file.path) != ban.owners.end()) continue;
      std::match_results<std::string_view::const_iterator> match;
      if (std::regex_search(line.begin(), line.end(), match, ban.what)) {
        findings.push_back(at(file, number, ban.name + " belongs elsewhere: " + match[0].str()));
      }
    }
  });
  return findings;
}

Findings check_sql(const File& file) {
  Findings findings;
  if (!file.path.starts_with("storage/")) return findings;
  // SQL stands in strings, so the whole text is read.
  each_line(file.text, [&](std::size_t number, std::string_view line) {
    for (const std::string_view clock :
         {"CURRENT_TIMESTAMP", "CURRENT_TIME", "CURRENT_DATE", "current_timestamp", "'now'", "unixepoch()"}) {
      if (line.find(clock) == std::string_view::npos) continue;
      findings.push_back(at(file, number, "SQL must not read a clock; times are bound as parameters"));
      return;
    }
  });
  return findings;
}

// -- words, length, lists ---------------------------------------------------------------------------------

Findings check_words(const File& file) {
  // Written in pieces, so that this file does not find itself.
  static const std::vector<std::string> unfinished{std::string("TO") + "DO", std::string("FIX") + "ME",
                                                   std::string("HA") + "CK"};
  static const std::vector<std::string> machine{std::string("/wo") + "rk", std::string("sha") + "red/",
                                                std::string(".lib") + "rary"};
  static const std::vector<std::string> registries{std::string("registry.npm") + "js.org", std::string("npm") + "mirror",
                                                   std::string("pypi.") + "org", std::string("proxy.") + "golang.org"};
  Findings findings;
  const bool lock_file = file.path.ends_with("package-lock.json");
  const auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
  /// As a word of its own: no letter, digit or (before a path) dot touches it.
  const auto stands_in = [&](std::string_view line, const std::string& word) {
    for (std::size_t i = line.find(word); i != std::string_view::npos; i = line.find(word, i + 1)) {
      const std::size_t end = i + word.size();
      const bool open_before = i == 0 || (!is_word(line[i - 1]) && !(word.front() == '/' && line[i - 1] == '.'));
      if (open_before && (word.back() == '/' || end == line.size() || !is_word(line[end]))) return true;
    }
    return false;
  };
  const auto any_in = [&](std::string_view line, const std::vector<std::string>& words) {
    return std::any_of(words.begin(), words.end(), [&](const std::string& word) { return stands_in(line, word); });
  };
  each_line(file.text, [&](std::size_t number, std::string_view line) {
    if (is_source(file) && any_in(line, unfinished)) findings.push_back(at(file, number, "unfinished work"));
    if (any_in(line, machine)) findings.push_back(at(file, number, "names the machine it was written on"));
    if (!lock_file && any_in(line, registries)) findings.push_back(at(file, number, "names a package registry"));
  });
  return findings;
}

Findings check_length(const File& file) {
  const auto lines = static_cast<std::size_t>(std::count(file.text.begin(), file.text.end(), '\n'));
  if (!is_source(file) || lines <= 1200) return {};
  return {at(file, lines, "too long; a file is about one thing")};
}

Findings check_listed(const std::vector<File>& files) {
  Findings findings;
  for (const File& source : files) {
    if (!source.path.ends_with(".cpp")) continue;
    bool listed = false;
    for (const File& lists : files) {
      const std::string_view name = "CMakeLists.txt";
      if (!lists.path.ends_with(name)) continue;
      const std::string folder = lists.path.substr(0, lists.path.size() - name.size());
      if (!source.path.starts_with(folder)) continue;
      const std::string relative = source.path.substr(folder.size());
      for (std::size_t found = lists.text.find(relative); found != std::string::npos && !listed;
           found = lists.text.find(relative, found + 1)) {
        const auto boundary = [&](std::size_t i) {
          return i >= lists.text.size() || std::string_view(" \t\r\n()\"").find(lists.text[i]) != std::string_view::npos;
        };
        listed = found > 0 && boundary(found - 1) && boundary(found + relative.size());
      }
    }
    if (!listed) findings.push_back(source.path + ":1: no CMakeLists.txt lists it");
  }
  return findings;
}

Findings check_links(const File& file) {
  static const std::vector<std::pair<std::string, std::vector<std::string_view>>> table{
      {"xieban_base", {"fmt::", "spdlog::", "prometheus-cpp::core"}},
      {"xieban_core", {"xieban_base", "xieban_crypto", "date::"}},
      {"xieban_ports", {"xieban_core", "xieban_asio", "xieban_base"}},
      {"xieban_engine", {"xieban_base", "xieban_core", "xieban_ports", "xieban_asio"}},
      {"xieban_crypto", {"xieban_base", "OpenSSL::Crypto"}},
      {"xieban_net", {"xieban_base", "xieban_ports", "xieban_asio", "Threads::", "OpenSSL::", "Boost::"}},
      {"xieban_playground", {"xieban_ports", "xieban_crypto", "nlohmann_json::"}},
  };
  Findings findings;
  if (!file.path.ends_with("CMakeLists.txt")) return findings;
  static const std::regex library(R"(xieban_library\(\s*(\w+)([^)]*)\))");
  for (std::sregex_iterator match(file.text.begin(), file.text.end(), library), end; match != end; ++match) {
    const auto row =
        std::find_if(table.begin(), table.end(), [&](const auto& item) { return item.first == (*match)[1].str(); });
    if (row == table.end()) continue;
    const std::string arguments = (*match)[2];
    const std::size_t links = arguments.find("LINKS");
    if (links == std::string::npos) continue;
    static const std::regex word(R"([^\s]+)");
    const std::string listed = arguments.substr(links + 5);
    for (std::sregex_iterator item(listed.begin(), listed.end(), word); item != std::sregex_iterator(); ++item) {
      const std::string target = item->str();
      if (target == "PRIVATE" || target == "PUBLIC" || starts_with_any(target, row->second)) continue;
      findings.push_back(at(file, 1, row->first + " must not link " + target));
    }
  }
  return findings;
}

std::string code_only(std::string_view text) {
  std::string out(text);
  enum class In { code, line_comment, block_comment, string, character, raw } in = In::code;
  std::string raw_end;
  const auto blank = [&](std::size_t i) {
    if (out[i] != '\n') out[i] = ' ';
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const char next = i + 1 < text.size() ? text[i + 1] : '\0';
    switch (in) {
      case In::code:
        if (c == '/' && next == '/') {
          in = In::line_comment;
          blank(i);
        } else if (c == '/' && next == '*') {
          in = In::block_comment;
          blank(i);
          blank(++i);
        } else if (c == '"') {
          if (i > 0 && text[i - 1] == 'R') {
            const std::size_t open = text.find('(', i);
            if (open == std::string_view::npos) return out;
            raw_end = ")" + std::string(text.substr(i + 1, open - i - 1)) + "\"";
            in = In::raw;
            while (i + 1 <= open) blank(++i);
          } else {
            in = In::string;
          }
        } else if (c == '\'' && (i == 0 || !std::isalnum(static_cast<unsigned char>(text[i - 1])))) {
          in = In::character;  // a quote behind a digit separates thousands
        }
        break;
      case In::line_comment:
        if (c == '\n') {
          in = In::code;
        } else {
          blank(i);
        }
        break;
      case In::block_comment:
        blank(i);
        if (c == '*' && next == '/') {
          blank(++i);
          in = In::code;
        }
        break;
      case In::string:
      case In::character:
        if (c == '\\') {
          blank(i);
          if (i + 1 < text.size()) blank(++i);
        } else if (c == (in == In::string ? '"' : '\'')) {
          in = In::code;
        } else {
          blank(i);
        }
        break;
      case In::raw:
        if (text.substr(i).starts_with(raw_end)) {
          for (std::size_t k = 0; k + 1 < raw_end.size(); ++k) blank(i + k);
          i += raw_end.size() - 1;
          in = In::code;
        } else {
          blank(i);
        }
        break;
    }
  }
  return out;
}

}  // namespace xieban::rules
