#include "bot/core/brain/samples.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "bot/core/brain/change.hpp"

namespace xieban {
namespace {

Person person(const AppId& app, const char* id, const char* name, const char* department) {
  Person made;
  made.id = PersonId(id);
  made.name = name;
  made.department = DepartmentId(department);
  made.identities = {{app, UserId(id)}};
  return made;
}

Department department(const char* id, const char* name, const char* head, const char* vice_president, const char* liaison) {
  Department made;
  made.id = DepartmentId(id);
  made.name = name;
  made.head = PersonId(head);
  made.vice_president = PersonId(vice_president);
  made.liaisons = {PersonId(liaison)};
  return made;
}

/// A fixed week without holidays: the examples are the same on every day they are made.
TimePoint at(std::string_view local) {
  const auto time = parse_rfc3339(std::string(local) + ":00+08:00");
  if (!time) throw std::logic_error("no time of a sample: " + std::string(local));
  return *time;
}

Rules rules_of(const SamplePlace& place, Lang lang) {
  Rules rules;
  rules.company = lang == Lang::en ? "Sample Company" : "示例公司";
  rules.lang = lang;
  rules.organisation = std::make_shared<const Organisation>(sample_company(place.app));
  rules.facts = std::make_shared<const DirectoryFacts>();
  CalendarSpec office;
  office.id = CalendarId("office");
  for (std::size_t day = 0; day < 5; ++day) office.weekly[day] = {Interval{9 * 60, 12 * 60}, Interval{13 * 60 + 30, 18 * 60}};
  for (CalendarSpec spec : {office, natural_calendar(office), workday_calendar(office)}) {
    const CalendarId id = spec.id;
    rules.calendars.emplace(id, Calendar(std::move(spec), nullptr));
  }
  rules.company_calendar = office.id;
  for (Policy policy : shipped_policies()) {
    policy.hash = PolicyHash("sample-" + policy.type.value);
    rules.types.push_back(std::make_shared<const Policy>(std::move(policy)));
  }
  rules.default_type = TypeId("normal");
  rules.traits = {{place.app, place.traits}};
  rules.bot_names = {{place.app, "协办"}};
  return rules;
}

/// One request, told step by step.
class Tale {
 public:
  Tale(const Rules& rules, std::uint64_t id, TimePoint begin) : rules_(&rules), id_(id), now_(begin) {}

  Tale& does(const char* who, const Command& command) {
    const auto* raise = std::get_if<Raise>(&command);
    policy_ = rules_->type(raise != nullptr ? raise->type : request_.type);
    const Context context{PersonId(who), now_, now_, *policy_, *rules_, id_};
    const auto decision = decide(raise != nullptr ? std::nullopt : std::optional(request_), command, context);
    if (!decision) throw std::logic_error("a sample cannot go on: " + say(rules_->lang, decision.error().text));
    record(decision->events, context.actor);
    return *this;
  }
  Tale& at(TimePoint later) {
    now_ = later;
    return *this;
  }
  /// Time passes; what falls due is noted. What is sent because of it.
  std::vector<Notify> wait(TimePoint until) {
    now_ = until;
    const Decision decision = wake_request(request_, {{}, now_, now_, *policy_, *rules_, id_});
    record(decision.events, {});
    std::vector<Notify> sent;
    for (const Effect& effect : decision.effects)
      if (const auto* notify = std::get_if<Notify>(&effect)) sent.push_back(*notify);
    return sent;
  }
  Tale& secret() {
    request_.level = Level::secret;
    return *this;
  }

  [[nodiscard]] const Request& request() const { return request_; }
  [[nodiscard]] TimePoint now() const { return now_; }
  [[nodiscard]] Snapshot snapshot() const {
    Snapshot made;
    made.requests = {request_};
    made.policies = {policy_};
    made.history = history_;
    made.directory = rules_->facts;
    return made;
  }
  [[nodiscard]] Row row(const char* role) const {
    Row made{id_,
             request_.year,
             request_.title,
             request_.phase,
             request_.urgent,
             request_.conditions.late,
             request_.conditions.needs_care,
             request_.owner,
             request_.requester,
             request_.lead,
             request_.level,
             std::nullopt,
             role};
    for (const Stake& stake : stakes(request_))
      if (stake.role == made.role || !made.due) made.due = stake.due;
    made.at_requester = at_requester(request_);
    return made;
  }

