#include "client/shell/copy_in.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "client/shell/upload.h"

namespace cairn::shell {
namespace {

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

}  // namespace

CopyIn::CopyIn(CopyHost host, Options options) : host_(std::move(host)), options_(options) {}

void CopyIn::copy(const std::string& local, const Item& target) {
  if (local == "-" && within_.empty()) return copyStream(STDIN_FILENO, "standard input", target);
  struct stat info{};
  if (::stat(local.c_str(), &info) != 0) {
    return host_.failed(local, statusFromErrno(errno, local));
  }
  if (S_ISDIR(info.st_mode)) {
    if (options_.recursive) return copyDirectory(local, {info.st_dev, info.st_ino}, target);
    return host_.failed(local, Status(Code::INVALID_ARGUMENT, "is a directory (-r copies it)"));
  }
  // A pipe that was named is read; one that lies in a directory would block for ever.
  if (!within_.empty() && !S_ISREG(info.st_mode)) {
    return host_.failed(local, Status(Code::INVALID_ARGUMENT, "is no regular file; left out"));
  }
  const int descriptor = ::open(local.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return host_.failed(local, statusFromErrno(errno, local));
  ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
  copyStream(descriptor, local, target);
  ::close(descriptor);
}

void CopyIn::copyStream(int descriptor, const std::string& local, const Item& target) {
  if (target.isDirectory()) {
    return host_.failed(target.shown, Status(Code::IS_A_DIRECTORY, "is a directory"));
  }
  if (target.entry && !options_.force) {
    return host_.failed(target.shown, Status(Code::ALREADY_EXISTS, "exists"));
  }
  Upload job{.descriptor = descriptor,
             .source = local,
             .target = target.path.absolute(),
             .create = options_.create,
             .viaTemporary = options_.viaTemporary};
  job.create.overwrite = options_.force;
  auto done = upload(host_.connection, host_.client, job, host_.meter);
  if (!done.has_value()) host_.failed(target.shown, done.error());
}

void CopyIn::copyDirectory(const std::string& local, Place place, const Item& target) {
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
