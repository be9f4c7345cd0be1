// Where the chunks of one open file lie, fetched a page at a time and kept, and how far it can be
// read.
// Layer: client/core.  Threads: one event loop.
//
// A file that is being written ends with an unfinished chunk. How long that is only its datanodes
// know: the visible length of HDFS, up to which the bytes were acknowledged by the nodes behind the
// one that is asked. It is looked up when the file is opened and at update(); it does not shrink
// until the file is cut.
#pragma once

#include <kj/async.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "client/core/session.h"
#include "client/core/wire_types.h"
#include "common/async/coroutine.h"

namespace cairn::client {

class FileLayout {
public:
  // Of an unfinished chunk, at.length is what is visible of it.
  using Chunk = std::shared_ptr<const LocatedChunk>;

  // `session` outlives it. `first`: the page that opened the file. To be followed by measure().
  FileLayout(Session& session, std::string path, LocatedFile first);
  KJ_DISALLOW_COPY(FileLayout);

  // Finds out how much of the unfinished chunk is visible; nothing where there is none. UNAVAILABLE
  // when no datanode that may have it answers.
  kj::Promise<Result<void>> measure();
  // Looks at the whole again: attributes, length. NOT_FOUND when the path is gone or names another
  // file now.
  kj::Promise<Result<void>> update();

  // The chunk that holds the plain byte at `offset`. REQUIRES: offset < length(). NOT_FOUND as
  // update(), or when the file was cut meanwhile.
  kj::Promise<Result<Chunk>> at(std::uint64_t offset);
  // The same if it was fetched already, else null.
  Chunk known(std::uint64_t offset) const;
  // Asks the namenode again where the chunk at `offset` lies.
  kj::Promise<Result<Chunk>> relocate(std::uint64_t offset);

  const std::string& path() const { return path_; }
  // As the namenode told it last.
  const Entry& entry() const { return entry_; }
  // Plain bytes that can be read.
  std::uint64_t length() const { return length_; }

  // Pause between looks for an unfinished chunk's nodes, while its pipeline is rebuilt perhaps; and
  // how many looks.
  static constexpr std::uint32_t LOOK_PAUSE_MS = 500;
  static constexpr unsigned LOOKS_MAX = 6;
  // How long to wait for the next node to tell a length when one has told it.
  static constexpr std::uint32_t STRAGGLERS_MS = 500;

private:
  kj::Promise<Result<LocatedFile>> fetch(std::uint64_t offset, std::uint64_t length);
  void keep(LocatedFile page);
  // Plain bytes of the unfinished chunk: the most that a node shows. All have what a writer was
  // told of, but one that has crashed since, and is in the pipeline no more. Nothing is an answer
  // when no node has the chunk yet.
  kj::Promise<Result<std::uint64_t>> askNodes(const LocatedChunk& chunk);

  Session& session_;
  const std::string path_;
  Entry entry_;
  std::uint64_t length_ = 0;
  std::map<std::uint64_t, Chunk> chunks_;   // by the offset of their first byte; none is empty
  std::optional<LocatedChunk> unfinished_;  // the last, while it is
  std::uint64_t unfinishedLeast_ = 0;       // plain bytes of it that the namenode knows of
};

}  // namespace cairn::client
