#include "client/cairn/serving_loop_thread.h"

#include <future>
#include <utility>

namespace cairn::app {

ServingLoopThread::ServingLoopThread(const std::string& name, unsigned workThreads) {
  std::promise<void> started;
  auto ready = started.get_future();
  thread_ = std::make_unique<async::LoopThread>(
      name, [this, name, workThreads, started = std::move(started)](
                kj::AsyncIoContext& io, kj::Promise<void> stopped) mutable {
        auto host = kj::heap<RealHost>(io, name, workThreads);
        executor_ = kj::getCurrentThreadExecutor().addRef();
        io_ = &io;
        host_ = host.get();
        started.set_value();
        return stopped.attach(kj::mv(host));
      });
  ready.wait();
}

ServingLoopThread::~ServingLoopThread() noexcept(false) = default;

kj::Own<kj::AsyncIoStream> ServingLoopThread::adopt(kj::AutoCloseFd socket) {
  return io_->lowLevelProvider->wrapSocketFd(
      kj::mv(socket),
      kj::LowLevelAsyncIoProvider::ALREADY_CLOEXEC | kj::LowLevelAsyncIoProvider::ALREADY_NONBLOCK);
}

}  // namespace cairn::app
