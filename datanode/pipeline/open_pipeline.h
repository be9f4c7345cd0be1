// Opens the pipeline of a replica, a new one or one to be gone on with: the nodes behind this one
// first, then the file here.
// Layer: datanode/pipeline.  Threads: one event loop.
#pragma once

#include <kj/async.h>
#include <kj/timer.h>

#include <expected>
#include <optional>

#include "common/base/limits.h"
#include "common/rpc/client_pool.h"
#include "common/schema/datanode.capnp.h"
#include "datanode/pipeline/pipeline_writer.h"
#include "datanode/pipeline/window_pool.h"
#include "datanode/store/buffer_budget.h"
#include "datanode/store/replica_store.h"

namespace cairn::dn {

// What a pipeline is made with; all outlive it.
struct PipelineParts {
  kj::Timer& timer;
  ReplicaStore& store;
  BufferBudget& budget;
  WindowPool& windows;
  rpc::ClientPool& peers;  // connections to other datanodes
  NodeId self;
};

// Nodes behind the first, at most.
inline constexpr std::size_t DOWNSTREAM_NODES_MAX = limits::PIPELINE_NODES_MAX - 1;

struct WriterRequest {
  NewReplica replica;
  std::optional<ResumeReplica> resume;  // go on with this one
};

// Whether the request makes sense. INVALID_ARGUMENT, LIMIT_EXCEEDED. Pure.
Result<WriterRequest> checkOpenWriter(wire::Datanode::OpenWriterParams::Reader request);

// `request` stays valid until the promise settles. The errors of checkOpenWriter() and of
// ReplicaStore::create() or resume(), and those of the nodes behind, each with the node that has
// it.
kj::Promise<std::expected<kj::Own<PipelineWriter>, PipelineFailure>> openPipeline(
    PipelineParts parts, wire::Datanode::OpenWriterParams::Reader request);

}  // namespace cairn::dn
