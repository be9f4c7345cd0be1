// -rm
#include <array>
#include <string>

#include "client/shell/confirm.h"
#include "client/shell/hadoop/verbs.h"
#include "client/shell/hadoop/wording.h"
#include "client/shell/trash.h"
#include "common/io/clock.h"

namespace cairn::shell::hadoop {
namespace {

// With -safely, a directory with more files is removed only after a question.
constexpr std::uint64_t FILES_UNASKED_MAX = 100;  // hadoop.shell.delete.limit.num.files

class Remover {
public:
  Remover(FsCall& call, Client& client)
      : call_(call),
        client_(client),
        trash_(client, call.connection().config()),
        recursive_(call.has("r") || call.has("R")),
        force_(call.has("f")),
        toTrash_(!call.has("skipTrash")) {}

  void remove(const Item& item) {
    if (!item.entry) {
      if (!force_) call_.fail(item.shown, FsCall::absent());
      return;
    }
    if (item.isDirectory() && !recursive_) {
      return call_.fail(item.shown, Status(Code::IS_A_DIRECTORY, ""));
    }
    if (toTrash_ && move(item)) return;
    if (item.path.isRoot()) return call_.fail(item.shown, Status(Code::IO_ERROR, ""));
    if (item.isDirectory() && call_.has("safely") && !mayGo(item)) return;
    auto removed = client_.remove(item.path.absolute(), recursive_);
    if (!removed.has_value()) return call_.fail(item.shown, removed.error());
    if (!*removed) {
      // Somebody else was faster.
      if (!force_) call_.fail(item.shown, FsCall::absent());
      return;
    }
    call_.console().print("Deleted " + item.shown + "\n");
  }

private:
  // False: it is in the trash, or there is none, and it has to be removed for good.
  bool move(const Item& item) {
    const io::SystemClock clock;
    auto moved = trash_.take(item.path.absolute(), clock.nowMs());
    if (!moved.has_value()) {
      const auto& why = moved.error();
      const bool holdsIt = why.code() == Code::INVALID_ARGUMENT && why.message().empty();
      const auto qualified = call_.qualified(item.path);
      if (why.code() == Code::NOT_FOUND || call_.connection().isNamenodeLost(why)) {
        call_.fail(item.shown, why);
      } else if (why.code() == Code::SAFE_MODE) {
        const auto place = item.path.sibling(trash_.placeFor(item.path.absolute()));
        call_.complain("Failed to move " + qualified + " to trash " + call_.qualified(place) +
                       ": " + wordsFor(item.shown, why));
      } else {
        call_.complain(
            (holdsIt ? "Cannot move \"" + qualified + "\" to the trash, as it contains the trash"
                     : "Failed to move to trash: " + qualified + ": " + why.message()) +
            ". Consider using -skipTrash option");
      }
      return true;
    }
    const auto& target = *moved;
    if (!target) return false;
    // Hadoop tells it in its log, on standard error.
    call_.console().printError("Moved: '" + call_.qualified(item.path) + "' to trash at: " +
                               call_.qualified(item.path.sibling(*target)) + "\n");
    return true;
  }

  bool mayGo(const Item& item) {
    const auto summary = client_.contentSummary(item.path.absolute());
    if (!summary.has_value()) {
      call_.fail(item.shown, summary.error());
      return false;
    }
    if (summary->files <= FILES_UNASKED_MAX) return true;
    if (confirm(call_.console(),
                "Proceed deleting " + std::to_string(summary->files) + " files?")) {
      return true;
    }
    call_.console().printError("Delete aborted at user request.\n\n");
    return false;
  }

  FsCall& call_;
  Client& client_;
  Trash trash_;
  const bool recursive_;
  const bool force_;
  const bool toTrash_;
};

Result<void> run(FsCall& call) {
  auto* const client = call.client();
  if (client == nullptr) return {};
  Remover remover(call, *client);
  const auto unmatched = call.has("f") ? FsCall::Unmatched::IS_NOTHING : FsCall::Unmatched::FAILS;
  for (const auto& item : call.expandArguments(0, SIZE_MAX, unmatched)) {
    if (call.over()) break;
    remover.remove(item);
  }
  return {};
}

constexpr std::array<std::string_view, 5> FLAGS = {"f", "r", "R", "skipTrash", "safely"};

}  // namespace

const FsVerb RM{.name = "rm",
                .usage = "[-f] [-r|-R] [-skipTrash] [-safely] <src> ...",
                .description = R"(Removes files, or moves them to the trash where there is one
(fs.trash.interval at the namenode, or here where that is 0).
  -f          no complaint about what does not exist
  -r, -R      directories with all that is in them
  -skipTrash  for good
  -safely     asks first when a directory holds more than 100 files
)",
                .grammar = {.flags = FLAGS, .argumentsMin = 1},
                .run = run};

}  // namespace cairn::shell::hadoop
