#pragma once
// A small company, a memory store, and a host that plays the engine.

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <deque>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bot/web/playground_api.hpp"
#include "storage/memory/memory_store.hpp"

namespace xieban::testing {

inline TimePoint at(const char* text) { return *parse_rfc3339(text); }

/// tech and market (half of the departments), ops with the administrator, and the PMO.
inline Rules small_company() {
  auto organisation = std::make_shared<Organisation>();
  const auto person = [&](const char* id, const char* name, const char* department) -> Person& {
    Person made;
    made.id = PersonId(id);
    made.name = name;
    made.department = DepartmentId(department);
    made.identities = {{AppId("playground:main"), UserId(id)}};
    organisation->people.push_back(std::move(made));
    return organisation->people.back();
  };
  person("chen.zong", "陈总", "");
  person("li.fuzong", "李副总", "");
  person("wang.tech", "王技", "tech");
  person("zhao.tech", "赵技", "tech");
  person("zhao.xiao", "赵技术", "tech").aliases = {"小赵"};
  person("he.market", "何市", "market");
  person("lin.market", "林一", "market");
  person("lin.pmo", "林一", "pmo");
  person("gao.admin", "高管", "ops").admin = true;
  person("gone.tech", "已走", "tech").active = false;
  const auto department = [&](const char* id, const char* name, const char* head, const char* vice,
                              std::vector<PersonId> liaisons) {
    Department made;
    made.id = DepartmentId(id);
    made.name = name;
    made.head = PersonId(head);
    made.vice_president = PersonId(vice);
    made.liaisons = std::move(liaisons);
    organisation->departments.push_back(std::move(made));
  };
  department("tech", "技术部", "wang.tech", "li.fuzong", {PersonId("zhao.tech")});
  department("market", "市场部", "he.market", "chen.zong", {});
  department("ops", "运营部", "", "chen.zong", {});
  department("pmo", "监督部门", "lin.pmo", "chen.zong", {});
  organisation->leadership_group = {PersonId("chen.zong"), PersonId("li.fuzong")};
  organisation->pmo = DepartmentId("pmo");

  Rules rules;
  rules.company = "示例公司";
  rules.organisation = std::move(organisation);
  rules.facts = std::make_shared<DirectoryFacts>();
  rules.company_calendar = CalendarId("office");
  CalendarSpec office;
  office.id = CalendarId("office");
  for (std::size_t day = 0; day < 5; ++day) office.weekly[day] = {{9 * 60, 12 * 60}, {13 * 60 + 30, 18 * 60}};
  const auto holidays = std::make_shared<Holidays>();
  for (CalendarSpec spec : {office, natural_calendar(office), workday_calendar(office)}) {
    const CalendarId id = spec.id;
    rules.calendars.emplace(id, Calendar(std::move(spec), holidays));
  }
  for (Policy& policy : shipped_policies()) {
    policy.hash = PolicyHash("hash-" + policy.type.str());
    rules.types.push_back(std::make_shared<Policy>(std::move(policy)));
  }
  rules.default_type = TypeId("normal");
  return rules;
}

class FixedTime final : public TimeSource {
 public:
  explicit FixedTime(TimePoint start) : now_(start) {}
  [[nodiscard]] TimePoint now() const override { return now_; }
  std::unique_ptr<Alarm> make_alarm() override { return nullptr; }
  void set(TimePoint now) { now_ = now; }

 private:
  TimePoint now_;
};

/// Answers events as the test says and lets the test act as the engine would while "settling".
class FakeHost final : public PlaygroundHost {
 public:
  FakeHost(Store& store, FixedTime& time) : store_(store), time_(time), rules_(std::make_shared<Rules>(small_company())) {}

  [[nodiscard]] TimePoint now() const override { return time_.now(); }
  [[nodiscard]] RulesPtr rules() const override { return rules_; }
  [[nodiscard]] Store& store() override { return store_; }
  [[nodiscard]] bool real_apps() const override { return real; }
  boost::asio::awaitable<HttpResponse> receive(HttpRequest request) override {
    events.push_back(nlohmann::json::parse(request.body));
    HttpResponse answer(200, R"({"toast":null,"card":null,"text":""})");
    if (!answers.empty()) {
      answer = answers.front();
      answers.pop_front();
    }
    if (on_event) co_await on_event();
    co_return answer;
  }
  boost::asio::awaitable<void> settle() override {
    settled += 1;
    if (on_settle) co_await on_settle();
  }
  boost::asio::awaitable<Result<ClockTurn>> turn(std::optional<TimePoint> to) override {
    turns.push_back(to);
    time_.set(to.value_or(planned.value_or(time_.now())));
    ClockTurn turned;
    turned.now = time_.now();
    turned.next = planned;
    turned.wakes = 2;
    turned.sends = 3;
    co_return turned;
  }
  boost::asio::awaitable<Result<TimePoint>> reset(std::optional<TimePoint> now) override {
    const auto emptied = co_await store_.reset();
    if (!emptied) co_return std::unexpected(emptied.error());
    if (now) time_.set(*now);
    co_return time_.now();
  }
  void set_rules(Rules rules) { rules_ = std::make_shared<Rules>(std::move(rules)); }