 private:
  void record(const std::vector<Event>& events, const PersonId& by) {
    for (const Event& event : events) {
      Stamped entry;
      entry.request = id_;
      entry.seq = request_.seq + 1;
      entry.at = entry.counted_at = now_;
      entry.by = by;
      entry.event = event;
      request_ = apply(std::move(request_), entry);
      history_.push_back(std::move(entry));
    }
  }

  const Rules* rules_;
  RequestId id_;
  TimePoint now_;
  Request request_;
  std::vector<Stamped> history_;
  std::shared_ptr<const Policy> policy_;
};

constexpr const char *requester = "zhou.market", *liaison = "zhao.tech", *engineer = "li.lei", *head = "wang.tech";

/// Composes the examples for one place.
class Samples {
 public:
  Samples(const SamplePlace& place, Lang lang) : place_(place), rules_(rules_of(place, lang)) {}

  std::vector<Sample> make() {
    live_cards();
    personal_cards();
    notices();
    forms();
    choices();
    pages();
    lists();
    more_forms();
    welcomes();
    return std::move(out_);
  }

 private:
  [[nodiscard]] ChatRef group() const { return {place_.app, sample_group()}; }
  [[nodiscard]] ChatRef private_of(const char* user) const { return {place_.app, ChatId(std::string("p:") + user)}; }

  void add(std::string name, Effect effect, const ChatRef& where, Snapshot snapshot, TimePoint now, bool urgent = false) {
    Parcel parcel;
    parcel.id = ParcelId(++parcels_);
    parcel.thread = {place_.app, where.chat, snapshot.requests.empty() ? RequestId{} : snapshot.requests.front().id};
    parcel.effect = std::move(effect);
    parcel.urgent = urgent;
    parcel.first_due = now;
    snapshot.directory = rules_.facts;
    snapshot.chat.emplace();
    snapshot.chat->chat = where;
    snapshot.chat->spoken = true;  // the bot may write there
    parcel.snapshot = std::move(snapshot);
    Sample sample{std::move(name), {}};
    for (; auto message = compose(parcel, rules_, now); ++parcel.choice) sample.ways.push_back(std::move(*message));
    if (!sample.ways.empty()) out_.push_back(std::move(sample));
  }
  void live(const char* name, const Tale& tale) {
    add(name, PostCard{tale.request().id, CardKind::live, Target::to(group())}, group(), tale.snapshot(), tale.now());
  }
  void personal(const char* name, const Tale& tale, const char* user) {
    add(name, PostCard{tale.request().id, CardKind::personal, Target::to(PersonId(user))}, private_of(user), tale.snapshot(),
        tale.now());
  }
  /// A card that stands already, as it is now.
  void update(const char* name, const Tale* tale, Effect made_from, CardKind kind, const ChatRef& where, TimePoint now) {
    Snapshot snapshot = tale != nullptr ? tale->snapshot() : Snapshot{};
    CardHandle card;
    card.id = CardId(9000);
    if (tale != nullptr) card.request = tale->request().id;
    card.chat = where;
    card.kind = kind;
    card.provider_id = place_.sent_card;
    card.sent_at = now - std::chrono::minutes(5);
    card.effect = std::move(made_from);
    snapshot.card = card;
    add(name, RefreshCard{card.request, card.id}, where, std::move(snapshot), now);
  }

  [[nodiscard]] bool forms_are_cards() const {
    return std::ranges::any_of(place_.traits.channels, [](const Channel& channel) { return channel.forms.card_inputs; });
  }

