#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <memory>

#include "storage/tables.hpp"

namespace xieban {

/// The specification of Store, in memory: for tests and simulations. Calls finish on the executor, in order.
/// `same_key`: empty means that every platform recognises a key for an hour.
std::unique_ptr<Store> make_memory_store(boost::asio::any_io_executor, SameKey same_key = {});

}  // namespace xieban
