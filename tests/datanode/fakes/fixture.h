// Datanodes over in-memory disks and pipes, a fake namenode and a client by hand, all on one event
// loop in virtual time.
#pragma once

#include <gtest/gtest.h>
#include <kj/debug.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/io/faulty_disk.h"
#include "common/io/memory_disk.h"
#include "common/rpc/acceptor.h"
#include "common/rpc/client_pool.h"
#include "common/schema/datanode.capnp.h"
#include "datanode/service/server.h"
#include "tests/client/fakes/pipe_network.h"
#include "tests/datanode/fakes/chunk_data.h"
#include "tests/datanode/fakes/fake_master.h"
#include "tests/testkit/results.h"

namespace cairn::dn::fakes {

// The threads of a machine's volumes, as jobs of the loop. Frozen, they hang: as behind a disk that
// does not answer any more.
class TestPool final : public async::WorkPool {
public:
  void freeze() { frozen_ = true; }
  // Jobs wait from now on until release(), as behind a disk that is slow. Like those of threads
  // they are done then, whoever has lost interest meanwhile.
  void hold() { held_.emplace(); }
  void release() {
    auto held = std::exchange(held_, std::nullopt);
    for (auto& [job, done] : *held) {
      job();
      done->fulfill();
    }
  }
  // The first of those that wait; the others go on to.
  void step() {
    auto [job, done] = std::move(held_->front());
    held_->erase(held_->begin());
    job();
    done->fulfill();
  }
  // As a pool whose queue is full.
  void refuse(bool refuse) { refuses_ = refuse; }
  std::size_t heldJobs() const { return held_ ? held_->size() : 0; }
  // Begun so far.
  std::size_t jobs() const { return jobs_; }

private:
  kj::Promise<void> submit(std::move_only_function<void()> job) override {
    if (refuses_) return KJ_EXCEPTION(OVERLOADED, "the pool is full");
    ++jobs_;
    if (frozen_) return kj::NEVER_DONE;
    if (held_) {
      auto pair = kj::newPromiseAndFulfiller<void>();
      held_->emplace_back(std::move(job), kj::mv(pair.fulfiller));
      return kj::mv(pair.promise);
    }
    return kj::evalLater([job = std::move(job)]() mutable { job(); });
  }

  bool frozen_ = false;
  bool refuses_ = false;
  std::size_t jobs_ = 0;
  std::optional<
      std::vector<std::pair<std::move_only_function<void()>, kj::Own<kj::PromiseFulfiller<void>>>>>
      held_;
};

// One machine: its disks outlive the lives of its datanode.
struct Machine {
  explicit Machine(unsigned number, unsigned volumes);

  const unsigned number;
  std::vector<std::unique_ptr<io::MemoryDisk>> disks;
  std::vector<std::unique_ptr<io::FaultyDisk>> faulty;
  TestPool pool;        // of the first volume
  TestPool otherPools;  // of the others
  std::unique_ptr<DatanodeServer> server;
  std::string address() const { return "datanode" + std::to_string(number); }
};

// What one call of a pipeline was answered.
struct Answer {
  Result<void> result;
  std::uint32_t failedNode = 0;
  std::vector<std::pair<std::uint32_t, std::uint64_t>> sealed;
};

// What a writer goes on with.
struct ResumePoint {
  std::uint64_t generation = 0;
  std::uint64_t length = 0;
};

// The call of a writer, and the chunk it writes.
struct TestWriter : wire::ReplicaWriter::Client {
  TestWriter(wire::ReplicaWriter::Client client, ChunkId chunk)
      : capnp::Capability::Client(client),  // the virtual base
        wire::ReplicaWriter::Client(kj::mv(client)),
        chunk(chunk) {}
  using wire::ReplicaWriter::Client::operator=;  // drops the call
  ChunkId chunk;
};

class DatanodeTest : public ::testing::Test {
protected:
  DatanodeTest();
  ~DatanodeTest() noexcept override;

