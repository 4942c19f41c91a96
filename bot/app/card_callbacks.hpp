#pragma once
#include <boost/asio/awaitable.hpp>

#include "bot/ports/time_source.hpp"
#include "bot/ports/transport.hpp"
#include "config/config.hpp"

namespace xieban::app {

/// Tells platforms where presses are to be posted, where only an API can: DingTalk over HTTP, with a public_url. Once at
/// start; what fails is logged, and its buttons stay without effect until the next start.
boost::asio::awaitable<void> register_card_callbacks(const config::Config&, Transport&, TimeSource&);

}  // namespace xieban::app
