#include "bot/app/ask_platforms.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <utility>

#include "adapters/dingtalk/check.hpp"
#include "adapters/dingtalk/platform.hpp"
#include "adapters/feishu/check.hpp"
#include "adapters/feishu/platform.hpp"
#include "adapters/wecom/check.hpp"
#include "adapters/wecom/platform.hpp"
#include "bot/app/platform_settings.hpp"
#include "bot/net/client.hpp"
#include "bot/net/loop.hpp"

namespace xieban::app {

namespace asio = boost::asio;

namespace {

constexpr Duration answer_within{10000};
constexpr Duration pace{70};  // between two questions: platforms take 15 to 20 a second

/// "https://open.feishu.cn" -> "open.feishu.cn:443".
std::string host_and_port(const std::string& origin) {
  const auto scheme = origin.find("://");
  std::string host = scheme == std::string::npos ? origin : origin.substr(scheme + 3);
  host = host.substr(0, host.find('/'));
  const auto colon = host.rfind(':');
  const bool has_port = colon != std::string::npos && host.find(']', colon) == std::string::npos;
  if (!has_port) host += origin.starts_with("http://") ? ":80" : ":443";
  return host;
}

/// One app that is asked about, and what is noted of it under its section's key.
class AskedApp {
 public:
  AskedApp(Transport& transport, std::string section, Asked& asked)
      : transport_(transport), section_(std::move(section)), asked_(asked) {}

  /// nullopt: it cannot be reached, and that is noted under `base`.
  asio::awaitable<std::optional<HttpResponse>> put(HttpRequest request, std::string origin, const char* base) {
    std::string where = host_and_port(origin);
    auto answer = co_await transport_.send(std::move(origin), std::move(request), answer_within);
    asio::steady_timer pause(co_await asio::this_coro::executor, pace);
    co_await pause.async_wait(asio::use_awaitable);
    if (answer) co_return std::move(*answer);
    ++asked_.unreachable;
    add(section_ + "." + base, true,
        fmt::format("cannot reach {}: {}; check the address, name resolution, the firewall and the certificates of this host",
                    where, answer.error().text));
    co_return std::nullopt;
  }

  /// Whether there was nothing to note.
  bool note(const std::string& key, const std::vector<Finding>& findings) {
    for (const Finding& one : findings) add(one.subject.empty() ? key : key + "." + one.subject, one.error, one.text);
    return findings.empty();
  }

  /// Which variable it is that is not set, the configuration's own warning says.
  void cannot_ask_without(const char* secret) {
    add(section_ + "." + secret, true, "the platform cannot be asked without this secret; set it and check again");
  }

  /// What several calls say is said once.
  void add(std::string key, bool error, std::string text) {
    const auto same = [&](const config::Problem& known) { return known.key == key && known.text == text; };
    if (std::ranges::any_of(asked_.problems, same)) return;
    config::Problem problem;
    problem.error = error;
    problem.key = std::move(key);
    problem.text = std::move(text);
    asked_.problems.push_back(std::move(problem));
  }

  [[nodiscard]] const std::string& section() const { return section_; }

 private:
  Transport& transport_;
  std::string section_;
  Asked& asked_;
};

class FeishuApp {
 public:
  FeishuApp(Transport& transport, const config::Config& config, std::size_t index, Asked& asked)
      : config_(config),
        app_(transport, fmt::format("feishu[{}]", index), asked),
        settings_(settings_of(config.feishu[index])) {}

  asio::awaitable<void> ask() {
    if (settings_.app_secret.empty()) {
      app_.cannot_ask_without("app_secret");
      co_return;
    }
    const feishu::Question for_token = feishu::token_question(settings_);
    const auto answer = co_await put(for_token);
    if (!answer || !app_.note(app_.section(), feishu::findings(for_token, *answer))) co_return;
    const feishu::FeishuPlatform platform(settings_);
    auto token = platform.read_token(*answer, wall_now());
    if (!token) {
      app_.add(app_.section() + ".api_base", true, token.error().text);
      co_return;
    }
    if (settings_.stream) co_await ask_stream();
    const bool dissolves = std::ranges::any_of(config_.rules.types,
                                               [](const auto& type) { return type->own_group_after == GroupAfter::dissolve; });
    const std::vector<feishu::Question> questions = feishu::app_questions(settings_, dissolves, token->value);
    for (const feishu::Question& question : questions) {
      const auto said = co_await put(question);
      if (!said) co_return;
      app_.note(app_.section(), feishu::findings(question, *said));
    }
    if (settings_.mirror_tasks) {
      const feishu::Question question = feishu::tasks_question(token->value);
      const auto said = co_await put(question);
      if (!said) co_return;
      app_.note(app_.section(), feishu::findings(question, *said));
    }
    co_await ask_people(token->value);
    co_await ask_mobiles(token->value);
    co_await ask_groups(token->value);
  }

