#include "datanode/pipeline/pipeline_writer.h"

#include <algorithm>
#include <string>
#include <utility>

#include "common/base/fault.h"

namespace cairn::dn {

Outcome PipelineWriter::failHere(Status status) {
  if (!failure_) failure_ = PipelineFailure{std::move(status), self_};
  return std::unexpected(*failure_);
}

std::uint64_t PipelineWriter::windowBytes() const {
  auto bytes = window_.bytes();
  KJ_IF_MAYBE (downstream, downstream_) {
    if ((*downstream)->windowBytes() > 0) bytes = std::min(bytes, (*downstream)->windowBytes());
  }
  return bytes;
}

Result<void> PipelineWriter::checkPacket(const PacketView& packet) const {
  if (finishing_) return fail(Code::INVALID_ARGUMENT, "a packet came after the replica was sealed");
  if (packet.offset != nextOffset_) {
    return fail(Code::INVALID_ARGUMENT, "a packet for byte " + std::to_string(packet.offset) +
                                            " came where byte " + std::to_string(nextOffset_) +
                                            " belongs");
  }
  if (packet.plainLength == 0 || packet.plainLength > PACKET_PLAIN_BYTES_MAX) {
    return fail(Code::INVALID_ARGUMENT,
                "a packet holds 1 to " + std::to_string(PACKET_PLAIN_BYTES_MAX) +
                    " plain bytes; this one says " + std::to_string(packet.plainLength));
  }
  // Twice the window: the writer counts an answer a little after we do.
  const auto unansweredMax = 2 * window_.bytes();
  if (unansweredBytes_ > 0 && unansweredBytes_ + packet.frames.size() > unansweredMax) {
    return fail(Code::LIMIT_EXCEEDED, "the writer sent more than " + std::to_string(unansweredMax) +
                                          " bytes without waiting for an answer");
  }
  return {};
}

kj::Promise<Outcome> PipelineWriter::push(HeldPacket packet) {
  if (failure_) co_return std::unexpected(*failure_);
  if (auto checked = checkPacket(packet.view); !checked.has_value()) {
    co_return failHere(std::move(checked).error());
  }
  const auto bytes = packet.view.frames.size();
  nextOffset_ += packet.view.plainLength;
  const auto end = nextOffset_;
  unansweredBytes_ += bytes;
  auto outcome = co_await remember(pushBoth(kj::mv(packet)));
  unansweredBytes_ -= bytes;
  if (!outcome.has_value()) co_return kj::mv(outcome);
  // What the writer takes for acknowledged, readers of this node see.
  auto shown = local_->acknowledged(end);
  if (!shown.has_value()) co_return failHere(std::move(shown).error());
  co_return kj::mv(outcome);
}

kj::Promise<Outcome> PipelineWriter::pushBoth(HeldPacket packet) {
  KJ_IF_MAYBE (downstream, downstream_) {
    if (auto fault = faultPoint("dn.forward.before_send")) {
      return Outcome(failedAt(self_, fault.error().error()));
    }
    // Passed on first: the packet is on its way while this node's disk works.
    auto there = (*downstream)->push(packet);
    return bothOrFirstFailure(appendHere(kj::mv(packet)), kj::mv(there));
  }
  return appendHere(kj::mv(packet));
}

kj::Promise<Outcome> PipelineWriter::sync() {
  if (failure_) return Outcome(std::unexpected(*failure_));
  auto here = syncHere();
  KJ_IF_MAYBE (downstream, downstream_) {
    return remember(bothOrFirstFailure(kj::mv(here), (*downstream)->sync()));
  }
  return remember(kj::mv(here));
}

kj::Promise<Outcome> PipelineWriter::finish(SealSums sums) {
  if (failure_) return Outcome(std::unexpected(*failure_));
  if (finishing_) return failHere({Code::INVALID_ARGUMENT, "the replica is being sealed already"});
  finishing_ = true;
  auto here = sealHere(sums);
  KJ_IF_MAYBE (downstream, downstream_) {
    return remember(bothOrFirstFailure(kj::mv(here), (*downstream)->finish(sums)));
  }
  return remember(kj::mv(here));
}

kj::Promise<Outcome> PipelineWriter::appendHere(HeldPacket packet) {
  auto done = co_await local_->append(kj::mv(packet));
  if (!done.has_value()) co_return failedAt(self_, kj::mv(done).error());
  co_return std::vector<SealedNode>();
}

kj::Promise<Outcome> PipelineWriter::syncHere() {
  auto done = co_await local_->sync();
  if (!done.has_value()) co_return failedAt(self_, kj::mv(done).error());
  co_return std::vector<SealedNode>();
}

kj::Promise<Outcome> PipelineWriter::sealHere(SealSums sums) {
  auto done = co_await local_->seal(std::move(sums));
  if (!done.has_value()) co_return failedAt(self_, kj::mv(done).error());
  co_return std::vector<SealedNode>{{self_, done->storedLength}};
}

kj::Promise<Outcome> PipelineWriter::remember(kj::Promise<Outcome> step) {
  auto outcome = co_await kj::mv(step);
  if (!outcome.has_value() && !failure_) failure_ = outcome.error();
  co_return kj::mv(outcome);
}

}  // namespace cairn::dn
