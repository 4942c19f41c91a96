#include "bot/core/words/phrase.hpp"

#include <stdexcept>
#include <unordered_map>

#include "bot/core/words/catalogue.hpp"

namespace xieban {
namespace {

using Texts = std::unordered_map<std::string_view, std::string_view>;

Texts index(std::span<const CatalogueEntry> entries) {
  Texts texts;
  texts.reserve(entries.size());
  for (const CatalogueEntry& entry : entries) texts.emplace(entry.key, entry.text);
  return texts;
}

const Texts& texts(Lang lang) {
  static const Texts zh = index(catalogue_zh());
  static const Texts en = index(catalogue_en());
  return lang == Lang::en ? en : zh;
}

std::string_view find_template(Lang lang, std::string_view key) {
  const Texts& wanted = texts(lang);
  if (const auto found = wanted.find(key); found != wanted.end()) return found->second;
  const Texts& fallback = texts(Lang::zh);
  if (const auto found = fallback.find(key); found != fallback.end()) return found->second;
  throw std::logic_error("no text for phrase " + std::string(key));
}

}  // namespace

std::string say(Lang lang, const Phrase& phrase) {
  const std::string_view text = find_template(lang, phrase.key);
  std::string out;
  out.reserve(text.size() + 32);
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t open = text.find('{', at);
    const std::size_t close = open == std::string_view::npos ? open : text.find('}', open);
    if (close == std::string_view::npos) break;
    out += text.substr(at, open - at);
    const std::string_view name = text.substr(open + 1, close - open - 1);
    // Arguments go in once and are not read again: braces typed by users stay what they are.
    for (const auto& [key, value] : phrase.args) {
      if (key == name) {
        out += value;
        break;
      }
    }
    at = close + 1;
  }
  out += text.substr(at);
  return out;
}

std::string say(Lang lang, std::string_view key) { return say(lang, Phrase(std::string(key))); }

bool has_phrase(std::string_view key) { return texts(Lang::zh).contains(key); }

std::vector<std::string_view> phrase_keys(Lang lang) {
  std::vector<std::string_view> keys;
  for (const CatalogueEntry& entry : lang == Lang::en ? catalogue_en() : catalogue_zh()) keys.push_back(entry.key);
  return keys;
}

}  // namespace xieban
