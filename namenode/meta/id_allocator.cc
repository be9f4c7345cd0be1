#include "namenode/meta/id_allocator.h"

#include <algorithm>

namespace cairn::nn {
namespace {

// storage.md, N1: one row of reservations per so many creates.
constexpr std::uint64_t INODE_BATCH = 4096;
constexpr std::uint64_t CHUNK_BATCH = 10'000;
constexpr std::uint64_t GENERATION_BATCH = 10'000;
constexpr std::uint64_t NODE_BATCH = 1;

constexpr std::uint64_t CHUNK_STEP = 16;  // ids.h: the low four bits are zero
// HDFS's first ids: people know what they look like.
constexpr std::uint64_t FIRST_INODE = ROOT_INODE.value + 1;
constexpr std::uint64_t FIRST_CHUNK = 1ULL << 30;
constexpr std::uint64_t FIRST_GENERATION = 1001;
constexpr std::uint64_t FIRST_NODE = 1;
// Nobody has counted to it: a name of a file that was made by hand must not use up all ids.
constexpr std::uint64_t ID_END = 1ULL << 62;
// More ids than a cluster uses in years, at a million a second for twelve days. A multiple of
// CHUNK_STEP.
constexpr std::uint64_t LEAP = 1ULL << 40;

}  // namespace

IdAllocator::IdAllocator(const record::Reservations& durable)
    : inode_{std::max(durable.inode(), FIRST_INODE), durable.inode()},
      chunk_{std::max(durable.chunk(), FIRST_CHUNK), durable.chunk()},
      generation_{std::max(durable.generation(), FIRST_GENERATION), durable.generation()},
      node_{std::max<std::uint64_t>(durable.node(), FIRST_NODE), durable.node()} {}

std::uint64_t IdAllocator::take(std::uint64_t& next, std::uint64_t& reserved, std::uint64_t step,
                                std::uint64_t batch) {
  const std::uint64_t id = next;
  next += step;
  if (next > reserved) {
    reserved = id + step * batch;
    changed_ = true;
  }
  return id;
}

InodeId IdAllocator::nextInode() {
  return InodeId(take(inode_.next, inode_.reserved, 1, INODE_BATCH));
}

ChunkId IdAllocator::nextChunk() {
  return ChunkId(take(chunk_.next, chunk_.reserved, CHUNK_STEP, CHUNK_BATCH));
}

GenerationStamp IdAllocator::nextGeneration() {
  return GenerationStamp(take(generation_.next, generation_.reserved, 1, GENERATION_BATCH));
}

NodeId IdAllocator::nextNode() {
  return NodeId(static_cast<std::uint32_t>(take(node_.next, node_.reserved, 1, NODE_BATCH)));
}

bool IdAllocator::wasHandedOut(ChunkId chunk) const {
  return chunk.value >= FIRST_CHUNK && chunk.value < chunk_.next && chunk.value % CHUNK_STEP == 0;
}

bool IdAllocator::wasHandedOut(GenerationStamp generation) const {
  return generation.value >= FIRST_GENERATION && generation.value < generation_.next;
}

bool IdAllocator::isAhead(ChunkId chunk) const {
  return chunk.value >= chunk_.next && chunk.value < ID_END && chunk.value % CHUNK_STEP == 0;
}

bool IdAllocator::isAhead(GenerationStamp generation) const {
  return generation.value >= generation_.next && generation.value < ID_END;
}

void IdAllocator::leap(ChunkId chunk, GenerationStamp generation) {
  leap(inode_, 0);
  leap(chunk_, chunk.value - chunk.value % CHUNK_STEP);
  leap(generation_, generation.value);
}

void IdAllocator::leap(Counter& counter, std::uint64_t reported) {
  counter.next = std::max(counter.next, reported) + LEAP;
  counter.reserved = std::max(counter.reserved, counter.next);
  changed_ = true;
}

std::optional<record::Reservations> IdAllocator::takeReservations() {
  if (!changed_) return std::nullopt;
  changed_ = false;
  record::Reservations marks;
  marks.set_inode(inode_.reserved);
  marks.set_chunk(chunk_.reserved);
  marks.set_generation(generation_.reserved);
  marks.set_node(static_cast<std::uint32_t>(node_.reserved));
  return marks;
}

}  // namespace cairn::nn
