// How often the runs really came to what the simulator is there for. A check proves nothing of what
// its seeds never reach: sim_test.cc fails when one of these stays at zero.
// Layer: tests/sim (std only).  Threads: one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cairn::sim {

enum class Reached : std::uint8_t {
  // Writers that die: their machine crashes, or they are dropped without a close.
  DIES_IN_SET_UP,    // nothing of theirs was acknowledged yet
  DIES_IN_MIDDLE,    // before any flush
  DIES_AFTER_FLUSH,  // what was flushed has to stay
  DIES_AT_CLOSE,     // while close() was under way
  DIES_IN_APPEND,    // in any of these phases
  // Pipelines that break.
  REBUILT_IN_SET_UP,  // the chunk was begun anew elsewhere
  REBUILT_IN_MIDDLE,
  REBUILT_AT_CLOSE,
  NODE_ADDED,  // a rebuild asked for another node
  // The first node died with the acknowledgement of bytes that all nodes showed.
  SHOWN_NOT_ACKNOWLEDGED,
  WRITER_DIES_AFTER_REBUILD,  // and the writer as soon as there was another pipeline
  NODE_DIES_AFTER_REBUILD,    // or a node of that, before it had acknowledged anything
  // Appends that were acknowledged, by where they began.
  APPEND_AT_FRAME_BORDER,
  APPEND_BESIDE_FRAME_BORDER,  // a byte before or behind
  APPEND_AT_CHUNK_BORDER,
  APPEND_NODE_DOWN,           // while a datanode was down
  FLUSH_BESIDE_FRAME_BORDER,  // within a byte of it
  // What dead writers leave behind.
  LEASE_RECOVERED,     // by recoverLease, and the file's bytes were checked
  LEASE_TAKEN_OVER,    // by another client's append, after the soft limit
  CHUNK_RECOVERED,     // ordered by the namenode; truncates included
  COPIES_HELD,         // and on each datanode, where nothing but clients failed
  FLUSHED_BYTES_HELD,  // a dead writer's flushed bytes were looked for
  SHOWN_BYTES_HELD,    // and bytes behind these that all datanodes had shown
  // Readers of files that are being written.
  FOLLOWED,  // one that was at the end of a file looked again
  // Repair.
  COPY_ORDERED,     // of a chunk that had too few
  SURPLUS_ORDERED,  // a delete of one that had too many
  COPY_LOST,        // a copy failed, or its datanode began anew
  COPIES_RIGHT,     // files whose chunks were found to have as many replicas as wanted
  SCRUB_PASS,       // a volume was read to its end
  SCRUB_DAMAGE,     // and a damaged replica found so
  // Truncates that were acknowledged.
  TRUNCATE_IN_CHUNK,
  TRUNCATE_AT_BORDER,  // of a chunk or a frame
  TRUNCATE_NODE_DOWN,
  // Disks.
  DISK_FULL,                  // a disk refused bytes
  WRITER_MET_FULL_DISK,       // and a writer was told
  START_ON_FULL_DISK,         // a datanode came up with one
  VOLUME_FAILS,               // alone, while its datanode lives on
  VOLUMES_FAIL_UNDER_WRITER,  // all that hold what a writer has just flushed
  START_WITHOUT_VOLUME,
  // The namenode.
  RESTART_WITH_WRITERS,     // came back while writers were at work
  RESTART_WITH_RECOVERIES,  // or while a file waited for its recovery
  COUNT,
};
inline constexpr std::size_t REACHED_COUNT = static_cast<std::size_t>(Reached::COUNT);

// A few words for the table at the end of a run over many seeds.
std::string_view nameOf(Reached what);

class Reach {
public:
  void count(Reached what, std::uint64_t times = 1) { at(what) += times; }
  std::uint64_t of(Reached what) const { return counts_[static_cast<std::size_t>(what)]; }
  void add(const Reach& other) {
    for (std::size_t i = 0; i < REACHED_COUNT; ++i) counts_[i] += other.counts_[i];
  }

private:
  std::uint64_t& at(Reached what) { return counts_[static_cast<std::size_t>(what)]; }

  std::array<std::uint64_t, REACHED_COUNT> counts_{};
};

}  // namespace cairn::sim
