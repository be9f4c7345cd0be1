// The network between simulated hosts: who can reach whom, how long it takes, what breaks.
// Layer: tests/sim.  Threads: one event loop.
//
// A host is a number and an address without a port ("127.0.0.3"); its components get their own view
// of the network (attach), which lasts one life of the host.
#pragma once

#include <kj/async-io.h>
#include <kj/timer.h>

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/io/random.h"
#include "common/rpc/network.h"
#include "tests/sim/sim_link.h"
#include "tests/sim/trace.h"

namespace cairn::sim {

struct NetworkPace {
  std::int64_t latencyMinMicros = 20;
  std::int64_t latencyMaxMicros = 400;
  // Some bytes take this much longer, and hold up what follows them on their link.
  double slowChance = 0;
  std::int64_t slowMaxMicros = 0;
  // A write breaks its connection; a connection is refused.
  double breakChance = 0;
  double refuseChance = 0;
};

class SimNetwork final : private SimLink::Weather, private kj::TaskSet::ErrorHandler {
public:
  // Bytes that a direction of a connection takes before its writer waits.
  static constexpr std::size_t BUFFER_BYTES = 64 << 10;

  SimNetwork(kj::Timer& timer, io::Random random, Trace& trace);
  ~SimNetwork() noexcept override;

  // The network as this host sees it. One at a time a host; `address` is its own.
  kj::Own<rpc::Network> attach(unsigned host, std::string address);
  // The host is gone at once: its listeners vanish, its connections go dead on its side and break
  // on the others', soon (its system said so) or much later (it lost power and said nothing). What
  // its components still try on their old view goes nowhere.
  void powerOff(unsigned host);

  void setPace(const NetworkPace& pace) { pace_ = pace; }
  // Nothing passes from one host to the other until heal().
  void block(unsigned from, unsigned to);
  void unblock(unsigned from, unsigned to);
  // Breaks a random one of the open connections, if there is any.
  void cutRandom();
  // Removes all blocks; what was held up goes on. The pace stays.
  void heal();

private:
  class View;
  class SimListener;

  // SimLink::Weather
  kj::Duration latency(const SimLink& link, SimLink::Side from) override;
  bool blocked(const SimLink& link, SimLink::Side from) override;
  bool breaksNow(const SimLink& link, SimLink::Side from) override;
  void later(kj::Duration delay, kj::Function<void()> action) override;
  kj::TimePoint now() override { return timer_.now(); }

  void taskFailed(kj::Exception&& exception) override;
  kj::Duration latency();
  bool blocked(unsigned from, unsigned to) const { return blocked_.contains({from, to}); }
  kj::Promise<kj::Own<kj::AsyncIoStream>> connect(View& view, std::string address);
  void forgetOver();

  kj::Timer& timer_;
  io::Random random_;
  Trace& trace_;
  NetworkPace pace_;
  std::map<unsigned, View*> views_;
  std::map<std::string, SimListener*> listeners_;
  std::set<std::pair<unsigned, unsigned>> blocked_;
  std::vector<kj::Own<SimLink>> links_;  // those not over, by number
  std::uint64_t lastLink_ = 0;
  unsigned lastPort_ = 40000;
  kj::TaskSet tasks_;  // last: dies first
};

}  // namespace cairn::sim
