#include "datanode/pipeline/fetch_replica.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "common/base/limits.h"
#include "common/rpc/convert.h"
#include "common/schema/datanode.capnp.h"

namespace cairn::dn {
namespace {

using wire::Datanode;

// A read of a MiB from a disk that is busy.
constexpr std::uint32_t READ_MS = 15'000;

// Whether a copy from before, or the replica itself, will do.
kj::Promise<bool> isHere(ReplicaStore& store, FetchRequest request) {
  if (store.find(request.key) == nullptr) co_return false;
  const auto here = co_await store.look(request.key);
  co_return here.has_value() && here->length >= request.length;
}

// All the frames.
kj::Promise<Result<ReplicaStore::Copying>> fetchFrames(FetchParts parts, FetchRequest request,
                                                       format::ChunkScan::Depth depth) {
  const auto what = "copying " + request.key.toString() + " from datanode " +
                    std::to_string(request.source.value) + " at " + request.address;
  CO_ASSIGN(auto source, co_await parts.peers.get<Datanode>(request.address));
  CO_ASSIGN(auto copying, co_await parts.store.beginCopy(
                              request.key, std::max<std::uint64_t>(request.length, 1), depth));
  for (std::uint64_t offset = 0; offset < request.length;) {
    auto call = source.readRequest();
    call.getChunk().setId(request.key.chunk.value);
    call.getChunk().setGeneration(request.key.generation.value);
    call.setOffset(offset);
    const auto length = std::min(request.length - offset, limits::PACKET_PLAIN_BYTES);
    call.setLength(static_cast<std::uint32_t>(length));
    call.setNode(request.source.value);
    kj::Promise<capnp::Response<Datanode::ReadResults>> sent = call.send();
    CO_ASSIGN(auto reply, co_await rpc::withDeadline(parts.timer, READ_MS,
                                                     rpc::caught(kj::mv(sent), what), what));
    CO_TRY(rpc::fromWire(reply.getFault()));
    const std::uint64_t got = reply.getPlainLength();
    if (reply.getOffset() != offset || got == 0 || got > request.length - offset) {
      co_return fail(Code::INVALID_ARGUMENT,
                     what + ": its frames do not end at byte " + std::to_string(request.length));
    }
    const auto frames = rpc::toView(reply.getFrames());
    CO_ASSIGN(const auto lease, co_await parts.budget.take(frames.size()));
    auto owned = std::make_shared<const ByteVector>(frames.begin(), frames.end());
    CO_TRY(co_await parts.store.appendCopy(copying, kj::mv(owned)));
    offset += got;
  }
  co_return kj::mv(copying);
}

}  // namespace

kj::Promise<Result<void>> fetchReplica(FetchParts parts, FetchRequest request) {
  if (co_await isHere(parts.store, request)) co_return Result<void>();
  CO_ASSIGN(auto copying, co_await fetchFrames(parts, request, format::ChunkScan::Depth::STORED));
  auto adopted = co_await parts.store.adopt(kj::mv(copying));
  // Somebody was faster.
  if (!adopted.has_value() && co_await isHere(parts.store, request)) co_return Result<void>();
  co_return kj::mv(adopted);
}

kj::Promise<Result<void>> fetchFinal(FetchParts parts, FetchRequest request) {
  const auto* const known = parts.store.find(request.key);
  if (known != nullptr && known->state == ReplicaState::FINAL && known->length == request.length) {
    parts.store.tellAgain(request.key);
    co_return Result<void>();
  }
  CO_ASSIGN(auto copying, co_await fetchFrames(parts, request, format::ChunkScan::Depth::PLAIN));
  co_return co_await parts.store.publish(kj::mv(copying));
}

}  // namespace cairn::dn
