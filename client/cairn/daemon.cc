#include "client/cairn/daemon.h"

#include <kj/async-unix.h>
#include <signal.h>
#include <sys/resource.h>

#include <utility>

#include "common/async/loop_thread.h"
#include "common/log/log.h"
#include "common/rpc/convert.h"

namespace cairn::app {

namespace {

// Stopping in order may take as long as a disk hangs; whoever cannot wait asks again.
int endAtOnceNextTime(siginfo_t info) {
  sigset_t ends;
  ::sigemptyset(&ends);
  for (const int number : {SIGINT, SIGTERM}) {
    ::signal(number, SIG_DFL);
    ::sigaddset(&ends, number);
  }
  ::pthread_sigmask(SIG_UNBLOCK, &ends, nullptr);
  return info.si_signo;
}

}  // namespace

void captureEndSignals() {
  kj::UnixEventPort::captureSignal(SIGINT);
  kj::UnixEventPort::captureSignal(SIGTERM);
}

kj::Promise<int> onEndSignal(kj::AsyncIoContext& io) {
  return io.unixEventPort.onSignal(SIGINT)
      .exclusiveJoin(io.unixEventPort.onSignal(SIGTERM))
      .then([](siginfo_t info) { return endAtOnceNextTime(info); });
}

void raiseOpenFileLimit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

namespace {

kj::Promise<Result<void>> serve(kj::AsyncIoContext& io, const shell::Invocation& call,
                                const std::string& name, Service& service) {
  CO_TRY(co_await service.start());
  auto end = onEndSignal(io)
                 .then([](int) -> Result<void> { return {}; })
                 .exclusiveJoin(service.onFatal().then(
                     [](Status why) -> Result<void> { return std::unexpected(std::move(why)); }));
  auto ready = service.onReady()
                   .then([&]() {
                     call.console.print("ready " + name + "=" + service.address() + "\n");
                     call.console.flush();
                   })
                   .eagerlyEvaluate([&](kj::Exception&& e) {
                     LOG(WARNING) << name << ": " << e.getDescription().cStr();
                   });
  auto outcome = co_await kj::mv(end);
  LOG(INFO) << name << (outcome.has_value() ? " was asked to end" : " cannot go on")
            << ", stopping";
  co_await service.stop();
  co_return outcome;
}

}  // namespace

int runDaemon(const shell::Invocation& call, const std::string& name, const config::LogConfig& log,
              std::function<kj::Own<Service>(kj::AsyncIoContext& io)> make) {
  const auto complain = [&](const Status& why) {
    call.console.complain(name + ": " + why.message());
    return shell::EXIT_FAILED;
  };
  auto level = log::parseLevel(log.level);
  if (!level.has_value()) return complain(level.error());
  auto logging = log::initDaemon({.program = name, .directory = log.directory, .level = *level});
  if (!logging.has_value()) return complain(logging.error());
  raiseOpenFileLimit();
  captureEndSignals();
  auto io = kj::setupAsyncIo();
  io.waitScope.setBusyPollInterval(async::POLL_EVERY_EVENTS);
  Result<void> outcome;
  try {
    auto service = make(io);
    outcome = serve(io, call, name, *service).wait(io.waitScope);
  } catch (const kj::Exception& e) {
    outcome = fail(rpc::fromException(e, name));
  }
  log::flush();
  return outcome.has_value() ? shell::EXIT_DONE : complain(outcome.error());
}

}  // namespace cairn::app
