#include "datanode/service/writer_service.h"

#include <algorithm>
#include <optional>
#include <string>

#include "common/rpc/convert.h"

namespace cairn::dn {
namespace {

using wire::ReplicaWriter;
using PushContext = capnp::CallContext<ReplicaWriter::PushParams, ReplicaWriter::PushResults>;
using SyncContext = capnp::CallContext<ReplicaWriter::SyncParams, ReplicaWriter::SyncResults>;
using FinishContext = capnp::CallContext<ReplicaWriter::FinishParams, ReplicaWriter::FinishResults>;

// Fills what the results of all three calls have in common; whether there was a failure.
template <typename Results>
bool fillFailure(Node& node, const Outcome& outcome, Results results) {
  if (outcome.has_value()) return false;
  node.metrics.writeFailures.add();
  rpc::toWire(outcome.error().status, results.initFault());
  results.setFailedNode(outcome.error().node.value);
  return true;
}

HeldPacket holdPacket(wire::Packet::Reader packet, const rpc::ReceivedMessages& received) {
  const PacketView view{.offset = packet.getOffset(),
                        .plainLength = packet.getPlainLength(),
                        .frames = rpc::toView(packet.getFrames())};
  auto memory = received.share(view.frames);
  return memory != nullptr ? HeldPacket(view, std::move(memory)) : HeldPacket::copyOf(view);
}

kj::Promise<void> pushPacket(Node& node, PipelineWriter& writer,
                             const rpc::ReceivedMessages& received, PushContext context) {
  auto packet = holdPacket(context.getParams().getPacket(), received);
  // The packet alone says how long the message stays in memory.
  context.releaseParams();
  const auto bytes = packet.view.frames.size();
  const auto outcome = co_await writer.push(kj::mv(packet));
  if (!fillFailure(node, outcome, context.getResults())) node.metrics.bytesWritten.add(bytes);
}

kj::Promise<void> syncAll(Node& node, PipelineWriter& writer, SyncContext context) {
  fillFailure(node, co_await writer.sync(), context.getResults());
}

// Nothing for no bytes: the nodes count themselves.
Result<std::optional<format::Md5>> md5Of(capnp::Data::Reader bytes) {
  if (bytes.size() == 0) return std::nullopt;
  format::Md5 md5;
  if (bytes.size() != md5.bytes.size()) {
    return fail(Code::INVALID_ARGUMENT, "an MD5 has " + std::to_string(md5.bytes.size()) +
                                            " bytes, not " + std::to_string(bytes.size()));
  }
  std::ranges::copy(rpc::toView(bytes), md5.bytes.begin());
  return md5;
}

kj::Promise<void> sealAll(Node& node, PipelineWriter& writer, FinishContext context) {
  const auto params = context.getParams();
  const auto md5 = md5Of(params.getMd5());
  auto outcome =
      md5.has_value()
          ? co_await writer.finish(
                {.length = params.getLength(), .plainCrc = params.getPlainCrc(), .md5 = *md5})
          : Outcome(failedAt(node.self, md5.error()));
  auto results = context.getResults();
  if (fillFailure(node, outcome, results)) co_return;
  auto sealed = results.initSealed(static_cast<unsigned>(outcome->size()));
  for (unsigned i = 0; i < sealed.size(); ++i) {
    sealed[i].setNode((*outcome)[i].node.value);
    sealed[i].setStoredLength((*outcome)[i].storedLength);
  }
}

}  // namespace

WriterService::~WriterService() noexcept(false) {
  if (auto* node = door_->node()) node->writers.erase(number_);
}

kj::Promise<void> WriterService::push(PushContext context) {
  return door_->enter([&](Node& node) {
    return pushPacket(node, *node.writers.at(number_), *received_, kj::mv(context));
  });
}

kj::Promise<void> WriterService::sync(SyncContext context) {
  return door_->enter(
      [&](Node& node) { return syncAll(node, *node.writers.at(number_), kj::mv(context)); });
}

kj::Promise<void> WriterService::finish(FinishContext context) {
  return door_->enter(
      [&](Node& node) { return sealAll(node, *node.writers.at(number_), kj::mv(context)); });
}

}  // namespace cairn::dn
