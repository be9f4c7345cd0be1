#include "client/shell/copy_in.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "client/shell/upload.h"

namespace cairn::shell {
namespace {

constexpr std::size_t NAME_BUFFER_BYTES = 16 << 10;  // a group's members come with its name

Result<std::vector<std::string>> namesIn(const std::string& directory) {
  DIR* const stream = ::opendir(directory.c_str());
  if (stream == nullptr) return fail(statusFromErrno(errno, directory));
  std::vector<std::string> names;
  errno = 0;
  while (const auto* entry = ::readdir(stream)) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
    errno = 0;
  }
  const int error = errno;
  ::closedir(stream);
  if (error != 0) return fail(statusFromErrno(error, directory));
  std::ranges::sort(names);
  return names;
}

// "" where the machine knows no name. May be called on several threads.
std::string userName(uid_t id) {
  std::array<char, NAME_BUFFER_BYTES> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  ::getpwuid_r(id, &entry, buffer.data(), buffer.size(), &found);
  return found == nullptr ? "" : found->pw_name;
}

std::string groupName(gid_t id) {
  std::array<char, NAME_BUFFER_BYTES> buffer{};
  group entry{};
  group* found = nullptr;
  ::getgrgid_r(id, &entry, buffer.data(), buffer.size(), &found);
  return found == nullptr ? "" : found->gr_name;
}

}  // namespace

CopyIn::CopyIn(CopyHost host, Options options) : host_(std::move(host)), options_(options) {}

void CopyIn::copy(const std::string& local, const Item& target) {
  if (local == "-" && within_.empty()) {
    if (!mayWrite(host_, target, options_.force)) return;
    auto failure = copyStream(STDIN_FILENO, "standard input", target, nullptr);
    if (failure) host_.failed(failure->shown, failure->why);
    return;
  }
  struct stat info{};
  if (::stat(local.c_str(), &info) != 0) {
    return host_.failed(local, statusFromErrno(errno, local));
  }
  if (S_ISDIR(info.st_mode)) {
    if (options_.recursive) return copyDirectory(local, info, target);
    return host_.failed(local, Status(Code::INVALID_ARGUMENT, "is a directory (-r copies it)"));
  }
  // A pipe that was named is read; one that lies in a directory would block for ever.
  if (!within_.empty() && !S_ISREG(info.st_mode)) {
    return host_.failed(local, Status(Code::INVALID_ARGUMENT, "is no regular file; left out"));
  }
  if (mayWrite(host_, target, options_.force)) copyFile(local, target);
}

void CopyIn::finish() {
  host_.pool.finish();
  if (host_.over()) return;
  for (const auto& directory : directories_) {
    if (options_.preserve) {
      auto done = preserve(directory.info, directory.target);
      if (!done.has_value()) host_.failed(directory.target, done.error());
    }
    // What could not be copied is still in it.
    if (options_.removeSource && ::rmdir(directory.local.c_str()) != 0 && errno != ENOTEMPTY) {
      host_.failed(directory.local, statusFromErrno(errno, directory.local));
    }
  }
  directories_.clear();
}

bool CopyIn::mayWrite(const CopyHost& host, const Item& target, bool force) {
  if (target.isDirectory()) {
    host.failed(target.shown, Status(Code::IS_A_DIRECTORY, "is a directory"));
    return false;
  }
  if (target.entry && !force) {
    host.failed(target.shown, Status(Code::ALREADY_EXISTS, "exists"));
    return false;
  }
  return true;
}

void CopyIn::copyFile(const std::string& local, const Item& target) {
  host_.pool.run(
      [this, local, target](Leftovers* leftovers) -> std::optional<TransferPool::Failure> {
        const int descriptor = ::open(local.c_str(), O_RDONLY | O_CLOEXEC);
        if (descriptor < 0) {
          return TransferPool::Failure{.shown = local, .why = statusFromErrno(errno, local)};
        }
        // Before anything is read, which moves the time of access.
        struct stat info{};
        ::fstat(descriptor, &info);
        ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
        auto failure = copyStream(descriptor, local, target, leftovers);
        ::close(descriptor);
        if (failure) return failure;
        if (options_.preserve) {
          auto done = preserve(info, target.path.absolute());
          if (!done.has_value()) {
            return TransferPool::Failure{.shown = target.shown, .why = done.error()};
          }
        }
        if (options_.removeSource && ::unlink(local.c_str()) != 0) {
          return TransferPool::Failure{.shown = local, .why = statusFromErrno(errno, local)};
        }
        return std::nullopt;
      });
}

std::optional<TransferPool::Failure> CopyIn::copyStream(int descriptor, const std::string& local,
                                                        const Item& target, Leftovers* leftovers) {
  DescriptorSource source(descriptor, local);
  Upload job{.source = source,
             .name = local,
             .target = target.path.absolute(),
             .create = options_.create,
             .viaTemporary = options_.viaTemporary};
  job.create.overwrite = options_.force;
  auto done = upload(host_.connection, host_.client, job, host_.meter, leftovers);
  if (done.has_value()) return std::nullopt;
  return TransferPool::Failure{.shown = target.shown, .why = std::move(done).error()};
}

Result<void> CopyIn::preserve(const struct stat& info, const std::string& target) {
  TRY(host_.client.setOwner(target, userName(info.st_uid), groupName(info.st_gid)));
  TRY(host_.client.setPermission(target, static_cast<std::uint16_t>(info.st_mode & 0777U)));
  const auto ms = [](const timespec& time) {
    return static_cast<std::int64_t>(time.tv_sec) * 1000 + time.tv_nsec / 1'000'000;
  };
  return host_.client.setTimes(target, ms(info.st_mtim), ms(info.st_atim));
}

void CopyIn::copyDirectory(const std::string& local, const struct stat& info, const Item& target) {
  const Place place{info.st_dev, info.st_ino};
  // Links can lead back.
  if (std::ranges::find(within_, place) != within_.end()) {
    return host_.failed(local, Status(Code::INVALID_ARGUMENT,
                                      "leads back to a directory that it lies in; left out"));
  }
  if (target.entry && !target.isDirectory()) {
    return host_.failed(target.shown, Status(Code::NOT_A_DIRECTORY, ""));
  }
  auto names = namesIn(local);
  if (!names.has_value()) return host_.failed(local, names.error());
  const bool fresh = !target.entry;
  if (fresh) {
    auto made = host_.client.mkdirs(target.path.absolute(), options_.directoryMode, false);
    if (!made.has_value()) return host_.failed(target.shown, made.error());
  }
  within_.push_back(place);
  copyChildren(local, *names, fresh, target);
  within_.pop_back();
  directories_.push_back({.local = local, .info = info, .target = target.path.absolute()});
}

void CopyIn::copyChildren(const std::string& local, const std::vector<std::string>& names,
                          bool fresh, const Item& target) {
  const auto source = EntrySource::of(host_.client);
  const std::string prefix = local.ends_with('/') ? local : local + "/";
  for (const auto& name : names) {
    if (host_.over()) return;
    auto path = target.path.child(name);
    auto shown = path.shown();
    Item child{.path = std::move(path), .shown = std::move(shown), .entry = std::nullopt};
    if (!fresh) {
      auto entry = source.stat(child.path.absolute());
      if (!entry.has_value()) {
        host_.failed(child.shown, entry.error());
        continue;
      }
      child.entry = std::move(*entry);
    }
    copy(prefix + name, child);
  }
}

}  // namespace cairn::shell