  [[nodiscard]] Raise ordinary() const {
    Raise raise;
    raise.type = TypeId("normal");
    raise.title = "新品推广页接口对接";
    raise.lead = DepartmentId("tech");
    raise.due = at("2026-11-27T18:00");
    raise.goal = "下周一前联调通过";
    raise.background = "新品下周上线";
    raise.situation = "接口文档未定，<b>两边字段名不一致</b>";
    raise.impact = "预计影响 5000 人次访问";
    raise.chat = group();
    return raise;
  }
  [[nodiscard]] Raise emergency() const {
    Raise raise;
    raise.type = TypeId("urgent");
    raise.title = "支付页打不开";
    raise.lead = DepartmentId("tech");
    raise.urgent = true;
    raise.situation = "10:00 起全部报 502";
    raise.impact = "下单全部失败";
    raise.chat = group();
    return raise;
  }
  [[nodiscard]] Tale raised(std::uint64_t id) const {
    Tale tale(rules_, id, at("2026-11-23T09:00"));
    tale.does(requester, ordinary());
    return tale;
  }
  [[nodiscard]] Tale accepted(std::uint64_t id) const {
    Tale tale = raised(id);
    tale.at(at("2026-11-23T09:20")).does(liaison, Accept{});
    return tale;
  }
  [[nodiscard]] Tale worked_on(std::uint64_t id) const {
    Tale tale = accepted(id);
    tale.at(at("2026-11-23T09:30")).does(liaison, Assign{PersonId(engineer)});
    tale.at(at("2026-11-23T09:40")).does(engineer, Support{DepartmentId("finance")});
    tale.does(engineer, AddTask{PersonId(engineer), "补齐接口文档", at("2026-11-24T18:00"), "双方确认", {}});
    tale.does(engineer, AddTask{PersonId("zheng.finance"), "核对结算字段", at("2026-11-25T18:00"), {}, TaskNo(1)});
    tale.at(at("2026-11-24T10:00"))
        .does(engineer, Report{{}, std::uint8_t{40}, Health::late, "等待上游确认字段", "今天下午开会敲定"});
    return tale;
  }
  [[nodiscard]] Tale delivered(std::uint64_t id) const {
    Tale tale = accepted(id);
    tale.at(at("2026-11-26T15:00")).does(liaison, Deliver{{}, "接口已上线，文档在知识库“新品推广页”"});
    return tale;
  }
  [[nodiscard]] Tale overdue(std::uint64_t id) const {
    Tale tale(rules_, id, at("2026-11-19T10:00"));
    tale.does(requester, ordinary());
    tale.wait(at("2026-11-23T09:00"));
    return tale;
  }
  /// One of three has signed, one objects.
  [[nodiscard]] Tale signing(std::uint64_t id) const {
    Tale tale = accepted(id);
    tale.at(at("2026-11-23T10:00")).does(requester, AskSign{{PersonId("zhang.market"), PersonId(head), PersonId("li.ming")}});
    tale.at(at("2026-11-23T10:20")).does("zhang.market", Confirm{});
    tale.at(at("2026-11-23T11:00")).does("li.ming", Confirm{false, "预算要到 <b>下周</b> 才批", Matter::sign_off, {}});
    return tale;
  }
  /// Both sides have said what they think.
  [[nodiscard]] Tale in_dispute(std::uint64_t id) const {
    Tale tale = accepted(id);
    tale.at(at("2026-11-23T14:00")).does(requester, TakePosition{"本周五必须上线，推广费已经付了；\n接口可以先开一部分"});
    tale.at(at("2026-11-23T15:00")).does(liaison, TakePosition{"完整测试要两周，没有测完上线会影响 *下单*"});
    return tale;
  }
  [[nodiscard]] Tale burning(std::uint64_t id) const {
    Tale tale(rules_, id, at("2026-11-23T10:00"));
    tale.does(requester, emergency());
    return tale;
  }

  void welcome(const char* name, const char* words, const ChatRef& where) {
    Say hello;
    hello.to = Target::to(where);
    hello.text = Phrase(words);
    add(name, std::move(hello), where, {}, at("2026-11-23T09:00"));
  }
  void welcomes() {
    welcome("hello_group", "hello.group", group());
    welcome("hello_private", "hello.private", private_of(requester));
  }

