#include <algorithm>
#include <cstddef>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "config/node.hpp"

namespace xieban::config {
namespace {

using Json = nlohmann::json;

/// Feeds the parser byte by byte and counts what it has taken: that is where the token ended.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* where, std::size_t* taken) : where_(where), taken_(taken) {}
  reference operator*() const { return *where_; }
  CountingIterator& operator++() {
    ++where_;
    ++*taken_;
    return *this;
  }
  friend bool operator==(const CountingIterator& a, const CountingIterator& b) { return a.where_ == b.where_; }

 private:
  const char* where_;
  std::size_t* taken_;
};

class TreeBuilder : public nlohmann::json_sax<Json> {
 public:
  TreeBuilder(std::string_view source, const std::size_t& taken) : source_(source), taken_(taken) {}

  bool null() override { return add(plain(Node::Kind::null, before_literal(4))); }
  bool boolean(bool value) override {
    Node node = plain(Node::Kind::flag, before_literal(value ? 4 : 5));
    node.flag = value;
    return add(std::move(node));
  }
  bool number_integer(number_integer_t value) override {
    Node node = plain(Node::Kind::integer, before_number());
    node.integer = value;
    return add(std::move(node));
  }
  bool number_unsigned(number_unsigned_t value) override { return number_integer(static_cast<number_integer_t>(value)); }
  bool number_float(number_float_t value, const string_t&) override {
    Node node = plain(Node::Kind::real, before_number());
    node.real = value;
    return add(std::move(node));
  }
  bool string(string_t& value) override {
    Node node = plain(Node::Kind::text, before_string());
    node.text = std::move(value);
    return add(std::move(node));
  }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(Node::Kind::table); }
  bool start_array(std::size_t) override { return open(Node::Kind::list); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& value) override {
    const At at = position(before_string());
    for (const auto& member : open_.back().node.members)
      if (member.key == value) {
        error = {at, "the key \"" + value + "\" stands twice"};
        return false;
      }
    open_.back().key = std::move(value);
    open_.back().key_at = at;
    return true;
  }
  bool parse_error(std::size_t offset, const std::string&, const nlohmann::detail::exception& what) override {
    std::string text = what.what();  // "[json.exception…] parse error at line 3, column 7: syntax error …"
    if (const auto colon = text.find(": "); colon != std::string::npos) text.erase(0, colon + 2);
    error = {position(offset == 0 ? 0 : offset - 1), std::move(text)};
    return false;
  }

  Node root;
  SyntaxError error;

 private:
  struct Open {
    Node node;
    std::string key;
    At key_at;
  };

  At position(std::size_t offset) {
    offset = std::min(offset, source_.size());
    if (offset < last_offset_) {
      last_offset_ = 0;
      last_ = {};
    }
    for (; last_offset_ < offset; ++last_offset_) {
      const auto byte = static_cast<unsigned char>(source_[last_offset_]);
      if (byte == '\n') {
        ++last_.line;
        last_.column = 1;
      } else if ((byte & 0xc0U) != 0x80U) {
        ++last_.column;
      }
    }
    return last_;
  }
  Node plain(Node::Kind kind, std::size_t offset) {
    Node node;
    node.kind = kind;
    node.at = position(offset);
    return node;
  }
  [[nodiscard]] std::size_t before_literal(std::size_t length) const { return taken_ - std::min(taken_, length); }
  [[nodiscard]] std::size_t before_number() const {
    // The lexer has looked at one character behind the number, unless the text ended there.
    constexpr std::string_view kNumber = "+-.0123456789eE";
    std::size_t end = taken_;
    while (end > 0 && !kNumber.contains(source_[end - 1])) --end;
    while (end > 0 && kNumber.contains(source_[end - 1])) --end;
    return end;
  }
  [[nodiscard]] std::size_t before_string() const {
    std::size_t i = taken_ - 1;  // the closing quote
    while (i > 0) {
      --i;
      if (source_[i] != '"') continue;
      std::size_t slashes = 0;
      while (slashes < i && source_[i - 1 - slashes] == '\\') ++slashes;
      if (slashes % 2 == 0) break;
    }
    return i;
  }
  bool open(Node::Kind kind) {
    open_.push_back({plain(kind, taken_ - 1), {}, {}});
    return true;
  }
  bool close() {
    Node node = std::move(open_.back().node);
    open_.pop_back();
    return add(std::move(node));
  }
  bool add(Node node) {
    if (open_.empty()) {
      root = std::move(node);
    } else if (auto& parent = open_.back(); parent.node.kind == Node::Kind::table) {
      parent.node.members.push_back({std::move(parent.key), parent.key_at, std::move(node)});
    } else {
      parent.node.items.push_back(std::move(node));
    }
    return true;
  }

  std::string_view source_;
  const std::size_t& taken_;
  std::vector<Open> open_;
  std::size_t last_offset_ = 0;
  At last_;
};

}  // namespace

std::expected<Node, SyntaxError> parse_json(std::string_view source) {
  std::size_t taken = 0;
  TreeBuilder builder(source, taken);
  const bool ok = Json::sax_parse(CountingIterator(source.data(), &taken),
                                  CountingIterator(source.data() + source.size(), &taken), &builder);
  if (!ok) return std::unexpected(std::move(builder.error));
  return std::move(builder.root);
}

}  // namespace xieban::config
