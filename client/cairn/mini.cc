// `cairn mini`.
#include <unistd.h>

#include <filesystem>
#include <string>

#include "client/cairn/commands.h"
#include "client/cairn/daemon.h"
#include "client/cairn/mini_cluster.h"
#include "client/cairn/mini_control.h"
#include "client/cairn/mini_options.h"
#include "common/config/shared_config.h"
#include "common/log/log.h"
#include "common/rpc/convert.h"

namespace cairn::app {
namespace {

constexpr char HELP[] =
    R"(Usage: cairn mini [--dir DIR] [--datanodes N] [--namenode-port P | --ports auto] [--SETTING VALUE]...
       cairn mini [--dir DIR] --stop-datanode N

Runs a small cluster in one process until SIGINT or SIGTERM: namenode, datanodes, job tracker, and
a task tracker beside each datanode, on 127.0.0.1. The data stays in DIR and is there again at the
next start, also after kill -9.

  --dir DIR          where everything lies (default ~/.local/share/cairn/mini); made when missing
  --datanodes N      1 to 64, default 3
  --namenode-port P  default 8020; the job tracker listens on the next port
  --ports auto       free ports; the ready line tells which
  --stop-datanode N  drops datanode N (from 1) of the cluster that runs in DIR, as a crash would

Prints "ready namenode=HOST:PORT jobtracker=HOST:PORT datanodes=..." when everything serves, and
where the daemons' pages (/metrics, /healthz, /readyz) are: "namenode_http=HOST:PORT ...".
Logs go to stderr, or to log.dir.
Exit codes: 0 ended by a signal, 1 could not start or go on, 2 wrong usage.
Example: cairn mini --dir /tmp/c --datanodes 5 & sleep 2; cairn ls /
)";

Result<std::string> directoryOf(const MiniOptions& options, const config::Settings& settings) {
  std::string directory = options.directory;
  if (directory.empty()) {
    const auto& home = settings.machine().home;
    if (home.empty()) {
      return fail(Code::INVALID_ARGUMENT,
                  "there is no home directory for the default place; name one with --dir");
    }
    directory = home + "/.local/share/cairn/mini";
  }
  std::error_code error;
  auto absolute = std::filesystem::absolute(directory, error).lexically_normal().string();
  if (error) return fail(Code::IO_ERROR, directory + ": " + error.message());
  while (absolute.size() > 1 && absolute.ends_with('/')) absolute.pop_back();
  return absolute;
}

kj::Promise<Result<void>> serve(kj::AsyncIoContext& io, const shell::Invocation& call,
                                MiniCluster& cluster, const std::string& directory) {
  CO_TRY(cluster.start());
  auto end = onEndSignal(io)
                 .then([](int) -> Result<void> { return {}; })
                 .exclusiveJoin(cluster.onFatal().then(
                     [](Status why) -> Result<void> { return std::unexpected(std::move(why)); }));
  const auto complain = [](kj::Exception&& e) {
    LOG(ERROR) << "mini: " << e.getDescription().cStr();
  };
  auto control = serveMiniControl(io, directory, [&](std::uint32_t number) {
                   return cluster.stopDatanode(number);
                 }).eagerlyEvaluate(complain);
  auto ready = cluster.onReady()
                   .then([&]() {
                     call.console.print(cluster.readyLine() + "\n");
                     call.console.flush();
                   })
                   .eagerlyEvaluate(complain);
  co_return co_await kj::mv(end);
}

int runCluster(const shell::Invocation& call, const MiniOptions& options,
               const std::string& directory) {
  const auto complain = [&](const Status& why) {
    call.console.complain("mini: " + why.message());
    return shell::EXIT_FAILED;
  };
  auto config = config::LogConfig::from(call.settings);
  if (!config.has_value()) return complain(config.error());
  auto level = log::parseLevel(config->level);
  if (!level.has_value()) return complain(level.error());
  auto logging =
      log::initDaemon({.program = "mini", .directory = config->directory, .level = *level});
  if (!logging.has_value()) return complain(logging.error());
  raiseOpenFileLimit();
  captureEndSignals();
  auto io = kj::setupAsyncIo();
  Result<void> outcome;
  try {
    MiniCluster cluster(call.settings, options, directory);
    outcome = serve(io, call, cluster, directory).wait(io.waitScope);
    cluster.stop();
  } catch (const kj::Exception& e) {
    outcome = fail(rpc::fromException(e, "mini"));
  }
  log::flush();
  return outcome.has_value() ? shell::EXIT_DONE : complain(outcome.error());
}

int stopDatanode(const shell::Invocation& call, std::uint32_t number,
                 const std::string& directory) {
  auto io = kj::setupAsyncIo();
  Result<void> outcome;
  try {
    outcome = askMiniToStopDatanode(io, directory, number).wait(io.waitScope);
  } catch (const kj::Exception& e) {
    outcome = fail(rpc::fromException(e, "the cluster's control socket"));
  }
  if (!outcome.has_value()) {
    call.console.complain("mini: " + outcome.error().message());
    return shell::EXIT_FAILED;
  }
  call.console.print("datanode " + std::to_string(number) + " is stopped\n");
  return shell::EXIT_DONE;
}

int run(const shell::Invocation& call) {
  auto options = MiniOptions::parse(call.args);
  auto directory = options.has_value() ? directoryOf(*options, call.settings)
                                       : Result<std::string>(std::unexpected(options.error()));
  if (!directory.has_value()) {
    call.console.complain(directory.error().message());
    return shell::EXIT_USAGE;
  }
  if (options->stopDatanode) return stopDatanode(call, *options->stopDatanode, *directory);
  return runCluster(call, *options, *directory);
}

}  // namespace

const shell::Command MINI_COMMAND{.name = "mini",
                                  .summary = "run a small cluster in one process",
                                  .help = HELP,
                                  .run = run,
                                  .daemon = true};

}  // namespace cairn::app
