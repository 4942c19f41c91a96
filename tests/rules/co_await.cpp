// g++ 12 destroys some temporaries of a full-expression with co_await twice. The rule: in such a statement no braced
// temporary, no lambda that captures by value, no ?:, no async_initiate. This reads statements, not C++: it knows just
// enough to tell a block from an initializer and a lambda from a subscript.

#include <algorithm>
#include <array>
#include <cctype>

#include "tests/rules/rules.hpp"

namespace xieban::rules {
namespace {

struct Token {
  std::string text;
  std::size_t line;
};

std::vector<Token> tokens_of(std::string_view code) {
  std::vector<Token> tokens;
  std::size_t line = 1;
  bool line_start = true;
  for (std::size_t i = 0; i < code.size(); ++i) {
    const char c = code[i];
    if (c == '\n') {
      ++line;
      line_start = true;
      continue;
    }
    if (std::isspace(static_cast<unsigned char>(c))) continue;
    if (c == '#' && line_start) {  // a directive, with its continued lines
      while (i < code.size() && code[i] != '\n') {
        if (code[i] == '\\' && i + 1 < code.size() && code[i + 1] == '\n') {
          ++line;
          ++i;
        }
        ++i;
      }
      --i;
      continue;
    }
    line_start = false;
    const auto is_word = [&](std::size_t k) { return std::isalnum(static_cast<unsigned char>(code[k])) || code[k] == '_'; };
    std::size_t length = 1;
    if (is_word(i)) {
      while (i + length < code.size() && is_word(i + length)) ++length;
    } else {
      const std::string_view two = code.substr(i, 2);
      if (two == "->" || two == "::" || two == "&&") length = 2;
    }
    tokens.push_back({std::string(code.substr(i, length)), line});
    i += length - 1;
  }
  return tokens;
}

bool is_any(const std::string& text, std::initializer_list<std::string_view> of) {
  return std::find(of.begin(), of.end(), text) != of.end();
}

bool is_word(const std::string& text) {
  return !text.empty() && (std::isalnum(static_cast<unsigned char>(text[0])) || text[0] == '_');
}

class Scan {
 public:
  explicit Scan(const File& file) : file_(file), tokens_(tokens_of(code_only(file.text))) {}

  Findings run() {
    for (std::size_t i = 0; i < tokens_.size(); ++i) step(i);
    end_statement();
    return findings_;
  }

 private:
  struct Statement {
    std::vector<std::size_t> tokens;  // indices; blocks inside are left out
    std::vector<char> open;           // ( [ { of this statement
    bool braced = false, by_value = false;
    bool head = false;  // inside the parentheses of if, for, while, switch
  };

  void step(std::size_t i) {
    const std::string& text = tokens_[i].text;
    if (text == "{") {
      if (opens_block(i)) {
        // A block at statement level ends its head; inside parentheses it is a lambda's body and the statement goes on.
        if (current_.open.empty()) end_statement();
        stack_.push_back(std::move(current_));
        current_ = {};
        return;
      }
      current_.braced = true;
      current_.open.push_back('{');
    } else if (text == "}") {
      if (current_.open.empty() || current_.open.back() != '{') {
        end_statement();
        if (!stack_.empty()) {
          current_ = std::move(stack_.back());
          stack_.pop_back();
        }
        return;
      }
      current_.open.pop_back();
    } else if (text == "(" || text == "[") {
      if (text == "[" && opens_lambda(i)) current_.by_value = current_.by_value || captures_by_value(i);
      if (text == "(" && current_.open.empty()) current_.head = is_any(token(0), {"if", "for", "while", "switch", "constexpr"});
      current_.open.push_back(text[0]);
    } else if (text == ")" || text == "]") {
      if (!current_.open.empty()) current_.open.pop_back();
      if (current_.open.empty() && current_.head) {
        end_statement();  // what it controls is another full-expression
        return;
      }
    } else if (text == ";") {
      // In a head it ends a full-expression as well.
      if (current_.open.empty() || (current_.open.size() == 1 && current_.head)) {
        const bool head = current_.head && !current_.open.empty();
        end_statement();
        current_.head = head;
        if (head) current_.open.push_back('(');
        return;
      }
    }
    current_.tokens.push_back(i);
  }

