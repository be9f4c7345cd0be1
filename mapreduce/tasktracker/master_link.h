// The tracker's connection to the job tracker: registers, keeps registering after every loss, sends
// signs of life and progress, and delivers what must arrive.
// Layer: mapreduce/tasktracker.  Threads: one event loop.
#pragma once

#include <kj/async.h>
#include <kj/debug.h>
#include <kj/vector.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "common/async/coroutine.h"
#include "common/base/result.h"
#include "common/rpc/client_pool.h"
#include "common/rpc/convert.h"
#include "common/rpc/host.h"
#include "common/schema/tracker.capnp.h"

namespace cairn::mr {

// Progress is sent at most this often; ends of attempts go at once.
inline constexpr std::uint32_t PROGRESS_SEND_MS = 100;

// What the link asks of the tracker.
class LinkClient {
public:
  virtual ~LinkClient() noexcept(false) = default;
  virtual void describe(wire::TrackerInfo::Builder to) = 0;
  virtual wire::TaskTracker::Client self() = 0;
  // Attempts whose end the job tracker has not acknowledged, and map outputs on disk.
  virtual std::vector<std::string> running() = 0;
  virtual std::vector<std::pair<std::string, std::uint64_t>> held() = 0;
  // Jobs of which anything is on disk.
  virtual std::vector<std::string> jobs() = 0;
  virtual void forget(const std::vector<std::string>& jobs) = 0;
  // Progress that has changed since it was last taken; the builder list is made by `init`.
  virtual void takeProgress(
      kj::FunctionParam<capnp::List<wire::AttemptProgress>::Builder(unsigned)> init) = 0;
};

class MasterLink {
public:
  // All outlive it.
  MasterLink(rpc::Host& host, LinkClient& client, rpc::ClientHello hello, std::string jobtracker);
  ~MasterLink() noexcept(false);
  KJ_DISALLOW_COPY(MasterLink);

  // Keeps the link up; never settles. Failures are waited out.
  kj::Promise<void> run();
  // Something is worth telling: a heartbeat goes out soon.
  void progressChanged();
  // What describe() says has changed.
  void registerAgain() { broken(sessionNumber_); }
  bool registered() const { return session_ != nullptr; }
  // Settles when there is a registration.
  kj::Promise<void> onRegistered();

  // Makes the call on the current session, and again on later ones until an answer comes: through
  // a lost connection, a restarted job tracker, a pause that it asks for. Faults other than those
  // are the answer. `send(session)` builds and sends the request; it may be called several times.
  template <typename Results, typename Send>
  kj::Promise<Result<capnp::Response<Results>>> reliably(Send send, std::string what) {
    while (true) {
      co_await onRegistered();
      if (session_ == nullptr) continue;  // lost again before this coroutine's turn
      const auto number = sessionNumber_;
      kj::Promise<capnp::Response<Results>> promise = send(KJ_ASSERT_NONNULL(session_));
      auto reply = co_await rpc::caught(kj::mv(promise), what);
      if (!reply.has_value()) {
        if (reply.error().code() != Code::UNAVAILABLE) co_return fail(std::move(reply).error());
        broken(number);
        continue;
      }
      auto outcome = rpc::fromWire(reply->getFault());
      if (outcome.has_value()) co_return kj::mv(*reply);
      if (outcome.error().code() == Code::STALE) {
        broken(number);
        continue;
      }
      if (outcome.error().code() != Code::OVERLOADED) co_return fail(std::move(outcome).error());
      co_await host_.timer.afterDelay(std::max(outcome.error().retryAfterMs(), 10u) *
                                      kj::MILLISECONDS);
    }
  }

private:
  kj::Promise<Result<void>> registerOnce();
  kj::Promise<void> keepAlive(std::uint64_t number);
  // The session of this number is of no use any more.
  void broken(std::uint64_t number);

  rpc::Host& host_;
  LinkClient& client_;
  rpc::ClientPool pool_;
  const std::string jobtracker_;
  kj::Maybe<wire::TrackerSession::Client> session_;
  std::uint64_t sessionNumber_ = 0;
  std::uint32_t heartbeatMs_ = 1000;
  kj::Vector<kj::Own<kj::PromiseFulfiller<void>>> waiting_;  // for a registration
  kj::Own<kj::PromiseFulfiller<void>> wake_;                 // of keepAlive
  bool dirty_ = false;
};

}  // namespace cairn::mr
