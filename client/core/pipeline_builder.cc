#include "client/core/pipeline_builder.h"

#include <algorithm>
#include <utility>

#include "client/core/fault_wait.h"
#include "client/core/visible_length.h"
#include "common/rpc/convert.h"

namespace cairn::client {

namespace {

std::vector<std::uint32_t> numbersOf(const std::vector<DatanodeAddress>& nodes) {
  std::vector<std::uint32_t> numbers;
  for (const auto& node : nodes) numbers.push_back(node.node);
  return numbers;
}

// What a datanode says of its replica: it has none, an older or a shorter one. Of the file it would
// mean something else.
bool isAboutReplica(Code code) {
  return code == Code::NOT_FOUND || code == Code::STALE || code == Code::INVALID_ARGUMENT;
}

}  // namespace

PipelineBuilder::PipelineBuilder(Session& session, Entry file)
    : session_(session), file_(std::move(file)), plan_(file_.replication) {}

void PipelineBuilder::nodeFailed(const PipelineFailure& failure) {
  plan_.failed(failure.node, failure.status, session_.host.clock.monotonicMs());
}

PipelineRequest PipelineBuilder::requestFor(LocatedChunk chunk) const {
  return {.chunk = std::move(chunk),
          .codec = file_.codec,
          .frameSize = frameSize_,
          .chunkSize = file_.chunkSize};
}

Status PipelineBuilder::givenUp() const {
  auto code = plan_.lastFailure().value_or(Code::UNAVAILABLE);
  if (isAboutReplica(code)) code = Code::UNAVAILABLE;
  auto text = recorded_.at.chunk == 0
                  ? std::string("no pipeline could be opened: ")
                  : "chunk " + std::to_string(recorded_.at.chunk) + " cannot be written any more: ";
  return {code, text + plan_.failures()};
}

kj::Promise<Result<kj::Own<Pipeline>>> PipelineBuilder::openNext(SealedChunk previous) {
  plan_.newChunk();
  previous_ = std::move(previous);
  recorded_ = {};
  frameSize_ = 0;
  return establish({});
}

kj::Promise<Result<kj::Own<Pipeline>>> PipelineBuilder::reopen(NewChunk last) {
  plan_.newChunk();
  plan_.recorded(last.chunk.at.replicas);
  recorded_ = std::move(last.chunk);
  zstdLevel_ = last.zstdLevel;
  frameSize_ = last.frameSize;
  return establish(
      {.sent = recorded_.at.length, .acknowledged = recorded_.at.length, .flushed = true});
}

kj::Promise<Result<kj::Own<Pipeline>>> PipelineBuilder::rebuild(const PipelineFailure& failure,
                                                                ChunkProgress progress) {
  nodeFailed(failure);
  return establish(progress);
}

PipelineBuilder::Attempt PipelineBuilder::establish(ChunkProgress progress) {
  while (true) {
    auto step = plan_.next({.sent = progress.sent > 0,
                            .acknowledged = progress.acknowledged > 0,
                            .flushed = progress.flushed,
                            .finishing = progress.finishing});
    if (step.action == PipelinePlan::Action::GIVE_UP) co_return fail(givenUp());
    if (step.pauseMs > 0) {
      co_await session_.host.timer.afterDelay(step.pauseMs * kj::MILLISECONDS);
    }
    const bool anew = step.action == PipelinePlan::Action::ALLOCATE;
    // No node has a replica of a new chunk before its pipeline is open.
    if (anew) progress.sent = 0;
    CO_ASSIGN(auto pipeline, co_await (anew ? allocate() : resume(kj::mv(step), progress)));
    if (pipeline.get() != nullptr) co_return kj::mv(pipeline);
  }
}

PipelineBuilder::Attempt PipelineBuilder::allocate() {
  if (recorded_.at.chunk != 0) {
    CO_TRY(co_await session_.namenode.abandonChunk(file_.id, recorded_.at));
    recorded_ = {};
  }
  auto added = co_await session_.namenode.addChunk(
      file_.id, previous_, plan_.excluded(session_.host.clock.monotonicMs()));
  if (!added.has_value()) {
    const auto failures = plan_.failures();
    if (added.error().code() == Code::PLACEMENT_FAILED && plan_.noPlace()) {
      co_return kj::Own<Pipeline>();
    }
    co_return fail(failures.empty() ? added.error()
                                    : added.error().withContext("after " + failures));
  }
  previous_ = {};
  CO_TRY(co_await passFault(session_.host.timer, faultPoint("client.chunk.after_add")));
  if (added->chunk.at.replicas.empty() || added->frameSize == 0) {
    co_return fail(Code::INTERNAL, "the namenode allocated a chunk without a pipeline");
  }
  recorded_ = added->chunk;
  plan_.recorded(recorded_.at.replicas);
  // Packets that are encoded already keep their frames.
  if (frameSize_ == 0) {
    frameSize_ = added->frameSize;
    zstdLevel_ = added->zstdLevel;
  }
  auto opened = co_await openPipeline(session_, requestFor(recorded_));
  if (opened.has_value()) co_return kj::mv(*opened);
  nodeFailed(opened.error());
  co_return kj::Own<Pipeline>();
}

PipelineBuilder::Attempt PipelineBuilder::resume(PipelinePlan::Step step, ChunkProgress progress) {
  CO_ASSIGN(auto promised, co_await session_.namenode.updateChunk(file_.id, recorded_.at));
  if (step.replacements > 0) {
    co_await addNodes(step.nodes, step.replacements, progress.acknowledged);
  }
  auto renewed = recorded_;
  renewed.at.generation = promised.generation;
  renewed.at.replicas = step.nodes;
  if (!promised.token.empty()) renewed.token = promised.token;
  auto request = requestFor(renewed);
  request.resumeGeneration = recorded_.at.generation;
  request.resumeLength = progress.acknowledged;
  auto opened = co_await openPipeline(session_, kj::mv(request));
  if (!opened.has_value()) {
    nodeFailed(opened.error());
    co_return kj::Own<Pipeline>();
  }
  CO_TRY(co_await session_.namenode.updatePipeline(file_.id, recorded_.at, promised.generation,
                                                   progress.acknowledged, numbersOf(step.nodes)));
  CO_TRY(co_await passFault(session_.host.timer, faultPoint("client.chunk.after_update")));
  recorded_ = kj::mv(renewed);
  plan_.recorded(recorded_.at.replicas);
  co_return kj::mv(*opened);
}

kj::Promise<void> PipelineBuilder::addNodes(std::vector<DatanodeAddress>& nodes,
                                            std::uint16_t count, std::uint64_t acknowledged) {
  auto more = co_await session_.namenode.additionalNodes(
      file_.id, recorded_.at, numbersOf(nodes), plan_.excluded(session_.host.clock.monotonicMs()),
      count);
  if (!more.has_value() || more->empty()) co_return;
  const auto source = nodes.front();
  const auto shown = co_await visibleLengthAt(session_, recorded_, source);
  // Opening the pipeline will tell what is wrong with it.
  if (!shown.has_value()) co_return;
  for (auto& node : *more) {
    auto copied = co_await copyReplica(node, source, std::max(acknowledged, *shown));
    if (copied.has_value()) {
      nodes.push_back(kj::mv(node));
    } else {
      nodeFailed({kj::mv(copied).error(), kj::mv(node)});
    }
  }
}

kj::Promise<Result<void>> PipelineBuilder::copyReplica(const DatanodeAddress& to,
                                                       const DatanodeAddress& from,
                                                       std::uint64_t length) {
  CO_ASSIGN(auto datanode, co_await session_.connections.get<wire::Datanode>(to.address));
  auto request = datanode.fetchReplicaRequest();
  setChunkRef(recorded_.at, request.initChunk());
  request.setLength(length);
  toWire(from, request.initSource());
  request.setToken(rpc::toData(asBytes(recorded_.token)));
  request.setNode(to.node);
  const auto what = "copying a replica from " + describe(from) + " to " + describe(to);
  const auto deadlineMs = COPY_MS + static_cast<std::uint32_t>(std::min<std::uint64_t>(
                                        length / COPY_BYTES_PER_MS, UINT32_MAX - COPY_MS));
  CO_ASSIGN(auto reply, co_await rpc::withDeadline(session_.host.timer, deadlineMs,
                                                   rpc::caught(request.send(), what), what));
  co_return rpc::fromWire(reply.getFault());
}

}  // namespace cairn::client
