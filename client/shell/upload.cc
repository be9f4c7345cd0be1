#include "client/shell/upload.h"

#include <unistd.h>

#include <optional>
#include <utility>

#include "client/shell/interrupt.h"
#include "client/shell/temporary_name.h"

namespace cairn::shell {
namespace {

Status leftBehind(const Status& failure, const std::string& what) {
  return Status(failure.code(), failure.message().empty() ? what : failure.message() + "; " + what);
}

Result<Entry> copyInto(OutputFile& file, const Upload& job, Meter::File& progress) {
  TRY(pump(job.source, file, progress));
  auto entry = file.close();
  if (interrupted()) return fail(Code::CANCELLED, "");
  return entry;
}

// Whether the failure says that the file under the name is not the caller's any more: another put
// of the same target has replaced it, or somebody has removed it.
bool isLost(const Status& failure) {
  return failure.code() == Code::NOT_FOUND || failure.code() == Code::LEASE_EXPIRED ||
         failure.code() == Code::LEASE_CONFLICT;
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
  const bool lost = isLost(failure);
  if (interrupted()) failure = Status(Code::CANCELLED, "");
  if (lost || guard.leaves(name)) return failure;
  if (!unreachable && client.remove(name).has_value()) return failure;
  return leftBehind(failure, "the unfinished " + name + " is left behind");
}

}  // namespace

Result<void> pump(ByteSource& source, OutputFile& file, Meter::File& progress) {
  while (true) {
    if (interrupted()) return fail(Code::CANCELLED, "");
    auto room = file.room();
    if (!room.has_value()) return std::unexpected(std::move(room).error());
    ASSIGN(const auto got, source.read(*room));
    if (got == 0) return {};
    TRY(file.fill(got));
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
  auto entry = copyInto(*file, job, progress);
  if (!entry.has_value()) {
    guard.enter(CleanupScope::Phase::CLEANING);
    file->abandon();
    return std::unexpected(cleanedUp(connection, client, name, std::move(entry).error(), guard));
  }
  progress.leave(file->position());
  if (!job.viaTemporary) return entry;
  guard.enter(CleanupScope::Phase::ASKING);
  auto renamed = client.rename(name, job.target, job.create.overwrite);
  if (!renamed.has_value()) {
    guard.enter(CleanupScope::Phase::CLEANING);
    return std::unexpected(cleanedUp(connection, client, name, std::move(renamed).error(), guard));
  }
  return entry;
}

}  // namespace cairn::shell
