#include "namenode/ops/commit_recovery.h"

#include <algorithm>

#include "namenode/meta/records.h"
#include "namenode/ops/abandon_chunk.h"
#include "namenode/ops/close_file.h"
#include "namenode/ops/recover_chunk.h"
#include "namenode/ops/replicas.h"

namespace cairn::nn {
namespace {

// Whether the outcome can be true of this chunk.
Result<void> check(const RecoveryTarget& target, const CommitRecoveryRequest& request) {
  const record::Chunk& chunk = target.last.chunk;
  const auto name = "chunk " + std::to_string(target.last.id.value);
  if (request.length > target.file.entry.chunk_size()) {
    return fail(Code::INVALID_ARGUMENT,
                name + " cannot have " + std::to_string(request.length) + " bytes");
  }
  TRY(checkSealed(target.last.id, request.length, request.sealed));
  if (chunk.cut() && !request.sealed.empty() && request.length != chunk.cut_length()) {
    return fail(Code::INVALID_ARGUMENT, name + " was to be cut to " +
                                            std::to_string(chunk.cut_length()) + " bytes, not " +
                                            std::to_string(request.length));
  }
  return {};
}

// Takes the copies in, and orders the deletes of all others.
Result<std::uint64_t> replaceCopies(Draft& draft, const LastChunk& last,
                                    const CommitRecoveryRequest& request,
                                    std::vector<ReplicaDelete>& deletes) {
  const auto isSealed = [&](NodeId node) {
    return std::ranges::find(request.sealed, node, &SealedCopy::node) != request.sealed.end();
  };
  ASSIGN(const auto known, replicasOf(draft, last.id));
  for (const auto& [node, replica] : known) {
    if (!isSealed(node)) {
      deletes.push_back({node, last.id, GenerationStamp(replica.generation())});
    }
    TRY(dropReplica(draft, last.id, node, replica));
  }
  for (const auto number : last.chunk.pipeline()) {
    const NodeId node(number);
    const ReplicaDelete one{node, last.id, GenerationStamp(last.chunk.generation())};
    if (!isSealed(node) && std::ranges::find(deletes, one) == deletes.end()) deletes.push_back(one);
  }
  std::uint64_t storedLength = 0;
  for (const auto& sealed : request.sealed) {
    if (!takesPart(last.chunk, sealed.node)) continue;
    TRY(noteSealed(draft, last.id, request.newGeneration, request.length, sealed));
    storedLength = std::max(storedLength, sealed.storedLength);
  }
  return storedLength;
}

}  // namespace

Result<Outcome> commitRecovery(Draft& draft, UnixMillis nowMs,
                               const CommitRecoveryRequest& request) {
  const auto name = "chunk " + std::to_string(request.chunk.value);
  Outcome outcome;
  ASSIGN(const auto row, findChunk(draft, request.chunk));
  if (!row.has_value()) return fail(Code::NOT_FOUND, name + " was removed");
  if (row->state() == record::CHUNK_COMMITTED && row->length() == request.length &&
      row->generation() == request.newGeneration.value) {
    return outcome;
  }
  ASSIGN(const auto reachable, findReachableFile(draft, InodeId(row->inode())));
  if (!reachable.has_value()) return fail(Code::NOT_FOUND, "the file of " + name + " was removed");
  ASSIGN(auto target, findRecovery(draft, InodeId(row->inode())));
  if (!target.has_value() || target->last.id != request.chunk ||
      target->last.chunk.recovery_generation() != request.newGeneration.value) {
    return fail(Code::STALE, "recovery " + std::to_string(request.newGeneration.value) + " of " +
                                 name + " is not the present one");
  }
  TRY(check(*target, request));
  PlacedFile& file = target->file;
  const record::Chunk& chunk = target->last.chunk;
  const bool anyCopy = std::ranges::any_of(
      request.sealed, [&](const SealedCopy& sealed) { return takesPart(chunk, sealed.node); });
  const bool nothing = request.length == 0 || !anyCopy;
  if (request.length < chunk.length() || (nothing && chunk.length() > 0)) {
    return fail(Code::UNAVAILABLE, name + " had " + std::to_string(chunk.length()) +
                                       " bytes: the datanodes that were asked do not have them");
  }
  if (nothing && !request.allAsked) {
    return fail(Code::UNAVAILABLE, name + " may have bytes on datanodes that were not asked");
  }
  const record::Dirent before = file.entry;
  if (nothing) {
    ASSIGN(outcome.deletes, dropLastChunk(draft, file, target->last));
    for (const auto& sealed : request.sealed) {
      outcome.deletes.push_back({sealed.node, request.chunk, request.newGeneration});
    }
  } else {
    ASSIGN(const auto storedLength, replaceCopies(draft, target->last, request, outcome.deletes));
    if (request.sealed.size() < before.replication()) {
      outcome.shortChunks.push_back(request.chunk);
    }
    target->last.chunk.set_generation(request.newGeneration.value);
    settleChunk(draft, file, std::move(target->last), request.length, storedLength);
  }
  outcome.answer.set_flag(true);
  *outcome.answer.mutable_entry() = closeFile(draft, std::move(file), before, nowMs);
  return outcome;
}

}  // namespace cairn::nn
