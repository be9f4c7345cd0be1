// FileReader's implementation: the layout of one open file, and the two ways to read it.
// Layer: client/core.  Threads: one event loop.
#pragma once

#include "client/core/file_layout.h"
#include "client/core/file_reader.h"
#include "client/core/range_reader.h"
#include "client/core/sequential_reader.h"

namespace cairn::client {

class OpenFile final : public FileReader {
public:
  // `session` outlives it.
  OpenFile(Session& session, std::string path, LocatedFile first, OpenOptions options);
  // To be called before anything else: finds out how long a file is that is being written.
  kj::Promise<Result<void>> measure() { return layout_.measure(); }

  kj::Promise<Result<PlainBytes>> next() override { return sequential_.next(); }
  kj::Promise<Result<std::size_t>> pread(std::uint64_t offset, MutableBytes to) override;
  void seek(std::uint64_t offset, std::uint64_t end) override { sequential_.seek(offset, end); }
  std::uint64_t position() const override { return sequential_.position(); }
  kj::Promise<Result<std::uint64_t>> refresh() override;
  std::uint64_t length() const override { return layout_.length(); }
  const Entry& entry() const override { return layout_.entry(); }
  std::shared_ptr<LocalReads> localReads() override { return local_; }

  // Requests of one pread in flight.
  static constexpr std::size_t PREAD_REQUESTS_MAX = 8;

private:
  FileLayout layout_;
  const std::shared_ptr<LocalReads> local_;
  RangeReader ranges_;
  SequentialReader sequential_;
};

}  // namespace cairn::client