 private:
  /// What is wrong with it does not keep the rest from being asked.
  asio::awaitable<void> ask_stream() {
    const feishu::Question question = feishu::stream_question(settings_);
    HttpRequest asks = question.request;
    std::string host = question.about;
    const auto said = co_await app_.put(std::move(asks), std::move(host), "stream_base");
    if (!said || !app_.note(app_.section(), feishu::findings(question, *said))) co_return;
    auto gateway = feishu::stream_gateway(*said);
    if (!gateway) co_return;
    // Whatever it answers to this: it can be reached.
    HttpRequest knock("GET", "/");
    knock.repeatable = true;
    co_await app_.put(std::move(knock), std::move(*gateway), "transport");
  }

  asio::awaitable<void> ask_people(const Secret& token) {
    const std::vector<Person>& people = config_.rules.organisation->people;
    for (std::size_t i = 0; i < people.size(); ++i) {
      const auto here = std::ranges::find(people[i].identities, settings_.app, &IdentityKey::app);
      if (here == people[i].identities.end()) continue;
      const feishu::Question question = feishu::person_question(here->user.value, token);
      const auto said = co_await put(question);
      if (!said) co_return;
      if (feishu::lacks_scope(*said)) {
        app_.note(app_.section(), feishu::findings(question, *said));
        co_return;
      }
      app_.note(fmt::format("person[{}].identities", i), feishu::findings(question, *said));
    }
  }

  /// Who is looked up by number: without an account of this app.
  asio::awaitable<void> ask_mobiles(const Secret& token) {
    const std::vector<Person>& people = config_.rules.organisation->people;
    for (std::size_t i = 0; i < people.size(); ++i) {
      const auto here = std::ranges::find(people[i].identities, settings_.app, &IdentityKey::app);
      if (people[i].mobile.empty() || here != people[i].identities.end()) continue;
      const feishu::Question question = feishu::mobile_question(people[i].mobile, token);
      const auto said = co_await put(question);
      if (!said) co_return;
      const bool lacks = feishu::lacks_scope(*said);
      app_.note(lacks ? app_.section() : fmt::format("person[{}].mobile", i), feishu::findings(question, *said));
      if (lacks) co_return;
    }
  }

  asio::awaitable<void> ask_groups(const Secret& token) {
    const std::vector<GroupRule>& groups = config_.rules.groups;
    for (std::size_t i = 0; i < groups.size(); ++i) {
      if (groups[i].chat.app != settings_.app) continue;
      const feishu::Question question = feishu::group_question(groups[i].chat.chat.value, token);
      const auto said = co_await put(question);
      if (!said) co_return;
      if (feishu::lacks_scope(*said)) {
        app_.note(app_.section(), feishu::findings(question, *said));
        co_return;
      }
      app_.note(fmt::format("group[{}].chat", i), feishu::findings(question, *said));
    }
  }

  asio::awaitable<std::optional<HttpResponse>> put(const feishu::Question& question) {
    HttpRequest request = question.request;
    std::string origin = settings_.api_base;
    co_return co_await app_.put(std::move(request), std::move(origin), "api_base");
  }

  const config::Config& config_;
  AskedApp app_;
  feishu::Settings settings_;
};

class DingTalkApp {
 public:
  DingTalkApp(Transport& transport, const config::Config& config, std::size_t index, Asked& asked)
      : config_(config),
        app_(transport, fmt::format("dingtalk[{}]", index), asked),
        settings_(settings_of(config.dingtalk[index], config.server.public_url)) {
    const bool wants_cards = config.dingtalk[index].card_template != "none";
    if (wants_cards && settings_.card_template == "none")
      app_.add(
          app_.section() + ".card_template", false,
          "without server.public_url nobody hears of a press: cards come as texts with commands to type; set public_url, or "
          "transport = \"stream\"");
  }

  asio::awaitable<void> ask() {
    if (settings_.client_secret.empty()) {
      app_.cannot_ask_without("client_secret");
      co_return;
    }
    const dingtalk::Question for_token = dingtalk::token_question(settings_);
    const auto answer = co_await put(for_token);
    if (!answer || !app_.note(app_.section(), dingtalk::findings(for_token, *answer))) co_return;
    const dingtalk::DingTalkPlatform platform(settings_, Rng(0));
    auto token = platform.read_token(*answer, wall_now());
    if (!token) {
      app_.add(app_.section() + ".api_base", true, token.error().text);
      co_return;
    }
    const std::vector<dingtalk::Question> questions = dingtalk::app_questions(settings_, token->value);
    for (const dingtalk::Question& question : questions) {
      const auto said = co_await put(question);
      if (!said) co_return;
      const bool fine = app_.note(app_.section(), dingtalk::findings(question, *said));
      if (fine && question.what == dingtalk::Asks::stream) co_await knock(*said);
    }
    co_await ask_people(token->value);
    co_await ask_mobiles(token->value);
  }

