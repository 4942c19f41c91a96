// The catalogues are complete: every key that the sources name exists in both languages, with the same arguments.

#include "bot/core/words/phrase.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "bot/core/words/catalogue.hpp"
#include "bot/core/words/command.hpp"

namespace xieban {
namespace {

std::set<std::string> keys(Lang lang) {
  std::set<std::string> out;
  for (const std::string_view key : phrase_keys(lang)) out.emplace(key);
  return out;
}

std::set<std::string> arguments(const std::string& text) {
  std::set<std::string> out;
  static const std::regex argument(R"(\{(\w+)\})");
  for (std::sregex_iterator at(text.begin(), text.end(), argument), end; at != end; ++at) out.insert((*at)[1]);
  return out;
}

std::string raw(Lang lang, const std::string& key) {
  for (const CatalogueEntry& entry : lang == Lang::en ? catalogue_en() : catalogue_zh())
    if (entry.key == key) return std::string(entry.text);
  return {};
}

std::string source_code() {
  std::stringstream all;
  for (const auto& file : std::filesystem::recursive_directory_iterator(std::filesystem::path(XIEBAN_SOURCE_DIR) / "bot")) {
    if (file.path().string().find("node_modules") != std::string::npos) continue;
    const auto extension = file.path().extension();
    if (extension != ".cpp" && extension != ".hpp") continue;
    if (file.path().filename().string().starts_with("catalogue_")) continue;
    std::ifstream in(file.path());
    all << in.rdbuf() << "\n";
  }
  return all.str();
}

/// A key that is put together: what is named is how it begins.
bool begins_a_key(const std::set<std::string>& known, const std::string& key) {
  const auto at = known.lower_bound(key);
  return key.ends_with("_") && at != known.end() && at->starts_with(key);
}

/// The families of keys: what stands before the first dot of some key.
std::set<std::string> families() {
  std::set<std::string> out;
  for (const std::string& key : keys(Lang::zh))
    if (const auto dot = key.find('.'); dot != std::string::npos) out.insert(key.substr(0, dot));
  return out;
}

TEST(Catalogue, BothLanguagesHaveTheSameKeysOnce) {
  EXPECT_EQ(keys(Lang::zh), keys(Lang::en));
  EXPECT_EQ(phrase_keys(Lang::zh).size(), keys(Lang::zh).size()) << "a key stands twice";
  EXPECT_GT(keys(Lang::zh).size(), 300U);
}

TEST(Catalogue, EveryPhraseExists) {
  const std::string code = source_code();
  const std::set<std::string> known = keys(Lang::zh);
  static const std::regex literal(R"lit(Phrase\("([a-z_.0-9]+)")lit");
  std::size_t found = 0;
  for (std::sregex_iterator at(code.begin(), code.end(), literal), end; at != end; ++at, ++found) {
    const std::string key = (*at)[1];
    if (key.ends_with(".")) continue;  // it is put together
    EXPECT_TRUE(known.contains(key) || begins_a_key(known, key)) << key;
  }
  EXPECT_GT(found, 100U);
}

TEST(Catalogue, EveryKeyTheSourcesNameExists) {
  const std::string code = source_code();
  const std::set<std::string> known = keys(Lang::zh), roots = families();
  static const std::regex literal(R"lit("([a-z_]+)\.([a-z_0-9]+(?:\.[a-z_0-9]+)*)")lit");
  std::size_t found = 0;
  for (std::sregex_iterator at(code.begin(), code.end(), literal), end; at != end; ++at) {
    const std::string family = (*at)[1], key = family + "." + (*at)[2].str();
    if (!roots.contains(family) || (*at)[2] == "cpp" || (*at)[2] == "toml" || (*at)[2] == "json") continue;
    // Names of log events share the form; they are never said.
    const auto before = code.rfind('\n', static_cast<std::size_t>(at->position()));
    const std::string line = code.substr(before + 1, static_cast<std::size_t>(at->position()) - before - 1);
    if (line.find("log::") != std::string::npos) continue;
    EXPECT_TRUE(known.contains(key) || begins_a_key(known, key)) << key << " in: " << line;
    ++found;
  }
  EXPECT_GT(found, 300U) << "the sources were not found";
}

TEST(Catalogue, KeysMadeFromNamesExist) {
  const std::set<std::string> known = keys(Lang::zh);
  for (const VerbInfo& verb : verbs()) {
    const std::string action(action_of(verb.verb));
    EXPECT_TRUE(known.contains("help." + action)) << action;
    EXPECT_TRUE(known.contains("help.usage." + action)) << action;
  }
  // tell(people, "accepted", …), new_owner(…, "assigned", …) and notice.key = "needs_care" name a notice without its family.
  const std::string code = source_code();
  static const std::regex call(R"lit((?:\btell|\bnew_owner|\bsubmit_to)\([^;]*;|notice\.key\s*=[^;]*;)lit");
  static const std::regex word(R"lit([^{(]"([a-z_]+)")lit");
  std::size_t found = 0;
  for (std::sregex_iterator at(code.begin(), code.end(), call), end; at != end; ++at) {
    const std::string text = at->str();
    if (text.find("emplace_back") != std::string::npos) continue;  // where tell is defined
    for (std::sregex_iterator one(text.begin(), text.end(), word); one != end; ++one, ++found)
      EXPECT_TRUE(known.contains("notice." + (*one)[1].str())) << text;
  }
  for (const char* kind : {"first_response", "task", "acceptance", "answer", "sign_off", "dispute", "ruling", "step"})
    for (const char* what : {"notice.remind_", "notice.escalate_"})
      EXPECT_TRUE(known.contains(std::string(what) + kind)) << what << kind;
  for (const char* key : {"notice.caught_up", "notice.caught_up_escalation", "notice.ask_reason"})
    EXPECT_TRUE(known.contains(key)) << key;
  EXPECT_GT(found, 15U);
  for (const Command& command :
       std::vector<Command>{Raise{},  Accept{}, Decline{}, AskBack{},  Assign{},   HandOver{}, Support{}, AddTask{},
                            Report{}, Extend{}, Confirm{}, Escalate{}, Nudge{},    Deliver{},  Verify{},  PauseIt{},
                            Resume{}, Cancel{}, Reopen{},  AddNote{},  TakeBack{}, Follow{}})
    EXPECT_TRUE(known.contains("verb." + std::string(verb_name(command)))) << verb_name(command);
}

TEST(Catalogue, NoTextIsEmptyAndNoBraceIsLost) {
  for (const Lang lang : {Lang::zh, Lang::en})
    for (const std::string& key : keys(lang)) {
      const std::string text = raw(lang, key);
      EXPECT_FALSE(text.empty()) << key;
      EXPECT_EQ(std::ranges::count(text, '{'), std::ranges::count(text, '}')) << key;
    }
}

TEST(Catalogue, TheArgumentsAreTheSameInBothLanguages) {
  for (const std::string& key : keys(Lang::zh)) EXPECT_EQ(arguments(raw(Lang::zh, key)), arguments(raw(Lang::en, key))) << key;
}

TEST(Say, PutsArgumentsInLiterally) {
  EXPECT_EQ(say(Lang::zh, Phrase("log.because", {{"reason", "{reason} {time} %s"}})), "：{reason} {time} %s");
  EXPECT_EQ(say(Lang::en, Phrase("log.because", {{"reason", "late"}})), ": late");
}

TEST(Say, TheFirstArgumentOfANameHolds) {
  EXPECT_EQ(say(Lang::zh, Phrase("log.because", {{"reason", "a"}, {"reason", "b"}})), "：a");
  EXPECT_EQ(say(Lang::zh, Phrase("log.because")), "：");
}

TEST(Say, AnUnknownKeyIsABug) {
  EXPECT_THROW((void)say(Lang::zh, "no.such_key"), std::logic_error);
  EXPECT_FALSE(has_phrase("no.such_key"));
  EXPECT_TRUE(has_phrase("log.because"));
}

}  // namespace
}  // namespace xieban