  void startNamenode();
  void stopNamenode();

  // Makes machines 1 to `count`, starts their datanodes, and waits until all have registered.
  void startNodes(unsigned count, unsigned volumes = 1);
  Machine& machine(unsigned number) { return *machines.at(number - 1); }
  // Starts the datanode of a machine; does not wait for its registration.
  Result<void> boot(Machine& machine);
  void waitRegistered(Machine& machine);
  // The process dies, and what the disks lose with it; boot() brings it back.
  void crash(Machine& machine, io::CrashLoss loss);
  KnownNode& known(unsigned number) { return master.node(machine(number).server->node()); }
  // Lets virtual time pass.
  void pass(std::uint32_t ms);

  wire::Datanode::Client clientOf(unsigned number);
  // Opens a pipeline through these machines; with `resume` over the replicas that are there.
  Result<TestWriter> openWriter(const std::vector<unsigned>& pipeline, ReplicaKey key,
                                const TestChunk& chunk, std::uint32_t* failedNode = nullptr,
                                std::optional<ResumePoint> resume = {});
  // What the last pipeline that was opened grants.
  std::uint64_t windowBytes = 0;
  // Frames that are no chunk's become those of the writer's.
  Answer push(TestWriter& writer, const TestPacket& packet);
  kj::Promise<capnp::Response<wire::ReplicaWriter::PushResults>> send(TestWriter& writer,
                                                                      const TestPacket& packet);
  Answer finish(wire::ReplicaWriter::Client& writer, const TestChunk& chunk);
  // The nodes count the sums themselves.
  Answer finishUncounted(wire::ReplicaWriter::Client& writer, std::uint64_t length);
  Answer sync(wire::ReplicaWriter::Client& writer);
  // All of it: opens, pushes everything, seals.
  Answer write(const std::vector<unsigned>& pipeline, ReplicaKey key, const TestChunk& chunk);
  // What of the chunk is here, as a recovery asks: length and state.
  Result<std::pair<std::uint64_t, wire::UnfinishedState>> initRecovery(unsigned number,
                                                                       ReplicaKey key,
                                                                       std::uint64_t newGeneration);
  // The stored length of the final replica that it has become.
  Result<std::uint64_t> recoverReplica(unsigned number, ReplicaKey key, std::uint64_t newGeneration,
                                       std::uint64_t length);
  Result<void> fetchReplica(unsigned to, unsigned from, ReplicaKey key, std::uint64_t length);
  // MD5 in hex, and how many bytes it is over.
  Result<std::pair<std::string, std::uint64_t>> checksum(unsigned number, ReplicaKey key,
                                                         std::uint64_t length);
  // Plain bytes read through the node from `offset` on, over as many calls as it takes.
  Result<std::string> read(unsigned number, ReplicaKey key, std::uint64_t offset = 0,
                           std::uint64_t length = UINT64_MAX);
  // What the node says of a replica: its length, and whether it is final.
  Result<std::pair<std::uint64_t, bool>> stat(unsigned number, ReplicaKey key);
  // Names of the files below a directory of the machine's first disk, with their paths.
  std::vector<std::string> filesBelow(Machine& machine, const std::string& dir);

  template <typename T>
  T wait(kj::Promise<T> promise) {
    return loop.wait(kj::mv(promise));
  }

  bool newerToo = false;  // what stat() and read() ask for
  DatanodeOptions options;
  std::uint64_t chunkSize = 1 << 20;  // that writers ask for
  client::fakes::TestLoop loop;
  MasterState master;
  std::unique_ptr<rpc::Acceptor> namenode;
  std::vector<std::unique_ptr<Machine>> machines;
  std::unique_ptr<rpc::ClientPool> connections;
};

inline ReplicaKey key(std::uint64_t number, std::uint64_t generation = 1) {
  return {ChunkId(number * 16), GenerationStamp(generation)};
}

}  // namespace cairn::dn::fakes
