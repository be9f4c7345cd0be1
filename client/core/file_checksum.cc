#include "client/core/file_checksum.h"

#include <algorithm>
#include <set>
#include <vector>

#include "client/core/replica_choice.h"
#include "common/rpc/convert.h"
#include "common/schema/datanode.capnp.h"

namespace cairn::client {
namespace {

// Plain bytes under one CRC.
constexpr std::uint32_t BYTES_PER_CRC = 512;
// Hadoop sums the buffer that holds the chunks' sums with its unused end, which is zero: it begins
// with so many bytes and is doubled when it is full.
constexpr std::size_t SUM_BUFFER_BYTES = 32;

// A datanode that has no sum of its own reads the chunk: 8 GiB at some 100 MB/s.
constexpr std::uint32_t CHECKSUM_MS = 90'000;

kj::Promise<Result<format::Md5>> askReplica(Session& session, const LocatedChunk& chunk,
                                            const DatanodeAddress& replica) {
  CO_ASSIGN(auto datanode, co_await session.connections.get<wire::Datanode>(replica.address));
  auto request = datanode.checksumRequest();
  setChunkRef(chunk.at, request.initChunk());
  request.setLength(chunk.at.length);
  request.setToken(rpc::toData(asBytes(chunk.token)));
  request.setNode(replica.node);
  auto what = "asking for a checksum of " + describe(replica);
  auto sent = rpc::caught(request.send(), what);
  auto response = co_await rpc::withDeadline(session.host.timer, CHECKSUM_MS, kj::mv(sent), what);
  if (!response.has_value()) {
    if (response.error().code() == Code::TIMED_OUT) session.connections.drop(replica.address);
    co_return std::unexpected(kj::mv(response).error());
  }
  CO_TRY(rpc::fromWire(response->getFault()));
  const auto md5 = rpc::toView(response->getMd5());
  if (md5.size() != format::Md5::BYTES || response->getPlainLength() != chunk.at.length) {
    co_return fail(Code::CORRUPT, describe(replica) + " has a sum of " +
                                      std::to_string(response->getPlainLength()) +
                                      " bytes of a chunk of " + std::to_string(chunk.at.length));
  }
  format::Md5 sum;
  std::ranges::copy(md5, sum.bytes.begin());
  co_return sum;
}

kj::Promise<Result<format::Md5>> askAny(Session& session, const LocatedChunk& chunk,
                                        const std::string& path) {
  std::set<std::uint32_t> tried;
  std::string failures;
  while (true) {
    const auto nowMs = session.host.clock.monotonicMs();
    const auto* const replica = chooseReplica(
        chunk.at.replicas, session.options.machine,
        {.tried = tried,
         .isBad = [](std::uint32_t) { return false; },
         .isSuspect = [&](std::uint32_t node) { return session.suspects.contains(node, nowMs); }});
    if (replica == nullptr) break;
    auto sum = co_await askReplica(session, chunk, *replica);
    if (sum.has_value()) co_return kj::mv(sum);
    tried.insert(replica->node);
    failures +=
        (failures.empty() ? ": " : "; ") + describe(*replica) + ": " + sum.error().message();
  }
  co_return fail(Code::UNAVAILABLE,
                 "no datanode tells the checksum of chunk " + std::to_string(chunk.at.chunk) +
                     " of " + path +
                     (failures.empty() ? ": the namenode knows no replica" : failures));
}

}  // namespace

FileChecksum combineChecksums(std::span<const format::Md5> chunks, std::uint64_t firstChunkLength) {
  FileChecksum checksum;
  if (!chunks.empty()) checksum.bytesPerCrc = BYTES_PER_CRC;
  if (chunks.size() > 1) {
    checksum.crcsPerChunk = (firstChunkLength + BYTES_PER_CRC - 1) / BYTES_PER_CRC;
  }
  auto buffer = SUM_BUFFER_BYTES;
  while (buffer < chunks.size() * format::Md5::BYTES) buffer *= 2;
  ByteVector sums(buffer);
  auto at = sums.begin();
  for (const auto& chunk : chunks) at = std::ranges::copy(chunk.bytes, at).out;
  format::Md5Sum sum;
  sum.add(sums);
  checksum.md5 = sum.sum().toString();
  return checksum;
}

kj::Promise<Result<FileChecksum>> checksumOf(Session& session, std::string path) {
  std::vector<format::Md5> sums;
  std::uint64_t firstLength = 0;
  std::uint64_t offset = 0;
  while (true) {
    CO_ASSIGN(auto page, co_await session.namenode.getLocations(path, offset, UINT64_MAX));
    if (page.entry.isDirectory()) co_return fail(Code::IS_A_DIRECTORY, path + " is a directory");
    for (const auto& chunk : page.chunks) {
      if (!chunk.at.complete || chunk.at.length == 0) continue;
      CO_ASSIGN(const auto sum, co_await askAny(session, chunk, path));
      if (sums.empty()) firstLength = chunk.at.length;
      sums.push_back(sum);
      offset = chunk.at.offset + chunk.at.length;
    }
    if (!page.more || page.chunks.empty()) break;
  }
  co_return combineChecksums(sums, firstLength);
}

}  // namespace cairn::client
