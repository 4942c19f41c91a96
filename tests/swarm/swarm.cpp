#include "tests/swarm/swarm.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "bot/base/log.hpp"
#include "storage/codec/codec.hpp"
#include "storage/sqlite/offline.hpp"
#include "tests/support/sim_world.hpp"

namespace xieban::testing {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

const std::vector<std::string> people = {"zhou.market", "zhang.market", "li.lei",     "zhao.tech",     "sun.tech",
                                         "wang.tech",   "qian.tech",    "wu.finance", "zheng.finance", "pan.pmo",
                                         "chen.zong",   "li.fuzong",    "he.fuzong",  "gao.admin",     "a.stranger"};
const std::vector<std::string> chats = {"g1", "g2"};

/// # stands for the number of a request.
const std::vector<std::string> commands = {"/接单 #",
                                           "/接单 #",
                                           "/拒绝 # 原因 没有人手 建议 请市场部做",
                                           "/拒绝 # 没有人手",
                                           "/补充 # 具体范围是什么",
                                           "/补充 # 只做首页",
                                           "/指派 # 钱工",
                                           "/转交 # 孙工 我出差",
                                           "/配合 # 财务部",
                                           "/任务 # @钱工 写接口 截止 3d 标准: 通过评审",
                                           "/进度 # 30% 正常",
                                           "/进度 # 60% 滞后 原因: 缺人 措施: 加班",
                                           "/进度 # 80% 风险 原因: 上游未定 措施: 升级",
                                           "/进度 #.1 100% 正常",
                                           "/延期 # 5d 上游未定",
                                           "/同意 #",
                                           "/不同意 # 太晚了",
                                           "/升级 # 没人管",
                                           "/催办 #",
                                           "/交付 # 已完成",
                                           "/交付 #.1 已完成",
                                           "/验收 # 通过",
                                           "/验收 # 驳回 没有达到",
                                           "/验收 #.1 通过",
                                           "/暂停 # 等报价 到 2d",
                                           "/暂停 # 等报价",
                                           "/恢复 #",
                                           "/取消 # 不做了",
                                           "/重开 # 还要做",
                                           "/撤回 #",
                                           "/关注 #",
                                           "/查看 #",
                                           "/为什么 #",
                                           "/我的",
                                           "/本部门",
                                           "/看板",
                                           "/搜索 接口",
                                           "/帮助",
                                           "/请假 到 2d 代理 @孙工",
                                           "/绑定",
                                           "/发起",
                                           "官网改版",
                                           "技术部",
                                           "跳过",
                                           "返回",
                                           "取消",
                                           "/完全不认识的命令 1",
                                           "你好"};
const std::vector<std::string> raises = {"/发起 接口对接 给技术部", "/发起 对账 给财务部 截止 3d",
                                         "/发起 活动页 给市场部 截止 2d 紧急", "/紧急 支付失败 给技术部", "/发起 采购 给@郑财"};

/// One event that people caused, kept so that it can come again.
struct Past {
  HttpRequest request;
  std::string note;  // text of the comment it makes, for counting effects
  bool answered = false, acted = false;
};

class Swarm {
 public:
  Swarm(std::uint64_t seed, std::size_t steps) : rng_(seed), steps_(steps) {
    options_.seed = seed;
    options_.file = folder_.path() / "swarm.db";
    world_ = std::make_unique<SimWorld>(options_);
  }

  SwarmResult run() {
    log::set_sink(
        [this](log::Level, std::string_view line) {
          errors_.push_back(local_text(world_->time().now()) + " " + std::string(line));
        },
        log::Level::error);
    for (std::size_t step = 0; step < steps_; ++step) {
      one_step();
      if (world_->store().dead()) kill("a store call never came back");
      if (step % 10 == 9) check_requests();
    }
    end();
    log::set_sink({});
    return std::move(result_);
  }

 private:
  std::uint64_t roll(std::uint64_t sides) { return rng_.below(sides); }
  template <class T>
  const T& pick(const std::vector<T>& from) {
    return from[roll(from.size())];
  }
  void note(std::string line) { result_.diary.push_back(local_text(world_->time().now()) + " " + std::move(line)); }
  void trouble(std::string what) {
    if (std::ranges::find(result_.troubles, what) == result_.troubles.end()) result_.troubles.push_back(std::move(what));
  }

