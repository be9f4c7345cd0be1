// Connections to other daemons, kept by address and shared by all callers on one event loop.
// Layer: rpc.  Threads: one event loop.
#pragma once

#include <capnp/capability.h>

#include <map>
#include <string>

#include "common/rpc/connection.h"
#include "common/rpc/convert.h"
#include "common/rpc/host.h"
#include "common/rpc/preamble.h"

namespace cairn::rpc {

class ClientPool {
public:
  // `hello` goes out on each connection. `host` must outlive the pool.
  ClientPool(Host& host, ClientHello hello, ConnectionLimits limits = {},
             std::uint32_t connectMs = 5000);
  ~ClientPool() noexcept(false);

  // The object served at `address`, over a connection that is opened when there is none. Comes
  // back at once when the connection is up. UNAVAILABLE (nobody there, named with the address),
  // TIMED_OUT after connectMs, or the server's own refusal.
  kj::Promise<Result<capnp::Capability::Client>> get(std::string address);
  // get(), as the interface T.
  template <typename T>
  kj::Promise<Result<typename T::Client>> get(std::string address) {
    return getAs<T>(get(kj::mv(address)));
  }
  // Forgets the connection to `address`: the next get() opens a new one. Calls in flight on the old
  // one go on.
  void drop(const std::string& address);
  // What the server at `address` said of itself; empty when not connected.
  kj::Maybe<ServerHello> peer(const std::string& address) const;
  // For requests over the present connection to `address` that refer to memory without a copy
  // (connection.h); null when not connected. Ask again after each get().
  kj::Maybe<kj::Own<SentBuffers>> sentBuffers(const std::string& address);
  // Offers `bootstrap` to the servers of connections opened from now on.
  void setBootstrap(capnp::Capability::Client bootstrap);

private:
  template <typename T>
  static kj::Promise<Result<typename T::Client>> getAs(
      kj::Promise<Result<capnp::Capability::Client>> promise) {
    return promise.then([](auto result) -> Result<typename T::Client> {
      if (!result.has_value()) return std::unexpected(std::move(result).error());
      return result->template castAs<T>();
    });
  }
  struct Impl;
  kj::Own<Impl> impl_;
};

}  // namespace cairn::rpc
