// A namenode in memory: names, chunks, leases, answers recorded for retries. It knows
// no permissions and takes any order of calls that a correct client may make.
#pragma once

#include <capnp/message.h>
#include <kj/async.h>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "cairn/types.h"
#include "client/core/wire_types.h"
#include "common/base/result.h"
#include "common/schema/namenode.capnp.h"

namespace cairn::client::fakes {

struct FakeChunk {
  std::uint64_t id = 0;
  std::uint64_t generation = 1;
  std::uint64_t length = 0;
  std::vector<std::uint32_t> nodes;  // the pipeline, then those that sealed it
  bool committed = false;
};

struct FakeFile {
  std::uint64_t id = 0;
  std::uint64_t chunkSize = 0;
  Codec codec = Codec::ZSTD;
  bool open = true;
  std::vector<FakeChunk> chunks;
  std::uint64_t length() const;
};

// What the tests set and look at; outlives the servers.
struct NamenodeState {
  std::uint64_t chunkSize = 4096;
  std::uint32_t frameSize = 512;
  std::int8_t zstdLevel = 1;
  std::uint16_t replication = 1;
  std::uint32_t pageChunks = 1000;
  std::vector<DatanodeAddress> datanodes;  // placement goes through them in this order
  std::map<std::string, FakeFile> files;
  std::set<std::string> directories{"/"};

  // Changes that take effect but whose answer is lost with a DISCONNECTED.
  unsigned loseReplies = 0;
  // Answers to the next calls, of whatever kind, in place of doing them.
  std::vector<Status> refusals;

  std::map<std::string, unsigned> effects;                           // verb -> times it took effect
  std::vector<std::vector<std::uint32_t>> excludedSeen;              // of each addChunk
  std::vector<std::pair<std::uint64_t, std::uint32_t>> badReplicas;  // chunk, node
  unsigned renewals = 0;
  std::uint32_t leaseRenewMs = 0;  // as create and append tell
  unsigned locationCalls = 0;
  unsigned abandoned = 0;
  std::vector<std::uint64_t> synced;  // lengths told by syncFile
  std::uint64_t lastGeneration = 1;
  std::uint64_t nextId = 100;
  // By client and call id.
  std::map<std::pair<ClientId, std::uint64_t>, std::shared_ptr<capnp::MallocMessageBuilder>>
      answers;

  FakeFile* fileById(std::uint64_t id);
};

class FakeNamenode final : public wire::Namenode::Server {
public:
  explicit FakeNamenode(NamenodeState& state) : state_(state) {}

protected:
  kj::Promise<void> ping(PingContext context) override { return kj::READY_NOW; }
  kj::Promise<void> stat(StatContext context) override;
  kj::Promise<void> list(ListContext context) override;
  kj::Promise<void> mkdirs(MkdirsContext context) override;
  kj::Promise<void> create(CreateContext context) override;
  kj::Promise<void> addChunk(AddChunkContext context) override;
  kj::Promise<void> abandonChunk(AbandonChunkContext context) override;
  kj::Promise<void> complete(CompleteContext context) override;
  kj::Promise<void> getLocations(GetLocationsContext context) override;
  kj::Promise<void> remove(RemoveContext context) override;
  kj::Promise<void> rename(RenameContext context) override;
  kj::Promise<void> renewLease(RenewLeaseContext context) override;
  kj::Promise<void> reportBadReplica(ReportBadReplicaContext context) override;
  kj::Promise<void> append(AppendContext context) override;
  kj::Promise<void> updateChunk(UpdateChunkContext context) override;
  kj::Promise<void> additionalNodes(AdditionalNodesContext context) override;
  kj::Promise<void> updatePipeline(UpdatePipelineContext context) override;
  kj::Promise<void> syncFile(SyncFileContext context) override;

private:
  // Runs `apply` on the results unless the call's answer is recorded already; records it.
  template <typename Results, typename Context>
  kj::Promise<void> change(const char* verb, Context context,
                           const std::function<Result<void>(typename Results::Builder)>& apply);
  bool refuse(wire::Fault::Builder fault);
  void fill(wire::Entry::Builder to, const std::string& name, const FakeFile& file) const;
  void fill(wire::LocatedChunk::Builder to, const FakeChunk& chunk, std::uint64_t offset) const;
  Result<void> commit(FakeFile& file, wire::ChunkCommit::Reader from);
  // The last chunk of an open file, which must be the one that is meant.
  Result<FakeChunk*> lastChunk(std::uint64_t file, wire::ChunkRef::Reader chunk);

  NamenodeState& state_;
};

}  // namespace cairn::client::fakes