  void one_step() {
    const auto dice = roll(100);
    if (dice < 12)
      say(pick(raises));
    else if (dice < 45)
      say(with_number(pick(commands)));
    else if (dice < 53)
      comment();
    else if (dice < 63)
      press();
    else if (dice < 71)
      repeat();
    else if (dice < 85)
      wait();
    else if (dice < 90)
      break_platform();
    else if (dice < 95)
      break_store();
    else if (dice < 97)
      kill("kill -9");
    else if (dice < 98)
      restart();
    else
      jump();
  }

  std::string with_number(std::string command) {
    const auto mark = command.find('#');
    if (mark != std::string::npos) command.replace(mark, 1, std::to_string(1 + roll(requests_ + 1)));
    return command;
  }

  void deliver(Past& past) {
    const std::uint64_t copies = roll(12) == 0 ? 1 + roll(4) : 1;
    for (std::uint64_t copy = 0; copy < copies; ++copy) {
      world_->receive_later(past.request, [&past](HttpResponse response) {
        const auto body = json::parse(response.body, nullptr, false);
        if (response.status != 200 || !body.is_object() || !body.contains("outcome")) return;
        past.answered = true;
        past.acted = past.acted || body["outcome"].get<int>() == static_cast<int>(Done::acted);
      });
    }
    // A second or two pass, or they come nearly at once.
    if (roll(3) > 0)
      world_->advance(Duration{static_cast<Duration::rep>(roll(4000))});
    else
      world_->time().run_ready();
    ++result_.events;
  }

  Past& remember(HttpRequest request, std::string noted = {}) {
    past_.push_back(std::make_unique<Past>());
    past_.back()->request = std::move(request);
    past_.back()->note = std::move(noted);
    return *past_.back();
  }

  void say(const std::string& text, std::string noted = {}) {
    const std::string& user = pick(people);
    const std::string chat = roll(3) == 0 ? "p:" + user : pick(chats);
    if (text.starts_with("/发起 ") || text.starts_with("/紧急")) ++requests_;
    note(user + "@" + chat + ": " + text);
    deliver(remember(said("e" + std::to_string(++keys_), user, chat, text, chat.starts_with("p:")), std::move(noted)));
  }

  void comment() {
    const std::string words = "备注-" + std::to_string(++notes_) + "-";
    say("/备注 " + std::to_string(1 + roll(requests_ + 1)) + " " + words, words);
  }

  void press() {
    const auto& seen = world_->platform_side().seen();
    if (seen.empty()) return;
    const auto& message = seen[roll(seen.size())];
    const auto body = json::parse(message.body);
    const auto buttons = body.value("card", json::object()).value("buttons", json::array());
    if (buttons.empty()) return;
    const std::string action = buttons[roll(buttons.size())].value("action", "");
    const std::string user = message.to.empty() || roll(4) == 0 ? pick(people) : message.to;
    note(user + " presses " + action + " on " + message.id);
    deliver(remember(
        pressed("e" + std::to_string(++keys_), user, message.chat, CardId(body.value("card_id", std::uint64_t{0})), action)));
  }

  /// The platform sends an old event again, in any order.
  void repeat() {
    if (past_.empty()) return;
    auto& past = *past_[past_.size() - 1 - roll(std::min<std::size_t>(past_.size(), 8))];
    note("again: " + past.request.body);
    deliver(past);
  }

  void wait() {
    static const std::vector<Duration> spans = {1s, 20s, 3min, 31min, 2h, 9h, 24h, 72h};
    const auto by = pick(spans);
    note("+" + to_iso_duration(by));
    world_->advance(by);
  }

  void jump() {
    const Duration by{static_cast<Duration::rep>(roll(48 * 3600)) * 1000};
    jumped_ = jumped_ || by >= Backoff{}.give_up_after;
    note("the clock jumps " + to_iso_duration(by));
    world_->time().jump(world_->time().now() + by);
  }

  void break_platform() {
    static const std::vector<Fault::Do> kinds = {
        Fault::Do::delay,  Fault::Do::hang,   Fault::Do::hang_after_accept, Fault::Do::reset_after_accept, Fault::Do::refuse,
        Fault::Do::status, Fault::Do::garbage};
    Fault fault;
    fault.what = pick(kinds);
    fault.times = 1 + static_cast<int>(roll(6));
    fault.wait = Duration{static_cast<Duration::rep>(roll(12000))};
    if (fault.what == Fault::Do::status && roll(2) == 0) {
      fault.status = 429;
      if (roll(2) == 0) fault.retry_after_s = static_cast<int>(roll(60));
    }
    if (roll(5) == 0) fault.match = "/token";
    note("platform fault " + std::to_string(static_cast<int>(fault.what)));
    if (roll(6) == 0)
      world_->platform_side().expire_tokens();
    else
      world_->platform_side().fault(fault);
  }

