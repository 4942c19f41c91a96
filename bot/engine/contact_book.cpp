#include "bot/engine/contact_book.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "bot/base/log.hpp"
#include "bot/engine/signal.hpp"
#include "bot/ports/contacts.hpp"

namespace xieban {
namespace {

constexpr Duration pass_every{6LL * 3600 * 1000};
constexpr Duration pass_retry{10LL * 60 * 1000};
constexpr Duration pass_soon{60LL * 1000};  // after the last one, when much has changed
constexpr Duration unit_lives{6LL * 3600 * 1000};
constexpr Duration stranger_rests{10LL * 60 * 1000};
constexpr Duration members_live{10LL * 60 * 1000};
constexpr Duration members_rest{30LL * 1000};  // where they could not be read this time
constexpr std::size_t most_chats = 1000;
constexpr std::size_t most_pages = 50;    // of the members of one chat
constexpr std::size_t most_parents = 20;  // above one department
constexpr Duration pace{100};             // between two questions of a pass: ten a second, below every platform's limit
constexpr Duration call_time{10000};
constexpr std::size_t most_strangers = 10000;
/// More accounts than this gone at once are no leavers: the app's visible range was cut.
constexpr std::size_t few_leavers = 3;
constexpr std::size_t leavers_in = 5;  // at most one in five
constexpr std::size_t enough_failures = 3;
constexpr const char* not_kept = "what was read could not be kept";

using Kind = ContactFault::Kind;

/// Asking again soon would bring the same answer.
bool not_found(const ContactFault& fault) { return fault.kind == Kind::absent || fault.kind == Kind::hidden; }

template <class T>
std::unexpected<ContactFault> failed(const ContactRead<T>& read) {
  return std::unexpected(read.error());
}

const Account* known(const DirectoryFacts* facts, const IdentityKey& key) {
  if (facts == nullptr) return nullptr;
  const auto at = std::ranges::find(facts->accounts, key, &Account::identity);
  return at == facts->accounts.end() ? nullptr : &*at;
}

/// What the store knows by key: a whole company is compared with it at once.
class Known {
 public:
  explicit Known(const DirectoryFacts& facts) {
    for (const Account& one : facts.accounts) accounts_.emplace(one.identity, &one);
    for (const OrgUnit& one : facts.units) units_.emplace(std::pair(one.app, one.id), &one);
    for (const IdentityLink& one : facts.links) links_.emplace(one.identity, &one);
  }
  [[nodiscard]] std::optional<Account> account(const IdentityKey& key) const {
    const auto at = accounts_.find(key);
    return at == accounts_.end() ? std::nullopt : std::optional(*at->second);
  }
  [[nodiscard]] bool has(const Fact& fact) const {
    if (const auto* account = std::get_if<Account>(&fact)) return same(accounts_, account->identity, *account);
    if (const auto* unit = std::get_if<OrgUnit>(&fact)) return same(units_, std::pair(unit->app, unit->id), *unit);
    if (const auto* link = std::get_if<IdentityLink>(&fact)) return same(links_, link->identity, *link);
    return false;
  }

 private:
  template <class Map, class T>
  static bool same(const Map& map, const typename Map::key_type& key, const T& fact) {
    const auto at = map.find(key);
    return at != map.end() && *at->second == fact;
  }

  std::map<IdentityKey, const Account*> accounts_;
  std::map<std::pair<AppId, std::string>, const OrgUnit*> units_;
  std::map<IdentityKey, const IdentityLink*> links_;
};

}  // namespace

struct ContactBook::Impl {
  Impl(Store& st, Sender& se, TimeSource& ti, RulesBox& ru, const Platforms& pl)
      : store(st), sender(se), time(ti), rules(ru), alarm(ti.make_alarm()), answered(ti) {
    for (const auto& [app, platform] : pl) {
      if (platform->contacts() == nullptr) continue;
      App& made = apps.emplace(app, App(platform)).first->second;
      if (platform->contacts()->ask_self(Token())) made.next_self = TimePoint{};
    }
  }