 private:
  asio::awaitable<void> knock(const HttpResponse& where) {
    auto gateway = dingtalk::stream_gateway(where);
    if (!gateway) co_return;
    // Whatever it answers to this: it can be reached. If it cannot, the rest is asked all the same.
    HttpRequest knock("GET", "/");
    knock.repeatable = true;
    co_await app_.put(std::move(knock), std::move(*gateway), "transport");
  }

  asio::awaitable<void> ask_people(const Secret& token) {
    const std::vector<Person>& people = config_.rules.organisation->people;
    for (std::size_t i = 0; i < people.size(); ++i) {
      const auto here = std::ranges::find(people[i].identities, settings_.app, &IdentityKey::app);
      if (here == people[i].identities.end()) continue;
      const dingtalk::Question question = dingtalk::person_question(settings_, here->user.value, token);
      const auto said = co_await put(question);
      if (!said) co_return;
      const bool lacks = dingtalk::lacks_scope(*said);
      app_.note(lacks ? app_.section() : fmt::format("person[{}].identities", i), dingtalk::findings(question, *said));
      if (lacks) co_return;
    }
  }

  /// Who is looked up by number: without an account of this app.
  asio::awaitable<void> ask_mobiles(const Secret& token) {
    const std::vector<Person>& people = config_.rules.organisation->people;
    for (std::size_t i = 0; i < people.size(); ++i) {
      const auto here = std::ranges::find(people[i].identities, settings_.app, &IdentityKey::app);
      if (people[i].mobile.empty() || here != people[i].identities.end()) continue;
      const dingtalk::Question question = dingtalk::mobile_question(settings_, people[i].mobile, token);
      const auto said = co_await put(question);
      if (!said) co_return;
      const bool lacks = dingtalk::lacks_scope(*said);
      app_.note(lacks ? app_.section() : fmt::format("person[{}].mobile", i), dingtalk::findings(question, *said));
      if (lacks) co_return;
    }
  }

  asio::awaitable<std::optional<HttpResponse>> put(const dingtalk::Question& question) {
    HttpRequest request = question.request;
    if (!own_token_.empty()) request = dingtalk::with_own_token(std::move(request), own_token_);
    auto answer = co_await put(std::move(request));
    if (!answer || !own_token_.empty() || !dingtalk::wants_own_token(*answer)) co_return answer;
    const dingtalk::DingTalkPlatform platform(settings_, Rng(0));
    HttpRequest asks = *platform.contacts()->own_token_request();
    const auto given = co_await put(std::move(asks));
    if (!given) co_return std::nullopt;
    auto token = platform.contacts()->read_own_token(*given, wall_now());
    if (!token) {
      app_.add(app_.section() + ".oapi_base", true,
               "the host takes only tokens of its own, and gives none: " + token.error().text);
      co_return answer;
    }
    own_token_ = token->value;
    HttpRequest again = dingtalk::with_own_token(question.request, own_token_);
    co_return co_await put(std::move(again));
  }

  asio::awaitable<std::optional<HttpResponse>> put(HttpRequest request) {
    std::string origin = request.origin.empty() ? settings_.api_base : request.origin;
    const char* base = origin == settings_.oapi_base     ? "oapi_base"
                       : origin == settings_.stream_base ? "stream_base"
                                                         : "api_base";
    co_return co_await app_.put(std::move(request), std::move(origin), base);
  }

  const config::Config& config_;
  AskedApp app_;
  dingtalk::Settings settings_;
  Secret own_token_;  // of the old host; empty: it takes the app's
};

class WeComApp {
 public:
  WeComApp(Transport& transport, const config::Config& config, std::size_t index, Asked& asked)
      : config_(config), app_(transport, fmt::format("wecom[{}]", index), asked), settings_(settings_of(config.wecom[index])) {}

  asio::awaitable<void> ask() {
    if (settings_.bot_stream()) co_await knock();
    if (settings_.app) co_await ask_app();
    for (const auto& [chat, key] : settings_.robots) {
      if (key.empty()) {
        app_.cannot_ask_without("webhooks");
        continue;
      }
      const wecom::Question question = wecom::robot_question(chat, key);
      const auto said = co_await put(question);
      if (!said) co_return;
      app_.note(app_.section(), wecom::findings(question, *said));
    }
  }

