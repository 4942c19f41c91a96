#include "tests/support/fake_transport.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace xieban::testing {
namespace {

using nlohmann::json;

}  // namespace

std::size_t FakeTransport::calls(std::string_view target) const {
  return static_cast<std::size_t>(std::ranges::count_if(arrivals_, [&](const Arrival& one) { return one.target == target; }));
}

Fault* FakeTransport::matching(const std::string& origin, const HttpRequest& request) {
  for (auto& fault : faults_) {
    if (fault.times == 0) continue;
    const bool fits = fault.match.empty()
                          ? request.target != "/token"
                          : (origin + request.target).contains(fault.match) || request.body.contains(fault.match);
    if (!fits) continue;
    if (fault.skip > 0) {
      --fault.skip;
      continue;
    }
    if (fault.times > 0) --fault.times;
    return &fault;
  }
  return nullptr;
}

HttpResponse FakeTransport::accept(const std::string& app, const HttpRequest& request, Arrival& arrival) {
  if (request.target == "/token") {
    const std::string token = "t" + std::to_string(++tokens_);
    if (!refuse_all_) valid_tokens_.insert(token);
    return HttpResponse(200, json{{"token", token}, {"expires_ms", token_life_.count()}}.dump());
  }
  if (request.headers.has("Authorization") && !valid_tokens_.contains(arrival.token)) {
    return HttpResponse(200, R"({"code":"token"})");
  }
  const json body = json::parse(request.body);
  arrival.accepted = true;
  if (request.target == "/update") {
    const std::string of = body.value("update_of", "");
    const auto found = std::ranges::find(seen_, of, &SeenMessage::id);
    if (found == seen_.end()) return HttpResponse(200, R"({"code":"no such message"})");
    found->body = request.body;
    found->at = time_->now();
    ++found->updates;
    return HttpResponse(200, json{{"code", "ok"}, {"id", of}}.dump());
  }
  const std::string key = body.value("key", "");
  if (const auto known = by_key_.find(app + key); !key.empty() && known != by_key_.end()) {
    ++seen_[known->second].sends;
    return HttpResponse(200, json{{"code", "ok"}, {"id", seen_[known->second].id}}.dump());
  }
  SeenMessage message;
  message.id = "m" + std::to_string(++ids_);
  message.app = app;
  message.chat = body.value("chat", "");
  message.to = body.value("to", "");
  message.key = key;
  message.body = request.body;
  message.at = time_->now();
  message.sends = 1;
  by_key_[app + key] = seen_.size();
  seen_.push_back(message);
  return HttpResponse(200, json{{"code", "ok"}, {"id", message.id}}.dump());
}

boost::asio::awaitable<void> FakeTransport::sleep(Duration wait) {
  const auto alarm = time_->make_alarm();
  co_await alarm->wait(time_->now() + wait);
}

boost::asio::awaitable<Result<HttpResponse>> FakeTransport::send(std::string origin, HttpRequest request, Duration timeout) {
  const std::string app = origin.substr(origin.rfind('/') + 1);
  Arrival arrival;
  arrival.at = time_->now();
  arrival.app = app;
  arrival.target = request.target;
  arrival.body = request.body;
  arrival.token = std::string(request.headers.get("Authorization"));
  const std::size_t index = arrivals_.size();
  arrivals_.push_back(arrival);
  most_at_once_ = std::max(most_at_once_, ++at_once_);

  Result<HttpResponse> result{HttpResponse(200)};
  const Fault* found = matching(origin, request);
  const Fault fault = found ? *found : Fault{Fault::Do::delay, {}, 0, 0, Duration{0}, 0, {}, {}};
  switch (fault.what) {
    case Fault::Do::delay:
      if (fault.wait > timeout) {
        co_await sleep(timeout);
        result = std::unexpected(Error(Errc::timed_out, "no answer in time"));
        break;
      }
      if (fault.wait > Duration{0}) co_await sleep(fault.wait);
      result = accept(app, request, arrival);
      break;
    case Fault::Do::hang:
    case Fault::Do::hang_after_accept:
      if (fault.what == Fault::Do::hang_after_accept) accept(app, request, arrival);
      co_await sleep(timeout);
      result = std::unexpected(Error(Errc::timed_out, "no answer in time"));
      break;
    case Fault::Do::reset_after_accept:
      accept(app, request, arrival);
      result = std::unexpected(Error(Errc::network, "connection reset by peer"));
      break;
    case Fault::Do::refuse:
      result = std::unexpected(Error(Errc::network, "connect: connection refused"));
      break;
    case Fault::Do::status:
      result = HttpResponse(fault.status, fault.body);
      if (fault.retry_after_s) result->headers.set("Retry-After", std::to_string(*fault.retry_after_s));
      break;
    case Fault::Do::garbage:
      accept(app, request, arrival);
      result = HttpResponse(200, "<html>what?</html>");
      break;
  }
  --at_once_;
  if (index < arrivals_.size()) arrivals_[index].accepted = arrival.accepted;
  co_return result;
}

}  // namespace xieban::testing