  struct App {
    explicit App(std::shared_ptr<const Platform> one) : platform(std::move(one)) {}
    std::shared_ptr<const Platform> platform;
    std::optional<TimePoint> next_pass, last_pass;
    std::optional<TimePoint> next_self;  // when it is asked for its own account; nullopt: known, or it has none
    bool changed = false;                // since the pass began
    ContactTrouble trouble;
    std::map<std::string, std::pair<ContactUnit, TimePoint>> units;  // as read then
  };

  Store& store;
  Sender& sender;
  TimeSource& time;
  RulesBox& rules;
  std::unique_ptr<Alarm> alarm;
  std::map<AppId, App> apps;
  std::map<IdentityKey, TimePoint> strangers;  // not found then
  struct Members {
    std::set<UserId> users;
    bool known = false;  // false: the platform would not say
    TimePoint until{};
  };
  std::map<ChatRef, Members> members;
  std::set<IdentityKey> asking;  // looked up just now
  Signal answered;               // one of them no more
  std::set<IdentityKey> again;
  bool stopping = false;

  using Make = std::function<HttpRequest(const Token&)>;

  // ---- one question each ----

  template <class T, class Reading>
  boost::asio::awaitable<ContactRead<T>> ask(std::shared_ptr<const Platform> platform, Make make, Reading reading,
                                             TimePoint until) {
    const Contacts* contacts = platform->contacts();
    const bool has_own = contacts->own_token_request().has_value();
    for (bool again_with_own = true;; again_with_own = false) {
      const std::optional<Token> own = sender.own_token(platform->app());
      Make made = own ? Make([make, own](const Token&) { return make(*own); }) : make;
      // Where the directory has a token of its own, what it says of the app's proves nothing about sending.
      std::function<bool(const HttpResponse&)> token_refused = [reading, has_own](const HttpResponse& answer) {
        const auto read = reading(answer);
        return !has_own && !read && read.error().kind == Kind::token;
      };
      auto answer = co_await sender.ask(platform, std::move(made), std::move(token_refused), until);
      if (!answer) co_return std::unexpected(ContactFault{Kind::later, answer.error().text});
      auto read = reading(*answer);
      if (read || read.error().kind != Kind::token || !has_own || !again_with_own) co_return read;
      const auto got = co_await sender.fetch_own_token(platform, until);
      if (!got) {
        log::warn("contacts.token", {{"app", platform->app()}, {"why", got.error().text}});
        co_return read;
      }
    }
  }

  boost::asio::awaitable<ContactRead<ContactUnit>> unit(App& app, std::string id, TimePoint until) {
    if (const auto at = app.units.find(id); at != app.units.end() && time.now() < at->second.second + unit_lives)
      co_return at->second.first;
    const Contacts* contacts = app.platform->contacts();
    Make make = [contacts, id](const Token& token) { return contacts->ask_unit(id, token); };
    auto reading = [contacts](const HttpResponse& answer) { return contacts->read_unit(answer); };
    auto read = co_await ask<ContactUnit>(app.platform, std::move(make), std::move(reading), until);
    if (read) app.units.insert_or_assign(id, std::pair(*read, time.now()));
    co_return read;
  }

