#include "namenode/ops/close_file.h"

#include "namenode/meta/records.h"

namespace cairn::nn {

record::Dirent closeFile(Draft& draft, PlacedFile file, const record::Dirent& before,
                         UnixMillis nowMs) {
  file.entry.set_under_construction(false);
  file.entry.set_mtime_ms(nowMs);
  draft.erase(Table::LEASE, inodeKey(InodeId(file.entry.id())));
  draft.changeEntry(file.parent, file.name, before, file.entry);
  return std::move(file.entry);
}

}  // namespace cairn::nn
