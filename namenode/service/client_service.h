// The namenode's interface for clients: decodes, calls one operation, waits until what the answer
// rests on is durable, replies. Reads stand in client_reads.cc, changes in client_changes.cc,
// attributes in client_attributes.cc, files written again and pipelines that lost a node in
// client_writers.cc, what operators ask for in client_admin.cc. Layer: service.  Threads: the state
// loop.  One object a connection.
//
// Calls may outlive their connection (Cap'n Proto lets them run to their end), so they share the
// state.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "common/rpc/acceptor.h"
#include "common/schema/namenode.capnp.h"
#include "namenode/audit/audit_log.h"
#include "namenode/ops/get_locations.h"
#include "namenode/ops/path.h"
#include "namenode/place/read_order.h"
#include "namenode/service/read_service.h"
#include "namenode/state/state.h"

namespace cairn::nn {

// The state loop as a place to serve reads.
class StateSite final : public ReadSite {
public:
  // `audit`: null for none.
  StateSite(std::shared_ptr<State> state, std::shared_ptr<CallMetrics> metrics,
            std::shared_ptr<AuditLog> audit)
      : ReadSite(state->store, state->host, std::move(metrics)),
        state(std::move(state)),
        audit_(std::move(audit)) {}

  Result<void> allowReads() const override { return state->allowReads(); }
  TxId shown() const override { return state->commits.durableGroup(); }
  Callers& callers() override { return state->callers; }
  AuditSink* auditSink() override { return audit_.get(); }

  const std::shared_ptr<State> state;

private:
  const std::shared_ptr<AuditLog> audit_;
};

class ClientService final : public ReadService {
public:
  ClientService(const std::shared_ptr<StateSite>& site, std::string peerHost)
      : ReadService(site, std::move(peerHost)), state_(site->state) {}

  kj::Promise<void> serverInfo(ServerInfoContext context) override;
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
  kj::Promise<void> report(ReportContext context) override;
  kj::Promise<void> safeMode(SafeModeContext context) override;
  kj::Promise<void> append(AppendContext context) override;
  kj::Promise<void> truncate(TruncateContext context) override;
  kj::Promise<void> recoverLease(RecoverLeaseContext context) override;
  kj::Promise<void> updateChunk(UpdateChunkContext context) override;
  kj::Promise<void> additionalNodes(AdditionalNodesContext context) override;
  kj::Promise<void> updatePipeline(UpdatePipelineContext context) override;
  kj::Promise<void> syncFile(SyncFileContext context) override;

  // client_attributes.cc
  kj::Promise<void> setReplication(SetReplicationContext context) override;
  kj::Promise<void> setPermission(SetPermissionContext context) override;
  kj::Promise<void> setOwner(SetOwnerContext context) override;
  kj::Promise<void> setTimes(SetTimesContext context) override;
  kj::Promise<void> setXAttr(SetXAttrContext context) override;
  kj::Promise<void> removeXAttr(RemoveXAttrContext context) override;
  kj::Promise<void> setStoragePolicy(SetStoragePolicyContext context) override;
  kj::Promise<void> setCompression(SetCompressionContext context) override;
  kj::Promise<void> statFs(StatFsContext context) override;
  kj::Promise<void> concat(ConcatContext context) override;

private:
  // Of one chunk with its replicas' addresses, in a reply.
  static constexpr std::uint64_t LOCATED_WORDS = 128;

  // Answers when what it rests on is durable. `fill(results, answer)`.
  template <typename Context, typename Fill>
  kj::Promise<void> answerChange(Context context, Method method, Applied applied, Fill fill);
  // What most changing calls are: the caller's groups, `operate(Draft&, nn::Context&)`, then as
  // answerChange. `again`: the call itself.
  template <typename Context, typename Operate, typename Fill>
  kj::Promise<void> changeOnce(Context context, Method method,
                               kj::Promise<void> (ClientService::*again)(Context),
                               Operate&& operate, Fill fill);
  // The same of one path: `operate(Draft&, nn::Context&, Path)`.
  template <typename Context, typename Operate, typename Fill>
  kj::Promise<void> changePath(Context context, Method method,
                               kj::Promise<void> (ClientService::*again)(Context),
                               Operate&& operate, Fill fill);
  // Runs a change. `operate(Draft&, nn::Context&)`.
  template <typename Operate>
  Applied change(wire::CallInfo::Reader call, Method method, Operate&& operate);
  // Runs what changes no row but hands out ids, and is not written down: a repetition gets others.
  // `operate(const Draft&, nn::Context&) -> Result<record::Answer>`.
  template <typename Operate>
  Applied promise(wire::CallInfo::Reader call, Operate&& operate);
  // remove() where HDFS demands rights below the directory: walks the tree in slices first.
  kj::Promise<void> removeChecked(RemoveContext context);
  kj::Promise<Result<InodeId>> checkSubtree(RemoveContext context);
  Applied removeOnce(RemoveContext& context, std::optional<InodeId> checkedBelow);
  // Moves the time of access of a file that is being read, if that is due, after the answer: it
  // does not wait. Not in safe mode, nor when changes are refused for another reason.
  void noteRead(wire::Namenode::GetLocationsParams::Reader params, const record::Dirent& entry);
  // Where the caller's machine stands, as far as it is known.
  ReaderPlace readerPlace() const;
  // Of a chunk whose end only datanodes know that are all given up: its known bytes, in copies from
  // before it was opened for writing. Nothing otherwise, or where there is none.
  std::optional<ChunkPlace> asItWasBefore(const ChunkPlace& place) const;
  void fillLocated(const ChunkPlace& place, const ReaderPlace& reader,
                   wire::LocatedChunk::Builder to);

  const std::shared_ptr<State> state_;
};

// Nodes that a call names; more than any cluster of this version has are not looked at.
std::vector<NodeId> nodesOf(capnp::List<std::uint32_t>::Reader named);
// How often a writer is to renew its leases: one sign of life may be lost without another client
// getting its files. HDFS: half of the soft limit.
std::uint32_t leaseRenewMs(const State& state);
// INVALID_ARGUMENT for a call that no lease can go by.
Result<void> requireClient(const Caller& caller);
// The datanodes of an allocation; one that has been forgotten since is left out.
std::vector<const Datanode*> knownNodes(const State& state, const record::Allocation& allocation);
// Version, offset and pipeline.
void fillAllocated(const State& state, const record::Allocation& allocation,
                   wire::LocatedChunk::Builder to);
void fillServerInfo(const State& state, wire::ServerInfo::Builder to);

}  // namespace cairn::nn

#include "namenode/service/client_service_inline.h"
