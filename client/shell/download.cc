#include "client/shell/download.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <cstdlib>
#include <optional>
#include <utility>

#include "client/shell/interrupt.h"
#include "client/shell/temporary_name.h"

namespace cairn::shell {
namespace {

Result<void> writeAll(int descriptor, std::span<const std::byte> bytes, const std::string& sink) {
  while (!bytes.empty()) {
    const auto written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) {
        if (interrupted()) return fail(Code::CANCELLED, "");
        continue;
      }
      if (errno == EPIPE) return fail(Code::CANCELLED, "");
      return fail(statusFromErrno(errno, "writing " + sink));
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> applyAttributes(int descriptor, const Entry& entry, const std::string& target) {
  const auto times = localTimesOf(entry);
  if (::fchmod(descriptor, entry.mode & 0777U) != 0 || ::futimens(descriptor, times.data()) != 0) {
    return fail(statusFromErrno(errno, "attributes of " + target));
  }
  return {};
}

// Gives the finished file its name.
Result<void> install(const std::string& from, const std::string& to, bool overwrite) {
  if (!overwrite) {
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return {};
    if (errno == EEXIST) return fail(Code::ALREADY_EXISTS, to + " exists");
    // File systems that cannot (EINVAL): it was not there a moment ago.
    if (errno != EINVAL && errno != ENOSYS) return fail(statusFromErrno(errno, "renaming " + from));
    if (struct stat info{}; ::lstat(to.c_str(), &info) == 0) {
      return fail(Code::ALREADY_EXISTS, to + " exists");
    }
  }
  if (::rename(from.c_str(), to.c_str()) != 0)
    return fail(statusFromErrno(errno, "renaming " + from));
  return {};
}

// Where a link points to, so that it stays a link.
std::string behindLinks(const std::string& path) {
  std::array<char, PATH_MAX> resolved{};
  if (::realpath(path.c_str(), resolved.data()) == nullptr) return path;
  return resolved.data();
}

}  // namespace

std::array<timespec, 2> localTimesOf(const Entry& entry) {
  const auto timeOf = [](std::int64_t ms) {
    const auto rest = (ms % 1000 + 1000) % 1000;  // not negative, before 1970 either
    return timespec{.tv_sec = (ms - rest) / 1000, .tv_nsec = rest * 1'000'000};
  };
  // A directory whose time of access nobody has set has none.
  const timespec keep{.tv_sec = 0, .tv_nsec = UTIME_OMIT};
  return {entry.atimeMs == 0 ? keep : timeOf(entry.atimeMs), timeOf(entry.mtimeMs)};
}

Result<void> downloadTo(InputFile& file, int descriptor, const std::string& sink,
                        Meter::File& progress, bool* sourceFailed) {
  while (true) {
    if (interrupted()) return fail(Code::CANCELLED, "");
    auto view = file.readView();
    if (interrupted()) return fail(Code::CANCELLED, "");
    if (!view.has_value()) {
      if (sourceFailed != nullptr) *sourceFailed = true;
      return std::unexpected(std::move(view).error());
    }
    if (view->empty()) break;
    TRY(writeAll(descriptor, *view, sink));
    if (progress.due()) progress.show(file.position());
  }
  progress.leave(file.position());
  return {};
}

Result<void> writeLocal(
    Client& client, const LocalTarget& target,
    const std::function<Result<void>(int descriptor, const std::string& name)>& write,
    Leftovers* leftovers) {
  auto path = target.path;
  struct stat info{};
  if (::stat(path.c_str(), &info) == 0) {
    if (!S_ISREG(info.st_mode)) {
      const int descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
      if (descriptor < 0) return fail(statusFromErrno(errno, path));
      auto done = write(descriptor, path);
      ::close(descriptor);
      return done;
    }
    if (!target.overwrite) return fail(Code::ALREADY_EXISTS, path + " exists");
    path = behindLinks(path);
  }
  std::optional<CleanupScope> scope;
  if (leftovers == nullptr) {
    scope.emplace(STDERR_FILENO, client);
    scope->enter(CleanupScope::Phase::WORKING);
  }
  const auto name = temporaryNameFor(path);
  // No link: in a directory for everybody the name could have been laid as a trap.
  const int descriptor =
      ::open(name.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
  if (descriptor < 0) return fail(statusFromErrno(errno, name));
  auto done = write(descriptor, name);
  // Some file systems report a full disk only here.
  if (::close(descriptor) != 0 && done.has_value()) done = fail(statusFromErrno(errno, name));
  if (done.has_value()) done = install(name, path, target.overwrite);
  if (!done.has_value()) ::unlink(name.c_str());
  return done;
}

Result<void> download(Client& client, InputFile& file, const Download& job, Meter& meter,
                      Leftovers* leftovers) {
  Meter::File progress(meter, job.shown);
  return writeLocal(
      client, {.path = job.target, .overwrite = job.overwrite},
      [&](int descriptor, const std::string& name) -> Result<void> {
        TRY(downloadTo(file, descriptor, name, progress, job.sourceFailed));
        if (job.preserve && name != job.target) {
          TRY(applyAttributes(descriptor, file.entry(), name));
        }
        return {};
      },
      leftovers);
}

}  // namespace cairn::shell
