#include "namenode/ops/update_pipeline.h"

#include <algorithm>
#include <set>

#include "common/base/limits.h"
#include "namenode/meta/records.h"
#include "namenode/ops/replicas.h"

namespace cairn::nn {
namespace {

bool isOnRecord(const record::Chunk& chunk, const UpdatePipelineRequest& request) {
  return chunk.generation() == request.generation.value &&
         std::ranges::equal(chunk.pipeline(), request.nodes, {}, {}, &NodeId::value);
}

Result<void> check(const Context& context, const OpenChunk& open,
                   const UpdatePipelineRequest& request) {
  const auto refuse = [&](const std::string& why) {
    return fail(Code::INVALID_ARGUMENT, "chunk " + std::to_string(open.last.id.value) + ": " + why);
  };
  if (request.nodes.empty()) return refuse("a pipeline has one datanode at least");
  if (request.nodes.size() > limits::PIPELINE_NODES_MAX) {
    return refuse("a pipeline has " + std::to_string(limits::PIPELINE_NODES_MAX) +
                  " datanodes at most");
  }
  const std::set<NodeId> distinct(request.nodes.begin(), request.nodes.end());
  if (distinct.size() != request.nodes.size() || !*distinct.begin()) {
    return refuse("the pipeline names a datanode twice, or none");
  }
  if (request.generation.value <= open.last.chunk.generation() ||
      !context.ids.wasHandedOut(request.generation)) {
    return refuse("generation " + std::to_string(request.generation.value) +
                  " was not promised for it");
  }
  if (request.length < open.last.chunk.length() || request.length > open.file.entry.chunk_size()) {
    return refuse("its copies cannot have " + std::to_string(request.length) + " bytes: " +
                  std::to_string(open.last.chunk.length()) + " are known to be there, and " +
                  std::to_string(open.file.entry.chunk_size()) + " is the most");
  }
  return {};
}

}  // namespace

Result<Outcome> updatePipeline(Draft& draft, Context& context,
                               const UpdatePipelineRequest& request) {
  ASSIGN(auto open, requireOpenChunk(draft, context.caller, request.file, request.chunk.chunk));
  if (isOnRecord(open.last.chunk, request)) return Outcome();
  TRY(requireGeneration(open.last, request.chunk.generation));
  TRY(check(context, open, request));
  const record::Dirent before = open.file.entry;
  if (raiseKnownLength(open, request.length)) {
    draft.changeEntry(open.file.parent, open.file.name, before, std::move(open.file.entry));
  }
  record::Chunk& chunk = open.last.chunk;
  chunk.set_generation(request.generation.value);
  chunk.clear_pipeline();
  for (const NodeId node : request.nodes) {
    chunk.add_pipeline(node.value);
    // What it had finished, it has taken back.
    ASSIGN(const auto known, findReplica(draft, open.last.id, node));
    if (known.has_value() && known->generation() < request.generation.value) {
      TRY(dropReplica(draft, open.last.id, node, *known));
    }
  }
  draft.update(Table::CHUNK, chunkKey(open.last.id), std::move(chunk));
  return Outcome();
}

}  // namespace cairn::nn
