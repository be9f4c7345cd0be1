#include "client/shell/copy_out.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <utility>

#include "client/shell/download.h"
#include "client/shell/failures.h"

namespace cairn::shell {

Result<LocalKind> localKindOf(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) == 0) {
    if (S_ISDIR(info.st_mode)) return LocalKind::DIRECTORY;
    return S_ISREG(info.st_mode) ? LocalKind::FILE : LocalKind::DEVICE;
  }
  if (errno == ENOENT) return LocalKind::NOTHING;
  if (errno == ENOTDIR) return fail(Code::NOT_A_DIRECTORY, path + ": not a directory");
  return fail(statusFromErrno(errno, path));
}

std::string joinLocal(const std::string& directory, std::string_view name) {
  return (directory.ends_with('/') ? directory : directory + "/") + std::string(name);
}

std::string_view localNameOf(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos || path.size() == 1 ? path : path.substr(slash + 1);
}

CopyOut::CopyOut(CopyHost host, Options options) : host_(std::move(host)), options_(options) {}

void CopyOut::copy(const Item& source, const std::string& target) {
  if (!source.isDirectory()) return copyFile(source, target);
  if (options_.recursive) return copyDirectory(source, target);
  host_.failed(source.shown, Status(Code::INVALID_ARGUMENT, "is a directory (-r copies it)"));
}

void CopyOut::finish() {
  host_.pool.finish();
  if (host_.over()) return;
  for (const auto& [local, entry] : directories_) {
    const auto times = localTimesOf(entry);
    struct stat info{};
    // Bits that the cluster does not know stay.
    if (::stat(local.c_str(), &info) != 0 ||
        ::chmod(local.c_str(), (info.st_mode & 07000U) | (entry.mode & 0777U)) != 0 ||
        ::utimensat(AT_FDCWD, local.c_str(), times.data(), 0) != 0) {
      host_.failed(local, statusFromErrno(errno, "attributes of " + local));
    }
  }
  directories_.clear();
}

void CopyOut::copyFile(const Item& source, const std::string& target) {
  const auto kind = localKindOf(target);
  if (!kind.has_value()) return host_.failed(target, kind.error());
  if (*kind == LocalKind::DIRECTORY) {
    return host_.failed(target, Status(Code::IS_A_DIRECTORY, "is a directory"));
  }
  // Writing into a device or a pipe replaces nothing.
  if (*kind == LocalKind::FILE && !options_.force) {
    return host_.failed(target, Status(Code::ALREADY_EXISTS, "exists"));
  }
  host_.pool.run(
      [this, source, target](Leftovers* leftovers) -> std::optional<TransferPool::Failure> {
        auto file = host_.client.open(source.path.absolute());
        if (!file.has_value()) {
          return TransferPool::Failure{.shown = source.shown, .why = std::move(file).error()};
        }
        bool sourceFailed = false;
        auto done = download(host_.client, *file,
                             {.shown = source.shown,
                              .target = target,
                              .overwrite = options_.force,
                              .preserve = options_.preserve,
                              .sourceFailed = &sourceFailed},
                             host_.meter, leftovers);
        if (done.has_value()) return std::nullopt;
        return TransferPool::Failure{.shown = sourceFailed ? source.shown : target,
                                     .why = std::move(done).error()};
      });
}

void CopyOut::copyDirectory(const Item& source, const std::string& target) {
  const auto kind = localKindOf(target);
  if (!kind.has_value()) return host_.failed(target, kind.error());
  if (*kind == LocalKind::FILE || *kind == LocalKind::DEVICE) {
    return host_.failed(target, Status(Code::NOT_A_DIRECTORY, ""));
  }
  if (*kind == LocalKind::NOTHING && ::mkdir(target.c_str(), 0777) != 0) {
    return host_.failed(target, statusFromErrno(errno, target));
  }
  auto listing = host_.client.list(source.path.absolute());
  while (!host_.over()) {
    auto entry = listing.next();
    if (!entry.has_value()) {
      return host_.failed(source.shown, listingFailure(std::move(entry).error()));
    }
    auto& found = *entry;
    if (!found) break;
    // Names come from another machine: none of them may lead out of the directory.
    const auto& name = found->name;
    if (name.empty() || name == "." || name == ".." || name.find('/') != std::string::npos) {
      host_.failed(source.shown, Status(Code::INVALID_PATH, "holds a name that no file can have"));
      continue;
    }
    const auto to = joinLocal(target, name);
    copy(childOf(source, std::move(*found)), to);
  }
  if (options_.preserve) directories_.push_back({.local = target, .entry = source.known()});
}

}  // namespace cairn::shell
