// Replicas that something has to be done to, one after the other, each once, however often it was
// ordered.
// Layer: datanode/duty.  Threads: one event loop.
#pragma once

#include <kj/async.h>
#include <kj/function.h>

#include <cstddef>
#include <deque>
#include <set>
#include <string>

#include "common/async/coroutine.h"
#include "common/log/log.h"
#include "datanode/store/replica_name.h"
#include "datanode/store/wakeup.h"

namespace cairn::dn {

class KeyQueue {
public:
  // Keys waiting at most; the namenode orders again what it still wants.
  static constexpr std::size_t WAITING_MAX = 100'000;

  // `work` is called for one key at a time, and answers its failures itself.
  KeyQueue(std::string name, kj::Function<kj::Promise<void>(ReplicaKey)> work)
      : name_(std::move(name)), work_(kj::mv(work)) {
    begin();
  }
  KJ_DISALLOW_COPY(KeyQueue);

  void add(const ReplicaKey& key) {
    if (waiting_.size() >= WAITING_MAX || !known_.insert(key).second) return;
    waiting_.push_back(key);
    arrived_.ring();
  }
  // Forgets this key, unless it is worked on now.
  void forget(const ReplicaKey& key) {
    if (known_.contains(key) && std::erase(waiting_, key) > 0) known_.erase(key);
  }
  std::size_t size() const { return known_.size(); }
  // Forgets all keys; the work on the present one is dropped.
  void clear() {
    working_ = nullptr;
    waiting_.clear();
    known_.clear();
    begin();
  }

private:
  void begin() {
    working_ = run().eagerlyEvaluate([this](kj::Exception&& e) {
      LOG(ERROR) << name_ << " stopped: " << e.getDescription().cStr();
    });
  }
  kj::Promise<void> run() {
    while (true) {
      while (waiting_.empty()) co_await arrived_.wait();
      const auto key = waiting_.front();
      waiting_.pop_front();
      co_await work_(key);
      known_.erase(key);
    }
  }

  const std::string name_;
  kj::Function<kj::Promise<void>(ReplicaKey)> work_;
  std::deque<ReplicaKey> waiting_;
  std::set<ReplicaKey> known_;  // waiting or being worked on
  Wakeup arrived_;
  kj::Promise<void> working_ = nullptr;
};

}  // namespace cairn::dn
