#include "client/cairn/service_thread.h"

#include <future>
#include <utility>

#include "common/log/log.h"
#include "common/rpc/convert.h"

namespace cairn::app {

ServiceThread::ServiceThread(std::string name, Factory factory)
    : name_(std::move(name)), factory_(std::move(factory)) {}

ServiceThread::~ServiceThread() { stop(); }

Result<void> ServiceThread::start() {
  std::promise<kj::Own<const kj::Executor>> started;
  auto executor = started.get_future();
  kj::AsyncIoContext* context = nullptr;
  loop_ = std::make_unique<async::LoopThread>(
      name_, [&context, started = std::move(started)](kj::AsyncIoContext& io,
                                                      kj::Promise<void> stopped) mutable {
        context = &io;
        started.set_value(kj::getCurrentThreadExecutor().addRef());
        return stopped;
      });
  executor_ = executor.get();
  auto outcome = executor_->executeSync([&]() -> kj::Promise<Result<void>> {
    return kj::evalNow([&]() {
             service_ = factory_(*context);
             return service_->start();
           })
        .catch_(
            [&](kj::Exception&& e) -> Result<void> { return fail(rpc::fromException(e, name_)); })
        .then([&](Result<void> result) {
          if (result.has_value()) {
            address_ = service_->address();
            httpAddress_ = service_->httpAddress();
          } else {
            service_ = nullptr;
          }
          return result;
        });
  });
  if (!outcome.has_value()) loop_ = nullptr;
  return outcome;
}

kj::Promise<void> ServiceThread::onReady() {
  return executor_->executeAsync([this]() { return service_->onReady(); });
}

kj::Promise<Status> ServiceThread::onFatal() {
  return executor_->executeAsync([this]() { return service_->onFatal(); });
}

void ServiceThread::stop() { end(true); }

void ServiceThread::dropDead() { end(false); }

void ServiceThread::end(bool inOrder) {
  if (loop_ == nullptr) return;
  executor_->executeSync([&]() -> kj::Promise<void> {
    if (service_.get() == nullptr) return kj::READY_NOW;
    return kj::evalNow([&]() { return inOrder ? service_->stop() : service_->dropDead(); })
        .catch_([&](kj::Exception&& e) {
          LOG(WARNING) << name_ << " did not stop in order: " << e.getDescription().cStr();
        })
        .then([&]() { service_ = nullptr; });
  });
  loop_ = nullptr;
}

}  // namespace cairn::app
