// Where the chunks of one open file lie, fetched a page at a time and kept.
// Layer: client/core.  Threads: one event loop.
#pragma once

#include <kj/async.h>

#include <map>
#include <memory>
#include <string>

#include "client/core/namenode_client.h"
#include "client/core/wire_types.h"
#include "common/async/coroutine.h"

namespace cairn::client {

class FileLayout {
public:
  using Chunk = std::shared_ptr<const LocatedChunk>;

  // `namenode` outlives it. `first`: the page that opened the file.
  FileLayout(NamenodeClient& namenode, std::string path, LocatedFile first);
  KJ_DISALLOW_COPY(FileLayout);

  // The chunk that holds the plain byte at `offset`. REQUIRES: offset < entry().length.
  // NOT_FOUND when the path is gone or names another file now.
  kj::Promise<Result<Chunk>> at(std::uint64_t offset);
  // The same if it was fetched already, else null.
  Chunk known(std::uint64_t offset) const;
  // Asks the namenode again where the chunk at `offset` lies.
  kj::Promise<Result<Chunk>> refresh(std::uint64_t offset);

  const std::string& path() const { return path_; }
  const Entry& entry() const { return entry_; }

private:
  void keep(LocatedFile page);

  NamenodeClient& namenode_;
  const std::string path_;
  const Entry entry_;
  std::map<std::uint64_t, Chunk> chunks_;  // by the offset of their first byte
};

}  // namespace cairn::client
