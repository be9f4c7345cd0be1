// -get, -copyToLocal
#include <limits.h>
#include <unistd.h>

#include <array>
#include <filesystem>

#include "client/shell/copy_out.h"
#include "client/shell/hadoop/local_uri.h"
#include "client/shell/hadoop/threads.h"
#include "client/shell/hadoop/verbs.h"
#include "client/shell/hadoop/wording.h"
#include "common/io/clock.h"

namespace cairn::shell::hadoop {
namespace {

// "file:/dir/name", as Hadoop's messages have it.
std::string qualifiedLocal(const std::string& path) {
  std::error_code ignored;
  auto whole = std::filesystem::absolute(path, ignored).lexically_normal().string();
  while (whole.size() > 1 && whole.ends_with('/')) whole.pop_back();
  return "file:" + whole;
}

// As checkDestination() for a local one.
std::optional<LocalKind> checkLocal(FsCall& call, const std::string& destination,
                                    std::size_t count) {
  const auto kind = localKindOf(destination);
  if (!kind.has_value()) {
    call.fail(destination, kind.error());
    return std::nullopt;
  }
  if (*kind == LocalKind::DIRECTORY) return *kind;
  if (count > 1) {
    call.fail(destination,
              *kind == LocalKind::NOTHING ? FsCall::absent() : Status(Code::NOT_A_DIRECTORY, ""));
    return std::nullopt;
  }
  if (*kind != LocalKind::NOTHING) {
    if (call.has("f")) return *kind;
    call.fail(destination, Status(Code::ALREADY_EXISTS, ""));
    return std::nullopt;
  }
  const auto parent = std::filesystem::path(qualifiedLocal(destination).substr(5)).parent_path();
  // A name that ends with a slash means a directory.
  if (destination.ends_with('/') || localKindOf(parent.string()) != LocalKind::DIRECTORY) {
    call.complain(noParent(destination, qualifiedLocal(destination)));
    return std::nullopt;
  }
  return *kind;
}

Result<void> run(FsCall& call) {
  ASSIGN(const auto threads, threadsOf(call));
  auto& arguments = call.arguments();
  if (arguments.size() == 1) arguments.emplace_back(".");
  auto* const client = call.client();
  if (client == nullptr) return {};
  arguments.back() = localPathOf(arguments.back());
  const auto& destination = arguments.back();
  if (!call.isPath(destination)) return {};
  const auto items = call.expandArguments(0, arguments.size() - 1);
  if (call.over() || items.empty()) return {};
  const auto kind = checkLocal(call, destination, items.size());
  if (!kind) return {};

  const io::SystemClock clock;
  Meter meter(call.console(), clock);
  const auto failed = [&](std::string_view shown, const Status& why) {
    const bool inTheWay = why.code() == Code::IS_A_DIRECTORY;
    call.fail(shown, inTheWay ? Status(Code::ALREADY_EXISTS, "") : why);
  };
  TransferPool pool(*client, threads, failed);
  CopyOut copier({.connection = call.connection(),
                  .client = *client,
                  .meter = meter,
                  .pool = pool,
                  .failed = failed,
                  .over = [&]() { return call.over(); }},
                 {.force = call.has("f"), .recursive = true, .preserve = call.has("p")});
  for (const auto& item : items) {
    if (call.over()) break;
    if (!item.entry) {
      call.fail(item.shown, FsCall::absent());
    } else if (*kind == LocalKind::DIRECTORY && !item.path.isRoot()) {
      copier.copy(item, destination == "." ? std::string(item.path.name())
                                           : joinLocal(destination, item.path.name()));
    } else {
      copier.copy(item, destination);
    }
  }
  copier.finish();
  meter.finish();
  return {};
}

// Checksums are always verified, and there is no file of them: -crc and -ignoreCrc change nothing.
constexpr std::array<std::string_view, 4> FLAGS = {"f", "p", "crc", "ignoreCrc"};
constexpr std::array<std::string_view, 2> WITH_VALUES = {"t", "q"};
constexpr OptionGrammar GRAMMAR{.flags = FLAGS, .withValues = WITH_VALUES, .argumentsMin = 1};
constexpr std::string_view USAGE =
    "[-f] [-p] [-crc] [-ignoreCrc] [-t <thread count>] [-q <thread pool queue size>] <src> ... "
    "<localdst>";

}  // namespace

const FsVerb GET{.name = "get",
                 .usage = USAGE,
                 .description = R"(Copies files and directories to the local file system.
  -f  replace files that exist
  -p  with rights and times
  -t  copy so many files at a time
  -crc, -ignoreCrc, -q  accepted
)",
                 .grammar = GRAMMAR,
                 .run = run};

const FsVerb COPY_TO_LOCAL{.name = "copyToLocal",
                           .usage = USAGE,
                           .description = "The same as -get.\n",
                           .grammar = GRAMMAR,
                           .run = run};

}  // namespace cairn::shell::hadoop
