// Serves an interface on a listening address: preamble, limits, one Connection a peer.
// Layer: rpc.  Threads: one event loop.  Bad input (garbage, silence, a wrong cluster, too many
// connections) costs the peer its connection and nobody else anything.
#pragma once

#include <kj/function.h>
#include <kj/io.h>

#include <concepts>
#include <memory>
#include <string>

#include "common/rpc/connection.h"
#include "common/rpc/host.h"
#include "common/rpc/preamble.h"

namespace cairn::rpc {

struct AcceptorOptions {
  std::size_t connectionsMax = 12000;  // reliability.md: 10 000 clients and head-room
  std::uint32_t handshakeMs = 5000;    // for a complete preamble
  ConnectionLimits connection;
};

// Who the server is, for its half of the preamble; asked at each handshake.
struct Identity {
  ClusterId cluster;
  Epoch epoch;
  Uuid process;
};

// What a server object may know of its connection.
struct PeerInfo {
  ClientHello hello;
  std::string address;                 // of the peer, "10.0.0.7:41234"; "" when it is not known
  kj::Own<SentBuffers> sentBuffers;    // for replies that refer to memory without a copy
  kj::Own<ReceivedMessages> received;  // for keeping what calls bring without a copy
};

// Who serves a peer that has been welcomed: an object on the acceptor's loop, or another loop.
struct Served {
  // Serves the peer until the promise settles or is dropped; the connection counts as open until
  // then.
  using Elsewhere = kj::Function<kj::Promise<void>(kj::AutoCloseFd socket)>;

  Served(capnp::Capability::Client object) : object(kj::mv(object)) {}  // NOLINT: a conversion
  // A template, for nearly everything converts to a kj::Function.
  template <std::same_as<Elsewhere> Function>
  Served(Function&& function) : object(nullptr), elsewhere(kj::mv(function)) {}  // NOLINT

  capnp::Capability::Client object;
  kj::Maybe<Elsewhere> elsewhere;
};

class Acceptor {
public:
  // Says who serves a peer of this role, or why nobody does (the text goes back to the peer).
  // Called once a connection.
  using Factory = kj::Function<Result<Served>(PeerInfo peer)>;

  // Does not listen yet. `host` must outlive it.
  Acceptor(Host& host, std::string name, AcceptorOptions options, kj::Function<Identity()> identity,
           Factory factory);
  // Drops all connections at once.
  ~Acceptor() noexcept(false);

  // Binds and starts serving. Errors of Network::listen.
  kj::Promise<Result<void>> listen(std::string address);
  // "127.0.0.1:8020"; empty before listen().
  std::string address() const;
  // Stops accepting and drops every connection. Peers see DISCONNECTED.
  void close();
  std::size_t connections() const;

private:
  struct Impl;
  kj::Own<Impl> impl_;
};

}  // namespace cairn::rpc
