#include "common/io/disk_ops.h"

namespace cairn::io {

Result<void> writeFileAtomically(Disk& disk, std::string_view path, ByteView content) {
  const std::string temporary = std::string(path) + ".tmp";
  auto opened = disk.open(temporary, OpenMode::CREATE);
  if (!opened && opened.error().code() == Code::ALREADY_EXISTS) {
    TRY(disk.remove(temporary));
    opened = disk.open(temporary, OpenMode::CREATE);
  }
  ASSIGN(auto file, std::move(opened));
  auto written = file->append(content);
  if (written) written = file->sync();
  file.reset();
  if (written) written = disk.rename(temporary, path);
  if (!written) {
    // Best effort: the next call removes what stays.
    [[maybe_unused]] const auto removed = disk.remove(temporary);
    return written;
  }
  return disk.syncDir(parentOf(path));
}

Result<std::string> readWholeFile(Disk& disk, std::string_view path, std::uint64_t limitBytes) {
  ASSIGN(auto file, disk.open(path, OpenMode::READ));
  ASSIGN(const std::uint64_t size, file->size());
  if (size > limitBytes) {
    return fail(Code::LIMIT_EXCEEDED, disk.pathOf(path) + " has " + std::to_string(size) +
                                          " bytes; at most " + std::to_string(limitBytes) +
                                          " are expected");
  }
  std::string content(size, '\0');
  ASSIGN(const std::size_t got,
         file->readAt(0, std::as_writable_bytes(std::span(content.data(), content.size()))));
  content.resize(got);  // it may have been cut in between
  return content;
}

Result<void> readExactlyAt(File& file, std::uint64_t offset, MutableBytes to) {
  ASSIGN(const std::size_t got, file.readAt(offset, to));
  if (got == to.size()) return {};
  return fail(Code::CORRUPT, file.path() + " ends at byte " + std::to_string(offset + got) +
                                 "; bytes " + std::to_string(offset) + " to " +
                                 std::to_string(offset + to.size()) + " were expected");
}

Result<void> makeDirsDurably(Disk& disk, std::string_view dir) {
  TRY(disk.makeDirs(dir));
  for (std::size_t at = 0; at < dir.size();) {
    const auto slash = dir.find('/', at);
    TRY(disk.syncDir(parentOf(dir.substr(0, slash))));
    if (slash == std::string_view::npos) break;
    at = slash + 1;
  }
  return {};
}

Result<void> removeTree(Disk& disk, std::string_view path) {
  ASSIGN(const auto info, disk.statIfExists(path));
  if (!info) return {};
  // A stack of our own: how deep a tree is, its writer decides. A directory comes up twice, first
  // to put its children above it, then, empty, to be removed.
  struct Visit {
    std::string path;
    bool isDirectory;
    bool listed;
  };
  std::vector<Visit> stack{{std::string(path), info->isDirectory, false}};
  while (!stack.empty()) {
    if (Visit& top = stack.back(); top.isDirectory && !top.listed) {
      top.listed = true;
      const std::string dir = top.path;
      ASSIGN(auto children, disk.list(dir));
      for (auto& child : children) {
        stack.push_back({joinPath(dir, child.name), child.isDirectory, false});
      }
      continue;
    }
    TRY(disk.remove(stack.back().path));
    stack.pop_back();
  }
  return {};
}

}  // namespace cairn::io
