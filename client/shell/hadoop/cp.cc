// -cp
#include <algorithm>
#include <array>

#include "client/shell/copy_within.h"
#include "client/shell/hadoop/destination.h"
#include "client/shell/hadoop/threads.h"
#include "client/shell/hadoop/verbs.h"
#include "common/io/clock.h"

namespace cairn::shell::hadoop {
namespace {

// Takes -p, or -p[topax], out of the words. INVALID_ARGUMENT: another letter.
Result<Preserve> takePreserve(std::vector<std::string>& words) {
  Preserve preserve;
  const auto end = std::ranges::find_if(words, [](const auto& word) {
    return !word.starts_with('-') || word == "--" || word == "-";
  });
  const auto found =
      std::find_if(words.begin(), end, [](const auto& word) { return word.starts_with("-p"); });
  if (found == end) return preserve;
  const auto letters = found->substr(2);
  words.erase(found);
  if (letters.empty()) preserve = {.times = true, .owner = true, .rights = true};
  for (const char letter : letters) {
    switch (letter) {
      case 't': preserve.times = true; break;
      case 'o': preserve.owner = true; break;
      case 'p': preserve.rights = true; break;
      case 'a': preserve.rights = true; break;  // access control lists: the rights are all of them
      case 'x': preserve.xattrs = true; break;
      default:
        return cairn::fail(Code::INVALID_ARGUMENT, std::string("No attribute for ") + letter);
    }
  }
  return preserve;
}

void copyItem(FsCall& call, Client& client, CopyWithin& copier, const Item& item,
              const Item& destination) {
  if (!item.entry) return call.fail(item.shown, FsCall::absent());
  const auto target = targetFor(call, client, destination, item.path.name());
  if (!target) return;
  const auto& from = item.path.absolute();
  const auto& to = target->path.absolute();
  if (item.isDirectory()) {
    if (from == to) {
      return call.complain("`" + item.shown + "' to `" + call.qualified(target->path) +
                           "': are identical");
    }
    if (to.starts_with(item.path.isRoot() ? "/" : from + "/")) {
      return call.complain("`" + item.shown + "' to `" + target->shown +
                           "': is a subdirectory of itself");
    }
  }
  copier.copy(item, *target);
}

Result<void> run(FsCall& call) {
  constexpr std::array<std::string_view, 2> FLAGS = {"f", "d"};
  constexpr std::array<std::string_view, 2> WITH_VALUES = {"t", "q"};
  ASSIGN(const auto preserve, takePreserve(call.arguments()));
  TRY(call.parseAgain({.flags = FLAGS, .withValues = WITH_VALUES, .argumentsMin = 2}));
  ASSIGN(const auto threads, threadsOf(call));
  auto* const client = call.client();
  if (client == nullptr) return {};
  const auto destination = call.lookUpDestination(call.arguments().back());
  if (!destination) return {};
  const auto items = call.expandArguments(0, call.arguments().size() - 1);
  if (call.over() || items.empty()) return {};
  const bool force = call.has("f");
  if (!checkDestination(call, *client, *destination, items.size(), force)) return {};

  const io::SystemClock clock;
  Meter meter(call.console(), clock);
  const auto failed = [&](std::string_view shown, const Status& why) {
    const bool inTheWay = why.code() == Code::IS_A_DIRECTORY;
    call.fail(shown, inTheWay ? Status(Code::ALREADY_EXISTS, "") : why);
  };
  TransferPool pool(*client, threads, failed);
  CopyWithin copier({.connection = call.connection(),
                     .client = *client,
                     .meter = meter,
                     .pool = pool,
                     .failed = failed,
                     .over = [&]() { return call.over(); }},
                    {.force = force,
                     .recursive = true,
                     .viaTemporary = !call.has("d"),
                     .preserve = preserve,
                     .create = call.newFile(),
                     .directoryMode = call.connection().directoryMode()});
  for (const auto& item : items) {
    if (call.over()) break;
    copyItem(call, *client, copier, item, *destination);
  }
  copier.finish();
  meter.finish();
  return {};
}

}  // namespace

const FsVerb CP{
    .name = "cp",
    .usage =
        "[-f] [-p | -p[topax]] [-d] [-t <thread count>] [-q <thread pool queue size>] <src> ... "
        "<dst>",
    .description = R"(Copies files and directories within the file system.
  -f  replace files that exist
  -p  with times, owner and rights; or with those of: t times, o owner, p rights,
      a access control lists (the rights), x extended attributes
  -d  write under the final name at once, not as <dst>._COPYING_
  -t  copy so many files at a time
  -q  accepted
)",
    .grammar = {.raw = true},
    .run = run};

}  // namespace cairn::shell::hadoop
