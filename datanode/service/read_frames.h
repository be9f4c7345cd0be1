// Reads whole frames of a replica into a buffer of the budget, checked.
// Layer: datanode/service.  Threads: one event loop; the disk is read on the volume's pool.
#pragma once

#include <capnp/common.h>
#include <kj/array.h>
#include <kj/async.h>

#include <memory>

#include "common/format/frame_index.h"
#include "datanode/service/node.h"

namespace cairn::dn {

struct ReadRequest {
  ReplicaKey key;
  std::uint64_t offset = 0;  // plain bytes
  std::uint32_t length = 0;
  std::uint32_t node = 0;  // whom the caller means
  Urgency urgency = Urgency::CLIENT;
};

// Words, because Cap'n Proto wants external bytes to begin at one and sends up to 7 bytes behind
// them.
struct FrameBuffer {
  kj::Array<capnp::word> words;
};

struct FramesRead {
  format::FrameSpan span;               // frameCount 0: nothing there, no buffer
  std::shared_ptr<FrameBuffer> buffer;  // span.fileLength bytes count
  BufferBudget::Lease lease;            // of the buffer, from the node's budget
  BufferBudget::Lease unsent;           // and from the connection's
};

// The frames from the one that holds `offset` on, as wire::Datanode::read has it. A damaged replica
// goes to quarantine and is reported: CORRUPT. Nothing of damaged frames is ever returned.
// `unsent`: what replies of this connection may hold until they are sent. So a peer that asks and
// does not read takes its own share of the node's budget, and nobody else's.
kj::Promise<Result<FramesRead>> readFrames(Node& node, BufferBudget& unsent, ReadRequest request);

}  // namespace cairn::dn