  boost::asio::awaitable<ContactRead<Account>> account(App& app, UserId user, TimePoint until) {
    const Contacts* contacts = app.platform->contacts();
    Make make = [contacts, user](const Token& token) { return contacts->ask_person(user, token); };
    auto reading = [contacts](const HttpResponse& answer) { return contacts->read_person(answer); };
    auto person = co_await ask<ContactPerson>(app.platform, std::move(make), std::move(reading), until);
    if (!person) co_return failed(person);
    Account made;
    made.identity = IdentityKey{app.platform->app(), user};
    made.name = person->name;
    made.manager = person->manager;
    // Their own first, then one level up after the other: somebody of a team belongs to the department it is part of.
    std::vector<std::string> level = person->units;
    std::set<std::string> seen;
    for (std::size_t up = 0; up <= most_parents && !level.empty(); ++up) {
      std::vector<std::string> above;
      for (const std::string& id : level) {
        if (!seen.insert(id).second) continue;
        auto named = co_await unit(app, id, until);
        if (named) {
          made.departments.push_back(named->name);
          if (!named->parent.empty()) above.push_back(named->parent);
        } else if (named.error().kind == Kind::later) {
          co_return failed(named);  // half an answer would look like a change
        }
      }
      level = std::move(above);
    }
    co_return made;
  }

  /// What the app's own account is: mentions of it are for us.
  boost::asio::awaitable<void> self(App& app) {
    const Contacts* contacts = app.platform->contacts();
    Make make = [contacts](const Token& token) { return *contacts->ask_self(token); };
    auto reading = [contacts](const HttpResponse& answer) { return contacts->read_self(answer); };
    auto read = co_await ask<UserId>(app.platform, std::move(make), std::move(reading), time.now() + call_time);
    if (read) {
      log::info("contacts.self", {{"app", app.platform->app()}, {"account", read->value}});
      app.platform->know_self(*read);
      app.next_self.reset();
      co_return;
    }
    log::warn("contacts.self_unknown", {{"app", app.platform->app()}, {"why", read.error().detail}});
    app.next_self = time.now() + pass_retry;
  }

  // ---- who is in a chat ----

  boost::asio::awaitable<Members> members_of(std::shared_ptr<const Platform> platform, ChatRef chat) {
    const Contacts* contacts = platform->contacts();
    const TimePoint until = time.now() + call_time;
    Members found;
    found.until = time.now() + members_live;
    std::string page;
    for (std::size_t pages = 0; pages < most_pages; ++pages) {
      Make make = [contacts, chat, page](const Token& token) { return *contacts->ask_members(chat.chat, page, token); };
      auto reading = [contacts](const HttpResponse& answer) { return contacts->read_members(answer); };
      auto read = co_await ask<ContactMembers>(platform, std::move(make), std::move(reading), until);
      if (!read) {
        log::warn("contacts.members", {{"app", chat.app}, {"chat", chat.chat}, {"why", read.error().detail}});
        if (read.error().kind == Kind::later) found.until = time.now() + members_rest;
        co_return found;
      }
      found.users.insert(read->users.begin(), read->users.end());
      page = read->next;
      if (page.empty()) {
        found.known = true;
        co_return found;
      }
    }
    co_return found;
  }

  static boost::asio::awaitable<std::vector<PersonId>> absent(std::shared_ptr<Impl> self, ChatRef chat,
                                                              std::vector<PersonRef> people) {
    std::vector<PersonId> missing;
    const auto app = self->apps.find(chat.app);
    if (app == self->apps.end() || !app->second.platform->contacts()->ask_members(chat.chat, {}, Token())) co_return missing;
    auto at = self->members.find(chat);
    if (at == self->members.end() || self->time.now() >= at->second.until) {
      auto read = co_await self->members_of(app->second.platform, chat);
      if (self->members.size() >= most_chats) self->members.clear();
      at = self->members.insert_or_assign(chat, std::move(read)).first;
    }
    if (!at->second.known) co_return missing;
    for (const PersonRef& one : people)
      if (!at->second.users.contains(one.user)) missing.push_back(one.person);
    co_return missing;
  }

  // ---- what is kept ----

