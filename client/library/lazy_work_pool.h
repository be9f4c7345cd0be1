// A work pool whose threads start with its first job: most commands never compress anything, and a
// thread costs more than their whole work.
// Layer: client/library.  Threads: one event loop.
#pragma once

#include <optional>
#include <string>

#include "common/async/work_pool.h"

namespace cairn::library {

class LazyWorkPool final : public async::WorkPool {
public:
  LazyWorkPool(std::string name, unsigned threads, std::size_t queueMax)
      : name_(std::move(name)), threads_(threads), queueMax_(queueMax) {}

private:
  kj::Promise<void> submit(std::move_only_function<void()> job) override {
    if (!pool_) pool_.emplace(name_, threads_, queueMax_);
    return pool_->run(std::move(job));
  }

  const std::string name_;
  const unsigned threads_;
  const std::size_t queueMax_;
  std::optional<async::ThreadWorkPool> pool_;
};

}  // namespace cairn::library
