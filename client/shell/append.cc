#include "client/shell/append.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "client/shell/byte_source.h"
#include "client/shell/failures.h"
#include "client/shell/interrupt.h"
#include "client/shell/upload.h"

namespace cairn::shell {
namespace {

Result<void> addSource(const std::string& source, OutputFile& file, const std::string& path,
                       Meter& meter) {
  const bool isInput = source == "-";
  const int descriptor = isInput ? STDIN_FILENO : ::open(source.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return fail(statusFromErrno(errno, source));
  struct stat info{};
  Result<void> done;
  if (!isInput && ::fstat(descriptor, &info) == 0 && S_ISDIR(info.st_mode)) {
    done = fail(Code::IS_A_DIRECTORY, source + " is a directory");
  } else {
    Meter::File progress(meter, source);
    DescriptorSource bytes(descriptor, isInput ? "standard input" : source);
    const auto begin = file.position();
    done = pump(bytes, file, path, progress);
    progress.leave(file.position() - begin);
  }
  if (!isInput) ::close(descriptor);
  return done;
}

}  // namespace

std::optional<TransferPool::Failure> append(Client& client, const Item& target, const Append& job,
                                            Meter& meter) {
  const auto& path = target.path.absolute();
  CleanupScope scope(STDERR_FILENO, client);
  auto file = target.entry ? client.append(path, {.newChunk = job.newChunk})
                           : client.create(path, job.create);
  if (!file.has_value()) {
    return TransferPool::Failure{.shown = target.shown, .why = std::move(file).error()};
  }
  scope.enter(CleanupScope::Phase::WORKING);
  std::optional<TransferPool::Failure> failure;
  for (const auto& source : job.sources) {
    auto done = addSource(source, *file, path, meter);
    if (done.has_value()) continue;
    const bool lost = done.error().code() == Code::LEASE_EXPIRED;
    failure = {.shown = lost ? target.shown : source, .why = std::move(done).error()};
    break;
  }
  scope.enter(CleanupScope::Phase::CLEANING);
  auto closed = file->close();
  if (failure || closed.has_value()) return failure;
  return TransferPool::Failure{.shown = target.shown,
                               .why = writingFailure(std::move(closed).error(), path)};
}

}  // namespace cairn::shell