  bool real = false;
  int settled = 0;
  std::vector<nlohmann::json> events;
  std::deque<HttpResponse> answers;
  std::vector<std::optional<TimePoint>> turns;
  std::optional<TimePoint> planned;
  std::function<boost::asio::awaitable<void>()> on_event, on_settle;

 private:
  Store& store_;
  FixedTime& time_;
  RulesPtr rules_;
};

struct Answered {
  int status = 0;
  nlohmann::json body;
  HttpResponse raw;
};

class PlaygroundFixture : public ::testing::Test {
 protected:
  explicit PlaygroundFixture(PlaygroundSettings settings = {}) {
    if (settings.seed == 0) settings.seed = 7;
    add_playground(router_, host_, world_, settings);
  }

  template <class T>
  T run(boost::asio::awaitable<T> work) {
    std::optional<T> value;
    std::exception_ptr threw;
    boost::asio::co_spawn(context_, std::move(work), [&](std::exception_ptr error, T result) {
      threw = error;
      value = std::move(result);
    });
    context_.restart();
    context_.run();
    if (threw) std::rethrow_exception(threw);
    return std::move(*value);
  }
  static HttpRequest request(std::string method, std::string target, std::string body = {}) {
    HttpRequest made(std::move(method), std::move(target));
    made.headers.set("Host", "127.0.0.1:8080");
    if (made.method == "POST") made.headers.set("Content-Type", "application/json");
    made.body = std::move(body);
    return made;
  }
  Answered send(HttpRequest made) {
    Answered answered;
    answered.raw = run(router_.handle(std::move(made)));
    answered.status = answered.raw.status;
    answered.body = nlohmann::json::parse(answered.raw.body, nullptr, false);
    return answered;
  }
  Answered post(const std::string& name, const nlohmann::json& body) {
    return send(request("POST", "/playground/api/" + name, body.dump()));
  }
  Answered get(const std::string& name) { return send(request("GET", "/playground/api/" + name)); }

  /// A message of the bot, as its adapter would send it.
  static nlohmann::json outgoing(std::string key, std::string chat, std::string text, std::uint32_t version = 1,
                                 std::uint64_t parcel = 1) {
    return {{"key", std::move(key)},
            {"chat", std::move(chat)},
            {"to", nullptr},
            {"kind", "text"},
            {"text", std::move(text)},
            {"card", nullptr},
            {"mentions", nlohmann::json::array()},
            {"urgent", false},
            {"request", nullptr},
            {"card_id", 0},
            {"version", version},
            {"parcel", parcel}};
  }
  static nlohmann::json card(const std::string& title, nlohmann::json buttons = nlohmann::json::array(),
                             nlohmann::json inputs = nlohmann::json::array()) {
    return {{"title", title},
            {"tone", "info"},
            {"fields", nlohmann::json::array()},
            {"body", ""},
            {"inputs", std::move(inputs)},
            {"buttons", std::move(buttons)},
            {"footer", ""}};
  }
  static nlohmann::json button(const std::string& action) {
    return {{"action", action}, {"label", action}, {"style", "normal"}, {"confirm", nullptr}, {"command", ""}};
  }
  boost::asio::awaitable<void> bring(std::string method, std::string target, nlohmann::json body) {
    HttpRequest made(std::move(method), std::move(target));
    made.body = body.dump();
    const auto sent = co_await world_.send("playground:", std::move(made), Duration(1000));
    EXPECT_TRUE(sent);
    last_status_ = sent ? sent->status : 0;
    last_body_ = sent ? sent->body : std::string();
  }
  int deliver(const std::string& method, const std::string& target, const nlohmann::json& body) {
    run(bring_once(method, target, body));
    return last_status_;
  }
  std::string shown_id() const { return nlohmann::json::parse(last_body_).at("id").get<std::string>(); }

  boost::asio::io_context context_{1};
  std::unique_ptr<Store> store_ = make_memory_store(context_.get_executor());
  FixedTime time_{at("2026-11-23T09:00:00+08:00")};
  FakeHost host_{*store_, time_};
  PlaygroundWorld world_{*store_, time_};
  Router router_;
  int last_status_ = 0;
  std::string last_body_;

 private:
  boost::asio::awaitable<int> bring_once(std::string method, std::string target, nlohmann::json body) {
    co_await bring(std::move(method), std::move(target), std::move(body));
    co_return last_status_;
  }
};

}  // namespace xieban::testing
