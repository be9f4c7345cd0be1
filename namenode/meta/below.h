// What a set of changes adds and takes away directly below each directory: noted where every change
// of an entry passes (draft.h), folded into the directories' summaries when a group is written
// (summaries.h).
// Layer: meta (pure).  Cost: a change is compared with the note before it, else appended: some ten
// nanoseconds. 64 bytes a note; changes one after the other in one directory share a note.
#pragma once

#include <cstdint>
#include <vector>

#include "common/base/ids.h"
#include "common/schema/namenode.pb.h"

namespace cairn::nn {

// What lies below a directory, or how much more (fewer: as in unsigned arithmetic, modulo 2^64).
struct Totals {
  std::uint64_t files = 0;
  std::uint64_t directories = 0;
  std::uint64_t length = 0;          // plain bytes
  std::uint64_t spaceConsumed = 0;   // plain bytes times replication
  std::uint64_t storedLength = 0;    // bytes on disk of one replica of each chunk
  std::uint64_t storedConsumed = 0;  // of all replicas that are wanted

  void add(const Totals& other);
  void subtract(const Totals& other);
  bool operator==(const Totals&) const = default;
};

// What one entry counts for: a file with its bytes, a directory as one and without what is below.
Totals totalsOf(const record::Dirent& entry);
Totals totalsOf(const record::Summary& summary);
void toRecord(const Totals& totals, record::Summary& to);

class BelowChanges {
public:
  struct Note {
    InodeId directory;
    Totals more;
  };
  // A directory was hung below another one, or taken from it: with all that lies below it.
  struct Move {
    InodeId directory;
    InodeId parent;
    bool in = false;
  };

  void entered(InodeId parent, const record::Dirent& entry);
  void left(InodeId parent, const record::Dirent& entry);
  // A file's. REQUIRES: the same file.
  void changed(InodeId parent, const record::Dirent& before, const record::Dirent& after);

  void absorb(BelowChanges&& newer);
  // A directory may have several notes.
  const std::vector<Note>& notes() const { return notes_; }
  const std::vector<Move>& moves() const { return moves_; }

private:
  void note(InodeId directory, const Totals& more);

  std::vector<Note> notes_;
  std::vector<Move> moves_;
};

}  // namespace cairn::nn