  void live_cards() {
    live("live_respond", raised(12));
    Tale urgent = burning(13);
    urgent.wait(at("2026-11-23T11:40"));
    live("live_urgent", urgent);
    live("live_late", overdue(14));
    live("live_run", worked_on(15));
    Tale asked = raised(16);
    asked.at(at("2026-11-23T09:30")).does(liaison, AskBack{"接口要支持哪些机型？"});
    live("live_asked_back", asked);
    Tale extended = accepted(17);
    extended.at(at("2026-11-24T10:00")).does(liaison, Extend{{}, at("2026-12-02T18:00"), "上游接口延后"});
    live("live_extension", extended);
    Tale paused = accepted(18);
    paused.at(at("2026-11-24T10:00")).does(requester, PauseIt{"等合同盖章", at("2026-11-26T09:00")});
    live("live_paused", paused);
    live("live_accept", delivered(19));
    Tale archived = delivered(20);
    archived.at(at("2026-11-26T16:00")).does(requester, Verify{{}, true, {}});
    live("live_archived", archived);
    Tale declined = raised(21);
    declined.at(at("2026-11-23T09:30")).does(liaison, Decline{"本周人手已满", "请财务部接口组支持，或改到 12 月 4 日"});
    live("live_declined", declined);
    live("live_sign_off", signing(23));
    live("live_dispute", in_dispute(24));
    Tale ruled = in_dispute(24);
    ruled.at(at("2026-11-24T10:00")).does("li.fuzong", GiveRuling{"延一周上线，市场部先发预告"});
    live("live_ruled", ruled);
    Tale hidden = raised(22);
    live("live_restricted", hidden.secret());
    update("live_update", &archived, PostCard{archived.request().id, CardKind::live, Target::to(group())}, CardKind::live,
           group(), archived.now());
  }

  void personal_cards() {
    personal("personal_respond", raised(12), liaison);
    personal("personal_work", worked_on(15), engineer);
    personal("personal_accept", delivered(19), requester);
    personal("personal_sign_off", signing(23), head);
  }

  void notice(const char* name, const Tale& tale, const Notify& notify) {
    const ChatRef where = notify.to.chat ? *notify.to.chat : private_of(notify.to.person->value.c_str());
    add(name, notify, where, tale.snapshot(), tale.now(), notify.by == By::urgent);
  }
  void notices() {
    Tale waiting = raised(12);
    const auto half = waiting.wait(at("2026-11-23T21:00"));
    notice("notice_remind", waiting, half.at(0));
    const auto in_group = waiting.wait(at("2026-11-24T04:12"));
    notice("notice_remind_group", waiting, in_group.at(0));
    Tale burns = burning(13);
    burns.wait(at("2026-11-23T11:30"));
    const auto last = burns.wait(at("2026-11-23T11:36"));
    notice("notice_urgent", burns, last.at(0));
    Urgent call;
    call.request = burns.request().id;
    call.to = last.at(0).to;
    call.notice = last.at(0).notice;
    call.message = place_.sent_card;
    add("urgent_call", call, private_of(last.at(0).to.person->value.c_str()), burns.snapshot(), burns.now(), true);
    // The ruling card: what the judge gets when the sides have not come together in time.
    Tale dispute = in_dispute(24);
    const auto submitted = dispute.wait(at("2026-11-24T14:00"));
    for (const Notify& one : submitted)
      if (one.notice.key == "dispute_to_judge") notice("notice_ruling", dispute, one);
    // After an outage: what fell due meanwhile comes as one.
    Tale silent(rules_, 14, at("2026-11-19T10:00"));
    silent.does(requester, ordinary());
    const auto caught_up = silent.wait(at("2026-11-23T09:00"));
    for (const Notify& one : caught_up)
      if (one.notice.key == "caught_up") notice("notice_merged", silent, one);
  }

  void form(const char* name, const char* user, Verb verb, const Tale* tale, std::map<std::string, std::string> answers) {
    const TimePoint now = tale != nullptr ? tale->now() : at("2026-11-23T09:00");
    Conversation conversation;
    conversation.id = ConversationId(std::string(action_of(verb)) + ".sample");
    conversation.key = {PersonId(user), place_.app};
    conversation.chat = private_of(user);
    conversation.begun_private = true;
    conversation.verb = verb;
    if (tale != nullptr) conversation.request = tale->request().id;
    conversation.answers = std::move(answers);
    conversation.touched_at = now;
    Snapshot snapshot = tale != nullptr ? tale->snapshot() : Snapshot{};
    snapshot.conversation = conversation;
    add(name, PostForm{conversation.id, Target::to(PersonId(user))}, private_of(user), std::move(snapshot), now);
  }
  void forms() {
    form("form_raise", requester, Verb::raise, nullptr, {});
    form("form_raise_filled", requester, Verb::raise, nullptr,
         {{"title", "支付页打不开"}, {"to", liaison}, {"due", "明天18点"}, {"type", "incident"}, {"urgent", "yes"}});
    const Tale fresh = raised(12), running = worked_on(15), done = delivered(19);
    form("form_accept", liaison, Verb::accept, &fresh, {});
    form("form_decline", liaison, Verb::decline, &fresh, {{"reason", "本周人手已满"}});
    form("form_ask", liaison, Verb::ask, &fresh, {});
    form("form_assign", liaison, Verb::assign, &fresh, {});
    form("form_task", engineer, Verb::task, &running, {});
    form("form_progress", engineer, Verb::progress, &running, {{"percent", "60"}, {"health", "late"}});
    form("form_extend", engineer, Verb::extend, &running, {});
    form("form_verify", requester, Verb::verify, &done, {});
    const Tale asked = signing(23), disputed = in_dispute(24);
    form("form_sign", requester, Verb::sign, &running, {});
    form("form_object_sign", head, Verb::object, &asked, {{"matter", "sign_off"}});
    form("form_dispute", liaison, Verb::dispute, &disputed, {});
    form("form_rule", "li.fuzong", Verb::rule, &disputed, {});
    if (forms_are_cards())
      update("form_closed", nullptr, PostForm{ConversationId("raise..sample"), Target::to(PersonId(requester))}, CardKind::form,
             private_of(requester), at("2026-11-23T09:10"));
  }

