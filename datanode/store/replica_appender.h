// A replica being written: checks whole frames, appends them to its file in rbw, and seals it.
// Layer: datanode/store.  Threads: every call may block; one at a time.
// After an error the object only tells lengths, and abandon() works: the file keeps all that was
// appended before, and perhaps rubbish behind it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/format/chunk_header.h"
#include "common/format/chunk_scan.h"
#include "datanode/store/volume.h"

namespace cairn::dn {

// Whole frames, in somebody else's memory.
struct PacketView {
  std::uint64_t offset = 0;  // of their first plain byte in the chunk
  std::uint32_t plainLength = 0;
  ByteView frames;
};

// What the writer says of a whole replica.
struct SealSums {
  std::uint64_t length = 0;    // plain bytes
  std::uint32_t plainCrc = 0;  // of them
  format::Md5 md5;             // over the CRC32Cs of each 512 of them
};

class ReplicaAppender {
public:
  // Creates the file, and writes its header. `depth` PLAIN also unpacks every frame, and then
  // seal() compares the MD5. `lengthMax`: plain bytes at most. ALREADY_EXISTS, DISK_FULL, IO_ERROR.
  static Result<std::unique_ptr<ReplicaAppender>> create(std::shared_ptr<Volume> volume,
                                                         const ReplicaKey& key,
                                                         const format::ChunkHeader& header,
                                                         format::ChunkScan::Depth depth,
                                                         std::uint64_t lengthMax);

  // Checks the frames of all packets, then writes them with as few system calls as possible. Not
  // durable. CORRUPT for frames that are not what they say, or not what the packet says;
  // INVALID_ARGUMENT for a packet that does not follow the one before; LIMIT_EXCEEDED.
  Result<void> append(std::span<const PacketView> packets);
  // Makes all of it durable, the name included.
  Result<void> sync();
  // Footer and trailer; then the replica is final, durably. CORRUPT when the sums are not those of
  // the frames, and INVALID_ARGUMENT when the length is not.
  Result<FinalName> seal(const SealSums& sums);
  // Cuts off what an append that failed may have left behind the good frames. Best effort. Does
  // nothing once seal() has begun to rename: the file may be final.
  void abandon();

  // Plain bytes appended.
  std::uint64_t length() const { return length_; }
  std::uint64_t storedLength() const { return storedLength_; }

private:
  ReplicaAppender(std::shared_ptr<Volume> volume, const ReplicaKey& key,
                  const format::ChunkHeader& header, format::ChunkScan::Depth depth,
                  std::uint64_t lengthMax);
  Result<void> check(const PacketView& packet);
  void startWriteback();

  const std::shared_ptr<Volume> volume_;
  const ReplicaKey key_;
  const format::ChunkScan::Depth depth_;
  const std::uint64_t lengthMax_;
  std::unique_ptr<io::File> file_;
  format::ChunkScan scan_;
  std::uint64_t length_ = 0;
  std::uint64_t storedLength_ = 0;
  std::uint64_t writebackFrom_ = 0;
  bool nameDurable_ = false;
  bool renaming_ = false;
};

}  // namespace cairn::dn
