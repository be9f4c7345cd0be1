#include "tests/sim/sim_network.h"

#include <kj/debug.h>

#include <deque>

#include "common/async/coroutine.h"

namespace cairn::sim {
namespace {

// Linux gives up a connection attempt after about two minutes; callers give up long before.
constexpr kj::Duration CONNECT_GIVES_UP = 120 * kj::SECONDS;
constexpr kj::Duration SYN_RETRY = 1 * kj::SECONDS;
// How soon a peer learns that a process died, and how late that a machine did.
constexpr std::int64_t RESET_MAX_MICROS = 20'000;
constexpr std::int64_t SILENCE_MAX_MICROS = 60'000'000;

}  // namespace

// One life of a host on the network.
class SimNetwork::View final : public rpc::Network {
public:
  View(SimNetwork& network, unsigned host, std::string address)
      : network_(&network), host_(host), address_(std::move(address)) {}
  ~View() noexcept override {
    if (network_ != nullptr) network_->powerOff(host_);
  }
  KJ_DISALLOW_COPY(View);

  kj::Promise<kj::Own<kj::AsyncIoStream>> connect(std::string address) override {
    if (network_ == nullptr) return kj::Promise<kj::Own<kj::AsyncIoStream>>(kj::NEVER_DONE);
    return network_->connect(*this, std::move(address));
  }
  kj::Promise<Result<kj::Own<rpc::Listener>>> listen(std::string address) override;

  void detach() { network_ = nullptr; }
  bool attached() const { return network_ != nullptr; }
  unsigned host() const { return host_; }

private:
  SimNetwork* network_;  // null: the host lost its power
  const unsigned host_;
  const std::string address_;
};

class SimNetwork::SimListener final : public rpc::Listener {
public:
  SimListener(SimNetwork& network, unsigned host, std::string address)
      : network_(&network), host_(host), address_(std::move(address)) {
    network.listeners_[address_] = this;
  }
  ~SimListener() noexcept override {
    if (network_ != nullptr) network_->listeners_.erase(address_);
  }
  KJ_DISALLOW_COPY(SimListener);

  kj::Promise<kj::Own<kj::AsyncIoStream>> accept() override {
    while (queue_.empty()) co_await arrived_.wait();
    auto stream = kj::mv(queue_.front());
    queue_.pop_front();
    co_return kj::mv(stream);
  }
  std::string address() const override { return address_; }

