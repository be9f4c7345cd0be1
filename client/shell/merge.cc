#include "client/shell/merge.h"

#include <errno.h>
#include <unistd.h>

#include "client/shell/download.h"

namespace cairn::shell {

Result<std::vector<Item>> filesToMerge(Client& client, const std::vector<Item>& items) {
  std::vector<Item> files;
  for (const auto& item : items) {
    if (!item.isDirectory()) {
      files.push_back(item);
      continue;
    }
    ASSIGN(const auto children, childrenOf(client, item));
    for (const auto& child : children) {
      if (!child.isDirectory()) files.push_back(child);
    }
  }
  return files;
}

Result<void> mergeTo(Client& client, const std::vector<Item>& files, const Merge& merge,
                     int descriptor, const std::string& sink, Meter& meter, std::string& atFault) {
  for (const auto& item : files) {
    Meter::File progress(meter, item.shown);
    auto file = client.open(item.path.absolute());
    if (!file.has_value()) {
      atFault = item.shown;
      return std::unexpected(std::move(file).error());
    }
    bool sourceFailed = false;
    auto done = downloadTo(*file, descriptor, sink, progress, &sourceFailed);
    if (sourceFailed) atFault = item.shown;
    if (!done.has_value()) return done;
    if (!merge.newlines || (merge.skipEmpty && file->length() == 0)) continue;
    if (::write(descriptor, "\n", 1) != 1) {
      if (errno == EPIPE) return fail(Code::CANCELLED, "");
      return fail(statusFromErrno(errno, "writing " + sink));
    }
  }
  return {};
}

Result<void> mergeInto(Client& client, const std::vector<Item>& files, const Merge& merge,
                       const std::string& target, Meter& meter, std::string& atFault) {
  return writeLocal(client, {.path = target, .overwrite = true},
                    [&](int descriptor, const std::string& name) {
                      return mergeTo(client, files, merge, descriptor, name, meter, atFault);
                    });
}

}  // namespace cairn::shell
