#include "datanode/pipeline/open_pipeline.h"

#include <algorithm>
#include <string>
#include <utility>

#include "common/base/limits.h"
#include "common/rpc/convert.h"

namespace cairn::dn {
namespace {

using wire::Datanode;

// How long the nodes behind may take to open: longer the more there are, so that whoever is next to
// the one that hangs notices first, and all below the 15 s after which a client gives up.
constexpr std::uint32_t OPEN_MS = 5'000;
constexpr std::uint32_t OPEN_MS_EACH = 3'000;
constexpr std::uint32_t OPEN_MS_MAX = 14'000;

using Opened = std::expected<kj::Own<Downstream>, PipelineFailure>;

kj::Promise<Opened> openDownstream(PipelineParts parts,
                                   Datanode::OpenWriterParams::Reader request) {
  const auto nodes = request.getDownstream();
  const auto next = nodes[0];
  const NodeId node(next.getNode());
  const std::string address = rpc::toString(next.getAddress());
  const auto what =
      "opening a pipeline through datanode " + std::to_string(node.value) + " at " + address;
  auto connected = co_await parts.peers.get<Datanode>(address);
  if (!connected.has_value()) co_return failedAt(node, kj::mv(connected).error());
  auto sentBuffers = parts.peers.sentBuffers(address);

  auto call = connected->openWriterRequest();
  call.setChunk(request.getChunk());
  call.setCodec(request.getCodec());
  call.setFrameSize(request.getFrameSize());
  call.setChunkSize(request.getChunkSize());
  auto behind = call.initDownstream(nodes.size() - 1);
  for (unsigned i = 0; i < behind.size(); ++i) behind.setWithCaveats(i, nodes[i + 1]);
  call.setToken(request.getToken());
  call.setNode(node.value);
  call.setResume(request.getResume());
  const auto deadlineMs = std::min(OPEN_MS + OPEN_MS_EACH * nodes.size(), OPEN_MS_MAX);
  auto reply =
      co_await rpc::withDeadline(parts.timer, deadlineMs, rpc::caught(call.send(), what), what);
  if (!reply.has_value()) {
    if (reply.error().code() == Code::TIMED_OUT) parts.peers.drop(address);
    co_return failedAt(node, kj::mv(reply).error());
  }
  if (auto fault = rpc::fromWire(reply->getFault()); !fault.has_value()) {
    const NodeId failed(reply->getFailedNode());
    co_return failedAt(failed ? failed : node, kj::mv(fault).error());
  }
  co_return kj::heap<Downstream>(parts.timer, node, nodes.size(), reply->getWriter(),
                                 reply->getWindow(), kj::mv(sentBuffers));
}

}  // namespace

Result<WriterRequest> checkOpenWriter(Datanode::OpenWriterParams::Reader request) {
  const auto chunk = request.getChunk();
  NewReplica replica;
  replica.key = {ChunkId(chunk.getId()), GenerationStamp(chunk.getGeneration())};
  if (!replica.key.chunk || replica.key.chunk.value >> 63 != 0 || !replica.key.generation) {
    return fail(Code::INVALID_ARGUMENT, replica.key.toString() + " cannot be");
  }
  switch (request.getCodec()) {
    case wire::Codec::NONE: replica.codec = format::Codec::RAW; break;
    case wire::Codec::ZSTD: replica.codec = format::Codec::ZSTD; break;
    default: return fail(Code::UNSUPPORTED, "the writer uses a codec that is not known here");
  }
  replica.frameSize = request.getFrameSize();
  if (replica.frameSize == 0 || replica.frameSize > limits::FRAME_SIZE_MAX) {
    return fail(Code::INVALID_ARGUMENT,
                "frames hold 1 to " + std::to_string(limits::FRAME_SIZE_MAX) +
                    " plain bytes, not " + std::to_string(replica.frameSize));
  }
  replica.lengthMax = request.getChunkSize();
  if (replica.lengthMax == 0 || replica.lengthMax > limits::CHUNK_SIZE_MAX) {
    return fail(Code::INVALID_ARGUMENT,
                "chunks hold 1 to " + std::to_string(limits::CHUNK_SIZE_MAX) +
                    " plain bytes, not " + std::to_string(replica.lengthMax));
  }
  const auto behind = request.getDownstream().size();
  if (behind > DOWNSTREAM_NODES_MAX) {
    return fail(Code::LIMIT_EXCEEDED,
                "a pipeline has at most " + std::to_string(DOWNSTREAM_NODES_MAX + 1) + " nodes");
  }
  // One node unpacks every frame, so that an encoder's fault does not reach all copies unseen.
  replica.depth = behind == 0 ? format::ChunkScan::Depth::PLAIN : format::ChunkScan::Depth::STORED;
  WriterRequest writer{.replica = replica, .resume = {}};
  const auto resume = request.getResume();
  if (resume.getGeneration() == 0) return writer;
  if (resume.getGeneration() > chunk.getGeneration() || resume.getLength() > replica.lengthMax) {
    return fail(Code::INVALID_ARGUMENT, replica.key.toString() + " cannot go on from generation " +
                                            std::to_string(resume.getGeneration()) + " at byte " +
                                            std::to_string(resume.getLength()));
  }
  writer.resume = ResumeReplica{.key = replica.key,
                                .from = GenerationStamp(resume.getGeneration()),
                                .length = resume.getLength(),
                                .depth = replica.depth,
                                .lengthMax = replica.lengthMax};
  return writer;
}

kj::Promise<std::expected<kj::Own<PipelineWriter>, PipelineFailure>> openPipeline(
    PipelineParts parts, Datanode::OpenWriterParams::Reader request) {
  auto wanted = checkOpenWriter(request);
  if (!wanted.has_value()) co_return failedAt(parts.self, kj::mv(wanted).error());
  kj::Maybe<kj::Own<Downstream>> downstream;
  if (request.getDownstream().size() > 0) {
    auto opened = co_await openDownstream(parts, request);
    if (!opened.has_value()) co_return std::unexpected(kj::mv(opened).error());
    downstream = kj::mv(*opened);
  }
  auto writing = wanted->resume ? co_await parts.store.resume(*wanted->resume)
                                : co_await parts.store.create(wanted->replica);
  if (!writing.has_value()) co_return failedAt(parts.self, kj::mv(writing).error());
  // This node may have kept more (ReplicaAppender::resume()).
  const auto length = wanted->resume ? wanted->resume->length : 0;
  auto local = kj::heap<LocalReplica>(parts.store, parts.budget, kj::mv(*writing));
  co_return kj::heap<PipelineWriter>(parts.self, parts.windows.grant(), kj::mv(local),
                                     kj::mv(downstream), length);
}

}  // namespace cairn::dn
