// `cairn bench io`: durable puts and gets of a text file, against zstd on one thread, and of noise,
// against dd to the same disk.
#include <algorithm>
#include <list>
#include <utility>
#include <vector>

#include "client/cairn/bench/benches.h"
#include "client/cairn/bench/free_memory.h"
#include "client/cairn/bench/programs.h"
#include "client/cairn/bench/scratch.h"

namespace cairn::app {
namespace {

// A command, and the seconds it took in each round.
struct Timed {
  std::string command;
  std::vector<double> took;
};

// What is measured, and against what; in the order of the table.
struct Compared {
  std::string what;
  const Timed* timed;
  std::string against;
  const Timed* reference;
  double goal;
};

class IoBench {
public:
  IoBench(std::string directory, const MiniProcess& mini, const BenchOptions& options)
      : directory_(std::move(directory)), mini_(mini), options_(options) {}

  // Gets are of what the first put of text, or the last of noise, has put.
  void addTextPuts(const std::string& text);
  void addTextGets(const std::string& packed);
  void addNoisePuts(const std::string& noise, const std::vector<std::uint32_t>& replicas);
  void addNoiseGets(const std::string& noise);

  Result<void> measure();
  BenchReport report() const;
  // The number of replicas for each put.
  std::vector<std::uint32_t> replicasOr(std::vector<std::uint32_t> usual) const {
    return options_.replicas > 0 ? std::vector{options_.replicas} : std::move(usual);
  }

private:
  // Commands run in the order in which they are added.
  const Timed* add(std::string command) {
    return &timed_.emplace_back(Timed{.command = std::move(command), .took = {}});
  }
  const Timed* addPut(std::uint32_t replicas, const std::string& from, const std::string& to) {
    return add(mini_.command("put -f --replication " + std::to_string(replicas) + " " +
                             shellQuoted(from) + " " + to));
  }
  static std::string named(const std::string& put, std::uint32_t replicas) {
    return put + ", " + std::to_string(replicas) + (replicas == 1 ? " replica" : " replicas") +
           ", durable";
  }

  const std::string directory_;
  const MiniProcess& mini_;
  const BenchOptions& options_;
  std::list<Timed> timed_;  // addresses stay
  std::vector<Compared> compared_;
};

void IoBench::addTextPuts(const std::string& text) {
  const auto* const zstd = add("zstd -q -1 --single-thread -c " + shellQuoted(text));
  for (const auto replicas : replicasOr({1, 3})) {
    const bool first = compared_.empty();
    compared_.push_back({.what = named("put", replicas),
                         .timed = addPut(replicas, text, first ? "/text" : "/three"),
                         .against = "zstd -1, one thread",
                         .reference = zstd,
                         .goal = replicas == 1   ? 0.8
                                 : replicas == 3 ? 0.5
                                                 : 0});
  }
}

void IoBench::addTextGets(const std::string& packed) {
  const auto* const unzstd = add("zstd -q -d --single-thread -c " + shellQuoted(packed));
  compared_.push_back({.what = "get over a socket",
                       .timed = add(mini_.command("cat --no-short-circuit /text")),
                       .against = "zstd -d, one thread",
                       .reference = unzstd,
                       .goal = 0.8});
  compared_.push_back({.what = "get by descriptor",
                       .timed = add(mini_.command("cat /text")),
                       .against = "zstd -d, one thread",
                       .reference = unzstd,
                       .goal = 1.2});
}

void IoBench::addNoisePuts(const std::string& noise, const std::vector<std::uint32_t>& replicas) {
  const auto* const dd =
      add("dd if=" + shellQuoted(noise) + " of=" + shellQuoted(directory_ + "/copy") +
          " bs=1M conv=fsync status=none");
  for (const auto count : replicas) {
    compared_.push_back({.what = named("put of noise", count),
                         .timed = addPut(count, noise, "/noise"),
                         .against = "dd conv=fsync, same disk",
                         .reference = dd,
                         .goal = count == 1 ? 0.8 : 0});
  }
}

void IoBench::addNoiseGets(const std::string& noise) {
  const auto* const cat = add("cat " + shellQuoted(noise));
  compared_.push_back({.what = "get of noise over a socket",
                       .timed = add(mini_.command("cat --no-short-circuit /noise")),
                       .against = "cat of a local file",
                       .reference = cat,
                       .goal = 0});
  compared_.push_back({.what = "get of noise by descriptor",
                       .timed = add(mini_.command("cat /noise")),
                       .against = "cat of a local file",
                       .reference = cat,
                       .goal = 0});
}

// One round after the other, so that a slow minute of the machine meets all of them.
Result<void> IoBench::measure() {
  // Three replicas and the buffers on the way.
  const auto memory = 4 * options_.bytes;
  for (std::uint32_t round = 0; round < options_.rounds; ++round) {
    for (auto& timed : timed_) {
      touchFreeMemory(memory);
      ASSIGN(const auto took, timedShell(timed.command));
      timed.took.push_back(took);
    }
    TRY(timedShell("rm -f " + shellQuoted(directory_ + "/copy")));
  }
  return {};
}

BenchReport IoBench::report() const {
  const double megabytes = static_cast<double>(options_.bytes) / 1e6;
  BenchReport report{.name = "io", .figures = {}};
  for (const auto& one : compared_) {
    report.figures.push_back({.what = one.what,
                              .value = megabytes / median(one.timed->took),
                              .unit = "MB/s",
                              .against = one.against,
                              .reference = megabytes / median(one.reference->took),
                              .goal = one.goal});
  }
  return report;
}

}  // namespace

Result<BenchReport> benchIo(const BenchOptions& options) {
  BenchScratch scratch;
  ASSIGN(const auto noise, makeNoise(scratch.path(), options.bytes));
  std::string text;
  if (!options.noise) {
    ASSIGN(text, makeText(scratch.path(), options.bytes, options.textFile));
    TRY(timedShell("zstd -q -f -1 --single-thread -o " + shellQuoted(text + ".zst") + " " +
                   shellQuoted(text)));
  }
  ASSIGN(const auto mini, MiniProcess::start(scratch.path() + "/cluster",
                                             static_cast<int>(std::max(options.replicas, 3u))));
  IoBench bench(scratch.path(), mini, options);
  if (options.noise) {
    bench.addNoisePuts(noise, bench.replicasOr({1, 3}));
    bench.addNoiseGets(noise);
  } else {
    bench.addTextPuts(text);
    bench.addNoisePuts(noise, bench.replicasOr({1}));
    bench.addTextGets(text + ".zst");
  }
  TRY(bench.measure());
  const auto back = shellQuoted(scratch.path() + "/back");
  TRY(timedShell(mini.command("get --no-short-circuit " +
                              std::string(options.noise ? "/noise " : "/text ") + back) +
                 " && cmp " + shellQuoted(options.noise ? noise : text) + " " + back));
  return bench.report();
}

}  // namespace cairn::app
