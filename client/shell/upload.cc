#include "client/shell/upload.h"

#include <errno.h>
#include <unistd.h>

#include <utility>

#include "client/shell/interrupt.h"
#include "client/shell/temporary_name.h"

namespace cairn::shell {
namespace {

Status leftBehind(const Status& failure, const std::string& what) {
  return Status(failure.code(), failure.message().empty() ? what : failure.message() + "; " + what);
}

Result<Entry> copyInto(OutputFile& file, const Upload& job, Meter& meter) {
  while (true) {
    if (interrupted()) return fail(Code::CANCELLED, "");
    auto room = file.room();
    if (!room.has_value()) return std::unexpected(std::move(room).error());
    CleanupScope::awaitReadable(job.descriptor);
    if (interrupted()) return fail(Code::CANCELLED, "");
    const auto got = ::read(job.descriptor, room->data(), room->size());
    if (got < 0) {
      if (errno == EINTR) continue;
      return fail(statusFromErrno(errno, "reading " + job.source));
    }
    if (got == 0) break;
    TRY(file.fill(static_cast<std::size_t>(got)));
    if (meter.due()) meter.show(file.acknowledged());
  }
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

// The failure, with what else went wrong while cleaning up after it.
Status cleanedUp(Connection& connection, Client& client, const std::string& name, Status failure) {
  // Asking a namenode that is gone would only wait again.
  const bool unreachable = connection.isNamenodeLost(failure);
  const bool lost = isLost(failure);
  if (interrupted()) failure = Status(Code::CANCELLED, "");
  if (lost || (!unreachable && client.remove(name).has_value())) return failure;
  return leftBehind(failure, "the unfinished " + name + " is left behind");
}

}  // namespace

Result<Entry> upload(Connection& connection, Client& client, const Upload& job, Meter& meter) {
  CleanupScope scope(STDERR_FILENO, client);
  const auto name = job.viaTemporary ? temporaryNameFor(job.target) : job.target;
  CreateOptions create = job.create;
  // A temporary file that a crash left is nobody's.
  if (job.viaTemporary) create.overwrite = true;
  auto file = client.create(name, create);
  if (!file.has_value()) {
    if (!interrupted() || file.error().code() != Code::CANCELLED) {
      return std::unexpected(std::move(file).error());
    }
    return fail(Code::CANCELLED, "the namenode did not say whether it began " + name);
  }
  meter.enter(job.source);
  scope.enter(CleanupScope::Phase::WORKING);
  auto entry = copyInto(*file, job, meter);
  if (!entry.has_value()) {
    scope.enter(CleanupScope::Phase::CLEANING);
    file->abandon();
    return std::unexpected(cleanedUp(connection, client, name, std::move(entry).error()));
  }
  meter.leave(file->position());
  if (!job.viaTemporary) return entry;
  scope.enter(CleanupScope::Phase::ASKING);
  auto renamed = client.rename(name, job.target, job.create.overwrite);
  if (!renamed.has_value()) {
    scope.enter(CleanupScope::Phase::CLEANING);
    return std::unexpected(cleanedUp(connection, client, name, std::move(renamed).error()));
  }
  return entry;
}

}  // namespace cairn::shell
