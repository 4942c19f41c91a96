// The command line. Exit codes everywhere: 0 done or yes, 1 the answer is no, 2 wrong usage, 3 cannot.
#include <CLI/CLI.hpp>
#include <functional>
#include <iostream>
#include <optional>
#include <string>

#include "bot/app/ask_platforms.hpp"
#include "bot/app/cli_check.hpp"
#include "bot/app/cli_preview.hpp"
#include "bot/app/cli_serve.hpp"
#include "bot/app/cli_store.hpp"
#include "bot/app/cli_when.hpp"
#include "bot/app/cli_worktime.hpp"
#include "bot/app/exit_code.hpp"
#include "bot/app/version.hpp"
#include "bot/net/loop.hpp"
#include "config/load.hpp"

namespace {

using namespace xieban::app;

/// What the chosen command will do; CLI11 fills the arguments before it runs.
using Run = std::function<int()>;

/// Empty for an address and a port.
std::string listen_fault(const std::string& listen) {
  if (xieban::config::valid_listen(listen)) return {};
  return "\"" + listen + "\" is not ADDRESS:PORT with a numeric address; write 127.0.0.1:8080 or [::1]:8080";
}

void add_serve(CLI::App& app, Run& run) {
  auto args = std::make_shared<ServeArgs>();
  CLI::App* command = app.add_subcommand("serve", "Run the bot");
  command->add_option("--config", args->config, "configuration file; without it: the sample organisation and the playground");
  command->add_option("--data", args->data, "folder of the database")->capture_default_str();
  command->add_option("--listen", args->listen, "ADDR:PORT instead of server.listen")->check(listen_fault);
  command->add_flag("--playground", args->playground, "switch the playground on");
  command->add_option("--crash-at", args->crash_at)->group("");  // for tests; not in the help
  command->callback([args, &run] { run = [args] { return run_serve(*args, std::cout, std::cerr); }; });
}

void add_check(CLI::App& app, Run& run) {
  auto args = std::make_shared<CheckArgs>();
  args->ask_platforms = ask_platforms;
  args->world.now = xieban::wall_now();
  CLI::App* command = app.add_subcommand("check", "Name every problem of a configuration file");
  command->add_option("--config", args->config, "configuration file")->required();
  command->add_flag("--online", args->online, "also ask the platforms");
  command->callback([args, &run] { run = [args] { return run_check(*args, std::cin, std::cout, std::cerr); }; });
}

void add_when(CLI::App& app, Run& run) {
  auto args = std::make_shared<WhenArgs>();
  args->system_now = xieban::wall_now();
  CLI::App* command = app.add_subcommand("when", "Say what a deadline expression means");
  command->add_option("--now", args->now, "RFC 3339 instant from which it is read; default: the system's clock");
  command->add_option("--calendar", args->calendar, "calendar id")->capture_default_str();
  command->add_option("--urgency", args->urgency, "normal or urgent")->capture_default_str();
  command->add_option("--lang", args->lang, "zh or en")->capture_default_str();
  command->add_flag("--tsv", args->tsv, "one line in, one line out");
  command->add_option("TEXT", args->words, "the expression");
  command->callback([args, &run] { run = [args] { return run_when(*args, std::cin, std::cout, std::cerr); }; });
}

void add_worktime(CLI::App& app, Run& run) {
  auto args = std::make_shared<WorktimeArgs>();
  CLI::App* command = app.add_subcommand("worktime", "Working-time arithmetic, one operation a line");
  command->add_flag("--tsv", args->tsv, "op, calendar, start, arg");
  command->add_option("--calendars", args->calendars, "a calendars file instead of the shipped one");
  command->callback([args, &run] { run = [args] { return run_worktime(*args, std::cin, std::cout, std::cerr); }; });
}

void add_preview(CLI::App& app, Run& run) {
  auto args = std::make_shared<PreviewArgs>();
  CLI::App* command = app.add_subcommand("preview", "Show the whole ladder of a type from an instant on");
  command->add_option("--config", args->config, "configuration file")->required();
  command->add_option("--type", args->type, "type id")->required();
  command->add_option("--raised-at", args->raised_at, "RFC 3339 instant")->required();
  command->add_option("--department", args->department, "lead department id");
  command->add_option("--requester", args->requester, "person id");
  command->add_option("--until", args->until, "RFC 3339 instant; default: 14 days later");
  command->callback([args, &run] { run = [args] { return run_preview(*args, std::cin, std::cout, std::cerr); }; });
}

/// A command on the store: `option` is its own argument, if it has one.
void add_store_command(CLI::App& app, Run& run, const char* name, const char* help, const char* argument, bool takes_config,
                       bool required, int (*body)(const StoreArgs&, const std::string&, std::ostream&, std::ostream&)) {
  auto args = std::make_shared<StoreArgs>();
  auto value = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand(name, help);
  if (takes_config) command->add_option("--config", args->config_file, "configuration file; names the database");
  command->add_option("--data", args->data, "folder of the database")->capture_default_str();
  CLI::Option* option = command->add_option(argument, *value);
  if (required) option->required();
  command->callback(
      [args, value, body, &run] { run = [args, value, body] { return body(*args, *value, std::cout, std::cerr); }; });
}

int start(int argc, char** argv) {
  CLI::App app("Xieban: makes work between departments close its loop.", "xieban");
  app.set_version_flag("--version", version_line());
  Run run;
  add_serve(app, run);
  add_check(app, run);
  add_when(app, run);
  add_worktime(app, run);
  add_preview(app, run);
  add_store_command(app, run, "backup", "Copy the database to a file, also while serving", "FILE", true, true, run_backup);
  add_store_command(app, run, "restore", "Make a database from a backup; pending sends are held", "FILE", false, true,
                    run_restore);
  add_store_command(app, run, "verify-history", "Check the chains of the history", "--anchor", true, false, run_verify_history);
  add_store_command(app, run, "retry", "Run a held message, a request or an event again", "ID", true, true, run_retry);
  app.require_subcommand(1);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {
    return app.exit(asked);
  } catch (const CLI::ParseError& wrong) {
    std::cerr << wrong.what() << "\n\n" << app.help();
    return exit_code::wrong_usage;
  }
  return run ? run() : exit_code::done;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return start(argc, argv);
  } catch (const std::exception& failed) {
    std::cerr << "xieban: " << failed.what() << "\n";
    return exit_code::cannot;
  }
}
