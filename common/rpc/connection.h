// One Cap'n Proto RPC connection over a byte stream, after the preamble: message framing with
// limits, buffered reads, writes coalesced once an event-loop turn, memory kept until it is sent.
// Layer: rpc.  Threads: one event loop.
//
// In place of capnp::TwoPartyVatNetwork, which reads each message with two system calls, writes
// each with one, trusts the segment table, and cannot keep a buffer alive until it has left the
// process (docs/decisions/0003_own_vat_network.md).
#pragma once

#include <capnp/capability.h>
#include <capnp/rpc-twoparty.capnp.h>
#include <capnp/rpc.h>
#include <kj/async-io.h>
#include <kj/refcount.h>

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/limits.h"
#include "common/rpc/received_messages.h"

namespace capnp {
class TwoPartyVatNetwork;
}  // namespace capnp

namespace cairn::rpc {

struct ConnectionLimits {
  // A longer message, in or out, ends the connection or fails the call.
  std::uint64_t messageBytesMax = limits::MESSAGE_BYTES_MAX;
  // Bytes of calls received and not yet answered; reading pauses above it.
  std::uint64_t callBytesInFlightMax = 64_MiB;
  // Bytes written and not yet taken by the peer. A server reads no further call above it: who calls
  // and does not read the answers costs so much memory and no more. (A client always reads, or two
  // full queues would wait for each other.)
  std::uint64_t queuedBytesMax = 64_MiB;
  // Open files that one message may carry, in either direction. Above 0: for Unix sockets between
  // processes of one machine, with Cap'n Proto's own framing in place of this file's (a few large
  // system calls matter less there than descriptors do), without SentBuffers and queuedBytesMax.
  // Both ends must say so. On a stream that cannot carry descriptors, messages arrive without them.
  unsigned descriptorsMax = 0;
};

// Memory that outgoing messages refer to without a copy (Orphanage::referenceExternalData).
// Register the memory before the reply is returned; it is released when the message that holds a
// segment beginning at that address has been written to the socket, or with the connection.
class SentBuffers : public kj::Refcounted {
public:
  // `begin`: the address given to referenceExternalData. `owner` is destroyed after the write.
  template <typename T>
  void keepUntilSent(const void* begin, kj::Own<T> owner) {
    sendInstead(begin, {}, kj::mv(owner));
  }
  // For bytes that lie in several places: what goes out for the segment that begins at `begin` are
  // these pieces, one behind the other, as many bytes as the segment has. `owner`: of them, and of
  // the memory that was referred to, whose contents do not matter. No pieces: the segment itself.
  template <typename T>
  void sendInstead(const void* begin, std::vector<ByteView> pieces, kj::Own<T> owner) {
    held_.emplace(begin, Held{std::make_shared<kj::Own<T>>(kj::mv(owner)), std::move(pieces)});
  }

  struct Held {
    std::shared_ptr<void> owner;
    std::vector<ByteView> pieces;
  };
  // For the connection: takes what is held for this address.
  std::optional<Held> take(const void* begin);
  bool empty() const { return held_.empty(); }

private:
  std::multimap<const void*, Held> held_;
};

class Connection {
public:
  enum class Side { CLIENT, SERVER };

  // `bootstrap`: what the peer gets when it asks for this side's object; null: nothing.
  // `sentBuffers`, `received`: shared with the server objects of this connection. With descriptors
  // neither is used.
  Connection(kj::Own<kj::AsyncIoStream> stream, Side side, capnp::Capability::Client bootstrap,
             ConnectionLimits limits, kj::Own<SentBuffers> sentBuffers,
             kj::Maybe<kj::Own<ReceivedMessages>> received = nullptr);
  ~Connection() noexcept(false);
  KJ_DISALLOW_COPY(Connection);

  // The peer's object. Calls on it break with DISCONNECTED once the connection is gone.
  capnp::Capability::Client bootstrap();
  // Settles when the connection has ended, for whatever reason.
  kj::Promise<void> onDisconnect();
  // Bytes of messages waiting to be written; a measure of a slow peer.
  std::size_t queuedBytes() const;

private:
  class Vat;
  kj::Own<Vat> vat_;  // or, with descriptors, the next two
  kj::Own<kj::AsyncIoStream> descriptorStream_;
  mutable kj::Own<capnp::TwoPartyVatNetwork> descriptorVat_;  // its queue length is not const
  kj::Own<capnp::RpcSystem<::capnp::rpc::twoparty::VatId>> system_;
};

}  // namespace cairn::rpc
