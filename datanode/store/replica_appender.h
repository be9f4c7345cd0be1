// A replica being written: checks whole frames, appends them to its file in rbw, and seals it.
// Layer: datanode/store.  Threads: every call may block; one at a time. What is const may be asked
// by anybody while no other call runs.
// After an error the object only tells lengths, and abandon() works: the file keeps all that was
// appended before, and perhaps rubbish behind it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/format/chunk_header.h"
#include "common/format/chunk_scan.h"
#include "datanode/store/frame_walk.h"
#include "datanode/store/replica_file.h"
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
  // Over the CRC32Cs of each 512 of them. Nothing: the writer has counted neither (it has not seen
  // the bytes before those it appended).
  std::optional<format::Md5> md5;
};

// A replica of an older generation, or of the same, that is to be written on.
struct ResumeSource {
  ReplicaKey key;
  std::optional<FinalName> sealed;  // nothing: it lies in rbw
  // Of one in rbw: what is known of its good frames, so that nobody has to read them. Null:
  // nothing.
  std::shared_ptr<const ReplicaFile> known;
  // Plain bytes of it that readers may have seen: as many as the nodes behind have acknowledged.
  std::uint64_t shown = 0;
};

// What a resumption or a cut that failed has done to the replica: it still is what it was, but for
// this.
struct ResumeTraces {
  bool reopened = false;               // a final one lies in rbw now
  std::optional<std::uint64_t> cutTo;  // plain bytes it has now
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
  // Takes a replica that is here, cuts it to its first `length` plain bytes, or to what has been
  // shown of it if that is more, and makes it one of generation `key`; all of it durable when this
  // returns. The writer goes on from `length`, and sends what is kept behind it once more.
  // In this order: final -> rbw, cut, rename. So a crash in between leaves the old generation with
  // at least as many good bytes, or the new one with exactly these. The kept frames are read and
  // checked only where their sums are not known: of a final replica that is cut. (Others were
  // checked when they came in, or were found.) INVALID_ARGUMENT when the replica is shorter than
  // `length`, or that lies inside a frame; CORRUPT when what is to be kept is damaged; IO_ERROR.
  // Nobody else touches the replica meanwhile.
  static Result<std::unique_ptr<ReplicaAppender>> resume(
      std::shared_ptr<Volume> volume, const ResumeSource& source, const ReplicaKey& key,
      const ClusterId& cluster, std::uint64_t length, format::ChunkScan::Depth depth,
      std::uint64_t lengthMax, ResumeTraces& traces);

  // Checks the frames of all packets, then writes them with as few system calls as possible. Not
  // durable. Frames that resume() has kept are compared with those in the file, and not written
  // again. CORRUPT for frames that are not what they say, not what the packet says, or not what was
  // sent before; INVALID_ARGUMENT for a packet that does not follow the one before; LIMIT_EXCEEDED.
  Result<void> append(std::span<const PacketView> packets);
  // Makes all of it durable, the name included.
  Result<void> sync();
  // Whether all sums are there that seal() needs: always, unless the beginning was written before a
  // resumption. Does not block.
  bool isCounted(const SealSums& sums) const;
  // Counts them, the next piece of the file (1 MiB): before seal(), until isCounted().
  Result<void> count();
  // Footer and trailer; then the replica is final, durably. CORRUPT when the sums are not those of
  // the frames, and INVALID_ARGUMENT when the length is not. REQUIRES: isCounted(sums).
  Result<FinalName> seal(const SealSums& sums);
  // Cuts off what an append that failed may have left behind the good frames. Best effort. Does
  // nothing once seal() has begun to rename: the file may be final.
  void abandon();
  // What has been appended, for reading it and for writing on after abandon(). Null once seal() has
  // begun to rename. O(frames).
  std::shared_ptr<const ReplicaFile> known() const;

  // Plain bytes appended.
  std::uint64_t length() const { return length_; }
  std::uint64_t storedLength() const { return storedLength_; }
  std::uint32_t frameSize() const { return frameSize_; }
  // Of the frames appended, and perhaps of some more behind length() that could not be written.
  const format::FrameIndex& index() const { return scan_.index(); }
  // For reading what was appended, at any time.
  const std::shared_ptr<io::File>& file() const { return file_; }

private:
  ReplicaAppender(std::shared_ptr<Volume> volume, const ReplicaKey& key, std::uint32_t frameSize,
                  format::ChunkScan::Depth depth, std::uint64_t lengthMax, format::ChunkScan scan);
  // Looks at the packet's frames and returns those that are to be written.
  Result<ByteView> check(const PacketView& packet);
  // Of a packet that begins within what was kept: the frames behind that.
  Result<PacketView> behindKept(const PacketView& packet) const;
  void startWriteback();

  const std::shared_ptr<Volume> volume_;
  const ReplicaKey key_;
  const std::uint32_t frameSize_;
  const format::ChunkScan::Depth depth_;
  const std::uint64_t lengthMax_;
  std::shared_ptr<io::File> file_;
  format::ChunkScan scan_;
  // Counts the whole chunk once more where scan_ has not seen its beginning unpacked.
  std::optional<format::ChunkScan> recount_;
  std::optional<FrameWalk> recountWalk_;
  bool recounted_ = false;
  std::uint64_t kept_ = 0;  // plain bytes that were there before; the writer may send them again
  std::uint64_t length_ = 0;
  std::uint64_t storedLength_ = 0;
  std::uint64_t writebackFrom_ = 0;
  bool nameDurable_ = false;
  bool renaming_ = false;
};

}  // namespace cairn::dn
