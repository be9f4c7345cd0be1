#include "tests/client/fakes/fake_datanode.h"

#include "common/async/coroutine.h"
#include "common/rpc/convert.h"

namespace cairn::client::fakes {

class FakeDatanode::Writer final : public wire::ReplicaWriter::Server {
public:
  Writer(FakeDatanode& self, std::uint64_t chunk, std::vector<std::uint32_t> pipeline)
      : self_(self), chunk_(chunk), pipeline_(std::move(pipeline)) {}

protected:
  kj::Promise<void> push(PushContext context) override {
    auto packet = context.getParams().getPacket();
    auto& cluster = self_.cluster_;
    if (cluster.onPush) cluster.onPush();
    auto bytes = packet.getFrames().size();
    for (auto number : pipeline_) {
      auto& node = cluster.node(number);
      auto count = node.pushes++;
      if (node.dieAtPush && count == *node.dieAtPush) node.die();
      if (!self_.alive()) co_await kj::Promise<void>(kj::NEVER_DONE);
      if (!node.alive()) {
        auto results = context.getResults();
        rpc::toWire(Status(Code::UNAVAILABLE, "the connection was lost"), results.initFault());
        results.setFailedNode(number);
        co_return;
      }
      auto& replica = node.replicas.at(chunk_);
      if (packet.getOffset() != replica.length) {
        rpc::toWire(Status(Code::INVALID_ARGUMENT, "a packet out of order"),
                    context.getResults().initFault());
        co_return;
      }
      auto frames = rpc::toView(packet.getFrames());
      replica.packets.push_back({.offset = packet.getOffset(),
                                 .plainLength = packet.getPlainLength(),
                                 .frames = {frames.begin(), frames.end()}});
      replica.length += packet.getPlainLength();
    }
    cluster.unacknowledged += bytes;
    cluster.unacknowledgedMax = std::max(cluster.unacknowledgedMax, cluster.unacknowledged);
    co_await cluster.acknowledge();
    cluster.unacknowledged -= bytes;
  }

  kj::Promise<void> finish(FinishContext context) override {
    auto params = context.getParams();
    auto results = context.getResults();
    for (auto number : pipeline_) {
      auto& node = self_.cluster_.node(number);
      if (node.failAtFinish || !node.alive()) {
        rpc::toWire(node.failAtFinish.value_or(Status(Code::UNAVAILABLE, "gone")),
                    results.initFault());
        results.setFailedNode(number);
        return kj::READY_NOW;
      }
      auto& replica = node.replicas.at(chunk_);
      if (params.getLength() != replica.length) {
        rpc::toWire(Status(Code::CORRUPT, "the length is not what was pushed"),
                    results.initFault());
        return kj::READY_NOW;
      }
      replica.sealed = true;
      replica.plainCrc = params.getPlainCrc();
      auto md5 = rpc::toView(params.getMd5());
      replica.md5.assign(md5.begin(), md5.end());
    }
    auto sealed = results.initSealed(static_cast<unsigned>(pipeline_.size()));
    for (unsigned i = 0; i < sealed.size(); ++i) {
      sealed[i].setNode(pipeline_[i]);
      sealed[i].setStoredLength(1);
    }
    return kj::READY_NOW;
  }

private:
  FakeDatanode& self_;
  const std::uint64_t chunk_;
  const std::vector<std::uint32_t> pipeline_;
};

class FakeDatanode::Service final : public wire::Datanode::Server {
public:
  explicit Service(FakeDatanode& self) : self_(self) {}

protected:
  kj::Promise<void> ping(PingContext context) override { return kj::READY_NOW; }

  kj::Promise<void> openWriter(OpenWriterContext context) override {
    auto params = context.getParams();
    auto results = context.getResults();
    std::vector<std::uint32_t> pipeline{self_.address_.node};
    for (auto node : params.getDownstream()) pipeline.push_back(node.getNode());
    for (auto number : pipeline) {
      auto& node = self_.cluster_.node(number);
      if (node.refuseWriters || !node.alive()) {
        rpc::toWire(node.refuseWriters.value_or(Status(Code::UNAVAILABLE, "nobody listens there")),
                    results.initFault());
        results.setFailedNode(number);
        return kj::READY_NOW;
      }
    }
    for (auto number : pipeline) {
      auto& replica = self_.cluster_.node(number).replicas[params.getChunk().getId()];
      replica = {};
      replica.generation = params.getChunk().getGeneration();
      replica.frameSize = params.getFrameSize();
    }
    results.setWindow(self_.window);
    results.setWriter(kj::heap<Writer>(self_, params.getChunk().getId(), std::move(pipeline)));
    return kj::READY_NOW;
  }

