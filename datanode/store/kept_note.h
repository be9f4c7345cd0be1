// A note on a disk that follows what is known in memory: of damage, of lost replicas, of the
// namenode that is followed. Whoever changes what is known does not wait for the disk. Layer:
// datanode/store.  Threads: the event loop's.
#pragma once

#include <kj/async.h>
#include <kj/function.h>
#include <kj/timer.h>

#include <cstdint>
#include <string>

#include "common/async/coroutine.h"
#include "common/base/result.h"

namespace cairn::dn {

class KeptNote {
public:
  // After so long a note is tried again that could not be written: its disk may have room then.
  static constexpr std::int64_t AGAIN_MS = 10'000;

  // Writes all that is to be noted at the moment of the call.
  using Write = kj::Function<kj::Promise<Result<void>>()>;

  // `what`, for the log: "which replicas are damaged". The writing is one of `tasks`, which ends
  // before this does; `timer` outlives it.
  KeptNote(kj::Timer& timer, kj::TaskSet& tasks, std::string what, Write write);
  KeptNote(const KeptNote&) = delete;
  KeptNote& operator=(const KeptNote&) = delete;

  // What is known has changed: the note is written in the background, one write at a time, and what
  // changes meanwhile goes into the next. One that fails is tried again at the next change and
  // every AGAIN_MS; the log tells it once, until one succeeds.
  void changed();
  // None is tried again from now on; changes are written all the same.
  void stopRetrying();

private:
  kj::Promise<void> writeAll();

  kj::Timer& timer_;
  kj::TaskSet& tasks_;
  const std::string what_;
  Write write_;
  bool changed_ = false;  // since the write that is under way, or was the last, began
  bool writing_ = false;
  bool told_ = false;  // that it fails
  bool retries_ = true;
  kj::Promise<void> again_ = nullptr;
};

}  // namespace cairn::dn