  [[nodiscard]] const std::string& token(std::size_t position_from_end) const {
    static const std::string none;
    return position_from_end < current_.tokens.size()
               ? tokens_[current_.tokens[current_.tokens.size() - 1 - position_from_end]].text
               : none;
  }

  [[nodiscard]] bool contains(std::initializer_list<std::string_view> words) const {
    return std::any_of(current_.tokens.begin(), current_.tokens.end(),
                       [&](std::size_t i) { return is_any(tokens_[i].text, words); });
  }

  [[nodiscard]] bool opens_block(std::size_t i) const {
    if (i == 0 || current_.tokens.empty()) return true;
    // The text before, blocks included: behind "}" of an initializer list or of a block there is always a block.
    const std::string& before = tokens_[i - 1].text;
    if (is_any(before,
               {")", ";", "{", "}", "else", "do", "try", "const", "noexcept", "override", "final", "mutable", "constexpr"})) {
      return before != "{" || current_.open.empty() || current_.open.back() != '{';
    }
    if (before == ":") return current_.open.empty();
    if (before == "]") return last_lambda_ends_at(i - 1);
    if (current_.open.empty() && contains({"namespace", "struct", "class", "union", "enum", "extern"}) && !contains({"="}))
      return true;
    return behind_trailing_return_type();
  }

  /// "[x] -> T {" or "(…) -> T<U> {"
  [[nodiscard]] bool behind_trailing_return_type() const {
    for (std::size_t k = 0; k < current_.tokens.size(); ++k) {
      const std::string& text = token(k);
      if (text == "->") return is_any(token(k + 1), {")", "]", "mutable", "noexcept"});
      if (!is_word(text) && !is_any(text, {"::", "<", ">", ",", "&", "*", "&&"})) return false;
    }
    return false;
  }

  [[nodiscard]] bool opens_lambda(std::size_t i) const {
    if (i == 0) return true;
    const std::string& before = tokens_[i - 1].text;
    if (before == "[" || (i + 1 < tokens_.size() && tokens_[i + 1].text == "[")) return false;  // an attribute
    if (is_any(before, {"&", "&&"}) && i > 1 && tokens_[i - 2].text == "auto") return false;    // auto& [a, b]
    if (is_any(before, {"return", "co_return", "co_await", "co_yield"})) return true;
    return !is_word(before) && !is_any(before, {")", "]", ">"});
  }

  [[nodiscard]] bool last_lambda_ends_at(std::size_t close) const {
    std::size_t depth = 0;
    for (std::size_t i = close;; --i) {
      if (tokens_[i].text == "]") ++depth;
      if (tokens_[i].text == "[" && --depth == 0) return opens_lambda(i);
      if (i == 0) return false;
    }
  }

  [[nodiscard]] bool captures_by_value(std::size_t open) const {
    bool item_start = true;
    std::size_t depth = 0;
    for (std::size_t i = open + 1; i < tokens_.size(); ++i) {
      const std::string& text = tokens_[i].text;
      if (depth == 0 && text == "]") return false;
      if (is_any(text, {"(", "{", "["})) ++depth;
      if (is_any(text, {")", "}", "]"})) --depth;
      if (depth == 0 && text == ",") {
        item_start = true;
        continue;
      }
      if (item_start && text != "&" && text != "this") return true;
      item_start = false;
    }
    return false;
  }

  void end_statement() {
    if (contains({"co_await"})) {
      const std::size_t line = tokens_[*std::find_if(current_.tokens.begin(), current_.tokens.end(), [&](std::size_t i) {
                                 return tokens_[i].text == "co_await";
                               })].line;
      const auto found = [&](const char* what) {
        findings_.push_back(file_.path + ":" + std::to_string(line) + ": co_await in one statement with " + what +
                            "; give it a name on the line before");
      };
      if (current_.braced) found("a braced temporary");
      if (current_.by_value) found("a lambda that captures by value");
      if (contains({"?"})) found("?:");
      if (contains({"async_initiate"})) found("async_initiate");
    }
    current_ = {};
  }

  const File& file_;
  std::vector<Token> tokens_;
  std::vector<Statement> stack_;
  Statement current_;
  Findings findings_;
};

}  // namespace

Findings check_co_await(const File& file) {
  if (!is_source(file) || file.text.find("co_await") == std::string::npos) return {};
  return Scan(file).run();
}

}  // namespace xieban::rules