  kj::Promise<void> read(ReadContext context) override {
    auto count = self_.reads++;
    if (self_.dieAtRead && count == *self_.dieAtRead) self_.die();
    if (!self_.alive() || self_.stallReads) return kj::NEVER_DONE;
    auto params = context.getParams();
    auto results = context.getResults();
    if (self_.refuseReads) {
      rpc::toWire(*self_.refuseReads, results.initFault());
      return kj::READY_NOW;
    }
    if (params.getNode() != self_.address_.node) {
      rpc::toWire(Status(Code::STALE, "another node"), results.initFault());
      return kj::READY_NOW;
    }
    auto found = self_.replicas.find(params.getChunk().getId());
    if (found == self_.replicas.end()) {
      rpc::toWire(Status(Code::NOT_FOUND, "no such replica"), results.initFault());
      return kj::READY_NOW;
    }
    ByteVector frames;
    std::uint64_t plain = 0;
    auto begin = params.getOffset();
    for (const auto& packet : found->second.packets) {
      if (packet.offset + packet.plainLength <= params.getOffset()) continue;
      if (packet.offset >= params.getOffset() + params.getLength()) break;
      if (plain > 0 && plain + packet.plainLength > self_.readPlainMax) break;
      if (plain == 0) begin = packet.offset;
      frames.insert(frames.end(), packet.frames.begin(), packet.frames.end());
      plain += packet.plainLength;
    }
    results.setFrames(rpc::toData(frames));
    results.setOffset(begin);
    results.setPlainLength(static_cast<std::uint32_t>(plain));
    return kj::READY_NOW;
  }

private:
  FakeDatanode& self_;
};

FakeDatanode::FakeDatanode(rpc::Host& host, FakeCluster& cluster, std::uint32_t node,
                           std::string bind)
    : host_(host), cluster_(cluster), bind_(std::move(bind)) {
  address_.node = node;
  address_.rack = "/default-rack";
}

kj::Promise<Result<void>> FakeDatanode::start() {
  alive_ = true;
  acceptor_ = std::make_unique<rpc::Acceptor>(
      host_, bind_, rpc::AcceptorOptions{}, []() { return rpc::Identity{}; },
      [this](rpc::PeerInfo) -> Result<capnp::Capability::Client> {
        return capnp::Capability::Client(kj::heap<Service>(*this));
      });
  CO_TRY(co_await acceptor_->listen(bind_));
  address_.address = acceptor_->address();
  co_return Result<void>();
}

void FakeDatanode::die() {
  alive_ = false;
  // Not from within a call that one of the connections carries.
  closing_ = kj::evalLater([this]() { acceptor_->close(); }).eagerlyEvaluate(nullptr);
}

FakeCluster::FakeCluster(rpc::Host& host, unsigned count, std::string bind) {
  for (unsigned i = 1; i <= count; ++i) {
    nodes_.push_back(std::make_unique<FakeDatanode>(
        host, *this, i, bind.empty() ? "datanode" + std::to_string(i) : bind));
  }
}

std::vector<DatanodeAddress> FakeCluster::addresses() const {
  std::vector<DatanodeAddress> all;
  for (const auto& node : nodes_) all.push_back(node->address());
  return all;
}

kj::Promise<Result<void>> FakeCluster::start() {
  for (auto& node : nodes_) CO_TRY(co_await node->start());
  co_return Result<void>();
}

void FakeCluster::release() {
  auto held = std::move(held_);
  held_.clear();
  for (auto& one : held) one->fulfill();
}

kj::Promise<void> FakeCluster::acknowledge() {
  if (!holdAcknowledgements) return kj::READY_NOW;
  auto pair = kj::newPromiseAndFulfiller<void>();
  held_.push_back(kj::mv(pair.fulfiller));
  return kj::mv(pair.promise);
}

}  // namespace cairn::client::fakes
