#include "tests/client/fakes/pipe_network.h"

#include <kj/debug.h>

#include "client/core/signal.h"
#include "common/async/coroutine.h"

namespace cairn::client::fakes {

class PipeNetwork::PipeListener final : public rpc::Listener {
public:
  PipeListener(PipeNetwork& network, std::string address)
      : network_(network), address_(std::move(address)) {
    network_.listeners_[address_] = this;
  }
  ~PipeListener() noexcept override { network_.listeners_.erase(address_); }

  kj::Promise<kj::Own<kj::AsyncIoStream>> accept() override {
    while (queue_.empty()) co_await arrived_.wait();
    auto stream = kj::mv(queue_.front());
    queue_.pop_front();
    co_return kj::mv(stream);
  }
  std::string address() const override { return address_; }

  void add(kj::Own<kj::AsyncIoStream> stream) {
    queue_.push_back(kj::mv(stream));
    arrived_.notify();
  }

private:
  PipeNetwork& network_;
  const std::string address_;
  std::deque<kj::Own<kj::AsyncIoStream>> queue_;
  Signal arrived_;
};

kj::Promise<kj::Own<kj::AsyncIoStream>> PipeNetwork::connect(std::string address) {
  auto found = listeners_.find(address);
  if (found == listeners_.end()) {
    return KJ_EXCEPTION(DISCONNECTED, "nobody listens there", address.c_str());
  }
  ++connects_[address];
  auto pipe = kj::newTwoWayPipe();
  found->second->add(kj::mv(pipe.ends[1]));
  return kj::mv(pipe.ends[0]);
}

kj::Promise<Result<kj::Own<rpc::Listener>>> PipeNetwork::listen(std::string address) {
  if (listeners_.contains(address)) {
    return Result<kj::Own<rpc::Listener>>(fail(Code::IN_USE, address + " is taken"));
  }
  return Result<kj::Own<rpc::Listener>>(kj::heap<PipeListener>(*this, std::move(address)));
}

unsigned PipeNetwork::connects(const std::string& address) const {
  auto found = connects_.find(address);
  return found == connects_.end() ? 0 : found->second;
}

kj::Promise<void> InlineWorkPool::submit(std::move_only_function<void()> job) {
  return kj::evalLater([job = std::move(job)]() mutable { job(); });
}

TestLoop::TestLoop(std::uint64_t seed)
    : waitScope(loop_),
      timer(kj::origin<kj::TimePoint>()),
      random(seed),
      host{timer, clock, random, network, workPool, metrics} {}

void TestLoop::spin(kj::FunctionParam<bool()> done) {
  while (!done()) {
    auto next = KJ_REQUIRE_NONNULL(timer.nextEvent(), "the test waits for what never comes");
    clock.advanceMicros((next - timer.now()) / kj::MICROSECONDS);
    timer.advanceTo(next);
  }
}

void TestLoop::settle() { waitScope.poll(); }

}  // namespace cairn::client::fakes