  unsigned host() const { return host_; }
  void add(kj::Own<kj::AsyncIoStream> stream) {
    queue_.push_back(kj::mv(stream));
    arrived_.notify();
  }
  void detach() { network_ = nullptr; }

private:
  SimNetwork* network_;
  const unsigned host_;
  const std::string address_;
  std::deque<kj::Own<kj::AsyncIoStream>> queue_;
  Wakeup arrived_;
};

kj::Promise<Result<kj::Own<rpc::Listener>>> SimNetwork::View::listen(std::string address) {
  if (network_ == nullptr) {
    return Result<kj::Own<rpc::Listener>>(fail(Code::IO_ERROR, "the host has no power"));
  }
  const auto colon = address.rfind(':');
  if (colon == std::string::npos || address.substr(0, colon) != address_) {
    return Result<kj::Own<rpc::Listener>>(
        fail(Code::INVALID_ARGUMENT, address + " is no address of " + address_));
  }
  if (address.substr(colon + 1) == "0") {
    address = address_ + ':' + std::to_string(++network_->lastPort_);
  }
  if (network_->listeners_.contains(address)) {
    return Result<kj::Own<rpc::Listener>>(fail(Code::IN_USE, address + " is taken"));
  }
  return Result<kj::Own<rpc::Listener>>(
      kj::heap<SimListener>(*network_, host_, std::move(address)));
}

SimNetwork::SimNetwork(kj::Timer& timer, io::Random random, Trace& trace)
    : timer_(timer), random_(std::move(random)), trace_(trace), tasks_(*this) {}

SimNetwork::~SimNetwork() noexcept {
  for (auto& [host, view] : views_) view->detach();
  for (auto& [address, listener] : listeners_) listener->detach();
}

kj::Own<rpc::Network> SimNetwork::attach(unsigned host, std::string address) {
  KJ_REQUIRE(!views_.contains(host), "the host is attached already", host);
  auto view = kj::heap<View>(*this, host, std::move(address));
  views_[host] = view.get();
  return view;
}

void SimNetwork::powerOff(unsigned host) {
  const auto view = views_.find(host);
  if (view == views_.end()) return;
  trace_.note("off", "", {host});
  view->second->detach();
  views_.erase(view);
  for (auto it = listeners_.begin(); it != listeners_.end();) {
    if (it->second->host() == host) {
      it->second->detach();
      it = listeners_.erase(it);
    } else {
      ++it;
    }
  }
  // What the peers see of one death differs from link to link.
  const bool silent = random_.chance(0.2);
  for (auto& link : links_) {
    for (const auto side : {SimLink::CLIENT, SimLink::SERVER}) {
      if (link->host(side) != host) continue;
      const std::int64_t micros =
          random_.between(0, silent ? SILENCE_MAX_MICROS : RESET_MAX_MICROS);
      link->hostDied(side, random_.chance(0.5), micros * kj::MICROSECONDS);
    }
  }
  forgetOver();
}

kj::Promise<kj::Own<kj::AsyncIoStream>> SimNetwork::connect(View& view, std::string address) {
  const unsigned from = view.host();
  const kj::TimePoint end = timer_.now() + CONNECT_GIVES_UP;
  while (true) {
    co_await timer_.afterDelay(latency());
    if (!view.attached()) co_await kj::Promise<void>(kj::NEVER_DONE);  // nobody hears the answer
    const auto found = listeners_.find(address);
    if (found == listeners_.end()) {
      kj::throwFatalException(KJ_EXCEPTION(DISCONNECTED, "connection refused", address.c_str()));
    }
    SimListener& listener = *found->second;
    if (!blocked(from, listener.host()) && !blocked(listener.host(), from)) {
      if (random_.chance(pace_.refuseChance)) {
        kj::throwFatalException(KJ_EXCEPTION(DISCONNECTED, "connection reset", address.c_str()));
      }
      forgetOver();
      auto link = kj::refcounted<SimLink>(static_cast<SimLink::Weather&>(*this), trace_,
                                          ++lastLink_, from, listener.host(), BUFFER_BYTES);
      trace_.note("connect", address, {lastLink_, from});
      listener.add(link->stream(SimLink::SERVER));
      auto stream = link->stream(SimLink::CLIENT);
      links_.push_back(kj::mv(link));
      co_await timer_.afterDelay(latency());
      co_return kj::mv(stream);
    }
    if (timer_.now() >= end) {
      kj::throwFatalException(KJ_EXCEPTION(DISCONNECTED, "connection timed out", address.c_str()));
    }
    co_await timer_.afterDelay(SYN_RETRY);
  }
}

void SimNetwork::block(unsigned from, unsigned to) {
  trace_.note("block", "", {from, to});
  blocked_.insert({from, to});
}

void SimNetwork::unblock(unsigned from, unsigned to) {
  trace_.note("unblock", "", {from, to});
  blocked_.erase({from, to});
  forgetOver();
  for (auto& link : links_) link->resume();
}

void SimNetwork::heal() {
  blocked_.clear();
  forgetOver();
  for (auto& link : links_) link->resume();
}

void SimNetwork::cutRandom() {
  forgetOver();
  if (links_.empty()) return;
  SimLink& link = *links_[random_.below(links_.size())];
  const auto notices = [&]() {
    return random_.between(0, random_.chance(0.8) ? RESET_MAX_MICROS : 3'000'000) *
           kj::MICROSECONDS;
  };
  const bool lose = random_.chance(0.5);
  const auto client = notices();
  const auto server = notices();
  link.cut(lose, client, server);
}

void SimNetwork::forgetOver() {
  std::erase_if(links_, [](const kj::Own<SimLink>& link) { return link->over(); });
}

kj::Duration SimNetwork::latency() {
  std::int64_t micros = random_.between(pace_.latencyMinMicros, pace_.latencyMaxMicros);
  if (random_.chance(pace_.slowChance)) micros += random_.between(0, pace_.slowMaxMicros);
  return micros * kj::MICROSECONDS;
}

kj::Duration SimNetwork::latency(const SimLink&, SimLink::Side) { return latency(); }

bool SimNetwork::blocked(const SimLink& link, SimLink::Side from) {
  return blocked(link.host(from), link.host(SimLink::other(from)));
}

bool SimNetwork::breaksNow(const SimLink&, SimLink::Side) {
  return random_.chance(pace_.breakChance);
}

void SimNetwork::later(kj::Duration delay, kj::Function<void()> action) {
  tasks_.add(timer_.afterDelay(delay).then(kj::mv(action)));
}

void SimNetwork::taskFailed(kj::Exception&& exception) {
  KJ_LOG(FATAL, "a step of the simulated network failed", exception);
}

}  // namespace cairn::sim
