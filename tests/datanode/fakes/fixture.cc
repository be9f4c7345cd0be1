#include "tests/datanode/fakes/fixture.h"

#include <algorithm>

#include "common/rpc/convert.h"

namespace cairn::dn::fakes {

Machine::Machine(unsigned number, unsigned volumes) : number(number) {
  for (unsigned i = 0; i < volumes; ++i) {
    disks.push_back(std::make_unique<io::MemoryDisk>("/disk" + std::to_string(i + 1)));
    faulty.push_back(std::make_unique<io::FaultyDisk>(*disks.back()));
  }
}

DatanodeTest::DatanodeTest() {
  options.namenode = "namenode";
  options.version = "test";
  options.scrub.periodMs = 0;  // it would read where a test counts reads, or makes them fail
  connections = std::make_unique<rpc::ClientPool>(loop.host, rpc::ClientHello{});
  startNamenode();
}

DatanodeTest::~DatanodeTest() noexcept {
  connections = nullptr;
  machines.clear();
  namenode = nullptr;
  loop.settle();
}

void DatanodeTest::startNamenode() {
  namenode = std::make_unique<rpc::Acceptor>(
      loop.host, "namenode", rpc::AcceptorOptions{},
      [this]() { return rpc::Identity{master.cluster, master.epoch, Uuid::fromHighLow(9, 9)}; },
      [this](rpc::PeerInfo) -> Result<capnp::Capability::Client> {
        return capnp::Capability::Client(
            wire::DatanodeMaster::Client(kj::heap<FakeMaster>(master)));
      });
  ASSERT_OK(wait(namenode->listen("namenode")));
}

void DatanodeTest::stopNamenode() {
  namenode->close();
  namenode = nullptr;
}

void DatanodeTest::startNodes(unsigned count, unsigned volumes) {
  for (unsigned i = 1; i <= count; ++i) {
    machines.push_back(std::make_unique<Machine>(i, volumes));
    ASSERT_OK(boot(machine(i)));
    waitRegistered(machine(i));
  }
}

Result<void> DatanodeTest::boot(Machine& machine) {
  std::vector<VolumeSource> volumes;
  for (auto& disk : machine.faulty) {
    volumes.push_back({*disk, volumes.empty() ? machine.pool : machine.otherPools});
  }
  auto own = options;
  own.listen = machine.address();
  machine.server = std::make_unique<DatanodeServer>(loop.host, std::move(volumes), own);
  return wait(machine.server->start());
}

void DatanodeTest::waitRegistered(Machine& machine) { wait(machine.server->onRegistered()); }

void DatanodeTest::crash(Machine& machine, io::CrashLoss loss) {
  machine.server->dropDead();
  machine.server = nullptr;
  loop.settle();
  for (auto& disk : machine.disks) disk->crash(loss, loop.random);
}

void DatanodeTest::pass(std::uint32_t ms) { wait(loop.timer.afterDelay(ms * kj::MILLISECONDS)); }

wire::Datanode::Client DatanodeTest::clientOf(unsigned number) {
  return wait(connections->get<wire::Datanode>(machine(number).address())).value();
}

namespace {

// A lost connection is an answer too.
template <typename Results>
Result<capnp::Response<Results>> answerOf(client::fakes::TestLoop& loop,
                                          kj::Promise<capnp::Response<Results>> sent) {
  return loop.wait(rpc::caught(kj::mv(sent), "the datanode"));
}

template <typename Results>
Answer outcomeOf(const Result<capnp::Response<Results>>& reply) {
  if (!reply.has_value()) return {fail(reply.error()), 0, {}};
  return {rpc::fromWire(reply->getFault()), reply->getFailedNode(), {}};
}

Answer sealedBy(const Result<capnp::Response<wire::ReplicaWriter::FinishResults>>& reply) {
  auto answer = outcomeOf(reply);
  if (!reply.has_value()) return answer;
  for (auto sealed : reply->getSealed()) {
    answer.sealed.emplace_back(sealed.getNode(), sealed.getStoredLength());
  }
  return answer;
}

}  // namespace

Result<TestWriter> DatanodeTest::openWriter(const std::vector<unsigned>& pipeline, ReplicaKey key,
                                            const TestChunk& chunk, std::uint32_t* failedNode,
                                            std::optional<ResumePoint> resume) {
  auto request = clientOf(pipeline.front()).openWriterRequest();
  request.getChunk().setId(key.chunk.value);
  request.getChunk().setGeneration(key.generation.value);
  request.setCodec(wire::Codec::ZSTD);
  request.setFrameSize(chunk.frameSize);
  request.setChunkSize(chunkSize);
  request.setNode(machine(pipeline.front()).server->node().value);
  auto downstream = request.initDownstream(static_cast<unsigned>(pipeline.size() - 1));
  for (unsigned i = 0; i < downstream.size(); ++i) {
    auto& next = machine(pipeline[i + 1]);
    downstream[i].setNode(next.server ? next.server->node().value : next.number);
    downstream[i].setAddress(next.address());
  }
  if (resume) {
    request.getResume().setGeneration(resume->generation);
    request.getResume().setLength(resume->length);
  }
  ASSIGN(auto reply, answerOf<wire::Datanode::OpenWriterResults>(loop, request.send()));
  if (failedNode != nullptr) *failedNode = reply.getFailedNode();
  TRY(rpc::fromWire(reply.getFault()));
  windowBytes = reply.getWindow();
  return TestWriter(reply.getWriter(), key.chunk);
}

kj::Promise<capnp::Response<wire::ReplicaWriter::PushResults>> DatanodeTest::send(
    TestWriter& writer, const TestPacket& packet) {
  const auto& frames = packet.chunk ? packet.frames : boundTo(writer.chunk, packet).frames;
  auto request = writer.pushRequest();
  auto to = request.initPacket();
  to.setOffset(packet.offset);
  to.setPlainLength(packet.plainLength);
  to.setFrames(rpc::toData(frames));
  return request.send();
}

Answer DatanodeTest::push(TestWriter& writer, const TestPacket& packet) {
  return outcomeOf(answerOf(loop, send(writer, packet)));
}

Answer DatanodeTest::sync(wire::ReplicaWriter::Client& writer) {
  return outcomeOf(answerOf<wire::ReplicaWriter::SyncResults>(loop, writer.syncRequest().send()));
}

Answer DatanodeTest::finish(wire::ReplicaWriter::Client& writer, const TestChunk& chunk) {
  auto request = writer.finishRequest();
  request.setLength(chunk.plain.size());
  request.setPlainCrc(chunk.digest.plainCrc());
  request.setMd5(rpc::toData(ByteVector(chunk.digest.md5())));
  return sealedBy(answerOf<wire::ReplicaWriter::FinishResults>(loop, request.send()));
}

Answer DatanodeTest::finishUncounted(wire::ReplicaWriter::Client& writer, std::uint64_t length) {
  auto request = writer.finishRequest();
  request.setLength(length);
  return sealedBy(answerOf<wire::ReplicaWriter::FinishResults>(loop, request.send()));
}

Answer DatanodeTest::write(const std::vector<unsigned>& pipeline, ReplicaKey key,
                           const TestChunk& chunk) {
  std::uint32_t failedNode = 0;
  auto writer = openWriter(pipeline, key, chunk, &failedNode);
  if (!writer.has_value()) return {fail(writer.error()), failedNode, {}};
  for (const auto& packet : chunk.packets) {
    auto answer = push(*writer, packet);
    if (!answer.result.has_value()) return answer;
  }
  return finish(*writer, chunk);
}

Result<std::string> DatanodeTest::read(unsigned number, ReplicaKey key, std::uint64_t offset,
                                       std::uint64_t length) {
  std::string got;
  auto client = clientOf(number);
  while (got.size() < length) {
    auto request = client.readRequest();
    request.getChunk().setId(key.chunk.value);
    request.getChunk().setGeneration(key.generation.value);
    request.setOffset(offset);
    request.setLength(
        static_cast<std::uint32_t>(std::min<std::uint64_t>(length - got.size(), 4096)));
    request.setNode(machine(number).server->node().value);
    request.setNewerToo(newerToo);
    auto reply = wait(kj::Promise<capnp::Response<wire::Datanode::ReadResults>>(request.send()));
    TRY(rpc::fromWire(reply.getFault()));
    if (reply.getPlainLength() == 0) break;
    auto plain = plainOf(rpc::toView(reply.getFrames()), key.chunk);
    EXPECT_EQ(plain.size(), reply.getPlainLength());
    EXPECT_LE(reply.getOffset(), offset);
    if (plain.size() + reply.getOffset() <= offset) return fail(Code::CORRUPT, "damaged frames");
    plain = plain.substr(offset - reply.getOffset());
    plain.resize(std::min<std::uint64_t>(plain.size(), length - got.size()));
    offset += plain.size();
    got += plain;
  }
  return got;
}

Result<std::pair<std::uint64_t, bool>> DatanodeTest::stat(unsigned number, ReplicaKey key) {
  auto request = clientOf(number).statRequest();
  request.getChunk().setId(key.chunk.value);
  request.getChunk().setGeneration(key.generation.value);
  request.setNewerToo(newerToo);
  ASSIGN(auto reply, answerOf<wire::Datanode::StatResults>(loop, request.send()));
  TRY(rpc::fromWire(reply.getFault()));
  return std::pair(reply.getLength(), reply.getFinal());
}

Result<std::pair<std::uint64_t, wire::UnfinishedState>> DatanodeTest::initRecovery(
    unsigned number, ReplicaKey key, std::uint64_t newGeneration) {
  auto request = clientOf(number).initRecoveryRequest();
  request.getChunk().setId(key.chunk.value);
  request.getChunk().setGeneration(key.generation.value);
  request.setNewGeneration(newGeneration);
  request.setNode(machine(number).server->node().value);
  ASSIGN(auto reply, answerOf<wire::Datanode::InitRecoveryResults>(loop, request.send()));
  TRY(rpc::fromWire(reply.getFault()));
  return std::pair(reply.getLength(), reply.getState());
}

Result<std::uint64_t> DatanodeTest::recoverReplica(unsigned number, ReplicaKey key,
                                                   std::uint64_t newGeneration,
                                                   std::uint64_t length) {
  auto request = clientOf(number).recoverReplicaRequest();
  request.getChunk().setId(key.chunk.value);
  request.getChunk().setGeneration(key.generation.value);
  request.setNewGeneration(newGeneration);
  request.setLength(length);
  request.setNode(machine(number).server->node().value);
  ASSIGN(auto reply, answerOf<wire::Datanode::RecoverReplicaResults>(loop, request.send()));
  TRY(rpc::fromWire(reply.getFault()));
  return reply.getStoredLength();
}

Result<void> DatanodeTest::fetchReplica(unsigned to, unsigned from, ReplicaKey key,
                                        std::uint64_t length) {
  auto request = clientOf(to).fetchReplicaRequest();
  request.getChunk().setId(key.chunk.value);
  request.getChunk().setGeneration(key.generation.value);
  request.setLength(length);
  request.getSource().setNode(from);
  request.getSource().setAddress(machine(from).address());
  request.setNode(machine(to).server->node().value);
  ASSIGN(auto reply, answerOf<wire::Datanode::FetchReplicaResults>(loop, request.send()));
  return rpc::fromWire(reply.getFault());
}

Result<std::pair<std::string, std::uint64_t>> DatanodeTest::checksum(unsigned number,
                                                                     ReplicaKey key,
                                                                     std::uint64_t length) {
  auto request = clientOf(number).checksumRequest();
  request.getChunk().setId(key.chunk.value);
  request.getChunk().setGeneration(key.generation.value);
  request.setLength(length);
  request.setNode(machine(number).server->node().value);
  ASSIGN(auto reply, answerOf<wire::Datanode::ChecksumResults>(loop, request.send()));
  TRY(rpc::fromWire(reply.getFault()));
  format::Md5 md5;
  const auto bytes = rpc::toView(reply.getMd5());
  if (bytes.size() != md5.bytes.size()) return fail(Code::INTERNAL, "no MD5");
  std::ranges::copy(bytes, md5.bytes.begin());
  return std::pair(md5.toString(), reply.getPlainLength());
}

std::vector<std::string> DatanodeTest::filesBelow(Machine& machine, const std::string& dir) {
  std::vector<std::string> files;
  auto entries = machine.disks.front()->list(dir);
  if (!entries.has_value()) return files;
  for (const auto& entry : *entries) {
    const auto path = io::joinPath(dir, entry.name);
    if (entry.isDirectory) {
      auto below = filesBelow(machine, path);
      files.insert(files.end(), below.begin(), below.end());
    } else {
      files.push_back(path);
    }
  }
  return files;
}

}  // namespace cairn::dn::fakes