  void more_forms() {
    const Tale running = worked_on(15);
    Tale archived = delivered(20);
    archived.at(at("2026-11-26T16:00")).does(requester, Verify{{}, true, {}});
    Tale extended = accepted(17);
    extended.at(at("2026-11-24T10:00")).does(liaison, Extend{{}, at("2026-12-02T18:00"), "上游接口延后"});
    form("form_urgent", requester, Verb::urgent, nullptr, {});
    form("form_deliver", engineer, Verb::deliver, &running, {});
    form("form_pause", requester, Verb::pause, &running, {});
    form("form_cancel", requester, Verb::cancel, &running, {});
    form("form_reopen", requester, Verb::reopen, &archived, {});
    form("form_note", engineer, Verb::note, &running, {});
    form("form_handover", engineer, Verb::handover, &running, {});
    form("form_support", engineer, Verb::support, &running, {});
    form("form_escalate", requester, Verb::escalate, &running, {});
    form("form_object", requester, Verb::object, &extended, {{"matter", "extension"}});
    form("form_leave", liaison, Verb::leave, nullptr, {});
    form("form_search", requester, Verb::search, nullptr, {});
  }

  void choices() {
    PostChoice choice;
    choice.to = Target::to(PersonId(requester));
    choice.person = PersonId(requester);
    choice.question = Phrase("ask.which_person", {{"name", "李"}});
    choice.options = {{"李雷（技术部）", "/指派 12 @li.lei"}, {"李明（财务部）", "/指派 12 @li.ming"}};
    const Tale tale = raised(12);
    choice.request = tale.request().id;
    add("choice", choice, private_of(requester), tale.snapshot(), tale.now());
    update("choice_answered", &tale, choice, CardKind::choice, private_of(requester), tale.now());
  }

  void pages() {
    const Tale tale = worked_on(15);
    PostDetail detail{tale.request().id, Target::to(PersonId(engineer)), PersonId(engineer), 1};
    add("detail", detail, private_of(engineer), tale.snapshot(), tale.now());
    Tale busy = worked_on(15);
    for (int day = 0; day < 8; ++day)
      busy.at(tale.now() + std::chrono::minutes(10 * (day + 1)))
          .does(engineer, AddNote{"第 " + std::to_string(day + 1) + " 次沟通纪要"});
    detail.page = 2;
    add("detail_page_2", detail, private_of(engineer), busy.snapshot(), busy.now());
    Tale spread = worked_on(23);
    spread.does(engineer, AddTask{PersonId(engineer), "上线检查", at("2026-11-27T18:00"), {}, {}});
    spread.at(at("2026-11-25T10:00")).does(engineer, Deliver{TaskNo(1), "文档在知识库"});
    detail = PostDetail{spread.request().id, Target::to(PersonId(engineer)), PersonId(engineer), 1};
    add("detail_tasks", detail, private_of(engineer), spread.snapshot(), at("2026-11-26T10:00"));
    const Tale late = overdue(14);
    add("why", PostWhy{late.request().id, Target::to(PersonId(requester)), PersonId(requester)}, private_of(requester),
        late.snapshot(), late.now());
    add("help", PostHelp{Target::to(PersonId(head)), PersonId(head), {}}, private_of(head), {}, late.now());
    add("help_topic", PostHelp{Target::to(PersonId(head)), PersonId(head), "进度"}, private_of(head), {}, late.now());
  }

