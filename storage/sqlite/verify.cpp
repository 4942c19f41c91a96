// Checking the history: every chain from its first entry, the ends noted in the request rows, the daily anchors, and
// anchors that were noted elsewhere.

#include <algorithm>
#include <charconv>
#include <map>
#include <string_view>
#include <utility>

#include "bot/base/text.hpp"
#include "bot/core/request/request.hpp"
#include "bot/crypto/crypto.hpp"
#include "storage/chain.hpp"
#include "storage/sqlite/connection.hpp"
#include "storage/sqlite/migrate.hpp"
#include "storage/sqlite/offline.hpp"

namespace xieban {
namespace {

struct End {
  std::uint64_t seq = 0;
  std::string hash = chain::start();
  std::int64_t row = 0;
  bool broken = false;  // its first fault is reported, the rest would only repeat it
};
using Ends = std::map<std::uint64_t, End>;

/// An anchor that somebody noted: "sha256:HEX", behind "N entries" if it came from verify-history.
struct Noted {
  std::string hash;                      // 32 bytes in hex
  std::optional<std::uint64_t> entries;  // how many entries there were
};
struct Daily {
  std::string day, hash;
  std::int64_t upto = 0;
};

bool is_hex(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

std::vector<Noted> read_noted(std::string_view text) {
  std::vector<Noted> found;
  for (const auto line : text::split(text, '\n')) {
    constexpr std::string_view prefix = "sha256:";
    const auto start = line.find(prefix);
    if (start == std::string_view::npos) continue;
    const auto hash = line.substr(start + prefix.size(), 64);
    if (hash.size() != 64 || !is_hex(hash)) continue;
    Noted noted{std::string(hash), std::nullopt};
    if (const auto end = line.find(" entries"); end != std::string_view::npos) {
      const auto first = line.rfind(' ', end - 1) + 1;
      std::uint64_t count = 0;
      const auto [rest, error] = std::from_chars(line.data() + first, line.data() + end, count);
      if (error == std::errc{} && rest == line.data() + end) noted.entries = count;
    }
    found.push_back(std::move(noted));
  }
  return found;
}

std::string anchor_of(const std::string& previous, const Ends& ends) {
  chain::Anchor sum(previous);
  for (const auto& [aggregate, end] : ends) sum.add(aggregate, end.seq, end.hash);
  return sum.digest();
}

class Verifier {
 public:
  Verifier(sqlite::Connection& connection, std::vector<Noted> noted) : connection_(connection), noted_(std::move(noted)) {
    auto row = connection_.query("SELECT day, hash, upto FROM anchor ORDER BY day");
    while (row.step()) days_.push_back(Daily{row.text(0), row.text(1), row.number(2)});
    // A hash without a number of entries may be that of any instant: all of them are tried, as long as that is quick.
    const auto rows = static_cast<std::uint64_t>(connection_.number("SELECT count(*) FROM history").value_or(0));
    const auto chains = static_cast<std::uint64_t>(connection_.number("SELECT count(*) FROM request").value_or(0));
    const bool unnumbered = std::ranges::any_of(noted_, [](const Noted& one) { return !one.entries; });
    try_every_instant_ = unnumbered && rows * chains <= 20'000'000;
  }

  HistoryReport run() {
    meet_anchors(0);
    auto row =
        connection_.query("SELECT id, aggregate, seq, at, counted_at, \"by\", kind, body, hash, prev FROM history ORDER BY id");
    while (row.step()) {
      take_days_before(row.number(0));
      take_entry(row);
      meet_anchors(report_.entries);
    }
    take_days_before(INT64_MAX);
    check_ends();
    for (const auto& one : noted_) {
      if (std::ranges::find(met_, one.hash) == met_.end()) {
        fault("-", 0, "the anchor sha256:" + one.hash + " is not found: entries it covered were changed or removed");
      }
    }
    report_.chains = ends_.size();
    report_.anchor = Hash(crypto::hex(now()));
    return std::move(report_);
  }

 private:
  void fault(std::string request, std::uint64_t seq, std::string reason) {
    report_.faults.push_back(HistoryFault{std::move(request), seq, std::move(reason)});
  }
  std::string name(std::uint64_t aggregate) {
    const auto year =
        connection_.number("SELECT json_extract(body, '$.year') FROM request WHERE id = ? AND json_valid(body)", aggregate);
    if (year) return number(RequestId(aggregate), static_cast<int>(*year));
    // The row is gone: the year is that of the first entry, which is written when the request is raised.
    const auto first = connection_.number("SELECT min(at) FROM history WHERE aggregate = ?", aggregate);
    const std::string raised = to_rfc3339(TimePoint(Duration(first.value_or(0))));
    return number(RequestId(aggregate), std::stoi(raised.substr(0, 4)));
  }
  void bad(std::uint64_t aggregate, End& end, std::uint64_t seq, std::string reason) {
    if (!end.broken) fault(name(aggregate), seq, std::move(reason));
    end.broken = true;
  }

  void take_entry(const sqlite::Cursor& row) {
    ++report_.entries;
    const auto aggregate = row.id(1);
    auto& end = ends_[aggregate];
    const auto seq = row.id(2);
    const auto by = row.text(5), kind = row.text(6), body = row.text(7), hash = row.text(8);
    chain::Link link;
    link.aggregate = aggregate;
    link.seq = seq;
    link.at = row.instant(3);
    link.counted_at = row.instant(4);
    link.by = by;
    link.kind = kind;
    link.body = body;
    if (seq <= end.seq) {
      bad(aggregate, end, seq, "stands behind entry " + std::to_string(end.seq));
    } else if (seq != end.seq + 1) {
      bad(aggregate, end, end.seq + 1, "missing");
    } else if (chain::next(end.hash, link) != hash) {
      bad(aggregate, end, seq, "its content does not match its hash");
    } else if (row.number(9) != end.row) {
      bad(aggregate, end, seq, "does not name the entry before it");
    }
    end.seq = seq;
    end.hash = hash;
    end.row = row.number(0);
  }

  /// Anchors of days that end before this row.
  void take_days_before(std::int64_t row) {
    for (; next_day_ < days_.size() && days_[next_day_].upto < row; ++next_day_) {
      const auto& day = days_[next_day_];
      const auto hash = anchor_of(previous_, ends_);
      if (hash != day.hash)
        fault("-", 0, "the anchor of " + day.day + " does not match: entries it covered were changed or removed");
      met_.push_back(crypto::hex(hash));
      previous_ = day.hash;
      previous_entries_ = report_.entries;
    }
  }

  /// The anchor of this instant: the day's own if nothing came after it.
  std::string now() const {
    return next_day_ > 0 && previous_entries_ == report_.entries ? previous_ : anchor_of(previous_, ends_);
  }

  void meet_anchors(std::uint64_t entries) {
    const bool wanted = std::ranges::any_of(noted_, [entries](const Noted& one) { return one.entries == entries; });
    if (wanted || try_every_instant_) met_.push_back(crypto::hex(now()));
  }

  void check_ends() {
    auto row = connection_.query("SELECT id, seq, hash, entry FROM request ORDER BY id");
    std::uint64_t known = 0;
    while (row.step()) {
      const auto id = row.id(0);
      const auto found = ends_.find(id);
      if (found != ends_.end()) ++known;
      auto end = found == ends_.end() ? End{} : found->second;
      if (end.seq != row.id(1)) {
        bad(id, end, std::min(end.seq, row.id(1)) + 1,
            end.seq < row.id(1) ? "missing: the end of the chain was cut off" : "stands behind the end of the chain");
      } else if (end.seq > 0 && (end.hash != row.text(2) || end.row != row.number(3))) {
        bad(id, end, end.seq, "is not the end of the chain that the request names");
      }
    }
    if (known == ends_.size()) return;
    for (auto& [aggregate, end] : ends_) {
      if (!connection_.number("SELECT 1 FROM request WHERE id = ?", aggregate))
        bad(aggregate, end, end.seq, "its request is missing");
    }
  }

  sqlite::Connection& connection_;
  std::vector<Noted> noted_;
  std::vector<Daily> days_;
  std::size_t next_day_ = 0;
  std::string previous_ = chain::start();
  std::uint64_t previous_entries_ = 0;
  bool try_every_instant_ = false;
  std::vector<std::string> met_;  // anchors that the history still yields
  Ends ends_;
  HistoryReport report_;
};

}  // namespace

Result<HistoryReport> verify_sqlite_history(const std::filesystem::path& database, const std::optional<std::string>& anchors) {
  std::error_code error;
  if (!std::filesystem::exists(database, error)) {
    return std::unexpected(Error(Errc::not_found, "there is no database " + database.string()));
  }
  try {
    sqlite::Connection connection(database, sqlite::Connection::Mode::look);
    if (auto known = sqlite::check_schema(connection.db(), sqlite::migrations()); !known) return std::unexpected(known.error());
    auto noted = read_noted(anchors.value_or(""));
    if (anchors && noted.empty())
      return std::unexpected(Error(Errc::bad_input, "the anchor file holds no line with sha256:HEX"));
    connection.run("BEGIN");
    auto report = Verifier(connection, std::move(noted)).run();
    connection.run("COMMIT");
    return report;
  } catch (...) {
    return std::unexpected(sqlite::trouble_of(std::current_exception()).error);
  }
}

}  // namespace xieban
