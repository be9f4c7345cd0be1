#include "datanode/pipeline/local_replica.h"

#include <memory>
#include <utility>
#include <vector>

#include "common/log/log.h"

namespace cairn::dn {
namespace {

// Of a step that names no file.
kj::Promise<Result<void>> withoutName(kj::Promise<Result<FinalName>> step) {
  return step.then([](Result<FinalName> done) -> Result<void> {
    if (!done.has_value()) return fail(std::move(done).error());
    return {};
  });
}

}  // namespace

LocalReplica::LocalReplica(ReplicaStore& store, BufferBudget& budget, Writing writing)
    : store_(store),
      budget_(budget),
      writing_(std::move(writing)),
      progress_(writing_->progress()),
      working_(work().eagerlyEvaluate([](kj::Exception&& e) {
        LOG(ERROR) << "writing a replica stopped: " << e.getDescription().cStr();
      })) {}

kj::Promise<Result<void>> LocalReplica::append(HeldPacket packet) {
  return withoutName(enqueue({.packet = kj::mv(packet), .seal = {}, .done = {}}));
}

kj::Promise<Result<void>> LocalReplica::sync() { return withoutName(enqueue({})); }

kj::Promise<Result<FinalName>> LocalReplica::seal(SealSums sums) {
  return enqueue({.packet = {}, .seal = sums, .done = {}});
}

Result<void> LocalReplica::acknowledged(std::uint64_t length) {
  return store_.acknowledged(progress_, length);
}

kj::Promise<Result<FinalName>> LocalReplica::enqueue(Step step) {
  auto pair = kj::newPromiseAndFulfiller<Result<FinalName>>();
  step.done = kj::mv(pair.fulfiller);
  steps_.push_back(kj::mv(step));
  arrived_.ring();
  return kj::mv(pair.promise);
}

kj::Promise<void> LocalReplica::work() {
  while (true) {
    while (steps_.empty()) co_await arrived_.wait();
    if (steps_.front().packet && !failure_) {
      co_await writeBatch();
      continue;
    }
    auto step = kj::mv(steps_.front());
    steps_.pop_front();
    auto done = failure_ ? Result<FinalName>(fail(*failure_)) : co_await finishStep(step);
    if (!done.has_value()) failure_ = done.error();
    step.done->fulfill(kj::mv(done));
  }
}

kj::Promise<void> LocalReplica::writeBatch() {
  std::size_t count = 0;
  std::uint64_t bytes = 0;
  while (count < steps_.size() && steps_[count].packet) {
    const auto size = steps_[count].packet->view.frames.size();
    if (count > 0 && bytes + size > BATCH_BYTES) break;
    bytes += size;
    ++count;
  }
  auto lease = co_await budget_.take(bytes);
  auto written = lease.has_value() ? co_await write(count) : fail(lease.error());
  if (!written.has_value()) failure_ = written.error();
  for (std::size_t i = 0; i < count; ++i) {
    auto step = kj::mv(steps_.front());
    steps_.pop_front();
    step.done->fulfill(failure_ ? Result<FinalName>(fail(*failure_)) : FinalName());
  }
}

kj::Promise<Result<void>> LocalReplica::write(std::size_t count) {
  std::vector<PacketView> views;
  std::vector<std::shared_ptr<const void>> memory;
  for (std::size_t i = 0; i < count; ++i) {
    // Nobody waits any more: the pipeline has failed elsewhere.
    if (!steps_[i].done->isWaiting()) {
      co_return fail(Code::CANCELLED, "the pipeline has failed");
    }
    views.push_back(steps_[i].packet->view);
    memory.push_back(kj::mv(steps_[i].packet->memory));
  }
  // The job alone has the memory now, so that it goes when the bytes are written.
  auto written = co_await store_.run(
      *writing_, [views = kj::mv(views), memory = kj::mv(memory)](ReplicaAppender& appender) {
        return appender.append(views);
      });
  store_.appended(*writing_);
  co_return kj::mv(written);
}

kj::Promise<Result<FinalName>> LocalReplica::finishStep(const Step& step) {
  if (!writing_) co_return fail(Code::INVALID_ARGUMENT, "the replica is sealed already");
  if (step.seal) {
    auto writing = *kj::mv(writing_);
    writing_.reset();
    co_return co_await store_.seal(kj::mv(writing), *step.seal);
  }
  auto synced =
      co_await store_.run(*writing_, [](ReplicaAppender& appender) { return appender.sync(); });
  if (!synced.has_value()) co_return fail(kj::mv(synced).error());
  co_return FinalName();
}

}  // namespace cairn::dn