  void break_store() {
    static const std::vector<std::string> calls = {"",       "transact",     "wake_due", "claim_outbox",
                                                   "settle", "next_instant", "load"};
    StoreFault fault;
    fault.call = pick(calls);
    fault.skip = roll(6);
    fault.what = static_cast<StoreFault::Do>(roll(5));
    fault.times = 1 + static_cast<int>(roll(3));
    fault.code = roll(2) == 0 ? Errc::limited : Errc::storage;
    const Duration wait{static_cast<Duration::rep>(roll(5000))};
    if (fault.what == StoreFault::Do::slow) fault.wait = wait;
    note("store fault " + fault.call + " " + std::to_string(static_cast<int>(fault.what)));
    world_->store().fault(fault);
  }

  void kill(const std::string& why) {
    static const std::vector<Duration> downs = {0s, 1s, 40s, 10min, 3h, 30h};
    const auto down = pick(downs);
    note(why + ", down for " + to_iso_duration(down));
    ++result_.kills;
    world_->kill(down);
  }

  void restart() {
    note("an orderly restart");
    world_->store().heal();
    world_->restart();
  }

  // ---- the end: everything heals, everything unanswered comes again, and then the books must balance ----

  void end() {
    world_->platform_side().heal();
    world_->store().heal();
    kill("the last start");
    for (auto& past : past_) {
      if (!past->answered) deliver(*past);
    }
    world_->advance(1h);
    // To an hour in which nobody is reminded of anything: then nothing may wait.
    TimePoint evening = local(to_rfc3339(world_->time().now()).substr(0, 10) + " 23:30");
    if (evening < world_->time().now()) evening += 24h;
    world_->time().run_until(evening);
    check_requests();
    check_effects();
    check_messages();
    if (jumped_) retry_given_up();
    check_store();
    for (const auto& line : errors_) {
      // A day that a clock jumped over counts as a day: then eight refused attempts are enough to give up.
      const bool given_up = jumped_ && line.find("outbox.given_up") != std::string::npos;
      // A store that refuses for a minute. It was answered busy, came again, and its effect is among those that were checked.
      const bool came_again = line.find("\"intake.lost\"") != std::string::npos;
      if (!given_up && !came_again) trouble("error log: " + line);
    }
  }

  void check_requests() {
    for (std::uint64_t id = 1; id <= requests_ + 1; ++id) {
      const auto request = world_->request(id);
      if (!request) continue;
      const auto history = world_->history(id);
      check_one(*request, history);
    }
  }

  void check_one(const Request& request, const std::vector<Stamped>& history) {
    const std::string name = "request " + request.id.str() + ": ";
    const auto folded = fold(history);
    if (!folded) {
      trouble(name + "the history gives nothing");
      return;
    }
    if (codec::encode(*folded) != codec::encode(request)) {
      trouble(name + "the history gives another request\n  row    " + codec::encode(request) + "\n  folded " +
              codec::encode(*folded));
    }
    const auto& rules = *world_->rules().get();
    const auto policy = rules.type(request.type);
    if (!policy) {
      trouble(name + "no policy");
      return;
    }
    const auto wakes = wake_at(request, *policy, rules);
    const auto next = next_step(request, *policy, rules, world_->time().now());
    if (terminal(request.phase)) {
      if (wakes) trouble(name + "is closed and still wakes");
    } else {
      if (!next || next->who.empty() || next->who.front().empty()) trouble(name + "is open and nobody's");
      if (std::ranges::all_of(request.clocks, [](const Clock& one) { return one.stopped.has_value(); })) {
        trouble(name + "is open and has no clock");
      }
    }
    std::set<std::tuple<std::uint32_t, std::uint16_t, std::uint16_t>> reached;
    for (const auto& entry : history) {
      const auto* rung = std::get_if<RungReached>(&entry.event);
      if (rung && !reached.emplace(rung->clock.value, rung->rung, rung->count).second) {
        trouble(name + "rung " + std::to_string(rung->rung) + " of clock " + rung->clock.str() + " was reached twice");
      }
    }
    if (codec::encode(request).size() > 64 * 1024) trouble(name + "is larger than 64 KiB");
  }

