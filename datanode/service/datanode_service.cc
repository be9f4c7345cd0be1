#include "datanode/service/datanode_service.h"

#include "common/rpc/convert.h"
#include "datanode/pipeline/open_pipeline.h"
#include "datanode/service/checksum.h"
#include "datanode/service/read_frames.h"
#include "datanode/service/recovery_service.h"
#include "datanode/service/writer_service.h"

namespace cairn::dn {
namespace {

using wire::Datanode;
using OpenWriterContext =
    capnp::CallContext<Datanode::OpenWriterParams, Datanode::OpenWriterResults>;
using ReadContext = capnp::CallContext<Datanode::ReadParams, Datanode::ReadResults>;
using ChecksumContext = capnp::CallContext<Datanode::ChecksumParams, Datanode::ChecksumResults>;
using StatContext = capnp::CallContext<Datanode::StatParams, Datanode::StatResults>;

ReplicaKey keyOf(wire::ChunkRef::Reader chunk) {
  return {ChunkId(chunk.getId()), GenerationStamp(chunk.getGeneration())};
}

kj::Promise<void> openWriter(Node& node, kj::Own<Door> door,
                             kj::Own<rpc::ReceivedMessages> received, OpenWriterContext context) {
  const auto params = context.getParams();
  auto allowed = node.checkWriter(params.getNode());
  if (!allowed.has_value()) {
    auto results = context.getResults();
    rpc::toWire(allowed.error(), results.initFault());
    // The one that was meant, even if this one is another: it is the one to be left out.
    results.setFailedNode(params.getNode());
    co_return;
  }
  auto opened = co_await openPipeline({.timer = node.host.timer,
                                       .store = node.store,
                                       .budget = node.budget,
                                       .windows = node.windows,
                                       .peers = *node.peers,
                                       .self = node.self},
                                      params);
  auto results = context.getResults();
  if (!opened.has_value()) {
    node.metrics.writeFailures.add();
    rpc::toWire(opened.error().status, results.initFault());
    results.setFailedNode(opened.error().node.value);
    co_return;
  }
  results.setWindow((*opened)->windowBytes());
  const auto number = ++node.lastWriter;
  node.writers.emplace(number, kj::mv(*opened));
  results.setWriter(kj::heap<WriterService>(kj::mv(door), kj::mv(received), number));
}

kj::Promise<void> read(Node& node, rpc::SentBuffers& sentBuffers, BufferBudget& unsent,
                       Urgency urgency, ReadContext context) {
  // A reader that has got its bytes elsewhere takes its call back: no message would ever be
  // written, and the buffer would stay lent out as long as the connection lives.
  context.allowCancellation();
  const auto params = context.getParams();
  const auto key = keyOf(params.getChunk());
  auto frames = co_await readFrames(node, unsent,
                                    {.key = params.getNewerToo() ? node.store.newestFrom(key) : key,
                                     .offset = params.getOffset(),
                                     .length = params.getLength(),
                                     .node = params.getNode(),
                                     .urgency = urgency});
  auto results = context.getResults();
  if (!frames.has_value()) {
    node.metrics.readFailures.add();
    rpc::toWire(frames.error(), results.initFault());
    co_return;
  }
  results.setOffset(frames->span.plainOffset);
  results.setPlainLength(static_cast<std::uint32_t>(frames->span.plainLength));
  if (frames->span.frameCount == 0) co_return;
  node.metrics.bytesRead.add(frames->span.fileLength);
  // The message refers to the buffer where it is; it is freed, and its share of the budget given
  // back, when the bytes have been written to the socket.
  const auto* begin = frames->buffer->words.begin();
  results.adoptFrames(
      capnp::Orphanage::getForMessageContaining(Datanode::ReadResults::Builder(results))
          .referenceExternalData(capnp::Data::Reader(reinterpret_cast<const kj::byte*>(begin),
                                                     frames->span.fileLength)));
  sentBuffers.keepUntilSent(begin, kj::heap(kj::mv(*frames)));
}

kj::Promise<void> stat(Node& node, StatContext context) {
  const auto params = context.getParams();
  const auto key = keyOf(params.getChunk());
  const auto visible =
      co_await node.store.look(params.getNewerToo() ? node.store.newestFrom(key) : key);
  auto results = context.getResults();
  if (!visible.has_value()) {
    rpc::toWire(visible.error(), results.initFault());
    co_return;
  }
  results.setLength(visible->length);
  results.setStoredLength(visible->storedLength);
  results.setFinal(visible->isFinal);
}

kj::Promise<void> checksum(Node& node, ChecksumContext context) {
  const auto params = context.getParams();
  auto allowed = node.check(params.getNode());
  auto sum = allowed.has_value()
                 ? co_await checksumOf(node, keyOf(params.getChunk()), params.getLength())
                 : fail(kj::mv(allowed).error());
  auto results = context.getResults();
  if (!sum.has_value()) {
    node.metrics.readFailures.add();
    rpc::toWire(sum.error(), results.initFault());
    co_return;
  }
  results.setMd5(rpc::toData(sum->md5.bytes));
  results.setPlainLength(sum->length);
}

}  // namespace

kj::Promise<void> DatanodeService::openWriter(OpenWriterContext context) {
  return door_->enter([&](Node& node) {
    return dn::openWriter(node, kj::addRef(*door_), kj::addRef(*received_), kj::mv(context));
  });
}

kj::Promise<void> DatanodeService::read(ReadContext context) {
  return door_->enter(
      [&](Node& node) { return dn::read(node, *sentBuffers_, unsent_, reads_, kj::mv(context)); });
}

kj::Promise<void> DatanodeService::stat(StatContext context) {
  return door_->enter([&](Node& node) { return dn::stat(node, kj::mv(context)); });
}

kj::Promise<void> DatanodeService::checksum(ChecksumContext context) {
  return door_->enter([&](Node& node) { return dn::checksum(node, kj::mv(context)); });
}

kj::Promise<void> DatanodeService::fetchReplica(FetchReplicaContext context) {
  return door_->enter([&](Node& node) { return serveFetch(node, kj::mv(context)); });
}

kj::Promise<void> DatanodeService::initRecovery(InitRecoveryContext context) {
  return door_->enter([&](Node& node) { return serveInitRecovery(node, kj::mv(context)); });
}

kj::Promise<void> DatanodeService::recoverReplica(RecoverReplicaContext context) {
  return door_->enter([&](Node& node) { return serveRecover(node, kj::mv(context)); });
}

}  // namespace cairn::dn
