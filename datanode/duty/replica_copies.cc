#include "datanode/duty/replica_copies.h"

#include <string>
#include <utility>

#include "common/base/limits.h"
#include "common/log/log.h"
#include "common/rpc/convert.h"

namespace cairn::dn {

Result<CopyOrder> orderOf(wire::CopyOrder::Reader from) {
  CopyOrder order{
      .chunk = {ChunkId(from.getChunk().getId()), GenerationStamp(from.getChunk().getGeneration())},
      .length = from.getLength(),
      .sources = {}};
  if (!order.chunk.chunk || !order.chunk.generation || order.length == 0 ||
      order.length > limits::CHUNK_SIZE_MAX || from.getSources().size() == 0 ||
      from.getSources().size() > limits::REPLICATION_MAX) {
    return fail(Code::INVALID_ARGUMENT,
                order.chunk.toString() + " with " + std::to_string(order.length) +
                    " bytes cannot be copied from " + std::to_string(from.getSources().size()) +
                    " datanodes");
  }
  for (const auto source : from.getSources()) {
    order.sources.push_back({NodeId(source.getNode()), rpc::toString(source.getAddress())});
  }
  return order;
}

ReplicaCopies::ReplicaCopies(rpc::Host& host, ReplicaStore& store, BufferBudget& budget,
                             rpc::ClientHello hello)
    : host_(host),
      store_(store),
      budget_(budget),
      peers_(host, std::move(hello), {}, CONNECT_MS),
      tasks_(*this) {}

void ReplicaCopies::add(CopyOrder order) {
  if (known_.contains(order.chunk)) return;
  if (waiting_.size() >= WAITING_MAX) {
    failed({.chunk = order.chunk, .damaged = {}});
    return;
  }
  known_.insert(order.chunk);
  waiting_.push_back(std::move(order));
  beginNext();
}

void ReplicaCopies::clear() {
  for (const auto& order : waiting_) known_.erase(order.chunk);
  waiting_.clear();
  failures_.clear();
}

void ReplicaCopies::beginNext() {
  while (running_ < RUNNING_MAX && !waiting_.empty()) {
    auto order = std::move(waiting_.front());
    waiting_.pop_front();
    ++running_;
    tasks_.add(run(std::move(order)));
  }
}

kj::Promise<void> ReplicaCopies::run(CopyOrder order) {
  const auto key = order.chunk;
  // A disk that hangs holds no place for ever.
  const auto limitMs = COPY_MS + order.length / COPY_BYTES_PER_MS;
  auto giveUp = host_.timer.afterDelay(limitMs * kj::MILLISECONDS).then([this, key, limitMs]() {
    LOG(WARNING) << "copying " << key.toString() << " takes more than " << limitMs << " ms";
    failed({.chunk = key, .damaged = {}});
  });
  // Whatever becomes of it, exceptions included.
  co_await copy(kj::mv(order)).exclusiveJoin(kj::mv(giveUp)).catch_([this, key](kj::Exception&& e) {
    LOG(ERROR) << "copying " << key.toString() << " broke: " << e.getDescription().cStr();
    failed({.chunk = key, .damaged = {}});
  });
  --running_;
  known_.erase(key);
  beginNext();
}

kj::Promise<void> ReplicaCopies::copy(CopyOrder order) {
  CopyFailure failure{.chunk = order.chunk, .damaged = {}};
  for (const auto& source : order.sources) {
    auto fetched = co_await fetchFinal(
        {.timer = host_.timer, .store = store_, .budget = budget_, .peers = peers_},
        {.key = order.chunk,
         .length = order.length,
         .source = source.node,
         .address = source.address});
    if (fetched.has_value()) {
      LOG(INFO) << "copied " << order.chunk.toString() << " from datanode " << source.node.value;
      co_return;
    }
    LOG(WARNING) << fetched.error().message();
    // A newer one is here: the namenode takes this node for a place, so it does not know.
    if (fetched.error().code() == Code::STALE) store_.tellNewest(order.chunk.chunk);
    if (fetched.error().code() == Code::CORRUPT) failure.damaged.push_back(source.node);
  }
  failed(std::move(failure));
}

void ReplicaCopies::failed(CopyFailure failure) {
  if (failures_.size() < FAILURES_MAX) failures_.push_back(std::move(failure));
}

std::vector<CopyFailure> ReplicaCopies::takeFailures() { return std::exchange(failures_, {}); }

void ReplicaCopies::putBack(std::vector<CopyFailure> failures) {
  for (auto& failure : failures) failed(std::move(failure));
}

void ReplicaCopies::taskFailed(kj::Exception&& exception) {
  LOG(ERROR) << "a copy broke: " << exception.getDescription().cStr();
}

}  // namespace cairn::dn
