#include "mapreduce/tasktracker/master_link.h"

#include <algorithm>

#include "common/log/log.h"
#include "common/rpc/retry.h"
#include "mapreduce/jobtracker/wire_values.h"

namespace cairn::mr {

namespace {

// A job tracker that restarts is back within a second; one that is down for long is asked once a
// second, which costs nobody anything.
constexpr rpc::RetryPolicy RECONNECT{.firstMs = 20, .ceilingMs = 1000, .budgetMs = UINT32_MAX};
// For a registration and a heartbeat: the job tracker answers after one fsync.
constexpr std::uint32_t CALL_MS = 10'000;

}  // namespace

MasterLink::MasterLink(rpc::Host& host, LinkClient& client, rpc::ClientHello hello,
                       std::string jobtracker)
    : host_(host), client_(client), pool_(host, hello), jobtracker_(std::move(jobtracker)) {}

MasterLink::~MasterLink() noexcept(false) {}

kj::Promise<void> MasterLink::run() {
  while (true) {
    rpc::Backoff backoff(RECONNECT);
    while (true) {
      auto registered = co_await registerOnce();
      if (registered.has_value()) break;
      if (backoff.attempts() == 0) {
        LOG(WARNING) << "no registration with the job tracker at " << jobtracker_ << ": "
                     << registered.error().toString() << "; trying on";
      }
      pool_.drop(jobtracker_);
      // Whatever the reason, only the job tracker can mend it.
      const auto waitMs = backoff.nextMs(
          Status(Code::UNAVAILABLE, "", registered.error().retryAfterMs()), host_.random);
      co_await host_.timer.afterDelay(waitMs.value_or(RECONNECT.ceilingMs) * kj::MILLISECONDS);
    }
    LOG(INFO) << "registered with the job tracker at " << jobtracker_;
    co_await keepAlive(sessionNumber_);
    LOG(WARNING) << "lost the job tracker at " << jobtracker_ << "; attempts run on";
    session_ = nullptr;
    pool_.drop(jobtracker_);
  }
}

kj::Promise<Result<void>> MasterLink::registerOnce() {
  CO_ASSIGN(auto master, co_await pool_.get<wire::TrackerMaster>(jobtracker_));
  auto request = master.registerRequest();
  client_.describe(request.initInfo());
  request.setTracker(client_.self());
  const auto running = client_.running();
  textsTo(running, request.initRunning(static_cast<unsigned>(running.size())));
  const auto held = client_.held();
  auto outputs = request.initHeld(static_cast<unsigned>(held.size()));
  for (unsigned i = 0; i < held.size(); ++i) {
    outputs[i].setAttempt(held[i].first);
    outputs[i].setLength(held[i].second);
  }
  const auto jobs = client_.jobs();
  textsTo(jobs, request.initJobs(static_cast<unsigned>(jobs.size())));
  using Reply = capnp::Response<wire::TrackerMaster::RegisterResults>;
  CO_ASSIGN(auto reply,
            co_await rpc::withDeadline<Reply>(
                host_.timer, CALL_MS,
                rpc::caught(kj::Promise<Reply>(request.send()), "registering with the job tracker"),
                "registering with the job tracker"));
  CO_TRY(rpc::fromWire(reply.getFault()));
  session_ = reply.getSession();
  ++sessionNumber_;
  heartbeatMs_ = std::max(reply.getHeartbeatMs(), 10u);
  client_.forget(textsFrom(reply.getForgotten()));
  auto waiting = kj::mv(waiting_);
  waiting_ = {};
  for (auto& waiter : waiting) waiter->fulfill();
  co_return Result<void>{};
}

kj::Promise<void> MasterLink::keepAlive(std::uint64_t number) {
  while (sessionNumber_ == number && session_ != nullptr) {
    dirty_ = false;
    auto request = KJ_ASSERT_NONNULL(session_).heartbeatRequest();
    client_.takeProgress([&](unsigned count) { return request.initAttempts(count); });
    using Reply = capnp::Response<wire::TrackerSession::HeartbeatResults>;
    auto reply = co_await rpc::withDeadline<Reply>(
        host_.timer, CALL_MS, rpc::caught(kj::Promise<Reply>(request.send()), "a heartbeat"),
        "a heartbeat");
    if (!reply.has_value() || !rpc::fromWire(reply->getFault()).has_value()) co_return;

    auto paf = kj::newPromiseAndFulfiller<void>();
    wake_ = kj::mv(paf.fulfiller);
    const auto soonest = host_.timer.now() + PROGRESS_SEND_MS * kj::MILLISECONDS;
    if (!dirty_) {
      co_await kj::mv(paf.promise)
          .exclusiveJoin(host_.timer.afterDelay(heartbeatMs_ * kj::MILLISECONDS));
    }
    if (session_ == nullptr) co_return;
    if (dirty_) co_await host_.timer.atTime(soonest);
  }
}

void MasterLink::broken(std::uint64_t number) {
  if (number != sessionNumber_) return;
  session_ = nullptr;
  if (wake_.get() != nullptr) wake_->fulfill();
}

void MasterLink::progressChanged() {
  if (dirty_) return;
  dirty_ = true;
  if (wake_.get() != nullptr) wake_->fulfill();
}

kj::Promise<void> MasterLink::onRegistered() {
  if (session_ != nullptr) return kj::READY_NOW;
  auto paf = kj::newPromiseAndFulfiller<void>();
  waiting_.add(kj::mv(paf.fulfiller));
  return kj::mv(paf.promise);
}

}  // namespace cairn::mr
