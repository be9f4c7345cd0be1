#include "datanode/pipeline/downstream.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "common/rpc/convert.h"

namespace cairn::dn {

Downstream::Downstream(kj::Timer& timer, NodeId next, std::size_t behind,
                       wire::ReplicaWriter::Client writer, std::uint64_t windowBytes)
    : timer_(timer),
      next_(next),
      answerMs_(static_cast<std::uint32_t>(
          std::min<std::size_t>(ANSWER_MS + ANSWER_MS_EACH * behind, ANSWER_MS_MAX))),
      writer_(kj::mv(writer)),
      windowBytes_(windowBytes) {}

kj::Promise<Outcome> Downstream::push(const PacketView& packet) {
  auto request =
      writer_.pushRequest(capnp::MessageSize{packet.frames.size() / sizeof(capnp::word) + 32, 0});
  auto to = request.initPacket();
  to.setOffset(packet.offset);
  to.setPlainLength(packet.plainLength);
  to.setFrames(rpc::toData(packet.frames));
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
