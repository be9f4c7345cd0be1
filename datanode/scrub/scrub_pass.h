// Which replica of a volume is read next, and when, so that each is read once a period, at an even
// pace, whether anybody else reads it or not.
// Layer: datanode/scrub (pure).  Threads: one.
//
// A pass goes through the final replicas of the volume in the order of their ids. New chunks have
// higher ids than those before: while the period lasts, what comes is read in this pass, later in
// the next one. So a new replica is read within about a period, and a pass comes to an end however
// much is written. A replica is due when the pass has had as much of its period as it has read of
// its bytes. So it catches up by itself after the datanode was down, and slows down when replicas
// go. The next pass begins a period after this one did, or when this one ends, if that is later. On
// a volume without replicas no pass begins.
//
// Times are io::Clock::monotonicMs. The wall clock is asked only how long the datanode was down;
// one that has jumped makes a pass hurry, or begins the next one late, by no more than the jump.
#pragma once

#include <cstdint>
#include <optional>

#include "common/base/units.h"
#include "datanode/scrub/scrub_note.h"
#include "datanode/store/replica_table.h"

namespace cairn::dn {

struct ScrubOptions {
  // HDFS's dfs.datanode.scan.period.hours: three weeks. 0: nothing is read.
  std::int64_t periodMs = 1'814'400'000;
  std::uint64_t bytesPerSecondMax = 8_MiB;  // of each volume
};

struct ScrubStep {
  enum class Kind : std::uint8_t {
    READ,       // the replica `key` now; then passed()
    WAIT,       // for `waitMs`; then ask again
    LOOK_ON,    // there was too much to look through: ask again, after others had their turn
    PASS_OVER,  // that was the last one, but for newer ones; ask again. Once in a pass.
  };
  Kind kind = Kind::WAIT;
  ReplicaKey key;
  std::uint64_t storedLength = 0;
  std::int64_t waitMs = 0;
};

class ScrubPass {
public:
  // Entries of the table that one call looks at, at most: well below a millisecond.
  static constexpr std::size_t ENTRIES_MAX = 4096;
  // A wait is not longer: figures for people are at most so old.
  static constexpr std::int64_t WAIT_MS_MAX = 60'000;
  // How much is left is counted again so often: replicas come and go.
  static constexpr std::int64_t RECOUNT_MS = 3'600'000;
  // Progress is noted so often.
  static constexpr std::int64_t NOTE_MS = 60'000;
  // What opening a replica costs the disk, in bytes that it reads meanwhile.
  static constexpr std::uint64_t OPENING_BYTES = 64_KiB;

  // `table` outlives it. `note`: of an earlier life, if there is one; its pass goes on.
  // REQUIRES: a period.
  ScrubPass(ScrubOptions options, const ReplicaTable& table, std::uint8_t volume,
            const std::optional<ScrubNote>& note, UnixMillis wallMs, std::int64_t nowMs);

  ScrubStep next(std::int64_t nowMs);
  // The replica that next() named has been read, or is not there any more.
  void passed(const ScrubStep& read);
  // How long to wait after so many bytes were read in so many microseconds.
  std::int64_t restMicros(std::uint64_t bytes, std::int64_t tookMicros) const;

  // Whether there is something to note.
  bool noteDue(std::int64_t nowMs) const;
  // What is to be noted now. REQUIRES: noteDue().
  ScrubNote note(UnixMillis wallMs, std::int64_t nowMs);

  // Of the present pass, or the last one.
  std::uint64_t replicas() const { return replicas_; }
  std::uint64_t bytes() const { return bytes_; }
  // As it was counted last, less what was read since.
  std::uint64_t bytesLeft() const { return leftBytes_; }
  // 0 before the first.
  std::int64_t ageMs(std::int64_t nowMs) const { return begun_ ? nowMs - beganMs_ : 0; }

private:
  bool covers(const ReplicaKey& key) const { return key.chunk <= last_; }
  bool isMine(const Replica& replica) const {
    return replica.volume == volume_ && replica.state == ReplicaState::FINAL;
  }
  void begin(std::int64_t nowMs, ChunkId last);
  // Goes on with counting what follows the cursor. True when all is counted.
  bool count(std::int64_t nowMs);
  // The first one behind the cursor, which goes up to it. LOOK_ON when it was not met yet,
  // PASS_OVER when there is none.
  ScrubStep find();
  ScrubStep end(std::int64_t nowMs);
  // Takes the chunks into the pass that have come since. Whether there are any, and time for them.
  bool takeNewer(std::int64_t nowMs);
  // Counts anew what follows the cursor.
  void recount();

  const ScrubOptions options_;
  const ReplicaTable& table_;
  const std::uint8_t volume_;

  bool begun_ = false;  // there was a pass
  bool over_ = true;    // and it has ended
  bool told_ = false;   // that it has
  std::int64_t beganMs_ = 0;
  ChunkId last_;       // that the pass covers
  ReplicaKey cursor_;  // read, or passed by, up to here
  ReplicaKey passed_;  // the last one that was read
  std::uint64_t replicas_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t resumedReplicas_ = 0;  // of these in an earlier life

  std::uint64_t leftBytes_ = 0;
  bool counting_ = false;
  ReplicaKey countedTo_;
  std::uint64_t counted_ = 0;
  std::int64_t countedMs_ = 0;

  bool unnoted_ = false;                 // something was read since
  std::optional<std::int64_t> notedMs_;  // in this pass
};

}  // namespace cairn::dn
