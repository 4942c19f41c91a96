#include "tests/sim/servers/dingtalk_cards.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "tests/sim/servers/answers.hpp"
#include "tests/sim/servers/dingtalk_answers.hpp"
#include "tests/sim/servers/dingtalk_card_view.hpp"
#include "tests/sim/servers/dingtalk_groups.hpp"

namespace xieban::sim::dingtalk {

using nlohmann::json;

namespace {

constexpr std::size_t most_track = 100;
constexpr std::size_t most_key_bytes = 100;
constexpr std::size_t most_card_bytes = 100 * 1024;
constexpr std::size_t most_space_id = 1000;
constexpr std::string_view space_scheme = "dtv1.card//";
/// The templates in DingTalk's own SDK.
constexpr std::array<std::string_view, 3> public_templates = {"1366a1eb-bc54-4859-ac88-517c56a9acb1.schema",
                                                              "589420e2-c1e2-46ef-a5ed-b8728e654da9.schema",
                                                              "382e4302-551d-4880-bf29-a30acfab2e71.schema"};

struct SpaceKind {
  std::string_view type, deliver_model, space_model;
};
constexpr std::array<SpaceKind, 2> kinds = {{{"IM_GROUP", "imGroupOpenDeliverModel", "imGroupOpenSpaceModel"},
                                             {"IM_ROBOT", "imRobotOpenDeliverModel", "imRobotOpenSpaceModel"}}};

const SpaceKind* kind_of(const std::string& type) {
  const auto found = std::ranges::find(kinds, std::string_view(type), &SpaceKind::type);
  return found == kinds.end() ? nullptr : &*found;
}

/// "dtv1.card//IM_GROUP.cid;IM_ROBOT.user"; empty: malformed.
std::vector<std::pair<std::string, std::string>> spaces_of(const std::string& id) {
  std::vector<std::pair<std::string, std::string>> found;
  if (!id.starts_with(space_scheme) || id.size() > most_space_id) return found;
  std::string_view rest = std::string_view(id).substr(space_scheme.size());
  while (!rest.empty()) {
    const auto end = std::min(rest.find(';'), rest.size());
    const std::string_view one = rest.substr(0, end);
    const auto dot = one.find('.');
    if (dot == std::string_view::npos || dot + 1 == one.size()) return {};
    found.emplace_back(one.substr(0, dot), one.substr(dot + 1));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return found;
}

/// "published", "draft", or empty: there is none.
std::string template_state(const json& app, const std::string& id) {
  if (app.contains("templates")) return text_of(app["templates"], id.c_str());
  return std::ranges::find(public_templates, id) != public_templates.end() ? "published" : "";
}

json values_of(const json& holder) { return object_of(holder, "cardParamMap"); }

}  // namespace

void Cards::clear() {
  cards_.clear();
  routes_.clear();
}

std::optional<Outcome> Cards::refuse_values(const json& values) {
  const auto most = static_cast<std::size_t>(stage_.world.limit("card_value_bytes", 1024));
  std::size_t total = 0;
  for (const auto& [name, value] : values.items()) {
    if (!value.is_string()) return api_refusal("param.invalid", "the value of " + name + " is not a string");
    const std::size_t size = value.get_ref<const std::string&>().size();
    if (name.size() > most_key_bytes || size > most)
      return api_refusal("param.invalid", "the value of " + name + " is too long");
    total += size;
  }
  if (total > most_card_bytes) return api_refusal("param.invalid", "the card is too big");
  return std::nullopt;
}

std::optional<Outcome> Cards::refuse_creation(const json& app, const json& body) {
  const std::string id = text_of(body, "cardTemplateId");
  if (id.empty()) return api_refusal("param.cardTemplateIdEmpty", "cardTemplateId is missing");
  const std::string state = template_state(app, id);
  if (state.empty()) return api_refusal("param.templateNotExist", "no template " + id);
  if (state != "published") return api_refusal("param.templateUnpublished", "the template is not published");
  const std::string track = text_of(body, "outTrackId");
  if (track.empty() || track.size() > most_track) return api_refusal("param.invalid", "outTrackId");
  // Ids of people are userIds here; nothing this simulator is for speaks of unionIds.
  if (body.value("userIdType", json(1)) != 1) return api_refusal("param.invalid", "userIdType");
  const json data = values_of(object_of(body, "cardData"));
  if (data.empty()) return api_refusal("param.cardPublicDataEmpty", "cardData is empty");
  if (auto wrong = refuse_values(data)) return wrong;
  const json own = object_of(body, "privateData");
  for (const auto& [user, values] : own.items()) {
    if (stage_.world.person(user) == nullptr) return api_refusal("param.userIdNotExist", user);
    if (auto wrong = refuse_values(values_of(values))) return wrong;
  }
  return std::nullopt;
}

std::optional<Outcome> Cards::refuse_delivery(const json& app, const json& body, const std::vector<Space>& spaces) {
  if (spaces.empty()) return api_refusal("param.openSpaceIdInvalid", "openSpaceId");
  for (const Space& space : spaces) {
    const SpaceKind* kind = kind_of(space.first);
    if (kind == nullptr) return api_refusal("param.openSpaceIdInvalid", "openSpaceId of type " + space.first);
    const json model = object_of(body, std::string(kind->deliver_model).c_str());
    if (model.empty()) return api_refusal("param.openDeliverModelEmpty", std::string(kind->deliver_model) + " is missing");
    const bool robot = text_of(model, "robotCode") == robot_of(stage_.world, app, space.second);
    const bool typed = space.first != "IM_ROBOT" || text_of(model, "spaceType") == "IM_ROBOT";
    if (!robot || !typed) return api_refusal("param.openDeliverModelError", "robotCode or spaceType");
    const auto place = body.find(kind->space_model);
    if (place != body.end() && !place->contains("supportForward"))
      return api_refusal("param.openSpaceModelInvalid", "supportForward is missing");
    const json named = object_of(model, "atUserIds");
    for (const auto& [user, name] : named.items()) {
      if (user != "@ALL" && stage_.world.person(user) == nullptr) return api_refusal("param.userIdNotExist", user);
    }
  }
  return std::nullopt;
}

Outcome Cards::create(const json& app, const json& body) {
  if (auto refusal = refuse_creation(app, body)) return *refusal;
  const std::string track = text_of(body, "outTrackId");
  if (cards_.contains(track)) {
    if (stage_.world.limit("card_again_is_ignored", 0) == 0) return api_refusal("param.cardAlreadyExist", track);
    return api_good({{"success", true}, {"result", track}});
  }
  Card card;
  card.app = text_of(app, "id");
  card.track = track;
  card.template_id = text_of(body, "cardTemplateId");
  card.callback_type = text_of(body, "callbackType");
  card.route = text_of(body, "callbackRouteKey");
  card.data = values_of(body["cardData"]);
  const json own = object_of(body, "privateData");
  for (const auto& [user, values] : own.items()) card.privates[user] = values_of(values);
  for (const json& user : body.value("cardAtUserIds", json::array())) {
    const bool written = text_of(card.data, "markdown").find("<a atId=" + user.get<std::string>() + ">") != std::string::npos;
    if (written) card.mentions.push_back(user);
  }
  cards_[track] = std::move(card);
  return api_good({{"success", true}, {"result", track}});
}

json Cards::deliver_to(Card& card, const json& body, const Space& space) {
  const auto& [type, id] = space;
  json result = {{"spaceType", type}, {"spaceId", id}, {"success", false}, {"carrierId", ""}, {"errorMsg", ""}};
  const bool group = type == "IM_GROUP";
  const json* place = group ? stage_.world.chat(id) : stage_.world.person(id);
  const bool there = place != nullptr && !place->value("dissolved", false) && place->value("robot", true) &&
                     place->value("active", true) && place->value("visible", true) && !place->value("external", false);
  if (!there) {
    result["errorMsg"] = "spaceId is illegal";
    return result;
  }
  Shown message;
  message.id = stage_.ids.next("pqk") + "+/=";
  message.app = card.app;
  message.chat = group ? id : "p2p_" + id;
  message.to = group ? "" : id;
  message.kind = "card";
  message.key = card.track;
  message.sent_at = stage_.clock.now();
  message.mentions = card.mentions;
  const json named = object_of(object_of(body, "imGroupOpenDeliverModel"), "atUserIds");
  for (const auto& [user, name] : named.items()) {
    const bool sees = user == "@ALL" || stage_.world.member(id, user);
    if (group && sees) message.mentions.push_back(user == "@ALL" ? "@all" : user);
  }
  card.shown.push_back(message.id);
  result["success"] = true;
  result["carrierId"] = message.id;
  stage_.journal.show(shown(card, std::move(message)));
  return result;
}

Outcome Cards::deliver(const json& app, const json& body) {
  const auto spaces = spaces_of(text_of(body, "openSpaceId"));
  if (auto refusal = refuse_delivery(app, body, spaces)) return *refusal;
  const auto card = cards_.find(text_of(body, "outTrackId"));
  if (card == cards_.end()) return api_refusal("param.cardNotExist", "outTrackId");
  json results = json::array();
  for (const Space& space : spaces) results.push_back(deliver_to(card->second, body, space));
  return api_good({{"success", true}, {"result", {{"outTrackId", card->first}, {"deliverResults", results}}}});
}

Outcome Cards::create_and_deliver(const json& app, const json& body) {
  if (auto refusal = refuse_creation(app, body)) return *refusal;
  if (auto refusal = refuse_delivery(app, body, spaces_of(text_of(body, "openSpaceId")))) return *refusal;
  const bool again = cards_.contains(text_of(body, "outTrackId"));
  Outcome created = create(app, body);
  if (!created.accepted) return created;
  if (!again) return deliver(app, body);
  return api_good({{"success", true}, {"result", {{"outTrackId", body["outTrackId"]}, {"deliverResults", json::array()}}}});
}

void Cards::change(Card& card, const json& options, const json& data, const json& privates) {
  const bool by_key = options.value("updateCardDataByKey", json()) == true;
  const bool private_by_key = options.value("updatePrivateDataByKey", json()) == true;
  if (!data.empty() && !by_key) card.data = json::object();
  card.data.update(data);
  for (const auto& [user, values] : privates.items()) {
    if (!private_by_key || !card.privates.contains(user)) card.privates[user] = json::object();
    card.privates[user].update(values);
  }
  for (const std::string& id : card.shown) {
    const Shown* old = stage_.journal.find(id);
    if (old == nullptr) continue;
    Shown next = shown(card, *old);
    ++next.version;
    stage_.journal.show(std::move(next));
  }
}

Outcome Cards::update(const json& app, const json& body) {
  const auto found = cards_.find(text_of(body, "outTrackId"));
  if (found == cards_.end() || found->second.app != text_of(app, "id")) return api_refusal("param.cardNotExist", "outTrackId");
  const json data = values_of(object_of(body, "cardData"));
  json privates = json::object();
  const json own = object_of(body, "privateData");
  for (const auto& [user, values] : own.items()) {
    if (stage_.world.person(user) == nullptr) return api_refusal("param.userIdNotExist", user);
    privates[user] = values_of(values);
    if (auto wrong = refuse_values(privates[user])) return *wrong;
  }
  if (data.empty() && privates.empty()) return api_refusal("param.cardDataAndPrivateDataBothEmpty", "nothing to update");
  if (auto wrong = refuse_values(data)) return *wrong;
  change(found->second, object_of(body, "cardUpdateOptions"), data, privates);
  return api_good({{"success", true}, {"result", true}});
}

Outcome Cards::register_callback(const json& app, const json& body) {
  const std::string key = text_of(body, "callbackRouteKey");
  if (key.empty() || text_of(body, "callbackUrl").empty()) return api_refusal("param.invalid", "callbackRouteKey, callbackUrl");
  json& route = routes_[text_of(app, "id") + "/" + key];
  if (route.is_null() || body.value("forceUpdate", json()) == true) route = body;
  return api_good({{"success", true},
                   {"result", {{"callbackUrl", text_of(route, "callbackUrl")}, {"apiSecret", text_of(route, "apiSecret")}}}});
}

Shown Cards::shown(const Card& card, Shown message) const {
  const CardView view = view_of(card.data);
  message.text = view.text;
  message.card = {{"template", card.template_id}, {"outTrackId", card.track}, {"cardParamMap", card.data},
                  {"privateData", card.privates}, {"buttons", view.buttons},  {"callbackType", card.callback_type}};
  return message;
}

std::string Cards::secret_of(const Card& card) const {
  const auto route = routes_.find(card.app + "/" + card.route);
  if (route != routes_.end()) return text_of(route->second, "apiSecret");
  const json* app = stage_.world.app_by("id", card.app);
  return app == nullptr ? std::string() : text_of(*app, "card_secret");
}

std::optional<Cards::Press> Cards::press(const json& what, std::string& error) {
  const std::string message = text_of(what, "message");
  const std::string user = text_of(what, "user");
  if (stage_.world.person(user) == nullptr) error = "unknown user " + user;
  const Shown* on = stage_.journal.find(message);
  const auto found = cards_.find(on == nullptr ? message : on->key);
  if (found == cards_.end() || found->second.shown.empty()) error = "unknown card " + message;
  if (!error.empty()) return std::nullopt;
  const Card& card = found->second;
  const json* app = stage_.world.app_by("id", card.app);
  if (app == nullptr) {
    error = "no such app";
    return std::nullopt;
  }
  if (on == nullptr) on = stage_.journal.find(card.shown.front());
  const auto content = pressed(card.data, text_of(what, "action"), object_of(what, "inputs"));
  if (!content) {
    error = "the card has no button " + text_of(what, "action");
    return std::nullopt;
  }
  Press made;
  made.app = card.app;
  made.track = card.track;
  // Lower case, missing: the platform takes it and the buttons do nothing.
  if (card.callback_type == "STREAM") made.goes = Press::Goes::stream;
  if (card.callback_type == "HTTP" && !card.route.empty()) made.goes = Press::Goes::http;
  made.secret = secret_of(card);
  made.body = {{"type", "actionCallback"},
               {"outTrackId", card.track},
               {"corpId", text_of(*app, "corp_id")},
               {"userId", user},
               {"content", dump(*content)}};
  made.extra = {{"extension", "{}"},
                {"spaceId", on->to.empty() ? on->chat : on->to},
                {"spaceType", on->to.empty() ? "IM_GROUP" : "IM_ROBOT"},
                {"userIdType", 1}};
  return made;
}

void Cards::answered(const std::string& track, const std::string& user, const json& answer) {
  const auto found = cards_.find(track);
  if (found == cards_.end() || !answer.is_object()) return;
  const json data = values_of(object_of(answer, "cardData"));
  const json own = values_of(object_of(answer, "userPrivateData"));
  json privates = json::object();
  if (!own.empty()) privates[user] = own;
  if (refuse_values(data) || refuse_values(own) || (data.empty() && own.empty())) return;
  change(found->second, object_of(answer, "cardUpdateOptions"), data, privates);
}

}  // namespace xieban::sim::dingtalk
