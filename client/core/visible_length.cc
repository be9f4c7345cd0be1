#include "client/core/visible_length.h"

#include "common/rpc/convert.h"
#include "common/schema/datanode.capnp.h"

namespace cairn::client {

kj::Promise<Result<std::uint64_t>> visibleLengthAt(Session& session, LocatedChunk chunk,
                                                   DatanodeAddress node) {
  CO_ASSIGN(auto datanode, co_await session.connections.get<wire::Datanode>(node.address));
  auto request = datanode.statRequest();
  setChunkRef(chunk.at, request.initChunk());
  request.setToken(rpc::toData(asBytes(chunk.token)));
  request.setNewerToo(chunk.changing);
  const auto what = "asking " + describe(node) + " for a chunk's length";
  CO_ASSIGN(auto reply,
            co_await rpc::withDeadline(session.host.timer, session.options.datanodeReadMs,
                                       rpc::caught(request.send(), what), what));
  CO_TRY(rpc::fromWire(reply.getFault()));
  co_return reply.getLength();
}

}  // namespace cairn::client
