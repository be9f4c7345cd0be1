// `cairn bench mr`: word count against mawk, the time of an empty job, and the start of a cluster.
#include <fstream>
#include <vector>

#include "client/cairn/bench/benches.h"
#include "client/cairn/bench/programs.h"
#include "client/cairn/bench/scratch.h"

namespace cairn::app {
namespace {

constexpr double EMPTY_JOB_MS_MAX = 500;
constexpr double START_MS_MAX = 2000;
constexpr char COUNT_WITH_MAWK[] =
    "LC_ALL=C mawk '{for (i = 1; i <= NF; ++i) ++c[$i]} END {for (w in c) print w \"\\t\" c[w]}' ";

}  // namespace

Result<BenchReport> benchMapReduce(const BenchOptions& options) {
  BenchScratch scratch;
  ASSIGN(const auto text, makeText(scratch.path(), options.bytes, options.textFile));
  ASSIGN(const auto mini, MiniProcess::start(scratch.path() + "/cluster", 3));
  const auto empty = scratch.path() + "/empty";
  std::ofstream(empty).close();
  TRY(timedShell(mini.command("put --replication 1 " + shellQuoted(text) + " /text")));
  TRY(timedShell(mini.command("put " + shellQuoted(empty) + " /empty")));

  std::vector<double> job;
  std::vector<double> mawk;
  std::vector<double> emptyJob;
  for (std::uint32_t round = 0; round < options.rounds; ++round) {
    const auto output = "/counts" + std::to_string(round);
    ASSIGN(const auto mawkTook, timedShell(COUNT_WITH_MAWK + shellQuoted(text)));
    ASSIGN(const auto jobTook,
           timedShell(mini.command("mr wordcount /text " + output + " --reduces 2")));
    ASSIGN(const auto emptyTook,
           timedShell(mini.command("mr wordcount /empty /none" + std::to_string(round))));
    mawk.push_back(mawkTook);
    job.push_back(jobTook);
    emptyJob.push_back(emptyTook * 1000);
  }
  const double megabytes = static_cast<double>(options.bytes) / 1e6;
  return BenchReport{.name = "mr",
                     .figures = {{.what = "word count, 2 reduces",
                                  .value = megabytes / median(job),
                                  .unit = "MB/s",
                                  .against = "mawk, counting in an array",
                                  .reference = megabytes / median(mawk),
                                  .goal = 2},
                                 {.what = "empty job, submit to done",
                                  .value = median(emptyJob),
                                  .unit = "ms",
                                  .limit = EMPTY_JOB_MS_MAX},
                                 {.what = "cairn mini, exec to ready",
                                  .value = mini.startSeconds() * 1000,
                                  .unit = "ms",
                                  .limit = START_MS_MAX}}};
}

}  // namespace cairn::app
