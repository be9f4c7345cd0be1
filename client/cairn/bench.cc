// `cairn bench`.
#include <kj/exception.h>

#include <algorithm>
#include <charconv>
#include <exception>

#include "client/cairn/bench/benches.h"
#include "client/cairn/commands.h"
#include "common/base/units.h"
#include "common/rpc/convert.h"

namespace cairn::app {
namespace {

constexpr char HELP[] =
    R"(Usage: cairn bench rpc|nn|scale|io|mr [--json] [--rounds N] [--size BYTES] [--text FILE]
                   [--calls N] [--clients N] [--depth N] [--files N] [--replicas N] [--noise]
                   [--pread [--threads N] [--seconds N]]

Measures this machine, on clusters of its own in a temporary directory (TMPDIR):
  rpc   empty calls and large answers over loopback
  nn    the namenode: durable creates, stats and more against empty calls, and its CPU time a call
  scale the namenode with many files: restart, a large directory, a large rm -r
  io    put and get of a text file against zstd on one thread, and of noise against dd to the same
        disk (needs the program zstd)
        with --noise: put and get of noise alone, against dd and cat of the same disk
        with --pread: positional reads of 4 KiB from threads of one process
  mr    word count against mawk, and the time of an empty job (needs the program mawk)
Each figure is the median of N rounds, set against a reference of the same rounds.

  --json         JSON instead of a table
  --rounds N     1 to 100, default 3
  --size BYTES   of text or noise for io and mr, default 1GiB (takes up to 8 times that on disk)
  --calls N      for rpc and nn: of each kind no more than that, 1 to 100000000
  --clients N    connections for nn, 1 to 1000, default 1
  --depth N      calls in flight on each of them, 1 to 1000, default 64
  --files N      for scale, 1000 to 100000000, default 1000000
  --replicas N   for io, 1 to 16, default 1 and 3 for puts, 1 for all else
  --noise        for io: bytes that do not compress
  --pread        for io: positional reads
  --threads N    that read, 1 to 1000, default 16
  --seconds N    that they read for one figure of a round, 1 to 1000, default 2
  --text FILE    the text, repeated up to the size; default: this machine's documents

Exit codes: 0 done (whatever the figures), 1 could not measure, 2 wrong usage.
Example: cairn bench io --size 256MiB
)";

struct Parsed {
  std::string name;
  bool json = false;
  BenchOptions options;
};

template <typename Count>
Result<void> parseCount(const std::string& flag, const std::string& value, Count least, Count most,
                        Count& to) {
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), to);
  if (error == std::errc() && *end == '\0' && to >= least && to <= most) return {};
  return fail(Code::INVALID_ARGUMENT, "flag " + flag + ": '" + value + "' is not " +
                                          std::to_string(least) + " to " + std::to_string(most));
}

Result<Parsed> parse(const std::vector<std::string>& args) {
  static constexpr std::string_view VALUE_FLAGS[] = {
      "--rounds", "--size",  "--text",     "--calls",   "--clients",
      "--depth",  "--files", "--replicas", "--threads", "--seconds"};
  Parsed parsed;
  for (std::size_t i = 0; i < args.size(); ++i) {
    const auto& arg = args[i];
    if (arg == "--json") {
      parsed.json = true;
    } else if (arg == "--pread") {
      parsed.options.pread = true;
    } else if (arg == "--noise") {
      parsed.options.noise = true;
    } else if (std::ranges::find(VALUE_FLAGS, arg) != std::end(VALUE_FLAGS)) {
      if (++i == args.size()) return fail(Code::INVALID_ARGUMENT, "flag " + arg + " needs a value");
      const auto& value = args[i];
      if (arg == "--text") {
        parsed.options.textFile = value;
      } else if (arg == "--size") {
        ASSIGN(parsed.options.bytes, parseByteSize(value));
      } else if (arg == "--rounds") {
        TRY(parseCount(arg, value, 1u, 100u, parsed.options.rounds));
      } else if (arg == "--calls") {
        TRY(parseCount<std::uint64_t>(arg, value, 1, 100'000'000, parsed.options.calls));
      } else if (arg == "--files") {
        TRY(parseCount<std::uint64_t>(arg, value, 1000, 100'000'000, parsed.options.files));
      } else if (arg == "--replicas") {
        TRY(parseCount(arg, value, 1u, 16u, parsed.options.replicas));
      } else {
        auto& count = arg == "--clients"   ? parsed.options.clients
                      : arg == "--threads" ? parsed.options.threads
                      : arg == "--seconds" ? parsed.options.seconds
                                           : parsed.options.depth;
        TRY(parseCount(arg, value, 1u, 1000u, count));
      }
    } else if (parsed.name.empty() && !arg.starts_with("-")) {
      parsed.name = arg;
    } else {
      return fail(Code::INVALID_ARGUMENT, "unknown argument '" + arg + "'");
    }
  }
  return parsed;
}

Result<BenchReport> measure(const Parsed& parsed, const config::Settings& settings) {
  try {
    if (parsed.name == "rpc") return benchRpc(parsed.options);
    if (parsed.name == "nn") return benchNamenode(settings, parsed.options);
    if (parsed.name == "scale") return benchScale(settings, parsed.options);
    if (parsed.name == "io") {
      return parsed.options.pread ? benchPread(parsed.options) : benchIo(parsed.options);
    }
    return benchMapReduce(parsed.options);
  } catch (const kj::Exception& e) {
    return fail(rpc::fromException(e, "the benchmark"));
  } catch (const std::exception& e) {
    return fail(Code::IO_ERROR, e.what());
  }
}

int run(const shell::Invocation& call) {
  auto parsed = parse(call.args);
  static constexpr std::string_view NAMES[] = {"rpc", "nn", "scale", "io", "mr"};
  const bool known =
      parsed.has_value() && std::ranges::find(NAMES, parsed->name) != std::end(NAMES);
  if (!known) {
    call.console.complain("bench: " +
                          (parsed.has_value() ? "say what to measure: rpc, nn, scale, io or mr"
                                              : parsed.error().message()) +
                          " (see 'cairn bench --help')");
    return shell::EXIT_USAGE;
  }
  auto report = measure(*parsed, call.settings);
  if (!report.has_value()) {
    call.console.complain("bench: " + report.error().message());
    return shell::EXIT_FAILED;
  }
  call.console.print(parsed->json ? report->json() : report->table());
  return shell::EXIT_DONE;
}

}  // namespace

const shell::Command BENCH_COMMAND{
    .name = "bench", .summary = "measure this machine", .help = HELP, .run = run};

}  // namespace cairn::app
