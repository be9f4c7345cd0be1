// -getmerge
#include <array>
#include <filesystem>

#include "client/shell/copy_out.h"
#include "client/shell/hadoop/local_uri.h"
#include "client/shell/hadoop/verbs.h"
#include "client/shell/merge.h"
#include "common/io/clock.h"

namespace cairn::shell::hadoop {
namespace {

Result<void> run(FsCall& call) {
  auto* const client = call.client();
  if (client == nullptr) return {};
  const auto target = localPathOf(call.arguments().back());
  std::vector<Item> sources;
  bool all = true;
  for (auto& item : call.expandArguments(0, call.arguments().size() - 1)) {
    if (item.entry) {
      sources.push_back(std::move(item));
    } else {
      all = false;
      call.fail(item.shown, FsCall::absent());
    }
  }
  if (!all || call.over() || call.exitCode() != FS_DONE) return {};
  const auto kind = localKindOf(target);
  if (!kind.has_value()) {
    call.fail(target, kind.error());
    return {};
  }
  if (*kind == LocalKind::DIRECTORY) {
    call.fail(target, Status(Code::IS_A_DIRECTORY, ""));
    return {};
  }
  const auto files = filesToMerge(*client, sources);
  if (!files.has_value()) {
    call.fail(target, files.error());
    return {};
  }
  // Directories above are made, as Hadoop does.
  const auto parent = std::filesystem::path(target).parent_path();
  std::error_code ignored;  // shows itself when the file is made
  if (!parent.empty()) std::filesystem::create_directories(parent, ignored);
  const io::SystemClock clock;
  Meter meter(call.console(), clock);
  auto atFault = target;
  auto done = mergeInto(*client, *files,
                        {.newlines = call.has("nl"), .skipEmpty = call.has("skip-empty-file")},
                        target, meter, atFault);
  meter.finish();
  if (!done.has_value()) call.fail(atFault, done.error());
  return {};
}

constexpr std::array<std::string_view, 2> FLAGS = {"nl", "skip-empty-file"};

}  // namespace

const FsVerb GETMERGE{
    .name = "getmerge",
    .usage = "[-nl] [-skip-empty-file] <src> <localdst>",
    .description = R"(Joins files, and the files in directories, into one local file.
  -nl               a newline behind each
  -skip-empty-file  but not behind empty ones
)",
    .grammar = {.flags = FLAGS, .argumentsMin = 2},
    .run = run};

}  // namespace cairn::shell::hadoop
