#include "tests/client/fakes/fake_datanode.h"

#include <algorithm>
#include <utility>

#include "common/async/coroutine.h"
#include "common/format/chunk_digest.h"
#include "common/format/frame.h"
#include "common/rpc/convert.h"

namespace cairn::client::fakes {

bool FakeReplica::cut(std::uint64_t to) {
  while (!packets.empty() && packets.back().offset >= to) packets.pop_back();
  length = packets.empty() ? 0 : packets.back().offset + packets.back().plainLength;
  sealed = false;
  return length == to;
}

namespace {

// What the nodes count themselves where the writer does not know it.
void countDigests(FakeReplica& replica) {
  format::ChunkDigest digest;
  std::uint64_t at = 0;
  for (const auto& packet : replica.packets) {
    ByteView frames(packet.frames);
    while (!frames.empty()) {
      auto frame = format::frameAt(frames).value();
      ByteVector bytes(frame.header.plainLength);
      format::PieceDigest piece(at);
      if (!format::decodeFrame(frame, replica.chunk, bytes, &piece).has_value()) return;
      digest.add(piece);
      at += bytes.size();
      frames = frames.subspan(frame.bytes.size());
    }
  }
  replica.plainCrc = digest.plainCrc();
  replica.md5 = static_cast<ByteVector>(digest.md5());
}

// A real node gives one that hangs behind it up before its client does.
constexpr auto DOWNSTREAM_WAIT = 40 * kj::SECONDS;

}  // namespace

class FakeDatanode::Writer final : public wire::ReplicaWriter::Server {
public:
  Writer(FakeDatanode& self, std::uint64_t chunk, std::uint64_t generation,
         std::vector<std::uint32_t> pipeline)
      : self_(self), chunk_(chunk), generation_(generation), pipeline_(std::move(pipeline)) {}

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
      if (node.stallAtPush && count >= *node.stallAtPush) {
        if (number == pipeline_.front()) co_await kj::Promise<void>(kj::NEVER_DONE);
        co_await self_.host_.timer.afterDelay(DOWNSTREAM_WAIT);
        co_return fault(context.getResults(), number, {Code::TIMED_OUT, "no answer from it"});
      }
      if (!node.alive()) {
        co_return fault(context.getResults(), number,
                        {Code::UNAVAILABLE, "the connection was lost"});
      }
      auto& replica = node.replicas.at(chunk_);
      if (replica.generation != generation_) {
        co_return fault(context.getResults(), number, {Code::STALE, "another writer has it"});
      }
      if (packet.getOffset() != replica.length) {
        co_return fault(context.getResults(), 0, {Code::INVALID_ARGUMENT, "a packet out of order"});
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

  kj::Promise<void> sync(SyncContext context) override {
    for (auto number : pipeline_) {
      auto& node = self_.cluster_.node(number);
      if (auto failure = trouble(node, node.failAtSync)) {
        fault(context.getResults(), number, *failure);
        return kj::READY_NOW;
      }
      ++node.syncs;
    }
    return kj::READY_NOW;
  }

  kj::Promise<void> finish(FinishContext context) override {
    auto params = context.getParams();
    auto results = context.getResults();
    for (auto number : pipeline_) {
      auto& node = self_.cluster_.node(number);
      if (auto failure = trouble(node, node.failAtFinish)) {
        fault(results, number, *failure);
        return kj::READY_NOW;
      }
      auto& replica = node.replicas.at(chunk_);
      if (params.getLength() != replica.length) {
        fault(results, 0, {Code::CORRUPT, "the length is not what was pushed"});
        return kj::READY_NOW;
      }
      replica.sealed = true;
      replica.plainCrc = params.getPlainCrc();
      auto md5 = rpc::toView(params.getMd5());
      replica.md5.assign(md5.begin(), md5.end());
      if (md5.empty()) countDigests(replica);
    }
    auto sealed = results.initSealed(static_cast<unsigned>(pipeline_.size()));
    for (unsigned i = 0; i < sealed.size(); ++i) {
      sealed[i].setNode(pipeline_[i]);
      sealed[i].setStoredLength(1);
    }
    return self_.cluster_.acknowledge();
  }

private:
  template <typename Results>
  static void fault(Results results, std::uint32_t node, const Status& status) {
    rpc::toWire(status, results.initFault());
    results.setFailedNode(node);
  }
  std::optional<Status> trouble(FakeDatanode& node, std::optional<Status>& armed) const {
    if (armed) return std::exchange(armed, std::nullopt);
    if (!node.alive()) return Status(Code::UNAVAILABLE, "gone");
    if (node.replicas.at(chunk_).generation != generation_) {
      return Status(Code::STALE, "another writer has it");
    }
    return std::nullopt;
  }

  FakeDatanode& self_;
  const std::uint64_t chunk_;
  const std::uint64_t generation_;
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
    const auto generation = params.getChunk().getGeneration();
    for (auto number : pipeline) {
      auto& node = self_.cluster_.node(number);
      auto opened = params.getResume().getGeneration() == 0
                        ? create(node, params)
                        : resume(node, params.getChunk(), params.getResume());
      if (!opened.has_value()) {
        rpc::toWire(opened.error(), results.initFault());
        results.setFailedNode(number);
        return kj::READY_NOW;
      }
    }
    results.setWindow(self_.window);
    results.setWriter(
        kj::heap<Writer>(self_, params.getChunk().getId(), generation, std::move(pipeline)));
    return kj::READY_NOW;
  }

