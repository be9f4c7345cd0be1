#include "client/shell/upload.h"

#include <errno.h>
#include <unistd.h>

#include <optional>
#include <utility>

#include "client/shell/interrupt.h"
#include "client/shell/temporary_name.h"

namespace cairn::shell {
namespace {

Result<Entry> copyInto(OutputFile& file, const Upload& job, Meter& meter) {
  while (true) {
    if (interrupted()) return fail(Code::CANCELLED, "interrupted");
    auto room = file.room();
    if (!room.has_value()) return std::unexpected(std::move(room).error());
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
  if (interrupted()) return fail(Code::CANCELLED, "interrupted");
  return entry;
}

// The failure, with what else went wrong while cleaning up after it.
Status cleanedUp(Connection& connection, Client& client, const std::string& name, Status failure) {
  // Asking a namenode that is gone would only wait again.
  std::optional<Status> left;
  if (connection.isNamenodeLost(failure)) {
    left = failure;
  } else if (auto removed = client.remove(name); !removed.has_value()) {
    left = std::move(removed).error();
  }
  if (!left) return failure;
  return Status(failure.code(), failure.message() + "; the unfinished " + name + " is left behind");
}

}  // namespace

Result<Entry> upload(Connection& connection, Client& client, const Upload& job, Meter& meter) {
  const CleanupScope scope(STDERR_FILENO);
  const auto name = job.viaTemporary ? temporaryNameFor(job.target) : job.target;
  CreateOptions create = job.create;
  // A temporary file that a crash left is nobody's.
  if (job.viaTemporary) create.overwrite = true;
  auto file = client.create(name, create);
  if (!file.has_value()) return std::unexpected(std::move(file).error());
  meter.enter(job.source);
  auto entry = copyInto(*file, job, meter);
  if (!entry.has_value()) {
    file->abandon();
    return std::unexpected(cleanedUp(connection, client, name, std::move(entry).error()));
  }
  meter.leave(file->position());
  if (!job.viaTemporary) return entry;
  auto renamed = client.rename(name, job.target, job.create.overwrite);
  if (!renamed.has_value()) {
    return std::unexpected(cleanedUp(connection, client, name, std::move(renamed).error()));
  }
  return entry;
}

}  // namespace cairn::shell
