#include "client/shell/upload.h"

#include <unistd.h>

#include <optional>
#include <utility>

#include "client/shell/failures.h"
#include "client/shell/interrupt.h"
#include "client/shell/temporary_name.h"

namespace cairn::shell {
namespace {

Status leftBehind(const Status& failure, const std::string& what) {
  return Status(failure.code(), failure.message().empty() ? what : failure.message() + "; " + what);
}

Result<Entry> copyInto(OutputFile& file, const Upload& job, const std::string& name,
                       Meter::File& progress) {
  TRY(pump(job.source, file, name, progress));
  auto entry = file.close();
  if (interrupted()) return fail(Code::CANCELLED, "");
  if (!entry.has_value()) return fail(writingFailure(std::move(entry).error(), name));
  return entry;
}

// Where a signal finds the upload: in a scope of its own, or on one of several threads, for which
// the pool has one.
class Guard {
public:
  Guard(Client& client, Leftovers* leftovers) : leftovers_(leftovers) {
    if (leftovers_ == nullptr) scope_.emplace(STDERR_FILENO, client);
  }
  void enter(CleanupScope::Phase phase) {
    if (scope_) scope_->enter(phase);
  }
  // Whether calls have ended for all, so that cleaning up is for later and for somebody else.
  bool leaves(const std::string& name) {
    if (leftovers_ == nullptr || !interrupted()) return false;
    leftovers_->add(name);
    return true;
  }

private:
  Leftovers* leftovers_;
  std::optional<CleanupScope> scope_;
};

// The failure, with what else went wrong while cleaning up after it.
Status cleanedUp(Connection& connection, Client& client, const std::string& name, Status failure,
                 Guard& guard) {
  // Asking a namenode that is gone would only wait again.
  const bool unreachable = connection.isNamenodeLost(failure);
  // What is under the name then, if anything, is somebody else's.
  const bool lost = failure.code() == Code::LEASE_EXPIRED;
  if (interrupted()) failure = Status(Code::CANCELLED, "");
  if (lost || guard.leaves(name)) return failure;
  if (!unreachable && client.remove(name).has_value()) return failure;
  return leftBehind(failure, "the unfinished " + name + " is left behind");
}

}  // namespace

Result<void> pump(ByteSource& source, OutputFile& file, const std::string& path,
                  Meter::File& progress) {
  while (true) {
    if (interrupted()) return fail(Code::CANCELLED, "");
    auto room = file.room();
    if (!room.has_value()) return fail(writingFailure(std::move(room).error(), path));
    ASSIGN(const auto got, source.read(*room));
    if (got == 0) return {};
    auto filled = file.fill(got);
    if (!filled.has_value()) return fail(writingFailure(std::move(filled).error(), path));
    if (progress.due()) progress.show(file.acknowledged());
  }
}

Result<Entry> upload(Connection& connection, Client& client, const Upload& job, Meter& meter,
                     Leftovers* leftovers) {
  Guard guard(client, leftovers);
  const auto name = job.viaTemporary ? temporaryNameFor(job.target) : job.target;
  CreateOptions create = job.create;
  // A temporary file that a crash left is nobody's.
  if (job.viaTemporary) create.overwrite = true;
  auto file = client.create(name, create);
  if (!file.has_value()) {
    if (!interrupted() || file.error().code() != Code::CANCELLED) {
      return std::unexpected(std::move(file).error());
    }
    if (job.viaTemporary && guard.leaves(name)) return fail(Code::CANCELLED, "");
    return fail(Code::CANCELLED, "the namenode did not say whether it began " + name);
  }
  Meter::File progress(meter, job.name);
  guard.enter(CleanupScope::Phase::WORKING);
  auto entry = copyInto(*file, job, name, progress);
  if (!entry.has_value()) {
    guard.enter(CleanupScope::Phase::CLEANING);
    file->abandon();
    return std::unexpected(cleanedUp(connection, client, name, std::move(entry).error(), guard));
  }
  progress.leave(file->position());
  if (!job.viaTemporary) return entry;
  guard.enter(CleanupScope::Phase::ASKING);
  auto renamed = client.rename(name, job.target, {.overwrite = job.create.overwrite});
  if (!renamed.has_value()) {
    guard.enter(CleanupScope::Phase::CLEANING);
    // The directory of both is gone, or the temporary file alone.
    auto failure = writingFailure(std::move(renamed).error(), name);
    return std::unexpected(cleanedUp(connection, client, name, std::move(failure), guard));
  }
  return entry;
}

}  // namespace cairn::shell
