// Files that are written again, and pipelines that lose datanodes, on tables in memory.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "namenode/ops/additional_nodes.h"
#include "namenode/ops/append.h"
#include "namenode/ops/commit_recovery.h"
#include "namenode/ops/recover_chunk.h"
#include "namenode/ops/recover_lease.h"
#include "namenode/ops/replicas.h"
#include "namenode/ops/report_replica.h"
#include "namenode/ops/sync_file.h"
#include "namenode/ops/truncate.h"
#include "namenode/ops/update_chunk.h"
#include "namenode/ops/update_pipeline.h"
#include "tests/namenode/ops/fixture.h"

namespace cairn::nn {

class WritersFixture : public OpsTest {
protected:
  using State = ReportedReplica::State;

  static ChunkVersion versionOf(const record::Allocation& chunk) {
    return {ChunkId(chunk.chunk()), GenerationStamp(chunk.generation())};
  }
  Result<record::Answer> appendTo(const std::string& path, bool newChunk = false) {
    ASSIGN(const auto parsed, Path::parse(path));
    ASSIGN(auto outcome, run([&](Draft& draft, Context& context) {
             return append(
                 draft, context,
                 {.path = parsed, .newChunk = newChunk, .usable = [&](NodeId node, ChunkId) {
                    return !away.contains(node.value);
                  }});
           }));
    return std::move(outcome.answer);
  }
  Result<bool> cut(const std::string& path, std::uint64_t length) {
    ASSIGN(const auto parsed, Path::parse(path));
    ASSIGN(const auto outcome, run([&](Draft& draft, Context& context) {
             return truncate(draft, context, {.path = parsed, .length = length});
           }));
    return outcome.answer.flag();
  }
  Result<GenerationStamp> promise(InodeId file, const record::Allocation& chunk) {
    Result<GenerationStamp> generation = GenerationStamp();
    const auto outcome = run([&](Draft& draft, Context& context) -> Result<Outcome> {
      generation = updateChunk(draft, context, file, versionOf(chunk));
      EXPECT_TRUE(draft.empty());
      return Outcome();
    });
    return generation;
  }
  // Puts it on record, and into `chunk`.
  Result<void> rebuild(InodeId file, record::Allocation& chunk, GenerationStamp generation,
                       std::uint64_t length, const std::vector<std::uint32_t>& on) {
    std::vector<NodeId> pipeline;
    for (const auto node : on) pipeline.emplace_back(node);
    TRY(run([&](Draft& draft, Context& context) {
      return updatePipeline(draft, context,
                            {.file = file,
                             .chunk = versionOf(chunk),
                             .generation = generation,
                             .length = length,
                             .nodes = pipeline});
    }));
    chunk.set_generation(generation.value);
    chunk.clear_pipeline();
    for (const auto node : on) chunk.add_pipeline(node);
    return {};
  }
  Result<Outcome> sync(InodeId file, const record::Allocation& chunk, std::uint64_t length) {
    return run([&](Draft& draft, Context& context) {
      return syncFile(draft, context, {.file = file, .chunk = versionOf(chunk), .length = length});
    });
  }
  std::vector<ReplicaDelete> report(std::uint32_t node, const record::Allocation& chunk,
                                    std::uint64_t length, State state = State::FINAL) {
    std::vector<ReplicaDelete> deletes;
    const Reporter from{
        .node = NodeId(node), .epoch = Epoch(5), .registeredAt = TxId(0), .ids = ids};
    EXPECT_OK(run([&](Draft& draft, Context&) -> Result<Outcome> {
      TRY(reportReplica(draft, from,
                        {.chunk = ChunkId(chunk.chunk()),
                         .generation = GenerationStamp(chunk.generation()),
                         .length = length,
                         .storedLength = length,
                         .state = state,
                         .volume = 0},
                        deletes));
      return Outcome();
    }));
    return deletes;
  }
  record::Chunk chunkOf(const record::Allocation& chunk) {
    return findChunk(view, ChunkId(chunk.chunk())).value().value_or(record::Chunk());
  }
  // Datanodes with a copy on record, and its generation.
  std::vector<std::pair<std::uint32_t, std::uint64_t>> copies(const record::Allocation& chunk) {
    std::vector<std::pair<std::uint32_t, std::uint64_t>> all;
    for (const auto& known : replicasOf(view, ChunkId(chunk.chunk())).value()) {
      all.emplace_back(known.node.value, known.replica.generation());
    }
    return all;
  }
  std::vector<std::uint32_t> pipelineOf(const record::Allocation& chunk) {
    const auto row = chunkOf(chunk);
    return {row.pipeline().begin(), row.pipeline().end()};
  }
  // The file's length is the sum of its chunks': what every operation has to keep up.
  void expectLengthsAddUp(const std::string& path) {
    const auto entry = look(path).value();
    std::uint64_t length = 0;
    std::uint64_t storedLength = 0;
    for (std::uint32_t i = 0; i < entry.chunk_count(); ++i) {
      const auto link = findFileChunk(view, InodeId(entry.id()), i).value();
      ASSERT_TRUE(link.has_value());
      const auto chunk = findChunk(view, ChunkId(link->chunk())).value();
      ASSERT_TRUE(chunk.has_value());
      EXPECT_EQ(link->offset(), length);
      EXPECT_EQ(chunk->inode(), entry.id());
      EXPECT_EQ(chunk->index(), i);
      length += chunk->length();
      storedLength += chunk->stored_length();
    }
    EXPECT_EQ(entry.length(), length);
    EXPECT_EQ(entry.stored_length(), storedLength);
  }

  // --- Recovery ---
  Result<Outcome> release(InodeId file) {
    return run([&](Draft& draft, Context&) { return releaseLease(draft, nowMs, file); });
  }
  // The next attempt, asking `on`, or all that may have the chunk.
  std::optional<RecoveryOrder> attempt(InodeId file, std::vector<NodeId> on = {},
                                       bool older = false) {
    std::optional<RecoveryOrder> order;
    EXPECT_OK(run([&](Draft& draft, Context&) -> Result<Outcome> {
      ASSIGN(auto target, findRecovery(draft, file));
      if (!target.has_value()) return Outcome();
      if (on.empty()) on = target->nodes;
      auto others = older ? target->older : std::vector<NodeId>();
      order = beginRecovery(draft, ids, std::move(*target), on, std::move(others));
      return Outcome();
    }));
    return order;
  }
  Result<Outcome> settle(const RecoveryOrder& order, std::uint64_t length,
                         const std::vector<std::uint32_t>& on, bool allAsked = true) {
    CommitRecoveryRequest request{.chunk = order.chunk,
                                  .newGeneration = order.newGeneration,
                                  .length = length,
                                  .sealed = {},
                                  .allAsked = allAsked};
    for (const auto node : on) request.sealed.push_back({NodeId(node), length / 2});
    return run([&](Draft& draft, Context&) { return commitRecovery(draft, nowMs, request); });
  }

  std::set<std::uint32_t> away;  // datanodes that cannot be had
};

}  // namespace cairn::nn