  void list(const char* name, QueryKind what, const char* viewer, const ChatRef& where, Rows rows, int page = 1,
            std::vector<Promise> promises = {}) {
    PostList list;
    list.what = what;
    list.viewer = PersonId(viewer);
    list.department = DepartmentId("tech");
    if (what == QueryKind::search) list.text = "接口";
    list.to = Target::to(PersonId(viewer));
    list.page = page;
    Snapshot snapshot;
    snapshot.answers = {std::move(rows)};
    snapshot.promises = std::move(promises);
    add(name, list, where, std::move(snapshot), at("2026-11-24T10:00"));
  }
  void lists() {
    const auto mine = [&] {
      return Rows{overdue(14).row("requester"), worked_on(15).row("requester"), delivered(19).row("waiting")};
    };
    list("list_mine", QueryKind::mine, requester, private_of(requester), mine());
    Rows board = mine();
    board.push_back(burning(13).row("owner"));
    board.push_back(raised(22).secret().row("owner"));
    for (std::uint64_t i = 0; i < 9; ++i) {
      Row row = raised(30 + i).row("owner");
      row.title = "第 " + std::to_string(i + 1) + " 批结算单核对";
      row.lead = DepartmentId(i % 3 == 0 ? "market" : "finance");
      if (i % 2 == 0) row.due = at("2026-11-27T18:00");
      row.owner = PersonId(i % 3 == 0 ? requester : "zheng.finance");
      board.push_back(std::move(row));
    }
    list("list_board", QueryKind::board, "pan.pmo", private_of("pan.pmo"), board);
    list("list_board_page_2", QueryKind::board, "pan.pmo", private_of("pan.pmo"), board, 2);
    list("list_department_group", QueryKind::department, liaison, group(), board);
    std::vector<Promise> promises;
    const auto due = [&](const char* when, Duration late) {
      promises.push_back({RequestId(promises.size() + 1), {}, DepartmentId("tech"), at(when), at(when) + late});
    };
    for (const char* friday : {"2026-10-30T18:00", "2026-11-06T18:00", "2026-11-13T18:00", "2026-11-20T18:00"}) {
      due(friday, std::chrono::hours(-3));
      due(friday, std::chrono::hours(-26));
    }
    due("2026-11-05T18:00", std::chrono::hours(20));
    list("list_department", QueryKind::department, liaison, private_of(liaison), mine(), 1, promises);
    list("list_search_nothing", QueryKind::search, requester, private_of(requester), {});
  }

  const SamplePlace& place_;
  Rules rules_;
  std::vector<Sample> out_;
  std::uint64_t parcels_ = 100;
};

}  // namespace

ChatId sample_group() { return ChatId("g_project"); }

Organisation sample_company(const AppId& app) {
  Organisation all;
  all.people = {person(app, "zhou.market", "周市", "market"),    person(app, "zhang.market", "张市", "market"),
                person(app, "zhao.tech", "赵技", "tech"),        person(app, "li.lei", "李雷", "tech"),
                person(app, "wang.tech", "王技", "tech"),        person(app, "li.ming", "李明", "finance"),
                person(app, "zheng.finance", "郑财", "finance"), person(app, "pan.pmo", "潘督", "pmo"),
                person(app, "chen.zong", "陈总", "board"),       person(app, "li.fuzong", "李副总", "board")};
  all.departments = {department("market", "市场部", "zhang.market", "li.fuzong", "zhou.market"),
                     department("tech", "技术部", "wang.tech", "li.fuzong", "zhao.tech"),
                     department("finance", "财务部", "li.ming", "li.fuzong", "zheng.finance"),
                     department("pmo", "监督部", "pan.pmo", "chen.zong", "pan.pmo"),
                     department("board", "总经办", "chen.zong", "chen.zong", "chen.zong")};
  all.leadership_group = {PersonId("chen.zong"), PersonId("li.fuzong")};
  all.pmo = DepartmentId("pmo");
  return all;
}

std::vector<Sample> samples(const SamplePlace& place, Lang lang) { return Samples(place, lang).make(); }

}  // namespace xieban
