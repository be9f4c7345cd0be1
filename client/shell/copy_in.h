// Copies local files and directories into the cluster.
// Layer: client/shell.  Threads: the main thread.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <optional>
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
    bool removeSource = false;  // files that were copied, and directories that are empty then
    bool preserve = false;      // owner, group, rights and times
    CreateOptions create;
    std::uint16_t directoryMode = 0755;
  };
  CopyIn(CopyHost host, Options options);

  // Copies `local` ("-": standard input) to exactly the name `target`. A directory that exists
  // gets what is in `local` besides what it has. Failures go to host.failed.
  void copy(const std::string& local, const Item& target);
  // Waits for the files that are under way; then finishes with directories. Behind the last copy().
  void finish();

private:
  // A local directory, whatever name leads there.
  struct Place {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    bool operator==(const Place&) const = default;
  };
  // `info`: what the system said of it before anything was read, which moves times of access.
  void copyDirectory(const std::string& local, const struct stat& info, const Item& target);
  void copyChildren(const std::string& local, const std::vector<std::string>& names, bool fresh,
                    const Item& target);
  void copyFile(const std::string& local, const Item& target);
  // Nothing is left of it when it succeeds.
  std::optional<TransferPool::Failure> copyStream(int descriptor, const std::string& local,
                                                  const Item& target, Leftovers* leftovers);
  Result<void> preserve(const struct stat& info, const std::string& target);
  static bool mayWrite(const CopyHost& host, const Item& target, bool force);

  CopyHost host_;
  Options options_;
  std::vector<Place> within_;  // the directories being copied, outermost first
  struct Directory {
    std::string local;
    struct stat info;
    std::string target;
  };
  std::vector<Directory> directories_;  // that were copied, inner ones first
};

}  // namespace cairn::shell
