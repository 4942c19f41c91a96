#pragma once
// The commands that work on a store: backup, restore, verify-history, retry. Exit codes and output: the command-line
// contract (0 done, 1 the answer is no, 3 cannot).

#include <iosfwd>
#include <string>

namespace xieban::app {

struct StoreArgs {
  std::string config_file;  // empty: the sample
  std::string data = "xieban-data";
};

int run_backup(const StoreArgs&, const std::string& file, std::ostream& out, std::ostream& err);
int run_restore(const StoreArgs&, const std::string& file, std::ostream& out, std::ostream& err);
int run_verify_history(const StoreArgs&, const std::string& anchor_file, std::ostream& out, std::ostream& err);
int run_retry(const StoreArgs&, const std::string& id, std::ostream& out, std::ostream& err);

}  // namespace xieban::app
