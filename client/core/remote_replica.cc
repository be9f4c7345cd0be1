#include "client/core/remote_replica.h"

#include <algorithm>

#include "client/core/frame_decoder.h"
#include "client/core/pinned_job.h"
#include "common/base/limits.h"
#include "common/rpc/convert.h"
#include "common/schema/datanode.capnp.h"

namespace cairn::client {

kj::Promise<Result<std::size_t>> readRemoteReplica(rpc::Host& host, rpc::ClientPool& connections,
                                                   std::uint32_t deadlineMs,
                                                   const LocatedChunk& chunk,
                                                   const DatanodeAddress& replica,
                                                   std::uint64_t offset, MutableBytes to) {
  CO_ASSIGN(auto datanode, co_await connections.get<wire::Datanode>(replica.address));
  auto request = datanode.readRequest();
  setChunkRef(chunk.at, request.initChunk());
  request.setOffset(offset);
  request.setLength(
      static_cast<std::uint32_t>(std::min<std::uint64_t>(to.size(), limits::PACKET_PLAIN_BYTES)));
  request.setToken(rpc::toData(asBytes(chunk.token)));
  request.setNode(replica.node);
  request.setNewerToo(chunk.changing);
  auto what = "reading from " + describe(replica);
  auto sent = rpc::caught(request.send(), what);
  auto response = co_await rpc::withDeadline(host.timer, deadlineMs, kj::mv(sent), what);
  if (!response.has_value()) {
    if (response.error().code() == Code::TIMED_OUT) connections.drop(replica.address);
    co_return std::unexpected(kj::mv(response).error());
  }
  CO_TRY(rpc::fromWire(response->getFault()));
  if (response->getPlainLength() == 0) co_return std::size_t{0};
  // The job reads the frames where they lie in the message, which this coroutine keeps.
  FrameRun run{.chunk = ChunkId(chunk.at.chunk),
               .frames = rpc::toView(response->getFrames()),
               .offset = response->getOffset(),
               .plainLength = response->getPlainLength()};
  co_return co_await runPinned(host.workPool,
                               [run, offset, to]() { return decodeRange(run, offset, to); });
}

}  // namespace cairn::client
