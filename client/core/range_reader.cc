#include "client/core/range_reader.h"

#include <algorithm>
#include <array>
#include <optional>

#include "client/core/race.h"
#include "client/core/remote_replica.h"
#include "client/core/replica_choice.h"

namespace cairn::client {

kj::Promise<Result<void>> RangeReader::read(FileLayout::Chunk chunk, std::uint64_t offset,
                                            MutableBytes to) {
  std::set<std::uint32_t> tried;
  std::vector<Failure> failures;  // the last of each replica, whether it is still a place or not
  unsigned round = 1;
  auto most = to.size();  // asked for at a time
  while (!to.empty()) {
    const auto* chosen = choose(*chunk, tried);
    if (chosen == nullptr) {
      most = std::min(most, to.size());
      if (most > 1 && forgetDamaged(failures, tried)) {
        // A node answers for all of the frames or for none, and each copy may be damaged in
        // another.
        most /= 2;
        continue;
      }
      if (round == READ_ROUNDS_MAX) co_return fail(allFailed(*chunk, failures));
      const bool damaged = onlyDamaged(failures, tried);
      if (!damaged && (round > 1 || !onlyMoved(failures, tried))) {
        auto pauseMs =
            round * ROUND_PAUSE_MS / 2 + session_.host.random.below(round * ROUND_PAUSE_MS);
        co_await session_.host.timer.afterDelay(pauseMs * kj::MILLISECONDS);
      }
      ++round;
      CO_ASSIGN(chunk, co_await layout_.relocate(chunk->at.offset));
      if (offset + to.size() > chunk->at.length) {
        co_return fail(Code::NOT_FOUND, layout_.path() + " was cut while it was read: chunk " +
                                            std::to_string(chunk->at.chunk) + " has " +
                                            std::to_string(chunk->at.length) + " bytes now");
      }
      if (damaged && choose(*chunk, tried) == nullptr) co_return fail(allFailed(*chunk, failures));
      tried.clear();
      continue;
    }
    auto answers = co_await ask(chunk, *chosen, tried, offset, to.first(std::min(most, to.size())));
    for (auto& failure : answers.failures) {
      tried.insert(failure.replica.node);
      note(*chunk, failure);
      std::erase_if(failures, [&](const Failure& earlier) {
        return earlier.replica.node == failure.replica.node;
      });
      failures.push_back(kj::mv(failure));
    }
    if (answers.got == 0) continue;
    session_.suspects.worked(answers.from);
    offset += answers.got;
    if (most < to.size()) {
      forgetDamaged(failures, tried);
      most *= 2;
    }
    to = to.subspan(answers.got);
  }
  co_return Result<void>();
}

bool RangeReader::onlyMoved(const std::vector<Failure>& failures,
                            const std::set<std::uint32_t>& tried) {
  return !tried.empty() && std::ranges::all_of(failures, [&](const Failure& failure) {
    const auto code = failure.status.code();
    return !tried.contains(failure.replica.node) || code == Code::STALE || code == Code::NOT_FOUND;
  });
}

bool RangeReader::onlyDamaged(const std::vector<Failure>& failures,
                              const std::set<std::uint32_t>& tried) {
  return !tried.empty() && std::ranges::all_of(failures, [&](const Failure& failure) {
    return !tried.contains(failure.replica.node) || failure.status.code() == Code::CORRUPT;
  });
}

bool RangeReader::forgetDamaged(const std::vector<Failure>& failures,
                                std::set<std::uint32_t>& tried) {
  bool any = false;
  for (const auto& failure : failures) {
    const auto code = failure.status.code();
    // A disk that cannot read the replica's bytes is damage like any.
    if (code != Code::CORRUPT && code != Code::IO_ERROR) continue;
    if (tried.erase(failure.replica.node) > 0) any = true;
  }
  return any;
}

kj::Promise<RangeReader::Answers> RangeReader::ask(FileLayout::Chunk chunk, DatanodeAddress first,
                                                   const std::set<std::uint32_t>& tried,
                                                   std::uint64_t offset, MutableBytes to) {
  const auto hedgeMs = session_.options.hedgeAfterMs;
  std::array<DatanodeAddress, 2> asked{kj::mv(first)};  // the calls refer to them
  std::shared_ptr<Buffer> spare;
  Answers answers;
  session_.hedges.requested();
  Race<std::size_t> race;
  race.add(readReplica(*chunk, asked[0], offset, to));
  std::optional<Race<std::size_t>::Answer> early;
  if (hedgeMs > 0) {
    early = co_await race.nextWithin(session_.host.timer, hedgeMs);
    if (!early) {
      auto others = tried;
      others.insert(asked[0].node);
      const auto* second = choose(*chunk, others);
      if (second != nullptr && session_.hedges.take()) {
        asked[1] = *second;
        spare = session_.buffers->take(to.size());
        race.add(readReplica(*chunk, asked[1], offset, spare->bytes().first(to.size())));
      }
    }
  }
  while (early || race.left() > 0) {
    auto answer = early ? kj::mv(*early) : co_await race.next();
    early.reset();
    auto& got = answer.result;
    if (got.has_value() && *got > 0) {
      answers.got = *got;
      answers.from = asked[answer.runner].node;
      if (answer.runner > 0) {
        // The slow one lets go of `to` first; for a while it is asked last.
        race.cancel();
        std::ranges::copy(spare->bytes().first(*got), to.begin());
        session_.suspects.failed(asked[0].node, session_.host.clock.monotonicMs());
      }
      break;
    }
    auto status =
        got.has_value()
            ? Status(Code::STALE, "its replica ends before byte " + std::to_string(offset) +
                                      " of a chunk of " + std::to_string(chunk->at.length))
            : kj::mv(got).error();
    answers.failures.push_back({asked[answer.runner], kj::mv(status)});
  }
  co_return kj::mv(answers);
}

kj::Promise<Result<std::size_t>> RangeReader::readReplica(const LocatedChunk& chunk,
                                                          const DatanodeAddress& replica,
                                                          std::uint64_t offset, MutableBytes to) {
  if (chunk.at.complete && session_.localReplicas.mayServe(replica)) {
    auto got = co_await session_.localReplicas.read(chunk, replica, offset, to);
    if (got.has_value()) {
      offer(chunk.at, replica);
      co_return kj::mv(got);
    }
    // A file that is damaged has good frames, which the datanode knows to find; anything else may
    // be the hand-over's.
    if (got.error().code() == Code::CORRUPT) note(chunk, {replica, kj::mv(got).error()});
  }
  co_return co_await readRemoteReplica(session_.host, session_.connections,
                                       session_.options.datanodeReadMs, chunk, replica, offset, to);
}

void RangeReader::offer(const ChunkLocation& chunk, const DatanodeAddress& replica) {
  // The file may have been cut and written on since this read began.
  const auto now = layout_.known(chunk.offset);
  if (!now || now->at.chunk != chunk.chunk || now->at.generation != chunk.generation) return;
  if (auto opened = session_.localReplicas.opened(chunk, replica)) {
    local_.offer(chunk.offset, chunk.length, opened);
  }
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
    case Code::CORRUPT:
    case Code::IO_ERROR:
      if (bad_.emplace(chunk.at.chunk, node).second) {
        session_.reportBadReplica(chunk.at, node, failure.status.message());
      }
      break;
    case Code::STALE:
    case Code::NOT_FOUND:
      // Of an unfinished chunk's replicas, each has its own length, and gets on.
      if (chunk.at.complete) bad_.emplace(chunk.at.chunk, node);
      break;
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
    const bool damage =
        failure.status.code() == Code::CORRUPT || failure.status.code() == Code::IO_ERROR;
    if (!damage) code = Code::UNAVAILABLE;
    text += separator + describe(failure.replica) + ": " + failure.status.message();
    separator = "; ";
  }
  return {code, kj::mv(text)};
}

}  // namespace cairn::client
