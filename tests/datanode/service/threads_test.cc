// Protects what virtual time cannot show: real threads and sockets. Several writers and readers at
// once over three datanodes, each with several threads a volume; every byte comes back, and memory
// stays within the budget's reach.
#include <gtest/gtest.h>
#include <kj/async-io.h>

#include <filesystem>
#include <latch>
#include <memory>
#include <string>
#include <vector>

#include "common/async/coroutine.h"
#include "common/io/posix_disk.h"
#include "common/rpc/acceptor.h"
#include "common/rpc/client_pool.h"
#include "common/schema/datanode.capnp.h"
#include "datanode/service/server.h"
#include "tests/datanode/fakes/chunk_data.h"
#include "tests/datanode/fakes/fake_master.h"
#include "tests/testkit/results.h"

namespace cairn::dn {
namespace {

using fakes::makeChunk;

struct RealNode {
  std::unique_ptr<io::PosixDisk> disk;
  std::unique_ptr<async::ThreadWorkPool> pool;
  std::unique_ptr<DatanodeServer> server;
};

class Threads : public ::testing::Test {
public:
  Threads() {
    char pattern[] = "/tmp/cairn_dn_XXXXXX";
    directory = ::mkdtemp(pattern);
    EXPECT_OK(namenode.listen("127.0.0.1:0").wait(io.waitScope));
    for (unsigned i = 1; i <= 3; ++i) {
      auto& node = nodes.emplace_back();
      node.disk =
          io::PosixDisk::open(directory + "/" + std::to_string(i), {.createRoot = true}).value();
      node.pool = std::make_unique<async::ThreadWorkPool>("volume", VOLUME_THREADS, 1024);
      start(node);
      node.server->onRegistered().wait(io.waitScope);
      addresses.push_back(node.server->address());
      numbers.push_back(node.server->node().value);
    }
  }
  ~Threads() noexcept override {
    for (auto& node : nodes) node.server = nullptr;
    nodes.clear();
    std::filesystem::remove_all(directory);
  }

protected:
  static constexpr unsigned VOLUME_THREADS = 3;

  void start(RealNode& node) {
    DatanodeOptions options;
    options.listen = "127.0.0.1:0";
    options.namenode = namenode.address();
    options.bufferBudgetBytes = 64 << 10;
    options.fsync = false;  // the disk's speed is not what this is about
    node.server = std::make_unique<DatanodeServer>(
        host, std::vector<VolumeSource>{{*node.disk, *node.pool}}, options);
    EXPECT_OK(node.server->start().wait(io.waitScope));
  }

  // Writes the chunk through the three nodes from `first` on, then reads it from the last.
  kj::Promise<Result<void>> roundTrip(unsigned first, std::uint64_t id,
                                      const fakes::TestChunk& chunk) {
    CO_ASSIGN(auto datanode, co_await clients.get<wire::Datanode>(address(first)));
    auto open = datanode.openWriterRequest();
    open.getChunk().setId(id);
    open.getChunk().setGeneration(1);
    open.setCodec(wire::Codec::ZSTD);
    open.setFrameSize(chunk.frameSize);
    open.setChunkSize(16 << 20);
    open.setNode(number(first));
    auto downstream = open.initDownstream(2);
    for (unsigned i = 0; i < 2; ++i) {
      downstream[i].setNode(number(first + 1 + i));
      downstream[i].setAddress(address(first + 1 + i));
    }
    auto opened = co_await open.send();
    CO_TRY(rpc::fromWire(opened.getFault()));
    auto writer = opened.getWriter();
    std::vector<kj::Promise<capnp::Response<wire::ReplicaWriter::PushResults>>> answers;
    for (const auto& packet : chunk.packets) {
      auto request = writer.pushRequest();
      auto to = request.initPacket();
      to.setOffset(packet.offset);
      to.setPlainLength(packet.plainLength);
      to.setFrames(rpc::toData(fakes::boundTo(ChunkId(id), packet).frames));
      answers.push_back(request.send());
    }
    auto finish = writer.finishRequest();
    finish.setLength(chunk.plain.size());
    finish.setPlainCrc(chunk.digest.plainCrc());
    finish.setMd5(rpc::toData(ByteVector(chunk.digest.md5())));
    auto finished = co_await finish.send();
    CO_TRY(rpc::fromWire(finished.getFault()));
    for (auto& answer : answers) CO_TRY(rpc::fromWire((co_await kj::mv(answer)).getFault()));
    co_return co_await compare(first + 2, id, chunk);
  }

