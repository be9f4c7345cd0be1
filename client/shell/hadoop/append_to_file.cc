// -appendToFile
#include <algorithm>
#include <array>
#include <filesystem>
#include <span>

#include "client/shell/append.h"
#include "client/shell/hadoop/local_uri.h"
#include "client/shell/hadoop/verbs.h"
#include "common/io/clock.h"

namespace cairn::shell::hadoop {
namespace {

std::string absoluteLocal(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::absolute(path, ignored).lexically_normal().string();
}

void report(FsCall& call, const TransferPool::Failure& failure, bool ofSource) {
  if (!ofSource) return call.fail(failure.shown, failure.why);
  switch (failure.why.code()) {
    case Code::NOT_FOUND: return call.complain(absoluteLocal(failure.shown));
    case Code::IS_A_DIRECTORY: return call.complain("Is a directory");
    default: return call.fail(failure.shown, failure.why);
  }
}

Result<void> run(FsCall& call) {
  constexpr std::array<std::string_view, 1> FLAGS = {"n"};
  if (call.arguments().size() < 2) {
    call.complain("missing destination argument");
    return {};
  }
  TRY(call.parseAgain({.flags = FLAGS, .argumentsMin = 2}));
  auto* const client = call.client();
  if (client == nullptr) return {};
  const auto target = call.lookUpDestination(call.arguments().back());
  if (!target) return {};
  const std::span sources(call.arguments().begin(), call.arguments().end() - 1);
  if (!std::ranges::all_of(sources, [&](const auto& source) { return call.isPath(source); })) {
    return {};
  }
  for (auto& source : sources) source = localPathOf(source);
  if (sources.size() > 1 && std::ranges::find(sources, "-") != sources.end()) {
    call.complain("stdin (-) must be the sole input argument when present");
    return {};
  }
  if (target->isDirectory()) {
    call.complain("Cannot append to directory " + target->path.absolute() +
                  "; already exists as a directory.");
    return {};
  }
  const io::SystemClock clock;
  Meter meter(call.console(), clock);
  const auto failure =
      append(*client, *target,
             {.sources = sources, .newChunk = call.has("n"), .create = call.newFile()}, meter);
  meter.finish();
  if (failure) report(call, *failure, failure->shown != target->shown);
  return {};
}

}  // namespace

const FsVerb APPEND_TO_FILE{
    .name = "appendToFile",
    .usage = "[-n] <localsrc> ... <dst>",
    .description = R"(Adds local files to the end of a file, which is made when it does not exist;
"-" is standard input.
  -n  begin a chunk of its own
)",
    .grammar = {.raw = true},
    .run = run};

}  // namespace cairn::shell::hadoop