  /// Every comment that was acknowledged stands in a history, none twice.
  void check_effects() {
    std::map<std::string, int> found;
    for (std::uint64_t id = 1; id <= requests_ + 1; ++id) {
      for (const auto& entry : world_->history(id)) {
        if (const auto* noted = std::get_if<Noted>(&entry.event)) ++found[noted->text];
      }
    }
    for (const auto& past : past_) {
      if (past->note.empty()) continue;
      const auto seen = found.find(past->note);
      const int count = seen == found.end() ? 0 : seen->second;
      if (count > 1) trouble("comment " + past->note + " took effect " + std::to_string(count) + " times");
      if (count == 0 && past->acted) trouble("comment " + past->note + " was acknowledged and is lost");
      if (!past->answered) trouble("an event was never answered, though everything is well again: " + past->request.body);
    }
  }

  void check_messages() {
    const auto& log = world_->log();
    for (const auto& [key, parcels] : log.composed) {
      if (parcels.size() != 1) trouble("key " + key + " stands for several parcels");
    }
    std::map<std::string, std::string> same;
    for (const auto& message : world_->platform_side().seen()) {
      ++result_.messages;
      if (!log.composed.contains(message.key)) {
        trouble("an unexpected message: " + message.body);
        continue;
      }
      const auto body = json::parse(message.body);
      result_.seen += message.id + " " + local_text(message.at) + " " + message.body + "\n";
      // Reminders and news: the same words to the same people that set out at the same instant under two keys are a doubling.
      // (What a fault held back may meet its successor on the way.)
      if (message.to.empty() || !log.kinds.at(message.key).starts_with("notify")) continue;
      const auto set_out = log.first_claims.at(message.key).time_since_epoch().count();
      const auto twin = message.to + "|" + body.value("text", "") + "|" + std::to_string(set_out);
      const auto [first, fresh] = same.try_emplace(twin, message.key);
      if (!fresh) {
        trouble("seen twice at " + local_text(message.at) + ", " + first->second + " (" + log.kinds.at(first->second) +
                ") and " + message.key + " (" + log.kinds.at(message.key) + "): " + message.body);
      }
    }
  }

  /// What an administrator would do with what is shown as given up.
  void retry_given_up() {
    const auto list = world_->run(world_->store().troubles(1000));
    for (const auto& one : *list) {
      if (!one.id.starts_with("parcel:")) continue;
      const auto again = world_->run(world_->store().retry(one.id, world_->time().now()));
      if (!again) trouble("cannot be tried again: " + one.id + " " + again.error().text);
    }
    world_->outbox().ring();
    world_->advance(1h);
  }

  void check_store() {
    const auto stats = world_->stats();
    if (stats.held > 0) trouble("held: " + troubles());
    if (stats.failed_events > 0) trouble("events were put aside: " + troubles());
    if (stats.needs_care > 0) trouble("requests need care: " + troubles());
    if (stats.outbox_oldest && *stats.outbox_oldest < world_->time().now() - 30min) {
      trouble("something waits since " + local_text(*stats.outbox_oldest));
    }
    const auto list = world_->run(world_->store().troubles(1000));
    for (const auto& one : *list) {
      // Answers that may have been seen are not sent again once the platform forgets keys: that is the policy.
      if (one.id.starts_with("parcel:") && one.what.find("unknown") == std::string::npos)
        trouble("given up: " + one.id + " " + one.what);
    }
    world_->stop();
    const auto verified = verify_sqlite_history(options_.file, std::nullopt);
    if (!verified) {
      trouble("the history cannot be verified: " + verified.error().text);
    } else {
      for (const auto& fault : verified->faults) trouble("history of " + fault.request + ": " + fault.reason);
    }
  }

  std::string troubles() {
    std::string all;
    const auto list = world_->run(world_->store().troubles(5));
    for (const auto& one : *list) all += one.id + " " + one.what + "; ";
    return all;
  }

  Rng rng_;
  std::size_t steps_;
  TemporaryFolder folder_;
  SimOptions options_;
  std::unique_ptr<SimWorld> world_;
  std::vector<std::unique_ptr<Past>> past_;
  std::vector<std::string> errors_;
  std::uint64_t requests_ = 0, keys_ = 0, notes_ = 0;
  bool jumped_ = false;  // over a whole day
  SwarmResult result_;
};

}  // namespace

SwarmResult swarm(std::uint64_t seed, std::size_t steps) { return Swarm(seed, steps).run(); }

}  // namespace xieban::testing
