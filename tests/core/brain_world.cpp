#include "tests/core/brain_world.hpp"

#include <algorithm>
#include <stdexcept>

#include "tests/core/calendar_files.hpp"

namespace xieban::test {
namespace {

Person person(const char* id, const char* name, const char* department, bool admin = false, bool active = true) {
  Person out;
  out.id = PersonId(id);
  out.name = name;
  out.department = DepartmentId(department);
  out.admin = admin;
  out.active = active;
  out.identities = {{playground, UserId(id)}, {plain_app, UserId(id)}};
  return out;
}

Department department(const char* id, const char* name, const char* head, const char* vice_president,
                      std::initializer_list<const char*> liaisons, std::vector<std::string> aliases = {}) {
  Department out;
  out.id = DepartmentId(id);
  out.name = name;
  out.aliases = std::move(aliases);
  out.head = PersonId(head);
  out.vice_president = PersonId(vice_president);
  for (const char* liaison : liaisons) out.liaisons.emplace_back(liaison);
  return out;
}

Traits full_traits() {
  Channel channel;
  channel.forms = {true, true, true};
  channel.mentions = channel.urgent = true;
  channel.life.updatable = Duration{3650LL * 24 * 3600 * 1000};
  Traits traits;
  channel.id = ChannelId("group");
  channel.reach = Reach::group;
  traits.channels.push_back(channel);
  channel.id = ChannelId("person");
  channel.reach = Reach::person;
  traits.channels.push_back(channel);
  traits.refresh_after = Duration{0};
  return traits;
}

Traits plain_traits() {
  Channel channel;
  channel.id = ChannelId("group");
  channel.reach = Reach::group;
  channel.text_bytes = 600;
  Traits traits;
  traits.channels.push_back(channel);
  traits.private_chats = false;
  return traits;
}

CardKind kind_of(const Effect& effect) {
  if (const auto* card = std::get_if<PostCard>(&effect)) return card->kind;
  if (std::holds_alternative<PostForm>(effect)) return CardKind::form;
  if (std::holds_alternative<PostChoice>(effect)) return CardKind::choice;
  if (std::holds_alternative<PostDetail>(effect)) return CardKind::detail;
  if (std::holds_alternative<PostList>(effect)) return CardKind::list;
  return CardKind::notice;
}

}  // namespace

TimePoint local(const std::string& text) {
  const auto time = parse_rfc3339(text.substr(0, 10) + "T" + text.substr(11) + ":00+08:00");
  if (!time) throw std::invalid_argument(text);
  return *time;
}

ChatRef private_of(const std::string& person) { return {playground, ChatId("p:" + person)}; }

Organisation sample_organisation() {
  Organisation out;
  out.people = {person("zhou.market", "周市", "market"),
                person("zhang.market", "张市", "market"),
                person("li.lei", "李雷", "market"),
                person("zhao.tech", "赵技", "tech"),
                person("sun.tech", "孙工", "tech"),
                person("wang.tech", "王技", "tech"),
                person("li.leiming", "李雷鸣", "tech"),
                person("wu.finance", "吴财", "finance"),
                person("qian.finance", "钱财", "finance"),
                person("pan.pmo", "潘督", "pmo"),
                person("li.fuzong", "李副总", "board"),
                person("he.fuzong", "何副总", "board"),
                person("chen.zong", "陈总", "board"),
                person("gao.admin", "高管", "tech", true),
                person("liu.left", "刘离", "tech", false, false)};
  out.departments = {department("tech", "技术部", "wang.tech", "li.fuzong", {"zhao.tech", "sun.tech"}, {"研发", "IT"}),
                     department("market", "市场部", "zhang.market", "he.fuzong", {"zhou.market"}),
                     department("finance", "财务部", "wu.finance", "he.fuzong", {"qian.finance"}),
                     department("pmo", "监督部", "pan.pmo", "chen.zong", {"pan.pmo"}),
                     department("board", "总经办", "chen.zong", "chen.zong", {"chen.zong"})};
  out.leadership_group = {PersonId("chen.zong"), PersonId("li.fuzong")};
  out.pmo = DepartmentId("pmo");
  return out;
}

Rules sample_rules() {
  Rules rules;
  rules.company = "示例公司";
  rules.organisation = std::make_shared<const Organisation>(sample_organisation());
  rules.facts = std::make_shared<const DirectoryFacts>();
  for (const char* id : {"natural", "workday"}) rules.calendars.emplace(CalendarId(id), shipped_calendar(id));
  rules.calendars.emplace(CalendarId("office"), shipped_calendar("cn-office"));
  rules.company_calendar = CalendarId("office");
  for (Policy policy : shipped_policies()) {
    policy.hash = PolicyHash("hash of " + policy.type.str());
    rules.types.push_back(std::make_shared<const Policy>(std::move(policy)));
  }
  rules.default_type = TypeId("normal");
  rules.traits = {{playground, full_traits()}, {plain_app, plain_traits()}};
  rules.bot_names = {{playground, "协办"}, {plain_app, "协办"}};
  return rules;
}

World::World(Rules r, TimePoint start) : rules(std::move(r)), now(start), facts(rules.facts) {}

Snapshot World::load(const Load& load) const {
  Snapshot out;
  out.directory = facts;
  const auto add_request = [&](RequestId id) {
    const auto found = requests.find(id);
    if (found == requests.end()) return;
    if (std::ranges::find(out.requests, id, &Request::id) != out.requests.end()) return;
    out.requests.push_back(found->second);
    for (const auto& type : rules.types)
      if (type->hash == found->second.policy) out.policies.push_back(type);
  };
  const auto add_cards = [&](RequestId id) {
    for (const auto& [card_id, card] : cards)
      if (card.request == id && !card.gone && (card.kind == CardKind::live || card.kind == CardKind::personal) &&
          std::ranges::find(out.cards, card_id, &CardHandle::id) == out.cards.end())
        out.cards.push_back(card);
  };
  for (const RequestId id : load.requests) add_request(id);
  for (const RequestId id : load.cards_of) add_cards(id);
  const auto take = [&](const Conversation& conversation) {
    out.conversation = conversation;
    add_request(conversation.request);
    add_cards(conversation.request);
  };
  for (const Conversation& conversation : conversations) {
    if (load.conversation && conversation.key == *load.conversation) take(conversation);
    if (load.form && conversation.id == *load.form) take(conversation);
  }
  if (load.card && cards.contains(*load.card)) {
    out.card = cards.at(*load.card);
    add_request(out.card->request);
    add_cards(out.card->request);
    if (const auto* form = std::get_if<PostForm>(&out.card->effect))
      for (const Conversation& conversation : conversations)
        if (conversation.id == form->conversation) take(conversation);
  }
  if (load.chat && chats.contains(*load.chat)) out.chat = chats.at(*load.chat);
  if (load.request_of_chat && out.chat) {
    add_request(out.chat->made_for);
    add_cards(out.chat->made_for);
  }
  for (const std::string& name : load.settings)
    if (settings.contains(name)) out.settings.emplace(name, settings.at(name));
  if (load.history && history.contains(*load.history)) out.history = history.at(*load.history);
  if (load.checkup) {
    out.checkup.emplace();
    for (const auto& [ref, chat] : chats)
      if (chat.gone) out.checkup->lost_chats.push_back(chat);
  }
  if (load.next_number) out.next_number = RequestId(requests.size() + 1);
  for (const Query& query : load.queries) {
    Rows rows;
    for (const auto& [id, request] : requests) {
      for (const Stake& stake : stakes(request)) {
        if (query.kind == QueryKind::mine && stake.person != *query.person) continue;
        if (query.kind == QueryKind::department && stake.department != *query.department) continue;
        if (query.kind == QueryKind::search && !search_text(request).contains(query.text)) continue;
        if (query.kind == QueryKind::care && !request.conditions.needs_care) continue;
        rows.push_back({id, request.year, request.title, request.phase, request.urgent, request.conditions.late,
                        request.conditions.needs_care, request.owner, request.requester, request.lead, request.level, stake.due,
                        stake.role, at_requester(request)});
        if (query.kind != QueryKind::mine) break;
      }
    }
    out.answers.push_back(std::move(rows));
  }
  if (load.promises_of)
    for (const auto& [id, request] : requests)
      std::ranges::copy_if(promises(request), std::back_inserter(out.promises),
                           [&](const Promise& one) { return one.department == *load.promises_of; });
  return out;
}

void World::commit(const ChangeSet& change) {
  for (const RequestChange& one : change.requests) {
    auto& entries = history[one.request.id];
    entries.insert(entries.end(), one.entries.begin(), one.entries.end());
    requests[one.request.id] = one.request;
    wake_times[one.request.id] = one.wake_at;
    const auto folded = fold(entries);
    if (!folded || folded->seq != one.request.seq || folded->phase != one.request.phase || folded->owner != one.request.owner ||
        folded->clocks.size() != one.request.clocks.size() || folded->version != one.request.version)
      throw std::logic_error("the history does not fold to the request");
    if (terminal(one.request.phase) && one.wake_at) throw std::logic_error("a closed request does not wake");
  }
  auto next = std::make_shared<DirectoryFacts>(*facts);
  for (const Fact& fact : change.facts) {
    if (const auto* leave = std::get_if<Leave>(&fact)) next->leaves.push_back(*leave);
    if (const auto* link = std::get_if<IdentityLink>(&fact)) next->links.push_back(*link);
    if (const auto* account = std::get_if<Account>(&fact)) {
      std::erase_if(next->accounts, [&](const Account& old) { return old.identity == account->identity; });
      next->accounts.push_back(*account);
    }
    if (const auto* answered = std::get_if<CardAnswered>(&fact)) cards.at(answered->card).answered = true;
    if (const auto* chat = std::get_if<ChatFact>(&fact)) {
      chats[chat->chat] = *chat;
      const std::string& id = chat->chat.chat.value;
      if (chat->spoken && id.starts_with("p:")) next->spoken.push_back({chat->chat.app, UserId(id.substr(2))});
    }
    if (const auto* code = std::get_if<LinkCode>(&fact)) {
      std::erase_if(next->codes, [&](const LinkCode& old) { return old.code == code->code; });
      next->codes.push_back(*code);
    }
  }
  std::ranges::sort(next->spoken);
  facts = next;
  for (const Setting& setting : change.settings) {
    settings.erase(setting.name);
    if (!setting.value.empty()) settings.emplace(setting.name, setting.value);
  }
  if (change.conversation) {
    std::erase_if(conversations, [&](const Conversation& old) { return old.key == change.conversation->key; });
    if (!change.conversation->done) conversations.push_back(*change.conversation);
  }
  for (const Intent& intent : change.intents) {
    if (!intent.supersedes.empty())
      std::erase_if(outbox_, [&](const Row& row) { return row.intent.supersedes == intent.supersedes; });
    outbox_.push_back({ParcelId(++parcels_), intent, intent.not_before.value_or(now)});
  }
}

Reply World::receive(Inbound in) {
  in.key = {in.chat.app, std::to_string(++events_)};
  in.sent_at = now;
  in.noise = 7919 * events_;
  const ChangeSet change = respond(in, load(plan(in, rules)), rules, now);
  commit(change);
  if (sending) settle();
  return change.reply;
}

Reply World::say(const std::string& person, const ChatRef& chat, const std::string& text, std::vector<Mention> mentions) {
  Inbound in;
  in.kind = EventKind::message;
  in.actor = UserId(person);
  in.chat = chat;
  in.one_to_one = chat.chat.str().starts_with("p:");
  Said said;
  said.text = text;
  said.mentions = std::move(mentions);
  in.what = std::move(said);
  return receive(std::move(in));
}

Reply World::press(const std::string& person, CardId card, const std::string& action,
                   std::map<std::string, std::vector<std::string>> inputs) {
  Inbound in;
  in.kind = EventKind::press;
  in.actor = UserId(person);
  in.chat = cards.contains(card) ? cards.at(card).chat : group;
  in.one_to_one = in.chat.chat.str().starts_with("p:");
  Pressed pressed;
  pressed.card = card;
  pressed.action = action;
  pressed.inputs = std::move(inputs);
  in.what = std::move(pressed);
  return receive(std::move(in));
}

bool World::send_one() {
  // The head of each thread first, as the outbox does it.
  for (std::size_t i = 0; i < outbox_.size(); ++i) {
    const bool head = std::none_of(outbox_.begin(), outbox_.begin() + static_cast<std::ptrdiff_t>(i), [&](const Row& row) {
      return row.intent.thread == outbox_[i].intent.thread && row.due <= now;
    });
    if (!head || outbox_[i].due > now) continue;
    const Row row = outbox_[i];
    outbox_.erase(outbox_.begin() + static_cast<std::ptrdiff_t>(i));
    Parcel parcel;
    parcel.id = row.id;
    parcel.effect = row.intent.effect;
    parcel.thread = row.intent.thread;
    parcel.urgent = row.intent.urgent;
    parcel.first_due = row.due;
    Load wanted = load_for(parcel.effect);
    if (!wanted.chat) wanted.chat = ChatRef{parcel.thread.app, parcel.thread.chat};  // as the store does it
    parcel.snapshot = load(wanted);
    if (auto out = compose(parcel, rules, now)) {
      if (out->card && out->form == Form::card) {
        CardHandle card;
        card.id = out->card_id;
        card.request = out->request;
        card.chat = out->chat;
        card.person = out->to_person;
        card.kind = kind_of(parcel.effect);
        card.provider_id = "m" + card.id.str();
        card.sent_at = now;
        card.effect = parcel.effect;
        // As the store does it: a newer card of the same sort in the same place replaces the older one.
        for (auto& [id, old] : cards)
          if (!card.request.empty() && old.request == card.request && old.chat == card.chat && old.kind == card.kind &&
              (card.kind == CardKind::live || card.kind == CardKind::personal))
            old.gone = true;
        cards[card.id] = card;
      }
      if (out->form == Form::card_update) ++cards.at(out->card_id).updates;
      if (out->card) shown[out->card_id] = *out->card;
      sent.push_back({*out, parcel.effect, now});
    }
    return true;
  }
  return false;
}

void World::settle() {
  while (send_one()) {
  }
}

bool World::wake_one() {
  for (const auto& [id, at] : wake_times) {
    if (!at || *at > now) continue;
    Load wanted;
    wanted.requests = {id};
    wanted.cards_of = {id};
    commit(wake(load(wanted), rules, now));
    return true;
  }
  return false;
}

std::optional<TimePoint> World::next_instant() const {
  std::optional<TimePoint> next;
  const auto consider = [&](TimePoint at) {
    if (!next || at < *next) next = at;
  };
  for (const auto& [id, at] : wake_times)
    if (at) consider(*at);
  for (const Row& row : outbox_) consider(row.due);
  return next;
}

void World::turn_to(TimePoint to) {
  for (int steps = 0; steps < 100000; ++steps) {
    while (wake_one()) {
    }
    settle();
    const auto next = next_instant();
    if (!next || *next > to) {
      now = to;
      return;
    }
    now = std::max(now, *next);
  }
  throw std::logic_error("time does not pass");
}

std::vector<Outgoing> World::messages(const ChatRef& chat, std::size_t from) const {
  std::vector<Outgoing> out;
  for (std::size_t i = from; i < sent.size(); ++i)
    if (sent[i].out.chat == chat) out.push_back(sent[i].out);
  return out;
}

std::string World::last_text(const ChatRef& chat) const {
  const auto all = messages(chat);
  return all.empty() ? std::string() : all.back().text;
}

bool World::was_told(const std::string& person, const std::string& part, std::size_t from) const {
  return std::ranges::any_of(messages(private_of(person), from), [&](const Outgoing& out) { return out.text.contains(part); });
}

CardId World::card_in(const ChatRef& chat, CardKind kind) const {
  CardId found;
  for (const auto& [id, card] : cards)
    if (card.chat == chat && card.kind == kind) found = id;
  return found;
}

std::vector<std::string> World::actions(CardId id) const {
  std::vector<std::string> out;
  for (const Button& button : shown.at(id).buttons) out.push_back(button.action);
  return out;
}

std::vector<std::string> World::lines(std::uint64_t id) const {
  std::vector<std::string> out;
  Request state;
  for (const Stamped& entry : history.at(RequestId(id))) {
    state = apply(std::move(state), entry);
    if (std::string line = history_line(entry, state, rules, now); !line.empty()) out.push_back(std::move(line));
  }
  return out;
}

}  // namespace xieban::test