  kj::Promise<Result<void>> compare(unsigned node, std::uint64_t id,
                                    const fakes::TestChunk& chunk) {
    CO_ASSIGN(auto datanode, co_await clients.get<wire::Datanode>(address(node)));
    std::string got;
    while (got.size() < chunk.plain.size()) {
      auto request = datanode.readRequest();
      request.getChunk().setId(id);
      request.getChunk().setGeneration(1);
      request.setOffset(got.size());
      request.setLength(1 << 20);
      request.setNode(number(node));
      auto reply = co_await request.send();
      CO_TRY(rpc::fromWire(reply.getFault()));
      auto plain = fakes::plainOf(rpc::toView(reply.getFrames()), ChunkId(id));
      if (plain.empty()) co_return fail(Code::CORRUPT, "damaged frames");
      got += plain.substr(got.size() - reply.getOffset());
    }
    if (got != chunk.plain) co_return fail(Code::CORRUPT, "other bytes came back");
    co_return Result<void>();
  }

  // Also of a node that is gone by now.
  std::string address(unsigned node) { return addresses[(node - 1) % 3]; }
  std::uint32_t number(unsigned node) { return numbers[(node - 1) % 3]; }

  kj::AsyncIoContext io = kj::setupAsyncIo();
  kj::Own<rpc::Network> network = rpc::newSocketNetwork(io);
  io::SystemClock clock;
  io::Random random{1};
  async::ThreadWorkPool pool{"work", 1, 64};
  metrics::Registry metrics;
  rpc::Host host{io.provider->getTimer(), clock, random, *network, pool, metrics};
  fakes::MasterState master;
  rpc::Acceptor namenode{
      host, "namenode", rpc::AcceptorOptions{},
      [this]() { return rpc::Identity{master.cluster, master.epoch, Uuid::fromHighLow(9, 9)}; },
      [this](rpc::PeerInfo) -> Result<capnp::Capability::Client> {
        return capnp::Capability::Client(
            wire::DatanodeMaster::Client(kj::heap<fakes::FakeMaster>(master)));
      }};
  std::string directory;
  std::vector<RealNode> nodes;
  std::vector<std::string> addresses;
  std::vector<std::uint32_t> numbers;
  rpc::ClientPool clients{host, {}};
};

TEST_F(Threads, ManyPipelinesAtOnceBringBackEveryByte) {
  constexpr unsigned WRITERS = 12;
  std::vector<fakes::TestChunk> chunks;
  for (unsigned i = 0; i < WRITERS; ++i) {
    chunks.push_back(makeChunk(600'000 + 4321 * i, i + 1, 8192, 4));
  }
  std::vector<kj::Promise<Result<void>>> trips;
  for (unsigned i = 0; i < WRITERS; ++i)
    trips.push_back(roundTrip(1 + i % 3, 16 * (i + 1), chunks[i]));
  for (auto& trip : trips) EXPECT_OK(trip.wait(io.waitScope));
}

// Sockets drop with calls in flight and jobs queued on the threads: nothing crashes, nobody waits.
TEST_F(Threads, ANodeDroppedInTheMiddleOfItAll) {
  const auto chunk = makeChunk(600'000, 1, 8192, 4);
  std::vector<kj::Promise<Result<void>>> trips;
  for (unsigned i = 0; i < 9; ++i) {
    trips.push_back(rpc::caught(roundTrip(1 + i % 3, 16 * (i + 1), chunk), "the pipeline")
                        .then([](Result<Result<void>> done) -> Result<void> {
                          if (!done.has_value()) return fail(done.error());
                          return *done;
                        }));
  }
  for (int i = 0; i < 200; ++i) kj::evalLater([]() {}).wait(io.waitScope);
  nodes[1].server->dropDead();
  nodes[1].server = nullptr;
  nodes[1].pool = nullptr;
  for (unsigned i = 0; i < 9; ++i) (void)trips[i].wait(io.waitScope);
}

// Jobs that nobody waits for any more still hold the directory: a datanode has only stopped when
// they are through, and the next one can take it.
TEST_F(Threads, AStoppedNodeLeavesItsDirectoryToTheNext) {
  const auto chunk = makeChunk(600'000, 1, 8192, 4);
  ASSERT_OK(roundTrip(1, 16, chunk).wait(io.waitScope));
  auto& node = nodes[0];
  std::latch begun(VOLUME_THREADS);
  std::latch disk(1);
  std::vector<kj::Promise<void>> busy;
  for (unsigned i = 0; i < VOLUME_THREADS; ++i) {
    busy.push_back(node.pool->run([&]() {
      begun.count_down();
      disk.wait();
    }));
  }
  begun.wait();
  auto read = rpc::caught(compare(1, 16, chunk), "the read");
  while (node.pool->queued() == 0) host.timer.afterDelay(1 * kj::MILLISECONDS).wait(io.waitScope);
  auto stopped = node.server->stop();
  for (int i = 0; i < 20; ++i) host.timer.afterDelay(1 * kj::MILLISECONDS).wait(io.waitScope);
  EXPECT_FALSE(stopped.poll(io.waitScope));
  disk.count_down();
  stopped.wait(io.waitScope);
  node.server = nullptr;
  start(node);
  EXPECT_EQ(node.server->store().table().size(), 1U);
  EXPECT_FALSE(read.wait(io.waitScope).has_value());
}

}  // namespace
}  // namespace cairn::dn
