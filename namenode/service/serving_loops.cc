#include "namenode/service/serving_loops.h"

#include <algorithm>
#include <utility>

namespace cairn::nn {

struct ServingLoops::Loop {
  rpc::ServingLoop& loop;
  std::shared_ptr<RelaySite> site;
  std::size_t connections = 0;
};

ServingLoops::ServingLoops(const std::vector<rpc::ServingLoop*>& loops,
                           std::shared_ptr<StateSite> site, std::shared_ptr<AuditLog> audit,
                           const GroupsOf& groupsOf, rpc::ConnectionLimits connectionLimits)
    : executor_(kj::getCurrentThreadExecutor().addRef()),
      site_(std::move(site)),
      audit_(std::move(audit)),
      connectionLimits_(connectionLimits),
      calls_(std::make_shared<async::Mailbox<RelayedCall>>(
          [this](RelayedCall one) { call(std::move(one)); })),
      tasks_(*this) {
  for (auto* loop : loops) {
    auto& one = loops_.emplace_back(std::make_unique<Loop>(Loop{*loop, nullptr}));
    loop->executor().executeSync([&]() {
      auto& host = loop->host();
      auto relay = audit_ == nullptr
                       ? nullptr
                       : std::make_unique<AuditRelay>(*executor_, *audit_, host.timer, host.clock);
      one->site =
          std::make_shared<RelaySite>(host, site_->store, site_->metrics, site_->state->settings,
                                      groupsOf, calls_, std::move(relay));
    });
  }
}

ServingLoops::~ServingLoops() noexcept(false) {
  calls_->close();
  for (auto& loop : loops_) {
    loop->loop.executor().executeSync([&]() {
      loop->site->end();
      loop->site = nullptr;
    });
  }
}

kj::Promise<void> ServingLoops::flush() {
  for (auto& loop : loops_) {
    loop->site->close();
    co_await loop->loop.executor().executeAsync([&loop]() { return loop->site->flush(); });
  }
}

rpc::Served::Elsewhere ServingLoops::place(std::string peerHost) {
  return [this, peerHost = std::move(peerHost)](kj::AutoCloseFd socket) {
    auto& fewest =
        *std::ranges::min_element(loops_, {}, [](const auto& loop) { return loop->connections; });
    return serve(*fewest, peerHost, kj::mv(socket));
  };
}

kj::Promise<void> ServingLoops::serve(Loop& loop, std::string peerHost, kj::AutoCloseFd socket) {
  const std::uint64_t connection = ++lastConnection_;
  services_.emplace(connection, wire::Namenode::Client(kj::heap<ClientService>(site_, peerHost)));
  ++loop.connections;
  KJ_DEFER({
    --loop.connections;
    services_.erase(connection);
  });
  co_await loop.loop.executor().executeAsync([&]() -> kj::Promise<void> {
    auto served = kj::heap<rpc::Connection>(
        loop.loop.adopt(kj::mv(socket)), rpc::Connection::Side::SERVER,
        wire::Namenode::Client(kj::heap<RelayService>(loop.site, peerHost, connection)),
        connectionLimits_, kj::refcounted<rpc::SentBuffers>());
    auto ended = served->onDisconnect();
    return ended.attach(kj::mv(served));
  });
}

void ServingLoops::call(RelayedCall one) {
  auto answer = [number = one.call, to = std::move(one.answerTo)](
                    RelayedMessage results, kj::Maybe<kj::Exception> failure) {
    to->post({.call = number, .results = kj::mv(results), .failure = kj::mv(failure)});
  };
  const auto service = services_.find(one.connection);
  if (service == services_.end()) {
    return answer({}, KJ_EXCEPTION(DISCONNECTED, "the connection has ended"));
  }
  const auto params = one.params->getRoot<capnp::AnyPointer>().asReader();
  auto request =
      service->second.typelessRequest(one.interfaceId, one.methodId, params.targetSize());
  request.set(params);
  tasks_.add(request.send().then(
      [answer](capnp::Response<capnp::AnyPointer> results) {
        auto copy = kj::heap<capnp::MallocMessageBuilder>(results.targetSize().wordCount + 1);
        copy->setRoot(capnp::AnyPointer::Reader(results));
        answer(kj::mv(copy), nullptr);
      },
      [answer](kj::Exception&& failure) { answer({}, kj::mv(failure)); }));
}

}  // namespace cairn::nn