  boost::asio::awaitable<bool> keep(std::vector<Fact> facts) {
    if (facts.empty()) co_return true;
    Decide by = [facts](const Snapshot& snapshot) {
      ChangeSet change;
      const Known known(*snapshot.directory);
      for (const Fact& fact : facts) {
        if (!known.has(fact)) change.facts.push_back(fact);
      }
      change.reply.outcome = Done::acted;
      return change;
    };
    co_return co_await commit(std::move(by));
  }
  /// What a reading found of one account, and what was known when it was asked about.
  struct Seen {
    std::optional<Account> before;
    Account read;
  };
  /// A reading takes its time, of everybody minutes: what an event has told of somebody since they were asked about is newer.
  /// That is looked at within the transaction, where no event can come between.
  boost::asio::awaitable<bool> keep_newest(std::vector<Seen> seen) {
    if (seen.empty()) co_return true;
    Decide by = [seen](const Snapshot& snapshot) {
      ChangeSet change;
      const Known known(*snapshot.directory);
      for (const Seen& one : seen) {
        const auto current = known.account(one.read.identity);
        if (current == one.before && current != one.read) change.facts.emplace_back(one.read);
      }
      change.reply.outcome = Done::acted;
      return change;
    };
    co_return co_await commit(std::move(by));
  }
  boost::asio::awaitable<bool> commit(Decide by) {
    Load nothing;
    const auto done = co_await store.transact(std::move(nothing), std::move(by), time.now());
    if (!done) {
      log::warn("contacts.not_kept", {{"why", done.error().text}});
      co_return false;
    }
    co_await learn_directory(store, rules);
    co_return true;
  }

  boost::asio::awaitable<void> meet(AppId id, UserId user, TimePoint until) {
    const auto at = apps.find(id);
    if (at == apps.end() || user.empty()) co_return;
    const IdentityKey key{id, user};
    // Who says two things at once is one person: the second waits for what the first finds out.
    if (asking.contains(key)) {
      while (asking.contains(key) && time.now() < until) co_await answered.wait(until);
      co_return;
    }
    const TimePoint now = time.now();
    const auto asked = strangers.find(key);
    if (asked != strangers.end() && now < asked->second + stranger_rests) co_return;
    asking.insert(key);
    const Asked done{*this, key};
    co_await look_up(at->second, key, until);
  }

  struct Asked {
    Impl& book;
    const IdentityKey& key;
    Asked(Impl& whose, const IdentityKey& about) : book(whose), key(about) {}
    Asked(const Asked&) = delete;
    Asked& operator=(const Asked&) = delete;
    ~Asked() {
      book.asking.erase(key);
      book.answered.notify();
    }
  };

  /// `key` lives in meet(), which awaits this in place.
  boost::asio::awaitable<void> look_up(App& app, const IdentityKey& key, TimePoint until) {
    const auto before = known_now(key);
    auto read = co_await account(app, key.user, until);
    if (read) {
      std::vector<Seen> seen{{before, std::move(*read)}};
      co_await keep_newest(std::move(seen));
      co_return;
    }
    ContactFault fault = read.error();
    if (not_found(fault)) {
      auto other = co_await unite(app, key, until);
      if (!other) co_return;
      if (!not_found(*other)) fault = std::move(*other);
    }
    if (not_found(fault)) {
      if (strangers.size() >= most_strangers) strangers.clear();
      strangers.insert_or_assign(key, time.now());
    }  // else the next word may have more luck
    log::warn("contacts.stranger", {{"app", key.app}, {"why", fault.detail}});
  }

