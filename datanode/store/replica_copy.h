// A replica that is made here from frames of another file, in tmp: nothing of it counts before it
// is complete, and a crash takes it away. Layer: datanode/store.  Threads: every call may block;
// any thread, one at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/format/chunk_header.h"
#include "common/format/chunk_scan.h"
#include "datanode/store/volume.h"

namespace cairn::dn {

class ReplicaCopy {
public:
  // Creates the file, and writes its header. DISK_FULL, IO_ERROR.
  // `depth`: to which frames are checked; PLAIN for one that is to be published with its own sums.
  static Result<std::unique_ptr<ReplicaCopy>> create(
      std::shared_ptr<Volume> volume, const ReplicaKey& key, const format::ChunkHeader& header,
      format::ChunkScan::Depth depth = format::ChunkScan::Depth::STORED);
  // Unless it was adopted or published, the file goes, as far as the disk lets it.
  ~ReplicaCopy();
  ReplicaCopy(const ReplicaCopy&) = delete;
  ReplicaCopy& operator=(const ReplicaCopy&) = delete;

  // Whole frames, which follow those before. CORRUPT for any others.
  Result<void> append(ByteView frames);
  // Makes it an unfinished replica. Durable.
  Result<void> adopt();
  // Makes it a final one, with the sums of all its plain bytes. Durable.
  Result<FinalName> publish(std::uint32_t plainCrc, const format::Md5& md5);

  // The same with sums taken here. REQUIRES: depth PLAIN.
  Result<FinalName> publish() { return publish(scan_.plainCrc(), scan_.digest().md5()); }

  const ReplicaKey& key() const { return key_; }
  // Plain bytes.
  std::uint64_t length() const { return scan_.index().plainLength(); }
  std::uint64_t storedLength() const { return scan_.index().framesEnd(); }

private:
  ReplicaCopy(std::shared_ptr<Volume> volume, const ReplicaKey& key, std::uint32_t frameSize,
              format::ChunkScan::Depth depth);

  const std::shared_ptr<Volume> volume_;
  const ReplicaKey key_;
  std::string path_;
  std::unique_ptr<io::File> file_;
  format::ChunkScan scan_;
  bool kept_ = false;
};

}  // namespace cairn::dn
