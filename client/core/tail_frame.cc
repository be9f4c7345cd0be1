#include "client/core/tail_frame.h"

#include <string>
#include <utility>

#include "common/format/frame.h"
#include "common/rpc/convert.h"
#include "common/schema/datanode.capnp.h"

namespace cairn::client {

namespace {

kj::Promise<Result<std::uint32_t>> askReplica(Session& session, const LocatedChunk& chunk,
                                              const DatanodeAddress& replica) {
  CO_ASSIGN(auto datanode, co_await session.connections.get<wire::Datanode>(replica.address));
  auto request = datanode.readRequest();
  setChunkRef(chunk.at, request.initChunk());
  request.setOffset(chunk.at.length - 1);
  request.setLength(1);
  request.setToken(rpc::toData(asBytes(chunk.token)));
  request.setNode(replica.node);
  const auto what = "reading from " + describe(replica);
  auto response = co_await rpc::withDeadline(session.host.timer, session.options.datanodeReadMs,
                                             rpc::caught(request.send(), what), what);
  if (!response.has_value()) {
    if (response.error().code() == Code::TIMED_OUT) session.connections.drop(replica.address);
    co_return std::unexpected(kj::mv(response).error());
  }
  CO_TRY(rpc::fromWire(response->getFault()));
  co_return framesUpTo(rpc::toView(response->getFrames()), ChunkId(chunk.at.chunk),
                       response->getOffset(), chunk.at.length);
}

}  // namespace

Result<std::uint32_t> framesUpTo(ByteView frames, ChunkId chunk, std::uint64_t offset,
                                 std::uint64_t length) {
  std::uint32_t next = 0;
  while (!frames.empty()) {
    ASSIGN(const auto frame, format::frameAt(frames));
    TRY(format::checkStored(frame, chunk));
    if (next != 0 && frame.header.sequence != next) {
      return fail(Code::CORRUPT, "frames are not numbered without a gap");
    }
    next = frame.header.sequence + 1;
    offset += frame.header.plainLength;
    frames = frames.subspan(frame.bytes.size());
  }
  if (next == 0 || offset != length) {
    return fail(Code::CORRUPT, "the replica's frames end at byte " + std::to_string(offset) +
                                   " of the chunk, not at " + std::to_string(length));
  }
  return next;
}

kj::Promise<Result<std::uint32_t>> framesOfTail(Session& session, LocatedChunk chunk) {
  auto code = Code::CORRUPT;
  std::string failures;
  for (const auto& replica : chunk.at.replicas) {
    auto frames = co_await askReplica(session, chunk, replica);
    if (frames.has_value()) co_return kj::mv(frames);
    if (frames.error().code() != Code::CORRUPT) code = Code::UNAVAILABLE;
    failures +=
        (failures.empty() ? ": " : "; ") + describe(replica) + ": " + frames.error().message();
  }
  if (failures.empty()) {
    code = Code::UNAVAILABLE;
    failures = ": the namenode knows no replica";
  }
  co_return fail(code, "the end of chunk " + std::to_string(chunk.at.chunk) +
                           " cannot be read from any datanode" + failures);
}

}  // namespace cairn::client