  /// Whoever spoke under another id than the directory's is joined to the account they have there. Why not; nullopt: they are.
  boost::asio::awaitable<std::optional<ContactFault>> unite(App& app, IdentityKey key, TimePoint until) {
    const Contacts* contacts = app.platform->contacts();
    const ContactFault no_other{Kind::absent, "no other id"};
    if (!contacts->ask_plain_id(key.user, Token())) co_return no_other;
    const UserId encrypted = key.user;
    Make make = [contacts, encrypted](const Token& token) { return *contacts->ask_plain_id(encrypted, token); };
    auto reading = [contacts](const HttpResponse& answer) { return contacts->read_plain_id(answer); };
    auto plain = co_await ask<UserId>(app.platform, std::move(make), std::move(reading), until);
    if (!plain) co_return plain.error();
    if (*plain == encrypted) co_return no_other;
    const IdentityKey there{key.app, *plain};
    const RulesPtr now_in_force = rules.get();
    const Person* holder = now_in_force->people().who(there);
    bool kept = true;
    if (holder == nullptr) {
      const auto before = known_now(there);
      auto read = co_await account(app, *plain, until);
      if (!read) co_return read.error();
      std::vector<Seen> seen{{before, std::move(*read)}};
      kept = co_await keep_newest(std::move(seen));
    }
    std::vector<Fact> facts{IdentityLink{key, holder != nullptr ? holder->id : person_of(there)}};
    kept = kept && co_await keep(std::move(facts));
    if (!kept) co_return ContactFault{Kind::later, "not kept"};
    co_return std::nullopt;
  }

  // ---- everybody, now and then ----

  /// Who is known on this app, and who is configured there.
  std::set<UserId> everybody(const AppId& app, std::set<UserId>& configured) const {
    std::set<UserId> users;
    const RulesPtr now_in_force = rules.get();
    const auto& written = now_in_force->configured ? now_in_force->configured : now_in_force->organisation;
    if (written) {
      for (const Person& person : written->people) {
        for (const IdentityKey& key : person.identities) {
          if (key.app == app) configured.insert(key.user);
        }
      }
    }
    users = configured;
    if (now_in_force->facts) {
      for (const Account& one : now_in_force->facts->accounts) {
        if (one.identity.app == app) users.insert(one.identity.user);
      }
      for (const IdentityLink& link : now_in_force->facts->links) {
        if (link.identity.app == app && !link.person.empty()) users.insert(link.identity.user);
      }
    }
    return users;
  }

  boost::asio::awaitable<void> rest() {
    const std::optional<TimePoint> until = time.now() + pace;
    co_await alarm->wait(until);
  }

  [[nodiscard]] std::optional<Account> known_now(const IdentityKey& key) const {
    const RulesPtr now_in_force = rules.get();
    const Account* found = known(now_in_force->facts.get(), key);
    return found == nullptr ? std::nullopt : std::optional(*found);
  }

  /// Why it could not be finished; empty: it was. `unknown` takes those who are not to be found; pass() awaits this in place.
  boost::asio::awaitable<std::string> people(App& app, std::vector<std::string>& unknown) {
    std::set<UserId> configured;
    const std::set<UserId> users = everybody(app.platform->app(), configured);
    std::vector<Seen> seen, vanished;
    std::string why;
    std::size_t failed_in_a_row = 0;
    for (const UserId& user : users) {
      if (stopping) co_return std::string();
      const auto before = known_now({app.platform->app(), user});
      auto read = co_await account(app, user, time.now() + call_time);
      if (read) {
        seen.push_back({before, std::move(*read)});
      } else if (read.error().kind == Kind::hidden) {
        // Nobody is taken off for that, and the others are read all the same.
        if (configured.contains(user) || (before && !before->gone)) unknown.push_back(user.value);
      } else if (read.error().kind != Kind::absent) {
        // One of whom nothing could be learnt keeps nobody else from being read; several in a row are the directory's trouble.
        why = read.error().detail;
        if (read.error().kind != Kind::later || ++failed_in_a_row == enough_failures) break;
        co_await rest();
        continue;
      } else if (before && !before->gone) {
        Account gone = *before;
        gone.gone = true;
        vanished.push_back({before, std::move(gone)});
      } else if (!before && configured.contains(user)) {
        unknown.push_back(user.value);
      }
      failed_in_a_row = 0;
      co_await rest();
    }
    if (vanished.size() > std::max(few_leavers, (seen.size() + vanished.size()) / leavers_in)) {
      const std::string count = std::to_string(vanished.size());
      const bool kept = co_await keep_newest(std::move(seen));
      if (!kept) co_return std::string(not_kept);
      co_return count + " accounts are missing at once; the app's visible range was probably cut, nobody was taken off";
    }
    seen.insert(seen.end(), std::make_move_iterator(vanished.begin()), std::make_move_iterator(vanished.end()));
    const bool kept = co_await keep_newest(std::move(seen));
    co_return kept ? why : std::string(not_kept);
  }

