// Copies files and directories of the cluster to other names there.
// Layer: client/shell.  Threads: the main thread.
// Data passes through this machine: it is unpacked, checked, packed and checked again.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client/shell/copier.h"
#include "client/shell/expand.h"

namespace cairn::shell {

// What a copy has of its source.
struct Preserve {
  bool times = false;
  bool owner = false;  // and group
  bool rights = false;
  bool xattrs = false;
  bool ownerIfMay = false;  // with owner: no failure when only the superuser may

  bool any() const { return times || owner || rights || xattrs; }
};

class CopyWithin {
public:
  struct Options {
    bool force = false;      // replace files that exist
    bool recursive = false;  // directories too
    bool viaTemporary = true;
    Preserve preserve;
    CreateOptions create;
    std::uint16_t directoryMode = 0755;
  };
  CopyWithin(CopyHost host, Options options);

  // Copies `source`, which exists, to exactly the name `target`, which is not within it. A
  // directory that exists gets what is in `source` besides what it has. Failures go to host.failed.
  void copy(const Item& source, const Item& target);
  // Waits for the files that are under way; then finishes with directories. Behind the last copy().
  void finish();

private:
  void copyFile(const Item& source, const Item& target);
  void copyDirectory(const Item& source, const Item& target);
  // Gives the target what is to be preserved of the source, which has these attributes.
  std::optional<TransferPool::Failure> preserve(const Entry& entry, const Item& source,
                                                const Item& target);
  Result<void> give(const Entry& entry, const std::vector<XAttr>& attributes,
                    const std::string& to);

  CopyHost host_;
  Options options_;
  struct Directory {
    Item source;
    Item target;
  };
  std::vector<Directory> directories_;  // that were copied, inner ones first
};

}  // namespace cairn::shell
