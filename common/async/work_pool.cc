#include "common/async/work_pool.h"

#include <kj/debug.h>
#include <pthread.h>

namespace cairn::async {

ThreadWorkPool::ThreadWorkPool(std::string name, unsigned threads, std::size_t queueMax)
    : name_(std::move(name)), queueMax_(queueMax) {
  for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this]() { work(); });
}

ThreadWorkPool::~ThreadWorkPool() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (auto& thread : threads_) thread.join();
}

std::size_t ThreadWorkPool::queued() const {
  std::lock_guard lock(mutex_);
  return queue_.size();
}

kj::Promise<void> ThreadWorkPool::submit(std::move_only_function<void()> job) {
  auto done = kj::newPromiseAndCrossThreadFulfiller<void>();
  {
    std::lock_guard lock(mutex_);
    if (queue_.size() >= queueMax_) {
      return KJ_EXCEPTION(OVERLOADED, "work queue is full", name_.c_str(), queueMax_);
    }
    queue_.push_back({std::move(job), kj::mv(done.fulfiller)});
  }
  wake_.notify_one();
  return kj::mv(done.promise);
}

void ThreadWorkPool::work() {
  // 15 characters are what Linux shows of a thread's name.
  pthread_setname_np(pthread_self(), name_.substr(0, 15).c_str());
  while (true) {
    std::optional<Item> item;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this]() { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      item.emplace(std::move(queue_.front()));
      queue_.pop_front();
    }
    auto failure = kj::runCatchingExceptions([&]() { item->job(); });
    // Free what the job holds before anyone learns that it is done.
    item->job = nullptr;
    KJ_IF_MAYBE (exception, failure) {
      item->done->reject(kj::mv(*exception));
    } else {
      item->done->fulfill();
    }
  }
}

}  // namespace cairn::async