  boost::asio::awaitable<std::string> units(App& app, std::vector<std::string>& unknown) {
    const AppId id = app.platform->app();
    const RulesPtr now_in_force = rules.get();
    std::vector<Fact> facts;
    std::string why;
    for (const Department& department : now_in_force->people().departments()) {
      const auto at = department.platform_ids.find(id);
      if (at == department.platform_ids.end()) continue;
      if (stopping) co_return std::string();
      std::string named = at->second;
      app.units.erase(named);
      auto read = co_await unit(app, std::move(named), time.now() + call_time);
      OrgUnit made;
      made.app = id;
      made.id = at->second;
      made.name = department.name;
      if (read) {
        made.leaders = read->leaders;
        facts.emplace_back(std::move(made));
      } else if (read.error().kind == Kind::hidden) {
        unknown.push_back(department.name);
      } else if (read.error().kind == Kind::absent) {
        made.gone = true;
        facts.emplace_back(std::move(made));
      } else {
        why = read.error().detail;
        break;
      }
      co_await rest();
    }
    const bool kept = co_await keep(std::move(facts));
    co_return kept ? why : std::string(not_kept);
  }

  /// Accounts of those whose number is configured and whose account is not.
  boost::asio::awaitable<std::string> by_mobile(App& app) {
    const AppId id = app.platform->app();
    const Contacts* contacts = app.platform->contacts();
    const RulesPtr now_in_force = rules.get();
    const Directory directory = now_in_force->people();
    std::vector<Fact> facts;
    std::string why;
    for (const Person& person : directory.people()) {
      const auto has = directory.identities(person.id);
      if (person.mobile.empty() || !person.active || std::ranges::find(has, id, &IdentityKey::app) != has.end()) continue;
      if (stopping) co_return std::string();
      if (!contacts->ask_mobile(person.mobile, Token())) co_return std::string();
      const std::string mobile = person.mobile;
      Make make = [contacts, mobile](const Token& token) { return *contacts->ask_mobile(mobile, token); };
      auto reading = [contacts](const HttpResponse& answer) { return contacts->read_mobile(answer); };
      auto read = co_await ask<UserId>(app.platform, std::move(make), std::move(reading), time.now() + call_time);
      if (read) {
        facts.emplace_back(IdentityLink{IdentityKey{id, *read}, person.id});
      } else if (read.error().kind != Kind::absent) {
        why = read.error().detail;
        break;
      }
      co_await rest();
    }
    const bool kept = co_await keep(std::move(facts));
    co_return kept ? why : std::string(not_kept);
  }

  boost::asio::awaitable<void> pass(App& app) {
    if (app.changed) app.units.clear();  // also of what was asked before it changed
    app.changed = false;
    // Each has a right of its own: one that is missing keeps none of the others from being read.
    std::vector<std::string> unknown;
    std::string why = co_await people(app, unknown);
    std::string of_units = co_await units(app, unknown);
    std::string of_mobiles = co_await by_mobile(app);
    if (stopping) co_return;
    if (why.empty()) why = std::move(of_units);
    if (why.empty()) why = std::move(of_mobiles);
    if (!why.empty() && why != app.trouble.why) log::warn("contacts.pass_failed", {{"app", app.platform->app()}, {"why", why}});
    app.last_pass = time.now();
    app.next_pass = time.now() + (app.changed ? pass_soon : why.empty() ? pass_every : pass_retry);
    app.trouble.why = std::move(why);
    app.trouble.unknown = std::move(unknown);
  }

