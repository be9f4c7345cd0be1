// Byte streams between processes, as an interface: real sockets, or the simulator's pipes.
// Layer: rpc.  Threads: everything belongs to the event loop it was created on.
#pragma once

#include <kj/async-io.h>

#include <string>

#include "common/base/result.h"

namespace cairn::rpc {

class Listener {
public:
  virtual ~Listener() noexcept(false) = default;
  // The next connection. A failed accept (out of descriptors, a peer that vanished) is not the end:
  // it is logged, waited out and tried again here, so the promise only breaks when the listener
  // itself is dead.
  virtual kj::Promise<kj::Own<kj::AsyncIoStream>> accept() = 0;
  // What peers connect to, with the port that was really taken: "127.0.0.1:8020".
  virtual std::string address() const = 0;
};

class Network {
public:
  virtual ~Network() noexcept(false) = default;
  // `address`: "host:port" with a numeric host (or a name, resolved at each call), or
  // "unix:/path". Breaks with DISCONNECTED when nobody answers there.
  virtual kj::Promise<kj::Own<kj::AsyncIoStream>> connect(std::string address) = 0;
  // IN_USE when the port is taken, INVALID_ARGUMENT for an address that is none. Port 0 takes a
  // free one.
  virtual kj::Promise<Result<kj::Own<Listener>>> listen(std::string address) = 0;
};

// The other end of a connection over IP, "10.0.0.7:41234"; "" for any other stream.
std::string peerAddress(kj::AsyncIoStream& stream);

// Real sockets of a KJ event loop. `io` must outlive it. TCP_NODELAY is set on every connection.
kj::Own<Network> newSocketNetwork(kj::AsyncIoContext& io);

}  // namespace cairn::rpc
