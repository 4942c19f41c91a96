#pragma once
// The composition root: makes everything, wires it, starts and stops it in order.

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "bot/base/error.hpp"
#include "config/load.hpp"

namespace xieban::app {

struct ServiceOptions {
  config::Loaded loaded;
  std::string config_file;  // empty: the sample; what SIGHUP reads again
  std::filesystem::path data = "xieban-data";
  std::string listen;  // empty: server.listen
};

/// One running bot. Constructed, run once, destroyed, all on one thread.
class Service {
 public:
  explicit Service(ServiceOptions);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  /// Opens the store and the listener, prints `ready http://ADDR:PORT/` through `ready` once /readyz is 200, serves until
  /// SIGTERM or SIGINT, drains, closes; what is still under way nine seconds later ends with the process. Errors: storage,
  /// conflict (a second serve, a newer schema), network (the port).
  Result<void> run(const std::function<void(const std::string& url)>& ready);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Where the SQLite file of a configuration lies under a data folder; an error for other stores.
Result<std::filesystem::path> sqlite_file(const std::string& url, const std::filesystem::path& data);

}  // namespace xieban::app
