// Asks how much of a file readers are shown: not as one of them, who takes the most that any node
// has to show, but every datanode.
// Layer: tests/sim.  Threads: one event loop.
#pragma once

#include <kj/async.h>

#include <cstdint>
#include <string>
#include <vector>

#include "client/core/session.h"
#include "common/async/coroutine.h"
#include "common/base/result.h"

namespace cairn::sim {

// A file at one moment, or not much more than that.
struct Look {
  bool open = false;           // a writer has it, or has died with it
  std::uint64_t recorded = 0;  // its bytes as the namenode tells them: on disks
  // Bytes that every datanode of the last chunk's pipeline shows; what is on record where that
  // chunk is finished, or where not all of them told.
  std::uint64_t shown = 0;
  // Of the last chunk, while it is being written.
  std::uint64_t chunk = 0;
  std::uint64_t generation = 0;
  std::vector<std::string> pipeline;  // addresses, in order
};

class Onlooker {
public:
  // `host` outlives it, and it outlives its promises. `options`: of a client whose deadlines are
  // short; they are made so.
  Onlooker(rpc::Host& host, client::Options options);
  KJ_DISALLOW_COPY(Onlooker);

  // What the namenode alone knows.
  kj::Promise<Result<Look>> glance(std::string path);
  kj::Promise<Result<Look>> look(std::string path);

private:
  kj::Promise<Result<Look>> lookAt(std::string path, bool ask);

  client::Session session_;
};

}  // namespace cairn::sim
