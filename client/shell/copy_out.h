// Copies files and directories of the cluster to the local file system.
// Layer: client/shell.  Threads: the main thread.
#pragma once

#include <string>
#include <vector>

#include "client/shell/copier.h"
#include "client/shell/expand.h"

namespace cairn::shell {

class CopyOut {
public:
  struct Options {
    bool force = false;      // replace files that exist
    bool recursive = false;  // directories too
    bool preserve = false;   // rights and times
  };
  CopyOut(CopyHost host, Options options);

  // Copies `source`, which exists, to exactly the name `target`. A directory that exists gets what
  // is in `source` besides what it has. Failures go to host.failed.
  void copy(const Item& source, const std::string& target);
  // Waits for the files that are under way, and gives directories their rights and times, if they
  // are preserved. Behind the last copy().
  void finish();

private:
  void copyFile(const Item& source, const std::string& target);
  void copyDirectory(const Item& source, const std::string& target);

  // A directory that is done but for what its entries must not find, or would change.
  struct Directory {
    std::string local;
    Entry entry;
  };

  CopyHost host_;
  Options options_;
  std::vector<Directory> directories_;  // those within others first
};

// What a local path is; what a link points to.
enum class LocalKind { NOTHING, DIRECTORY, FILE, DEVICE };  // a device, a pipe, a socket
Result<LocalKind> localKindOf(const std::string& path);
// "dir/name".
std::string joinLocal(const std::string& directory, std::string_view name);
// The last component of a local path: "b" of "a/b/".
std::string_view localNameOf(std::string_view path);

}  // namespace cairn::shell
