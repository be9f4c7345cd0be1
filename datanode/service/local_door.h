// Hands descriptors of final replicas to clients on the same machine, over a Unix socket.
// Layer: datanode/service.  Threads: one event loop.
// Touches the real file system (the socket's path); the one part of the datanode that the simulator
// does not run.
#pragma once

#include <kj/async.h>

#include <string>

#include "common/async/coroutine.h"
#include "common/base/result.h"
#include "common/rpc/acceptor.h"
#include "datanode/service/node.h"

namespace cairn::dn {

class LocalDoor {
public:
  // Clients at a time, at most; more are turned away, and read over their other connection.
  static constexpr std::size_t CONNECTIONS_MAX = 1024;

  // `identity`: as of the datanode's other door.
  LocalDoor(rpc::Host& host, std::string path, kj::Own<Door> door,
            kj::Function<rpc::Identity()> identity);
  // Drops all connections and removes the socket.
  ~LocalDoor() noexcept(false);
  KJ_DISALLOW_COPY(LocalDoor);

  // A socket left there by an earlier life is replaced (the volumes' locks tell that nobody uses
  // it). Any other file there: IN_USE. Only the datanode's own user may connect.
  kj::Promise<Result<void>> listen();

private:
  const std::string path_;
  rpc::Acceptor acceptor_;
  bool listening_ = false;
};

}  // namespace cairn::dn
