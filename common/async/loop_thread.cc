#include "common/async/loop_thread.h"

#include <kj/debug.h>
#include <pthread.h>

#include <future>

namespace cairn::async {

LoopThread::LoopThread(std::string name, Body body) {
  std::promise<void> started;
  auto ready = started.get_future();
  thread_ = std::thread([this, name = std::move(name), body = std::move(body),
                         started = std::move(started)]() mutable {
    pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());
    auto io = kj::setupAsyncIo();
    io.waitScope.setBusyPollInterval(POLL_EVERY_EVENTS);
    auto stopPair = kj::newPromiseAndCrossThreadFulfiller<void>();
    stop_ = kj::mv(stopPair.fulfiller);
    started.set_value();
    KJ_IF_MAYBE (exception, kj::runCatchingExceptions(
                                [&]() { body(io, kj::mv(stopPair.promise)).wait(io.waitScope); })) {
      KJ_LOG(ERROR, "event loop ended by an exception", name.c_str(), *exception);
    }
  });
  ready.wait();
}

LoopThread::~LoopThread() {
  stop();
  join();
}

void LoopThread::stop() { stop_->fulfill(); }

void LoopThread::join() {
  if (thread_.joinable()) thread_.join();
}

}  // namespace cairn::async
