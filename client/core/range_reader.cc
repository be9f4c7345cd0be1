#include "client/core/range_reader.h"

#include "client/core/remote_replica.h"
#include "client/core/replica_choice.h"

namespace cairn::client {

kj::Promise<Result<void>> RangeReader::read(FileLayout::Chunk chunk, std::uint64_t offset,
                                            MutableBytes to) {
  std::set<std::uint32_t> tried;
  std::vector<Failure> failures;  // of the last round in which a replica was tried
  unsigned round = 1;
  while (!to.empty()) {
    const auto* chosen = choose(*chunk, tried);
    if (chosen == nullptr) {
      if (round == READ_ROUNDS_MAX) co_return fail(allFailed(*chunk, failures));
      auto pauseMs =
          round * ROUND_PAUSE_MS / 2 + session_.host.random.below(round * ROUND_PAUSE_MS);
      co_await session_.host.timer.afterDelay(pauseMs * kj::MILLISECONDS);
      ++round;
      CO_ASSIGN(chunk, co_await layout_.refresh(chunk->at.offset));
      tried.clear();
      continue;
    }
    const auto& replica = *chosen;
    auto got = co_await readReplica(*chunk, replica, offset, to);
    if (got.has_value() && *got == 0) {
      got = fail(Code::STALE, "its replica ends before byte " + std::to_string(offset) +
                                  " of a chunk of " + std::to_string(chunk->at.length));
    }
    if (!got.has_value()) {
      if (tried.empty()) failures.clear();
      tried.insert(replica.node);
      failures.push_back({replica, kj::mv(got).error()});
      note(*chunk, failures.back());
      continue;
    }
    session_.suspects.worked(replica.node);
    offset += *got;
    to = to.subspan(*got);
  }
  co_return Result<void>();
}

kj::Promise<Result<std::size_t>> RangeReader::readReplica(const LocatedChunk& chunk,
                                                          const DatanodeAddress& replica,
                                                          std::uint64_t offset, MutableBytes to) {
  if (session_.localReplicas.mayServe(replica)) {
    auto got = co_await session_.localReplicas.read(chunk, replica, offset, to);
    // Damage is the replica's; anything else may be the hand-over's: ask over the socket then.
    if (got.has_value() || got.error().code() == Code::CORRUPT) co_return kj::mv(got);
  }
  co_return co_await readRemoteReplica(session_.host, session_.connections,
                                       session_.options.datanodeReadMs, chunk, replica, offset, to);
}

const DatanodeAddress* RangeReader::choose(const LocatedChunk& chunk,
                                           const std::set<std::uint32_t>& tried) {
  auto nowMs = session_.host.clock.monotonicMs();
  return chooseReplica(
      chunk.at.replicas, session_.options.machine,
      {.tried = tried,
       .isBad = [&](std::uint32_t node) { return bad_.contains({chunk.at.chunk, node}); },
       .isSuspect = [&](std::uint32_t node) { return session_.suspects.contains(node, nowMs); }});
}

void RangeReader::note(const LocatedChunk& chunk, const Failure& failure) {
  auto node = failure.replica.node;
  switch (failure.status.code()) {
    // A disk that cannot read the replica's bytes is damage like any.
    case Code::CORRUPT:
    case Code::IO_ERROR:
      bad_.emplace(chunk.at.chunk, node);
      session_.reportBadReplica(chunk.at, node, failure.status.message());
      break;
    case Code::STALE:
    case Code::NOT_FOUND: bad_.emplace(chunk.at.chunk, node); break;
    default: session_.suspects.failed(node, session_.host.clock.monotonicMs()); break;
  }
}

Status RangeReader::allFailed(const LocatedChunk& chunk,
                              const std::vector<Failure>& failures) const {
  auto text = "chunk " + std::to_string(chunk.at.chunk) + " of " + layout_.path() +
              " (its bytes from " + std::to_string(chunk.at.offset) +
              " on) cannot be read from any datanode";
  if (failures.empty()) return {Code::UNAVAILABLE, text + ": the namenode knows no replica"};
  auto code = Code::CORRUPT;
  const char* separator = ": ";
  for (const auto& failure : failures) {
    if (failure.status.code() != Code::CORRUPT) code = Code::UNAVAILABLE;
    text += separator + describe(failure.replica) + ": " + failure.status.message();
    separator = "; ";
  }
  return {code, kj::mv(text)};
}

}  // namespace cairn::client
