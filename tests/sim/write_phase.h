// How far a worker is with the file it writes: what dies with it, and what has to stay.
// Layer: tests/sim.  Threads: one event loop.
#pragma once

#include <cstdint>

#include "client/core/file_writer.h"

namespace cairn::sim {

enum class WritePhase : std::uint8_t {
  NONE,         // it writes nothing
  SET_UP,       // from create() or append() to the first byte that a pipeline acknowledged
  MIDDLE,       // then, before any flush
  AFTER_FLUSH,  // then
  CLOSE,        // close() is under way
};

// The file a worker has open for writing, as long as this lives.
class OpenWrite {
public:
  // `slot`: where others see it; null before and afterwards.
  OpenWrite(const OpenWrite*& slot, bool append) : append(append), slot_(slot) { slot_ = this; }
  ~OpenWrite() { slot_ = nullptr; }
  OpenWrite(const OpenWrite&) = delete;
  OpenWrite& operator=(const OpenWrite&) = delete;

  WritePhase phase() const {
    if (closing) return WritePhase::CLOSE;
    if (flushed) return WritePhase::AFTER_FLUSH;
    return writer == nullptr || writer->acknowledged() == from ? WritePhase::SET_UP
                                                               : WritePhase::MIDDLE;
  }

  const bool append;
  const client::FileWriter* writer = nullptr;  // null until the namenode let it in
  std::uint64_t from = 0;                      // offset in the file of the first byte written
  std::uint64_t operation = 0;                 // in its worker's model; 0: it has none
  bool flushed = false;
  bool closing = false;

private:
  const OpenWrite*& slot_;
};

}  // namespace cairn::sim
