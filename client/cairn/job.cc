// `cairn job`.
#include <chrono>
#include <cstdio>
#include <ctime>
#include <utility>

#include "client/cairn/commands.h"
#include "client/cairn/on_loop.h"
#include "common/config/client_config.h"
#include "mapreduce/jobtracker/job_client.h"

namespace cairn::app {
namespace {

constexpr char HELP[] =
    R"(Usage: cairn job list [--running]
       cairn job status JOB
       cairn job kill JOB

Shows and ends jobs. 'list' shows the jobs that the job tracker remembers, or only those that run;
'status' one job with its tasks, counters and failed attempts.

  --jobtracker HOST:PORT   where the job tracker is (or CAIRN_JOBTRACKER, client.jobtracker;
                           default 127.0.0.1:8021)

Exit codes: 0 done, 1 no such job or no answer, 2 wrong usage.
Example: cairn job status job_1700000000000_0001
)";

std::string dateOf(UnixMillis ms) {
  if (ms == 0) return "-";
  const std::time_t seconds = ms / 1000;
  std::tm local{};
  ::localtime_r(&seconds, &local);
  char text[32];
  const auto length = std::strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &local);
  return {text, length};
}

template <typename... Args>
std::string format(const char* pattern, Args... args) {
  char text[512];
  const int length = std::snprintf(text, sizeof(text), pattern, args...);
  return {text,
          std::min<std::size_t>(static_cast<std::size_t>(std::max(length, 0)), sizeof(text) - 1)};
}

std::string listLine(const mr::JobStatus& job) {
  return format("%-28s %-10s %5.1f%% %5.1f%%  %-19s %-10s ", job.job.c_str(),
                std::string(mr::stateName(job.state)).c_str(), 100.0 * job.mapProgress,
                100.0 * job.reduceProgress, dateOf(job.submitMs).c_str(), job.user.c_str()) +
         job.name + "\n";
}

std::string counts(const char* kind, const mr::TaskCounts& tasks) {
  return format("%-8s %u: %u done, %u running, %u pending\n", kind, tasks.total, tasks.done,
                tasks.running, tasks.pending);
}

std::string describe(const mr::JobStatus& job) {
  std::string text;
  text += "Job      " + job.job + "\nName     " + job.name + "\nUser     " + job.user +
          "\nState    " + std::string(mr::stateName(job.state)) + "\nOutput   " + job.output +
          "\nStarted  " + dateOf(job.submitMs) + "\nEnded    " + dateOf(job.finishMs) + "\n";
  if (!job.message.empty()) text += "Message  " + job.message + "\n";
  text += format("Progress maps %.1f%%, reduces %.1f%%\n", 100.0 * job.mapProgress,
                 100.0 * job.reduceProgress);
  text += counts("Maps", job.maps) + counts("Reduces", job.reduces);
  text += mr::formatCounters(job.counters);
  for (const auto& failure : job.failures) {
    text += (failure.killed ? "Killed   " : "Failed   ") + failure.attempt + " on " +
            failure.tracker + ": " + failure.message + "\n";
    if (!failure.stderrTail.empty()) text += failure.stderrTail + "\n";
  }
  return text;
}

kj::Promise<Result<std::string>> list(mr::JobClient& jobs, bool all) {
  CO_ASSIGN(const auto found, co_await jobs.list(all));
  std::string text = format("%-28s %-10s %6s %6s  %-19s %-10s %s\n", "JOB", "STATE", "MAPS",
                            "REDUCES", "STARTED", "USER", "NAME");
  for (const auto& job : found) text += listLine(job);
  co_return text;
}

kj::Promise<Result<std::string>> status(mr::JobClient& jobs, std::string job) {
  CO_ASSIGN(const auto found, co_await jobs.status(std::move(job)));
  co_return describe(found);
}

kj::Promise<Result<std::string>> kill(mr::JobClient& jobs, std::string job) {
  CO_TRY(co_await jobs.kill(job));
  co_return job + " is killed\n";
}

int wrongUsage(const shell::Invocation& call, const std::string& why) {
  call.console.complain("job: " + why + " (see 'cairn job --help')");
  return shell::EXIT_USAGE;
}

int run(const shell::Invocation& call) {
  const auto& args = call.args;
  if (args.empty()) return wrongUsage(call, "say what to do: list, status or kill");
  const bool lists = args[0] == "list";
  if (!lists && args[0] != "status" && args[0] != "kill") {
    return wrongUsage(call, "'" + args[0] + "' is not list, status or kill");
  }
  const bool runningOnly = lists && args.size() == 2 && args[1] == "--running";
  if (lists && args.size() > 1 && !runningOnly) {
    return wrongUsage(call, "list does not understand '" + args[1] + "'");
  }
  if (!lists && args.size() != 2) return wrongUsage(call, args[0] + " needs one job's name");

  auto config = config::ClientConfig::from(call.settings);
  if (!config.has_value()) {
    call.console.complain(config.error().message());
    return shell::EXIT_USAGE;
  }
  auto text = onLoop([&](rpc::Host& host) -> kj::Promise<Result<std::string>> {
    mr::JobClientOptions options;
    options.jobtracker = config->jobtracker.toString();
    options.user = config->user;
    options.retry.budgetMs = config->retryBudgetMs;
    options.onRetry = [&](const Status& failure, std::uint32_t waitMs) {
      call.console.complain("job: " + failure.message() + "; trying again in " +
                            std::to_string(waitMs) + " ms");
    };
    auto jobs = kj::heap<mr::JobClient>(host, kj::mv(options));
    auto& ref = *jobs;
    auto answer = lists               ? list(ref, !runningOnly)
                  : args[0] == "kill" ? kill(ref, args[1])
                                      : status(ref, args[1]);
    return answer.attach(kj::mv(jobs));
  });
  if (!text.has_value()) {
    call.console.complain("job: " + text.error().message());
    return shell::EXIT_FAILED;
  }
  call.console.print(*text);
  return shell::EXIT_DONE;
}

}  // namespace

const shell::Command JOB_COMMAND{
    .name = "job", .summary = "list, show and end jobs", .help = HELP, .run = run};

}  // namespace cairn::app