  kj::Promise<void> fetchReplica(FetchReplicaContext context) override {
    auto params = context.getParams();
    auto results = context.getResults();
    if (self_.refuseCopies) {
      rpc::toWire(*self_.refuseCopies, results.initFault());
      return kj::READY_NOW;
    }
    auto& source = self_.cluster_.node(params.getSource().getNode());
    auto found = source.replicas.find(params.getChunk().getId());
    if (!source.alive() || found == source.replicas.end() ||
        found->second.generation < params.getChunk().getGeneration()) {
      rpc::toWire(Status(Code::NOT_FOUND, "the source does not have it"), results.initFault());
      return kj::READY_NOW;
    }
    auto copy = found->second;
    copy.generation = params.getChunk().getGeneration();
    if (!copy.cut(params.getLength())) {
      rpc::toWire(Status(Code::INVALID_ARGUMENT, "not the border of a packet"),
                  results.initFault());
      return kj::READY_NOW;
    }
    self_.replicas[params.getChunk().getId()] = std::move(copy);
    self_.copied.push_back(params.getLength());
    return kj::READY_NOW;
  }

  kj::Promise<void> stat(StatContext context) override {
    if (self_.statDelayMs > 0) {
      co_await self_.host_.timer.afterDelay(self_.statDelayMs * kj::MILLISECONDS);
    }
    auto results = context.getResults();
    auto found = self_.replicas.find(context.getParams().getChunk().getId());
    if (found == self_.replicas.end()) {
      rpc::toWire(Status(Code::NOT_FOUND, "no such replica"), results.initFault());
      co_return;
    }
    const auto& replica = found->second;
    if (isOther(replica, context.getParams())) {
      rpc::toWire(Status(Code::STALE, "another generation"), results.initFault());
      co_return;
    }
    results.setFinal(replica.sealed);
    results.setLength(replica.sealed ? replica.length : std::min(replica.length, self_.visibleMax));
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
    if (isOther(found->second, params)) {
      rpc::toWire(Status(Code::STALE, "another generation"), results.initFault());
      return kj::READY_NOW;
    }
    if (self_.readDelayMs > 0) {
      return self_.host_.timer.afterDelay(self_.readDelayMs * kj::MILLISECONDS)
          .then([this, context]() mutable { serve(context); });
    }
    serve(context);
    return kj::READY_NOW;
  }

private:
  template <typename Params>
  static bool isOther(const FakeReplica& replica, Params params) {
    const auto wanted = params.getChunk().getGeneration();
    return replica.generation < wanted || (replica.generation > wanted && !params.getNewerToo());
  }
  void serve(ReadContext context) {
    auto params = context.getParams();
    auto results = context.getResults();
    const auto& replica = self_.replicas.at(params.getChunk().getId());
    ByteVector frames;
    std::uint64_t plain = 0;
    auto begin = params.getOffset();
    for (const auto& packet : replica.packets) {
      if (!replica.sealed && packet.offset >= self_.visibleMax) break;
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
  }
  static Result<void> create(FakeDatanode& node, OpenWriterParams::Reader params) {
    auto& replica = node.replicas[params.getChunk().getId()];
    replica = {};
    replica.chunk = ChunkId(params.getChunk().getId());
    replica.generation = params.getChunk().getGeneration();
    replica.frameSize = params.getFrameSize();
    return {};
  }
  static Result<void> resume(FakeDatanode& node, wire::ChunkRef::Reader chunk,
                             wire::Resume::Reader resume) {
    ++node.resumes;
    if (node.refuseResumes) return fail(*node.refuseResumes);
    auto found = node.replicas.find(chunk.getId());
    if (found == node.replicas.end() || found->second.generation < resume.getGeneration()) {
      return fail(Code::NOT_FOUND, "no replica to go on with");
    }
    auto& replica = found->second;
    if (replica.generation >= chunk.getGeneration()) return fail(Code::STALE, "a newer one");
    if (replica.length < resume.getLength()) return fail(Code::INVALID_ARGUMENT, "it is shorter");
    if (!replica.cut(resume.getLength())) return fail(Code::INTERNAL, "cut within a packet");
    replica.generation = chunk.getGeneration();
    return {};
  }

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
