// Copies local files and directories into the cluster.
// Layer: client/shell.  Threads: the main thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "client/shell/copier.h"
#include "client/shell/expand.h"

namespace cairn::shell {

class CopyIn {
public:
  struct Options {
    bool force = false;      // replace files that exist
    bool recursive = false;  // directories too; links within them are followed
    bool viaTemporary = true;
    CreateOptions create;
    std::uint16_t directoryMode = 0755;
  };
  CopyIn(CopyHost host, Options options);

  // Copies `local` ("-": standard input) to exactly the name `target`. A directory that exists
  // gets what is in `local` besides what it has. Failures go to host.failed.
  void copy(const std::string& local, const Item& target);

private:
  // A local directory, whatever name leads there.
  struct Place {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    bool operator==(const Place&) const = default;
  };
  void copyDirectory(const std::string& local, Place place, const Item& target);
  void copyChildren(const std::string& local, const std::vector<std::string>& names, bool fresh,
                    const Item& target);
  void copyStream(int descriptor, const std::string& local, const Item& target);

  CopyHost host_;
  Options options_;
  std::vector<Place> within_;  // the directories being copied, outermost first
};

}  // namespace cairn::shell