  boost::asio::awaitable<void> changed() {
    while (!again.empty() && !stopping) {
      const IdentityKey key = *again.begin();
      again.erase(again.begin());
      const auto at = apps.find(key.app);
      const RulesPtr now_in_force = rules.get();
      const bool of_ours = now_in_force->people().who(key) != nullptr || known(now_in_force->facts.get(), key) != nullptr;
      if (at == apps.end() || !of_ours) continue;
      at->second.units.clear();
      const auto before = known_now(key);
      auto read = co_await account(at->second, key.user, time.now() + call_time);
      // Whoever is not to be found may have left, or the app's range was cut: a pass tells one from the other.
      bool kept = false;
      if (read) {
        std::vector<Seen> seen{{before, std::move(*read)}};
        kept = co_await keep_newest(std::move(seen));
      }
      if (!kept) look_again(at->second);
    }
  }

  /// Everybody of this app is read again soon, however often that is said.
  void look_again(App& app) {
    app.changed = true;
    app.units.clear();
    // The first one is still to come, or under way.
    if (!app.next_pass || !app.last_pass) return;
    const TimePoint soon = std::max(time.now(), *app.last_pass + pass_soon);
    if (soon >= *app.next_pass) return;
    app.next_pass = soon;
    alarm->ring();
  }

  static boost::asio::awaitable<void> run(std::shared_ptr<Impl> self) {
    while (!self->stopping && !self->apps.empty()) {
      // Before anybody is asked about: who is not to be found has left only if they were known, here or to another instance.
      co_await learn_directory(self->store, self->rules);
      co_await self->changed();
      // First of all: until it is known, what is said in groups goes by names.
      for (auto& [id, app] : self->apps) {
        if (self->stopping) co_return;
        if (app.next_self && *app.next_self <= self->time.now()) co_await self->self(app);
      }
      for (auto& [id, app] : self->apps) {
        if (self->stopping) co_return;
        if (!app.next_pass || *app.next_pass <= self->time.now()) co_await self->pass(app);
      }
      // Afterwards: a change of one app's may have been told while another's was read.
      std::optional<TimePoint> next;
      for (const auto& [id, app] : self->apps) {
        for (const auto& at : {app.next_self, app.next_pass})
          if (at && (!next || *at < *next)) next = at;
      }
      if (!self->stopping && self->again.empty()) co_await self->alarm->wait(next);
    }
  }
};

ContactBook::ContactBook(Store& store, Sender& sender, TimeSource& time, RulesBox& rules, const Platforms& platforms)
    : impl_(std::make_shared<Impl>(store, sender, time, rules, platforms)) {}
ContactBook::~ContactBook() = default;

boost::asio::awaitable<void> ContactBook::meet(AppId app, UserId user, TimePoint until) {
  return impl_->meet(std::move(app), std::move(user), until);
}
void ContactBook::look_again(const IdentityKey& key) {
  impl_->again.insert(key);
  impl_->alarm->ring();
}
void ContactBook::look_again(const AppId& id) {
  const auto at = impl_->apps.find(id);
  if (at == impl_->apps.end()) return;
  impl_->look_again(at->second);
}
boost::asio::awaitable<std::vector<PersonId>> ContactBook::absent(ChatRef chat, std::vector<PersonRef> people) {
  return Impl::absent(impl_, std::move(chat), std::move(people));
}
boost::asio::awaitable<void> ContactBook::run() { return Impl::run(impl_); }
void ContactBook::stop() {
  impl_->stopping = true;
  impl_->alarm->ring();
}

std::vector<ContactTrouble> ContactBook::troubles() const {
  std::vector<ContactTrouble> found;
  for (const auto& [id, app] : impl_->apps) {
    if (app.trouble.why.empty() && app.trouble.unknown.empty()) continue;
    found.push_back(app.trouble);
    found.back().app = id;
  }
  return found;
}

}  // namespace xieban
