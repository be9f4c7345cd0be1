// Protects the hand-over of descriptors, over real files and a real Unix socket: a client gets the
// very bytes of a final replica and nothing else, and a leftover socket does not keep the datanode
// from starting.
#include <gtest/gtest.h>
#include <kj/async-io.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

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

class LocalDoorTest : public ::testing::Test {
public:
  LocalDoorTest() {
    char pattern[] = "/tmp/cairn_dn_XXXXXX";
    directory = ::mkdtemp(pattern);
    options.listen = "127.0.0.1:0";
    options.socketPath = directory + "/datanode.sock";
    namenode = std::make_unique<rpc::Acceptor>(
        host, "namenode", rpc::AcceptorOptions{},
        [this]() { return rpc::Identity{master.cluster, master.epoch, Uuid::fromHighLow(9, 9)}; },
        [this](rpc::PeerInfo) -> Result<capnp::Capability::Client> {
          return capnp::Capability::Client(
              wire::DatanodeMaster::Client(kj::heap<fakes::FakeMaster>(master)));
        });
    EXPECT_OK(namenode->listen("127.0.0.1:0").wait(io.waitScope));
    options.namenode = namenode->address();
    disk = io::PosixDisk::open(directory).value();
  }
  ~LocalDoorTest() noexcept override {
    server = nullptr;
    namenode = nullptr;
    pool = nullptr;
    std::filesystem::remove_all(directory);
  }

protected:
  Result<void> start() {
    server =
        std::make_unique<DatanodeServer>(host, std::vector<VolumeSource>{{*disk, *pool}}, options);
    TRY(server->start().wait(io.waitScope));
    server->onRegistered().wait(io.waitScope);
    return {};
  }

  void write(const fakes::TestChunk& chunk) {
    rpc::ClientPool clients(host, {});
    auto datanode = clients.get<wire::Datanode>(server->address()).wait(io.waitScope).value();
    auto open = datanode.openWriterRequest();
    open.getChunk().setId(16);
    open.getChunk().setGeneration(1);
    open.setCodec(wire::Codec::ZSTD);
    open.setFrameSize(chunk.frameSize);
    open.setChunkSize(1 << 20);
    open.setNode(1);
    auto writer = open.send().wait(io.waitScope).getWriter();
    for (const auto& packet : chunk.packets) {
      auto request = writer.pushRequest();
      auto to = request.initPacket();
      to.setOffset(packet.offset);
      to.setPlainLength(packet.plainLength);
      to.setFrames(rpc::toData(fakes::boundTo(ChunkId(16), packet).frames));
      ASSERT_OK(rpc::fromWire(request.send().wait(io.waitScope).getFault()));
    }
    auto finish = writer.finishRequest();
    finish.setLength(chunk.plain.size());
    finish.setPlainCrc(chunk.digest.plainCrc());
    finish.setMd5(rpc::toData(ByteVector(chunk.digest.md5())));
    ASSERT_OK(rpc::fromWire(finish.send().wait(io.waitScope).getFault()));
  }

  kj::AsyncIoContext io = kj::setupAsyncIo();
  kj::Own<rpc::Network> network = rpc::newSocketNetwork(io);
  io::SystemClock clock;
  io::Random random{1};
  std::unique_ptr<async::ThreadWorkPool> pool =
      std::make_unique<async::ThreadWorkPool>("volume", 2, 64);
  metrics::Registry metrics;
  rpc::Host host{io.provider->getTimer(), clock, random, *network, *pool, metrics};
  std::string directory;
  std::unique_ptr<io::PosixDisk> disk;
  fakes::MasterState master;
  std::unique_ptr<rpc::Acceptor> namenode;
  DatanodeOptions options;
  std::unique_ptr<DatanodeServer> server;
};

TEST_F(LocalDoorTest, AClientReadsAFinalReplicaByItsDescriptor) {
  ASSERT_OK(start());
  const auto chunk = makeChunk(3000);
  write(chunk);
  rpc::ConnectionLimits limits;
  limits.descriptorsMax = 1;
  rpc::ClientPool locals(host, {}, limits);
  auto local = locals.get<wire::LocalDatanode>("unix:" + options.socketPath).wait(io.waitScope);
  ASSERT_OK(local);
  auto request = local->openRequest();
  request.getChunk().setId(16);
  request.getChunk().setGeneration(1);
  request.setNode(1);
  auto reply = request.send().wait(io.waitScope);
  ASSERT_OK(rpc::fromWire(reply.getFault()));
  auto fd = reply.getReplica().getFd().wait(io.waitScope);
  const int* descriptor = nullptr;
  KJ_IF_MAYBE (got, fd) descriptor = got;
  ASSERT_NE(descriptor, nullptr);
  struct stat info{};
  ASSERT_EQ(::fstat(*descriptor, &info), 0);
  EXPECT_EQ(static_cast<std::uint64_t>(info.st_size), reply.getStoredLength());
  std::string bytes(reply.getStoredLength(), '\0');
  ASSERT_EQ(::pread(*descriptor, bytes.data(), bytes.size(), 0),
            static_cast<ssize_t>(bytes.size()));
  EXPECT_EQ(bytes.substr(64, chunk.packets[0].frames.size()),
            asText(fakes::boundTo(ChunkId(16), chunk.packets[0]).frames));
  // For reading only.
  EXPECT_LT(::pwrite(*descriptor, "x", 1, 0), 0);

  auto wrong = local->openRequest();
  wrong.getChunk().setId(32);
  wrong.getChunk().setGeneration(1);
  wrong.setNode(1);
  EXPECT_CODE(Code::NOT_FOUND, rpc::fromWire(wrong.send().wait(io.waitScope).getFault()));
  auto other = local->openRequest();
  other.setNode(2);
  EXPECT_CODE(Code::STALE, rpc::fromWire(other.send().wait(io.waitScope).getFault()));
}

TEST_F(LocalDoorTest, ASocketOfAnEarlierLifeIsReplacedAndOursIsRemoved) {
  ASSERT_OK(start());
  // A note that is being written holds the directory.
  server->stop().wait(io.waitScope);
  server = nullptr;
  EXPECT_FALSE(std::filesystem::exists(options.socketPath));
  // As kill -9 leaves it.
  const int left = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  options.socketPath.copy(name.sun_path, sizeof name.sun_path - 1);
  ASSERT_EQ(::bind(left, reinterpret_cast<sockaddr*>(&name), sizeof name), 0);
  ::close(left);
  EXPECT_OK(start());
}

TEST_F(LocalDoorTest, AFileThatIsNoSocketIsNotRemoved) {
  std::ofstream(options.socketPath + ".txt") << "mine";
  options.socketPath += ".txt";
  std::filesystem::create_directory(directory + "/volume");
  disk = io::PosixDisk::open(directory + "/volume").value();
  EXPECT_CODE(Code::IN_USE, start());
  EXPECT_TRUE(std::filesystem::exists(options.socketPath));
}

}  // namespace
}  // namespace cairn::dn
