#include "mapreduce/plan/splits.h"

#include <algorithm>
#include <map>
#include <utility>

namespace cairn::mr {
namespace {

// A last split may be a tenth larger than the others. Hadoop: SPLIT_SLOP = 1.1.

std::uint64_t splitBytes(const InputFile& file, const SplitRule& rule) {
  const std::uint64_t chunk = file.chunkBytes > 0 ? file.chunkBytes : SPLIT_BYTES_DEFAULT;
  return std::max({rule.minBytes, std::min(rule.maxBytes, chunk), std::uint64_t{1}});
}

bool fitsLastSplit(std::uint64_t left, std::uint64_t size) {
  return left <= size || left - size <= size / 10;
}

// `firstChunk` is moved on to the first chunk that ends behind `begin`: splits come in order.
std::vector<NodeId> nodesOf(const InputFile& file, std::uint64_t begin, std::uint64_t end,
                            std::size_t& firstChunk) {
  const auto& chunks = file.chunks;
  while (firstChunk < chunks.size() &&
         chunks[firstChunk].offset + chunks[firstChunk].length <= begin) {
    ++firstChunk;
  }
  std::map<NodeId, std::uint64_t> bytesOn;
  for (std::size_t i = firstChunk; i < chunks.size() && chunks[i].offset < end; ++i) {
    const auto from = std::max(begin, chunks[i].offset);
    const auto to = std::min(end, chunks[i].offset + chunks[i].length);
    for (const auto node : chunks[i].nodes) bytesOn[node] += to - from;
  }
  std::vector<std::pair<std::uint64_t, NodeId>> ranked;
  for (const auto& [node, bytes] : bytesOn) ranked.emplace_back(bytes, node);
  std::ranges::sort(ranked, [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  std::vector<NodeId> nodes;
  if (ranked.empty()) return nodes;
  const std::uint64_t most = ranked.front().first;
  const std::uint64_t half = (end - begin) / 2 + (end - begin) % 2;
  const std::uint64_t enough = std::min(most, half);
  for (const auto& [bytes, node] : ranked) {
    if (bytes < enough || nodes.size() == SPLIT_NODES_MAX) break;
    nodes.push_back(node);
  }
  return nodes;
}

}  // namespace

Result<std::vector<InputSplit>> planSplits(const std::vector<InputFile>& files,
                                           const SplitRule& rule) {
  if (rule.minBytes > rule.maxBytes) {
    return fail(Code::INVALID_ARGUMENT, "mapreduce.input.fileinputformat.split.minsize is " +
                                            std::to_string(rule.minBytes) +
                                            ", above split.maxsize, which is " +
                                            std::to_string(rule.maxBytes));
  }
  std::vector<InputSplit> splits;
  for (const auto& file : files) {
    const std::uint64_t size = splitBytes(file, rule);
    std::size_t firstChunk = 0;
    for (std::uint64_t at = 0; at < file.length;) {
      const std::uint64_t left = file.length - at;
      const std::uint64_t length = fitsLastSplit(left, size) ? left : size;
      if (splits.size() == SPLITS_MAX) {
        return fail(Code::LIMIT_EXCEEDED,
                    "the input has more than " + std::to_string(SPLITS_MAX) +
                        " splits; raise mapreduce.input.fileinputformat.split.minsize");
      }
      splits.push_back({.path = file.path,
                        .offset = at,
                        .length = length,
                        .chunkBytes = file.chunkBytes,
                        .nodes = nodesOf(file, at, at + length, firstChunk)});
      at += length;
    }
  }
  return splits;
}

}  // namespace cairn::mr
