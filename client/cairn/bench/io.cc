// `cairn bench io`: durable puts and gets of a text file, against zstd on one thread, and of noise,
// against dd to the same disk.
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
  ASSIGN(const auto mini, MiniProcess::start(scratch.path() + "/cluster", 3));
  TRY(timedShell("zstd -q -f -1 --single-thread -o " + packed + " " + quoted));

  const auto noise = shellQuoted(scratch.path() + "/noise");
  TRY(timedShell("head -c " + std::to_string(options.bytes) + " /dev/urandom > " + noise));

  std::vector<double> zstd;
  std::vector<double> unzstd;
  std::vector<double> put;
  std::vector<double> putThree;
  std::vector<double> dd;
  std::vector<double> putNoise;
  std::vector<double> get;
  std::vector<double> local;
  // One round after the other, so that a slow minute of the machine meets all of them.
  for (std::uint32_t round = 0; round < options.rounds; ++round) {
    ASSIGN(const auto zstdTook, timedShell("zstd -q -1 --single-thread -c " + quoted));
    ASSIGN(const auto putTook,
           timedShell(mini.command("put -f --replication 1 " + quoted + " /text")));
    ASSIGN(const auto threeTook,
           timedShell(mini.command("put -f --replication 3 " + quoted + " /three")));
    const auto copy = shellQuoted(scratch.path() + "/copy");
    ASSIGN(const auto ddTook,
           timedShell("dd if=" + noise + " of=" + copy + " bs=1M conv=fsync status=none"));
    TRY(timedShell("rm " + copy));
    ASSIGN(const auto noiseTook,
           timedShell(mini.command("put -f --replication 1 " + noise + " /noise")));
    ASSIGN(const auto unzstdTook, timedShell("zstd -q -d --single-thread -c " + packed));
    ASSIGN(const auto getTook, timedShell(mini.command("cat --no-short-circuit /text")));
    ASSIGN(const auto localTook, timedShell(mini.command("cat /text")));
    zstd.push_back(zstdTook);
    put.push_back(putTook);
    putThree.push_back(threeTook);
    dd.push_back(ddTook);
    putNoise.push_back(noiseTook);
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
                                 {.what = "put, 3 replicas, durable",
                                  .value = rate(putThree),
                                  .unit = "MB/s",
                                  .against = "zstd -1, one thread",
                                  .reference = rate(zstd),
                                  .goal = 0.5},
                                 {.what = "put of noise, 1 replica, durable",
                                  .value = rate(putNoise),
                                  .unit = "MB/s",
                                  .against = "dd conv=fsync, same disk",
                                  .reference = rate(dd),
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
