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
#include "namenode/service/metrics.h"
#include "namenode/state/state.h"

namespace cairn::nn {

class ClientService final : public wire::Namenode::Server {
public:
  // `audit`: null for none.
  ClientService(std::shared_ptr<State> state, std::shared_ptr<CallMetrics> metrics,
                std::shared_ptr<AuditLog> audit, std::string peerHost)
      : state_(std::move(state)),
        metrics_(std::move(metrics)),
        audit_(std::move(audit)),
        peerHost_(std::move(peerHost)) {}

  kj::Promise<void> ping(PingContext context) override;
  kj::Promise<void> serverInfo(ServerInfoContext context) override;
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
  kj::Promise<void> getXAttrs(GetXAttrsContext context) override;
  kj::Promise<void> contentSummary(ContentSummaryContext context) override;
  kj::Promise<void> setStoragePolicy(SetStoragePolicyContext context) override;
  kj::Promise<void> setCompression(SetCompressionContext context) override;
  kj::Promise<void> statFs(StatFsContext context) override;
  kj::Promise<void> concat(ConcatContext context) override;

private:
  // An entry with its names, or an address or two.
  static constexpr std::uint64_t ENTRY_REPLY_WORDS = 64;
  // Of one entry of a listing, and of one chunk with its replicas' addresses.
  static constexpr std::uint64_t LISTED_WORDS = 32;
  static constexpr std::uint64_t LOCATED_WORDS = 128;

  // Whether the caller's groups have to be looked up before its call can be served.
  bool isNew(wire::CallInfo::Reader call);
  // Looks them up, then calls `method` with the same context again.
  template <typename Context>
  kj::Promise<void> onceKnown(Context context, kj::Promise<void> (ClientService::*method)(Context));
  // The caller as the state knows it, with the client of this call. INVALID_ARGUMENT. REQUIRES:
  // !isNew(call).
  Result<Caller*> callerOf(wire::CallInfo::Reader call);
  // Writes down, with the answer, that it was given or denied. Nothing for a call that failed
  // otherwise, as in HDFS.
  template <typename Params, typename Value>
  void audit(std::string_view command, Params params, const Result<Value>& answer);
  // Fills a read's fault, or `fill(results, value)` what was read. `words`: about the reply's size
  // in words of 8 bytes; without it each reply would take, and clear, 8 KiB.
  template <typename Context, typename Value, typename Fill>
  kj::Promise<void> answerRead(Context& context, Method method, const Result<Value>& value,
                               Fill&& fill, std::uint64_t words = ENTRY_REPLY_WORDS);
  // What a call reads of its path: `read(const MetaView&, const Caller&, const Path&)`, a result,
  // on one moment of the tables.
  template <typename Params, typename Read>
  auto readPath(Params params, Read&& read)
      -> std::invoke_result_t<Read&, const MetaView&, const Caller&, const Path&>;
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
  // Where the caller's machine stands, as far as it is known.
  ReaderPlace readerPlace() const;
  void fillLocated(const ChunkPlace& place, const ReaderPlace& reader,
                   wire::LocatedChunk::Builder to);

  std::shared_ptr<State> state_;
  std::shared_ptr<CallMetrics> metrics_;
  std::shared_ptr<AuditLog> audit_;
  std::string peerHost_;
};

// Nodes that a call names; more than any cluster of this version has are not looked at.
std::vector<NodeId> nodesOf(capnp::List<std::uint32_t>::Reader named);
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
