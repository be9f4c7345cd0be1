#include "datanode/pipeline/downstream.h"

#include <capnp/orphan.h>
#include <kj/debug.h>

#include <algorithm>
#include <memory>
#include <type_traits>
#include <utility>

#include "common/rpc/convert.h"

namespace cairn::dn {

Downstream::Downstream(kj::Timer& timer, NodeId next, std::size_t behind,
                       wire::ReplicaWriter::Client writer, std::uint64_t windowBytes,
                       kj::Maybe<kj::Own<rpc::SentBuffers>> sentBuffers)
    : timer_(timer),
      next_(next),
      answerMs_(static_cast<std::uint32_t>(
          std::min<std::size_t>(ANSWER_MS + ANSWER_MS_EACH * behind, ANSWER_MS_MAX))),
      writer_(kj::mv(writer)),
      windowBytes_(windowBytes),
      sentBuffers_(kj::mv(sentBuffers)) {}

kj::Promise<Outcome> Downstream::push(const HeldPacket& packet) {
  auto request = writer_.pushRequest();
  auto to = request.initPacket();
  to.setOffset(packet.view.offset);
  to.setPlainLength(packet.view.plainLength);
  const auto frames = rpc::toData(packet.view.frames);
  if (sentBuffers_ == nullptr || frames.size() == 0) {
    to.setFrames(frames);
  } else {
    to.adoptFrames(capnp::Orphanage::getForMessageContaining(to).referenceExternalData(frames));
    KJ_ASSERT_NONNULL(sentBuffers_)
        ->keepUntilSent(frames.begin(), kj::heap<std::shared_ptr<const void>>(packet.memory));
  }
  return outcomeOf<wire::ReplicaWriter::PushResults>(request.send(), "passing bytes on");
}

kj::Promise<Outcome> Downstream::sync() {
  return outcomeOf<wire::ReplicaWriter::SyncResults>(writer_.syncRequest().send(), "syncing");
}

kj::Promise<Outcome> Downstream::finish(const SealSums& sums) {
  auto request = writer_.finishRequest();
  request.setLength(sums.length);
  request.setPlainCrc(sums.plainCrc);
  if (sums.md5) request.setMd5(rpc::toData(sums.md5->bytes));
  return outcomeOf<wire::ReplicaWriter::FinishResults>(request.send(), "sealing");
}

template <typename Results>
kj::Promise<Outcome> Downstream::outcomeOf(kj::Promise<capnp::Response<Results>> sent,
                                           const char* what) {
  const auto text = std::string(what) + " at datanode " + std::to_string(next_.value);
  auto reply = co_await rpc::withDeadline(timer_, answerMs_, rpc::caught(kj::mv(sent), text), text);
  if (!reply.has_value()) co_return failedAt(next_, kj::mv(reply).error());
  if (auto fault = rpc::fromWire(reply->getFault()); !fault.has_value()) {
    const NodeId failed(reply->getFailedNode());
    co_return failedAt(failed ? failed : next_, kj::mv(fault).error());
  }
  std::vector<SealedNode> sealed;
  if constexpr (std::is_same_v<Results, wire::ReplicaWriter::FinishResults>) {
    for (auto replica : reply->getSealed()) {
      sealed.push_back({NodeId(replica.getNode()), replica.getStoredLength()});
    }
  }
  co_return kj::mv(sealed);
}

}  // namespace cairn::dn
