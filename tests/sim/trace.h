// What happened in a simulated run, as one number: two runs of a seed that differ in anything (a
// message, its bytes, a job, a disk call, the time of any of them) have different hashes.
// Layer: tests/sim.  Threads: one.  Cost: some ns an event; printing costs a line each.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "common/base/bytes.h"

namespace cairn::sim {

class Trace {
public:
  // `print`: each event goes to stderr as well, to find where two runs part (diff of the two).
  explicit Trace(bool print = false) : print_(print) {}
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;

  // The time of the events that follow; VirtualTime keeps it.
  void setNow(std::int64_t micros) { nowMicros_ = micros; }
  // `kind`: a short constant word; `about`: a name; `numbers`: whatever else belongs to it.
  void note(std::string_view kind, std::string_view about,
            std::initializer_list<std::uint64_t> numbers = {});

  std::uint64_t hash() const { return hash_; }
  std::uint64_t events() const { return events_; }

  // Of a message's content.
  static std::uint64_t hashOf(ByteView bytes);

private:
  void mix(std::uint64_t value);

  const bool print_;
  std::int64_t nowMicros_ = 0;
  std::uint64_t hash_ = 0;
  std::uint64_t events_ = 0;
};

}  // namespace cairn::sim
