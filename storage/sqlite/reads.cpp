#include "storage/sqlite/reads.hpp"

#include <algorithm>
#include <utility>

#include "storage/codec/codec.hpp"
#include "storage/directory_facts.hpp"
#include "storage/search_words.hpp"

namespace xieban::sqlite {

Recent::One* SqlReads::kept(RequestId id) { return recent_ == nullptr ? nullptr : recent_->find(id); }

std::optional<RequestRow> SqlReads::request(RequestId id) {
  if (const auto* known = kept(id)) return known->row;
  auto row = connection_.query("SELECT seq, hash, body, entry FROM request WHERE id = ?", id);
  if (!row.step()) return std::nullopt;
  RequestRow found;
  found.end = ChainEnd{row.id(0), row.text(1)};
  found.request = std::make_shared<const Request>(codec::decode<Request>(row.view(2)));
  if (recent_ != nullptr) recent_->put(id, Recent::One{found, row.number(3), std::nullopt, std::nullopt});
  return found;
}

std::shared_ptr<const Policy> SqlReads::policy(const PolicyHash& hash) {
  if (const auto known = policies_.find(hash); known != policies_.end()) return known->second;
  auto row = connection_.query("SELECT body FROM policy WHERE hash = ?", hash);
  if (!row.step()) return nullptr;
  auto found = std::make_shared<const Policy>(codec::decode<Policy>(row.text(0)));
  policies_.emplace(hash, found);
  return found;
}

std::optional<CardHandle> SqlReads::card(CardId id) {
  auto row = connection_.query("SELECT body FROM card WHERE id = ?", id);
  if (!row.step()) return std::nullopt;
  return codec::decode<CardHandle>(row.text(0));
}

std::vector<CardHandle> SqlReads::cards_of(RequestId id) {
  auto* known = kept(id);
  if (known != nullptr && known->cards) return *known->cards;
  std::vector<CardHandle> found;
  auto row = connection_.query("SELECT body FROM card WHERE request = ? AND standing <> 0 ORDER BY id", id);
  while (row.step()) found.push_back(codec::decode<CardHandle>(row.view(0)));
  if (known != nullptr) known->cards = found;
  return found;
}

std::optional<Conversation> SqlReads::conversation(const ConversationKey& key) {
  auto row = connection_.query("SELECT body FROM conversation WHERE person = ? AND app = ?", key.person, key.app);
  if (!row.step()) return std::nullopt;
  return codec::decode<Conversation>(row.text(0));
}

std::optional<Conversation> SqlReads::conversation(const ConversationId& id) {
  auto row = connection_.query("SELECT body FROM conversation WHERE id = ?", id);
  if (!row.step()) return std::nullopt;
  return codec::decode<Conversation>(row.text(0));
}

std::optional<ChatFact> SqlReads::chat(const ChatRef& ref) {
  if (const auto* known = recent_ ? recent_->find(ref) : nullptr) return *known;
  std::optional<ChatFact> found;
  auto row = connection_.query("SELECT body FROM chat WHERE app = ? AND chat = ?", ref.app, ref.chat);
  if (row.step()) found = codec::decode<ChatFact>(row.text(0));
  if (recent_) recent_->put(ref, found);
  return found;
}

std::vector<Stamped> SqlReads::history(RequestId id) {
  std::vector<Stamped> found;
  const auto* known = kept(id);
  auto next = known != nullptr ? known->entry : connection_.number("SELECT entry FROM request WHERE id = ?", id).value_or(0);
  while (next != 0) {
    auto row =
        connection_.query("SELECT seq, at, counted_at, \"by\", kind, body, prev, aggregate FROM history WHERE id = ?", next);
    if (!row.step() || row.id(7) != id.value || row.number(6) >= next) {
      throw codec::Unreadable("an entry is missing from the history of request " + id.str());
    }
    found.push_back(Stamped{id, row.id(0), row.instant(1), row.instant(2), PersonId(row.text(3)),
                            codec::decode_event(row.text(4), row.text(5))});
    next = row.number(6);
  }
  std::ranges::reverse(found);
  return found;
}

RequestId SqlReads::next_number() {
  return RequestId(static_cast<std::uint64_t>(connection_.number("SELECT max(id) FROM request").value_or(0)) + 1);
}

namespace {
/// The most rows that are looked at before the best of them are shown.
constexpr int longest_look = 2000;
}  // namespace

Rows SqlReads::rows(const Query& asked) {
  struct Found {
    RequestId request;
    std::optional<Stake> stake;
  };
  std::vector<Found> found;
  const auto take_stakes = [&found](Cursor row) {
    while (row.step()) {
      Stake stake;
      stake.role = row.text(1);
      if (row.number(2) != no_due) stake.due = row.instant(2);
      found.push_back(Found{RequestId(row.id(0)), std::move(stake)});
    }
  };
  const auto take_ids = [&found](Cursor row) {
    while (row.step()) found.push_back(Found{RequestId(row.id(0)), std::nullopt});
  };
  switch (asked.kind) {
    case QueryKind::mine:
      if (!asked.person) break;
      take_stakes(connection_.query(
          "SELECT s.request, s.role, s.due_at FROM stake s JOIN open_request o ON o.id = s.request WHERE s.person = ? "
          "ORDER BY o.late DESC, o.urgent DESC, s.due_at, s.request, s.n LIMIT ?",
          *asked.person, longest_look));
      break;
    case QueryKind::department:
      if (!asked.department) break;
      take_stakes(connection_.query(
          "SELECT s.request, s.role, s.due_at FROM stake s JOIN open_request o ON o.id = s.request WHERE s.department = ? "
          "ORDER BY o.late DESC, o.urgent DESC, s.due_at, s.request, s.n LIMIT ?",
          *asked.department, longest_look));
      break;
    case QueryKind::board:
      take_ids(
          connection_.query("SELECT id FROM open_request ORDER BY late DESC, urgent DESC, due_at, id LIMIT ?", longest_list));
      break;
    case QueryKind::care:
      take_ids(connection_.query(
          "SELECT id FROM open_request WHERE needs_care <> 0 ORDER BY late DESC, urgent DESC, due_at, id LIMIT ?",
          longest_list));
      break;
    case QueryKind::search: {
      const auto terms = search_terms(asked.text);
      const auto expression = match_expression(terms);
      const auto take_matches = [&](Cursor row) {
        while (found.size() < longest_list && row.step()) {
          if (matches(row.text(1), terms)) found.push_back(Found{RequestId(row.id(0)), std::nullopt});
        }
      };
      if (!expression.empty()) {
        take_matches(connection_.query("SELECT rowid, words FROM search WHERE search MATCH ? ORDER BY rowid DESC", expression));
      } else if (!terms.empty()) {
        take_matches(connection_.query(
            "SELECT rowid, words FROM search WHERE rowid > (SELECT coalesce(max(id), 0) FROM request) - ? ORDER BY rowid DESC",
            character_search_depth));
      }
      break;
    }
  }
  std::map<RequestId, Row> best;
  for (auto& one : found) {
    if (best.size() >= longest_list && !best.contains(one.request)) continue;
    const auto kept = request(one.request);
    if (!kept) continue;
    auto row = row_of(*kept->request);
    row.needs_care = connection_.number("SELECT needs_care FROM open_request WHERE id = ?", one.request).value_or(0) != 0;
    if (one.stake) {
      row.role = one.stake->role;
      row.due = one.stake->due;
    }
    const auto [place, fresh] = best.try_emplace(one.request, row);
    if (!fresh && comes_before(row, place->second)) place->second = row;
  }
  Rows rows;
  for (auto& [id, row] : best) rows.push_back(std::move(row));
  std::ranges::sort(rows, comes_before);
  return rows;
}

std::vector<Promise> SqlReads::promises_of(const DepartmentId& department) {
  std::vector<Promise> found;
  auto row = connection_.query(
      "SELECT request, task, due_at, delivered_at FROM promise WHERE department = ? ORDER BY due_at DESC, request, task LIMIT "
      "?",
      department, most_promises);
  while (row.step())
    found.push_back(
        {RequestId(row.id(0)), TaskNo(static_cast<std::uint32_t>(row.id(1))), department, row.instant(2), row.instant(3)});
  return found;
}

std::shared_ptr<const DirectoryFacts> SqlReads::directory() {
  const auto version =
      static_cast<std::uint64_t>(connection_.number("SELECT value FROM counter WHERE name = 'directory'").value_or(0));
  if (directory_ && directory_->version == version) return directory_;
  auto facts = std::make_shared<DirectoryFacts>();
  facts->version = version;
  {
    auto row = connection_.query("SELECT body FROM leave ORDER BY id");
    while (row.step()) facts->leaves.push_back(codec::decode<Leave>(row.text(0)));
  }
  {
    auto row = connection_.query("SELECT app, user, person FROM identity ORDER BY id");
    while (row.step()) {
      facts->links.push_back(IdentityLink{{AppId(row.text(0)), UserId(row.text(1))}, PersonId(row.text(2))});
    }
  }
  {
    auto row = connection_.query("SELECT body FROM link_code ORDER BY id");
    while (row.step()) facts->codes.push_back(codec::decode<LinkCode>(row.text(0)));
  }
  {
    auto row = connection_.query("SELECT body FROM account ORDER BY id");
    while (row.step()) facts->accounts.push_back(codec::decode<Account>(row.text(0)));
  }
  {
    auto row = connection_.query("SELECT body FROM org_unit ORDER BY id");
    while (row.step()) facts->units.push_back(codec::decode<OrgUnit>(row.text(0)));
  }
  {
    auto row = connection_.query("SELECT body FROM chat WHERE chat >= 'p:' AND chat < 'p;'");
    while (row.step()) {
      if (auto who = spoke_in_private(codec::decode<ChatFact>(row.text(0)))) facts->spoken.push_back(std::move(*who));
    }
    std::ranges::sort(facts->spoken);
  }
  directory_ = std::move(facts);
  return directory_;
}

CheckupFacts SqlReads::checkup() {
  const auto count = [this](const char* text) { return static_cast<std::size_t>(connection_.number(text).value_or(0)); };
  CheckupFacts facts;
  facts.failed_messages = count("SELECT count(*) FROM outbox WHERE state > 3 AND state = 4");
  facts.held_messages = count("SELECT count(*) FROM outbox WHERE state > 3 AND state = 5");
  facts.failed_events = count("SELECT count(*) FROM inbox WHERE state <> 0 AND state = 1");
  facts.needs_care = count("SELECT count(*) FROM open_request WHERE needs_care <> 0");
  auto row = connection_.query("SELECT body FROM chat ORDER BY app, chat");
  while (facts.lost_chats.size() < most_lost_chats && row.step()) {
    auto chat = codec::decode<ChatFact>(row.text(0));
    if (chat.gone && chat.made_for.empty()) facts.lost_chats.push_back(std::move(chat));
  }
  auto unreached = connection_.query(
      "SELECT DISTINCT app, chat FROM outbox WHERE state > 3 AND state = 4 AND chat LIKE 'p:%' ORDER BY app, chat");
  while (facts.lost_chats.size() < most_lost_chats && unreached.step()) {
    ChatFact chat;
    chat.chat = ChatRef{AppId(unreached.text(0)), ChatId(unreached.text(1))};
    chat.gone = true;
    facts.lost_chats.push_back(std::move(chat));
  }
  return facts;
}

std::optional<std::string> SqlReads::setting(const std::string& name) {
  auto row = connection_.query("SELECT value FROM setting WHERE name = ?", name);
  if (!row.step()) return std::nullopt;
  return row.text(0);
}

void SqlReads::forget() {
  if (recent_ != nullptr) recent_->clear();
  policies_.clear();
  directory_.reset();
}

}  // namespace xieban::sqlite
