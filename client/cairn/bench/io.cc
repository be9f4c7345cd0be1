// `cairn bench io`: put and get of a text file, one replica, durable, against zstd on one thread.
#include <filesystem>
#include <vector>

#include "client/cairn/bench/benches.h"
#include "client/cairn/bench/programs.h"
#include "client/cairn/bench/scratch.h"

namespace cairn::app {

Result<BenchReport> benchIo(const BenchOptions& options) {
  BenchScratch scratch;
  ASSIGN(const auto text, makeText(scratch.path(), options.bytes, options.textFile));
  const auto quoted = shellQuoted(text);
  const auto packed = shellQuoted(text + ".zst");
  const auto back = shellQuoted(text + ".back");
  ASSIGN(const auto mini, MiniProcess::start(scratch.path() + "/cluster", 1));
  TRY(timedShell("zstd -q -f -1 --single-thread -o " + packed + " " + quoted));

  std::vector<double> zstd;
  std::vector<double> unzstd;
  std::vector<double> put;
  std::vector<double> get;
  std::vector<double> local;
  // One round after the other, so that a slow minute of the machine meets all of them.
  for (std::uint32_t round = 0; round < options.rounds; ++round) {
    ASSIGN(const auto zstdTook, timedShell("zstd -q -1 --single-thread -c " + quoted));
    ASSIGN(const auto putTook,
           timedShell(mini.command("put -f --replication 1 " + quoted + " /text")));
    ASSIGN(const auto unzstdTook, timedShell("zstd -q -d --single-thread -c " + packed));
    ASSIGN(const auto getTook, timedShell(mini.command("cat --no-short-circuit /text")));
    ASSIGN(const auto localTook, timedShell(mini.command("cat /text")));
    zstd.push_back(zstdTook);
    put.push_back(putTook);
    unzstd.push_back(unzstdTook);
    get.push_back(getTook);
    local.push_back(localTook);
  }
  TRY(timedShell(mini.command("get --no-short-circuit /text " + back) + " && cmp " + quoted + " " +
                 back));
  const double megabytes = static_cast<double>(options.bytes) / 1e6;
  const auto rate = [&](const std::vector<double>& took) { return megabytes / median(took); };
  return BenchReport{.name = "io",
                     .figures = {{.what = "put, 1 replica, durable",
                                  .value = rate(put),
                                  .unit = "MB/s",
                                  .against = "zstd -1, one thread",
                                  .reference = rate(zstd),
                                  .goal = 0.8},
                                 {.what = "get over a socket",
                                  .value = rate(get),
                                  .unit = "MB/s",
                                  .against = "zstd -d, one thread",
                                  .reference = rate(unzstd),
                                  .goal = 0.8},
                                 {.what = "get by descriptor",
                                  .value = rate(local),
                                  .unit = "MB/s",
                                  .against = "zstd -d, one thread",
                                  .reference = rate(unzstd),
                                  .goal = 1.2}}};
}

}  // namespace cairn::app
