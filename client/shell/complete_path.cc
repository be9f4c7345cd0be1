#include "client/shell/complete_path.h"

#include "common/base/result.h"

namespace cairn::shell {

std::vector<std::string> completePath(Client& client, const PathContext& context,
                                      std::string_view typed) {
  std::vector<std::string> found;
  // "hdfs://host:port" without a path stands for none yet.
  const auto scheme = typed.find("://");
  if (scheme != std::string_view::npos && typed.find('/', scheme + 3) == std::string_view::npos) {
    return found;
  }
  const auto slash = typed.rfind('/');
  const auto directory =
      slash == std::string_view::npos ? std::string_view() : typed.substr(0, slash + 1);
  const auto prefix = typed.substr(directory.size());
  const auto path =
      RemotePath::resolve(directory.empty() ? std::string_view(".") : directory, context);
  if (!path.has_value()) return found;
  const auto add = [&](const Entry& entry) {
    // A line is a candidate.
    if (entry.name.find('\n') != std::string::npos) return;
    found.push_back(std::string(directory) + entry.name + (entry.isDirectory() ? "/" : ""));
  };
  // The listing begins behind a name: that of the prefix itself is asked for by name.
  if (!prefix.empty() && prefix != "." && prefix != "..") {
    auto same = client.statIfExists(path->child(prefix).absolute());
    if (same.has_value() && *same) {
      (*same)->name = prefix;
      add(**same);
    }
  }
  const auto page = client.listPage(path->absolute(), prefix, COMPLETIONS_MAX);
  if (!page.has_value() || page->isFile) return found;
  for (const auto& entry : page->entries) {
    if (!entry.name.starts_with(prefix)) break;
    add(entry);
  }
  return found;
}

}  // namespace cairn::shell
