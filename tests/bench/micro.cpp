// What single steps of an event cost: decoding the hook, the codec of a request, reading a deadline, working time.
#include <benchmark/benchmark.h>

#include <fstream>

#include "adapters/feishu/hook.hpp"
#include "bot/base/text.hpp"
#include "bot/core/clock/when.hpp"
#include "storage/codec/codec.hpp"
#include "tests/bench/feishu_event.hpp"

namespace {

using namespace xieban;

void hook(benchmark::State& state) {
  const bench::EventOptions options;
  feishu::Settings settings;
  settings.app = AppId("feishu:main");
  settings.app_id = options.app_id;
  settings.encrypt_key = Secret(options.encrypt_key);
  settings.verification_token = Secret(options.token);
  feishu::Hook hook(settings);
  const auto event = bench::message_event(options, "om_1", "/备注 12 接口文档已经发到群里");
  HttpRequest request("POST", "/hook/feishu/main");
  request.headers.add("X-Lark-Request-Timestamp", event.timestamp);
  request.headers.add("X-Lark-Request-Nonce", event.nonce);
  request.headers.add("X-Lark-Signature", event.signature);
  request.body = event.body;
  for (auto _ : state) {
    auto decoded = hook.decode(request, TimePoint(Duration(0)));
    if (!decoded) state.SkipWithError(decoded.error().text.c_str());
    benchmark::DoNotOptimize(decoded);
  }
}
BENCHMARK(hook);

Request usual_request() {
  Request request;
  request.id = RequestId(12);
  request.year = 2026;
  request.title = "新品推广页接口对接";
  request.type = TypeId("urgent");
  request.policy = PolicyHash(std::string(64, 'a'));
  request.urgent = true;
  request.requester = PersonId("han");
  request.owner = PersonId("zhao");
  request.lead = DepartmentId("tech");
  request.chats = {ChatRef{AppId("feishu:main"), ChatId("oc_all")}};
  request.background = "新品下周上线";
  request.situation = "接口文档未定";
  request.impact = "预计影响 5000 人次访问";
  for (std::uint32_t i = 1; i <= 2; ++i) {
    Clock clock;
    clock.id = ClockId(i);
    clock.start = TimePoint(Duration(1'795'000'000'000));
    clock.target = clock.start + Duration(7'200'000);
    clock.calendar = CalendarId("natural");
    clock.rungs.resize(4);
    request.clocks.push_back(clock);
  }
  return request;
}

void codec_encode(benchmark::State& state) {
  const Request request = usual_request();
  for (auto _ : state) benchmark::DoNotOptimize(codec::encode(request));
  state.counters["bytes"] = static_cast<double>(codec::encode(request).size());
}
BENCHMARK(codec_encode);

void codec_decode(benchmark::State& state) {
  const std::string text = codec::encode(usual_request());
  for (auto _ : state) benchmark::DoNotOptimize(codec::decode<Request>(text));
}
BENCHMARK(codec_decode);

Calendar office_hours() {
  CalendarSpec spec;
  spec.id = CalendarId("office");
  spec.zone = "Asia/Shanghai";
  for (std::size_t day = 0; day < 5; ++day) spec.weekly.at(day) = {{9 * 60, 18 * 60}};
  return {spec, nullptr};
}

void deadline(benchmark::State& state) {
  const Calendar office = office_hours();
  const TimePoint now(Duration(1'795'000'000'000));
  for (auto _ : state) benchmark::DoNotOptimize(parse_due("下周三下午3点前", office, now, false, Lang::zh));
}
BENCHMARK(deadline);

/// Every row of the example file, errors with their suggestions included.
void deadline_examples(benchmark::State& state) {
  const Calendar office = office_hours();
  struct Row {
    TimePoint now;
    std::string text;
    Lang lang;
  };
  std::vector<Row> rows;
  std::ifstream file(XIEBAN_SOURCE_DIR "/tests/core/time_expressions_examples.tsv");
  std::string line;
  for (std::getline(file, line); std::getline(file, line);) {
    const auto cells = text::split(line, '\t');
    rows.push_back({*parse_rfc3339(cells[0]), std::string(cells[1]), cells[2] == "en" ? Lang::en : Lang::zh});
  }
  for (auto _ : state) {
    for (const Row& row : rows) benchmark::DoNotOptimize(parse_due(row.text, office, row.now, false, row.lang));
  }
  state.counters["expressions/s"] =
      benchmark::Counter(static_cast<double>(rows.size()), benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(deadline_examples);

/// The longest text that is read at all, of the kind that costs most a byte; argument: bytes. Twice as long, twice the time.
void deadline_longest(benchmark::State& state) {
  const Calendar office = office_hours();
  const auto bytes = static_cast<std::size_t>(state.range(0));
  std::string text;
  while (text.size() + 6 <= bytes) text += "截止";
  for (auto _ : state)
    benchmark::DoNotOptimize(parse_due(text, office, TimePoint(Duration(1'795'000'000'000)), false, Lang::zh));
  state.SetComplexityN(state.range(0));
}
BENCHMARK(deadline_longest)->Arg(1024)->Arg(2048)->Arg(4096)->Complexity(benchmark::oN);

/// Office hours with lunch, the holidays of three published years, and a night shift: what clocks are counted on.
Calendar working_calendar(bool night) {
  using namespace std::chrono;
  CalendarSpec spec;
  spec.id = CalendarId(night ? "night" : "office");
  spec.zone = night ? "America/New_York" : "Asia/Shanghai";
  for (std::size_t day = 0; day < 5; ++day)
    spec.weekly.at(day) = night ? std::vector<Interval>{{22 * 60, 6 * 60}} : std::vector<Interval>{{540, 720}, {810, 1080}};
  spec.chinese_holidays = !night;
  auto holidays = std::make_shared<Holidays>();
  for (int number = 2024; number <= 2026; ++number) {
    HolidayYear one{.year = number, .published = true};
    for (const unsigned m : {1U, 2U, 4U, 5U, 6U, 9U, 10U}) {
      const LocalDate from{year{number}, month{m}, day{1}}, to{year{number}, month{m}, day{5}};
      one.holidays.push_back({"节日", "", from, to, from});
      one.workdays.push_back(LocalDate{year{number}, month{m}, day{11}});
    }
    holidays->years[number] = std::move(one);
  }
  return {spec, holidays};
}

/// The earliest instant so many working minutes later, up to ten years ahead.
void add_working_minutes(benchmark::State& state) {
  const Calendar calendar = working_calendar(state.range(0) != 0);
  const TimePoint start(Duration(1'700'000'000'000));
  const std::int64_t ten_years =
      std::chrono::duration_cast<Minutes>(calendar.between(start, start + std::chrono::days(3652))).count();
  std::int64_t minutes = 0;
  for (auto _ : state) {
    minutes = (minutes + 7'919) % ten_years;
    benchmark::DoNotOptimize(calendar.add(start + std::chrono::minutes(minutes % 100'003), Minutes(minutes)));
  }
  state.counters["additions/s"] = benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}
BENCHMARK(add_working_minutes)->ArgName("night")->Arg(0)->Arg(1);

void working_minutes_between(benchmark::State& state) {
  const Calendar calendar = working_calendar(false);
  const TimePoint start(Duration(1'700'000'000'000));
  std::int64_t shift = 0;
  for (auto _ : state) {
    shift = (shift + 7'919) % 100'003;
    benchmark::DoNotOptimize(calendar.between(start + std::chrono::minutes(shift), start + std::chrono::days(3652)));
  }
}
BENCHMARK(working_minutes_between);

}  // namespace

BENCHMARK_MAIN();