 private:
  /// A subscription would take the bot's one connection from the service that runs.
  asio::awaitable<void> knock() {
    HttpRequest request("GET", "/");
    request.repeatable = true;
    std::string origin = wecom::stream_origin(settings_);
    co_await app_.put(std::move(request), std::move(origin), "stream_base");
  }

  asio::awaitable<void> ask_app() {
    if (settings_.app->secret.empty()) {
      app_.cannot_ask_without("app.secret");
      co_return;
    }
    const wecom::Question for_token = wecom::token_question(settings_);
    const auto answer = co_await put(for_token);
    if (!answer || !app_.note(app_.section(), wecom::findings(for_token, *answer))) co_return;
    const wecom::WeComPlatform platform(settings_, Rng(0));
    auto token = platform.read_token(*answer, wall_now());
    if (!token) {
      app_.add(app_.section() + ".api_base", true, token.error().text);
      co_return;
    }
    std::vector<wecom::Question> questions = wecom::app_questions(settings_, token->value);
    questions.push_back(wecom::agent_question(settings_, token->value));
    for (const wecom::Question& question : questions) {
      const auto said = co_await put(question);
      const bool fine = said && app_.note(app_.section(), wecom::findings(question, *said));
      if (!fine && !(said && question.what == wecom::Asks::card)) co_return;
    }
    const wecom::Question of_groups = wecom::group_question(token->value);
    const auto of_group = co_await put(of_groups);
    if (!of_group) co_return;
    app_.note(app_.section(), wecom::findings(of_groups, *of_group));
    co_await ask_people(token->value);
    co_await ask_departments(token->value);
  }

  asio::awaitable<void> ask_people(const Secret& token) {
    const std::vector<Person>& people = config_.rules.organisation->people;
    for (std::size_t i = 0; i < people.size(); ++i) {
      const auto here = std::ranges::find(people[i].identities, settings_.app_id, &IdentityKey::app);
      if (here == people[i].identities.end()) continue;
      wecom::Question question = wecom::person_question(here->user.value, token);
      std::string key = fmt::format("person[{}].identities", i);
      const bool goes_on = co_await ask_one(std::move(question), std::move(key));
      if (!goes_on) co_return;
    }
  }

  asio::awaitable<void> ask_departments(const Secret& token) {
    const std::vector<Department>& departments = config_.rules.organisation->departments;
    for (std::size_t i = 0; i < departments.size(); ++i) {
      const auto here = departments[i].platform_ids.find(settings_.app_id);
      if (here == departments[i].platform_ids.end()) continue;
      wecom::Question question = wecom::department_question(here->second, token);
      std::string key = fmt::format("department[{}].platform_ids", i);
      const bool goes_on = co_await ask_one(std::move(question), std::move(key));
      if (!goes_on) co_return;
    }
  }

  /// False: asking about the next one is of no use.
  asio::awaitable<bool> ask_one(wecom::Question question, std::string key) {
    const auto said = co_await put(question);
    if (!said) co_return false;
    const bool all = wecom::refuses_all(*said);
    app_.note(all ? app_.section() : key, wecom::findings(question, *said));
    co_return !all;
  }

  asio::awaitable<std::optional<HttpResponse>> put(const wecom::Question& question) {
    HttpRequest request = question.request;
    std::string origin = settings_.api_base;
    co_return co_await app_.put(std::move(request), std::move(origin), "api_base");
  }

  const config::Config& config_;
  AskedApp app_;
  wecom::Settings settings_;
};

asio::awaitable<void> ask_all(Client& client, const config::Config& config, Asked& asked) {
  for (std::size_t i = 0; i < config.feishu.size(); ++i) {
    FeishuApp app(client, config, i, asked);
    co_await app.ask();
  }
  for (std::size_t i = 0; i < config.dingtalk.size(); ++i) {
    DingTalkApp app(client, config, i, asked);
    co_await app.ask();
  }
  for (std::size_t i = 0; i < config.wecom.size(); ++i) {
    WeComApp app(client, config, i, asked);
    co_await app.ask();
  }
  client.close();
}

}  // namespace

Asked ask_platforms(const config::Config& config) {
  Asked asked;
  asio::io_context loop(1);
  Client client(loop.get_executor(), ClientLimits{});
  std::exception_ptr thrown;
  asio::co_spawn(loop, ask_all(client, config, asked), [&thrown](std::exception_ptr failed) { thrown = std::move(failed); });
  loop.run();
  if (thrown) std::rethrow_exception(thrown);
  return asked;
}

}  // namespace xieban::app
