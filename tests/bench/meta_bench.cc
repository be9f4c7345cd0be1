// What the namenode pays for its tables' formats: rows as records, groups of changes as the log
// holds them, paths and keys. Beside each stands its limit, a copy of the same bytes: what is
// above it is the codec.
//
// Allocations are part of it, as in the namenode: a row is encoded into a string of its own
// (Draft::put) and decoded into a record of its own (readRow); so is the copy.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "common/base/bytes.h"
#include "namenode/meta/draft.h"
#include "namenode/meta/group_record.h"
#include "namenode/meta/keys.h"
#include "namenode/meta/overlay.h"
#include "namenode/meta/records.h"
#include "namenode/ops/path.h"
#include "tests/namenode/map_view.h"

namespace cairn::nn {
namespace {

// Numbers as large as those of a namenode with hundreds of millions of files: they are stored in as
// many bytes as they need.
constexpr std::uint64_t TXID = 1'000'000'000;
constexpr std::uint64_t INODE = 500'000'000;
constexpr std::uint64_t CHUNK = std::uint64_t{900'000'000} << 4;
constexpr std::uint64_t GENERATION = 900'001'001;
constexpr std::int64_t TIME_MS = 1'760'000'000'000;
constexpr std::uint64_t LENGTH = 134'217'728;
constexpr std::string_view NAME = "part-r-00042.zst";

void countBytes(benchmark::State& state, std::size_t each) {
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * each));
  state.counters["bytes"] = static_cast<double>(each);
}

// --- Records ---

record::Dirent fileEntry() {
  record::Dirent entry;
  entry.set_txid(TXID);
  entry.set_id(INODE);
  entry.set_kind(record::FILE);
  entry.set_mode(0644);
  entry.set_owner("hadoop");
  entry.set_group("supergroup");
  entry.set_mtime_ms(TIME_MS);
  entry.set_atime_ms(TIME_MS);
  entry.set_replication(3);
  entry.set_chunk_size(LENGTH);
  entry.set_chunk_count(3);
  entry.set_length(3 * LENGTH);
  entry.set_stored_length(LENGTH);
  entry.set_codec(record::CODEC_ZSTD);
  entry.set_zstd_level(1);
  return entry;
}

record::Dirent directoryEntry() {
  record::Dirent entry;
  entry.set_txid(TXID);
  entry.set_id(INODE);
  entry.set_kind(record::DIRECTORY);
  entry.set_mode(0755);
  entry.set_owner("hadoop");
  entry.set_group("supergroup");
  entry.set_mtime_ms(TIME_MS);
  entry.set_child_count(1000);
  return entry;
}

record::Inode inode() {
  record::Inode inode;
  inode.set_txid(TXID);
  inode.set_parent(INODE);
  inode.set_name(std::string(NAME));
  return inode;
}

record::FileChunk fileChunk() {
  record::FileChunk row;
  row.set_txid(TXID);
  row.set_chunk(CHUNK);
  row.set_offset(LENGTH);
  return row;
}

record::Chunk chunk() {
  record::Chunk chunk;
  chunk.set_txid(TXID);
  chunk.set_inode(INODE);
  chunk.set_index(1);
  chunk.set_generation(GENERATION);
  chunk.set_state(record::CHUNK_COMMITTED);
  chunk.set_length(LENGTH);
  chunk.set_stored_length(LENGTH / 3);
  return chunk;
}

record::Chunk openChunk() {
  auto open = chunk();
  open.set_state(record::CHUNK_UNDER_CONSTRUCTION);
  open.clear_stored_length();
  for (const std::uint32_t node : {17U, 1200U, 404U}) open.add_pipeline(node);
  return open;
}

record::Replica replica() {
  record::Replica replica;
  replica.set_txid(TXID);
  replica.set_generation(GENERATION);
  replica.set_length(LENGTH);
  replica.set_stored_length(LENGTH / 3);
  replica.set_volume(3);
  replica.set_confirmed_epoch(12);
  return replica;
}

record::Lease lease() {
  record::Lease lease;
  lease.set_txid(TXID);
  lease.set_client(uuidBytes(Uuid::fromHighLow(~0ULL, 1)));
  lease.set_user("hadoop");
  lease.set_created_ms(TIME_MS);
  return lease;
}

record::Summary summary() {
  record::Summary summary;
  summary.set_txid(TXID);
  summary.set_files(1'000'000);
  summary.set_directories(1000);
  summary.set_length(1'000'000 * LENGTH);
  summary.set_space_consumed(3'000'000 * LENGTH);
  summary.set_stored_length(300'000 * LENGTH);
  summary.set_stored_consumed(900'000 * LENGTH);
  return summary;
}

// The limit of both directions: the row's bytes into a string of their own.
template <typename Record>
void copy(benchmark::State& state, Record (*make)()) {
  const std::string row = make().SerializeAsString();
  for (auto _ : state) {
    std::string bytes(row);
    benchmark::DoNotOptimize(bytes.data());
  }
  countBytes(state, row.size());
}

template <typename Record>
void encode(benchmark::State& state, Record (*make)()) {
  const Record record = make();
  std::size_t size = 0;
  for (auto _ : state) {
    const std::string bytes = record.SerializeAsString();
    benchmark::DoNotOptimize(bytes.data());
    size = bytes.size();
  }
  countBytes(state, size);
}

template <typename Record>
void decode(benchmark::State& state, Record (*make)()) {
  const std::string row = make().SerializeAsString();
  for (auto _ : state) {
    Record record;
    if (!parseRow(Table::DIRENT, "key", row, record)) state.SkipWithError("a good row was refused");
    benchmark::DoNotOptimize(record);
  }
  countBytes(state, row.size());
}

#define CAIRN_RECORD_BENCH(name)         \
  BENCHMARK_CAPTURE(copy, name, name);   \
  BENCHMARK_CAPTURE(encode, name, name); \
  BENCHMARK_CAPTURE(decode, name, name)

CAIRN_RECORD_BENCH(fileEntry);
CAIRN_RECORD_BENCH(directoryEntry);
CAIRN_RECORD_BENCH(inode);
CAIRN_RECORD_BENCH(fileChunk);
CAIRN_RECORD_BENCH(chunk);
CAIRN_RECORD_BENCH(openChunk);
CAIRN_RECORD_BENCH(replica);
CAIRN_RECORD_BENCH(lease);
CAIRN_RECORD_BENCH(summary);

// --- Groups: the rows of creates, as the log holds them ---

// What `creates` creates in one directory leave in a group.
Overlay creates(std::int64_t creates) {
  const MapView empty;
  Draft draft({.durable = &empty}, TxId(TXID));
  for (std::int64_t i = 0; i < creates; ++i) {
    const InodeId id(INODE + static_cast<std::uint64_t>(i));
    const std::string name = std::string(NAME) + std::to_string(i);
    auto entry = fileEntry();
    entry.set_id(id.value);
    auto place = inode();
    place.set_name(name);
    draft.insert(Table::DIRENT, direntKey(ROOT_INODE, name), entry);
    draft.insert(Table::INODE, inodeKey(id), place);
    draft.insert(Table::LEASE, inodeKey(id), lease());
  }
  return draft.takeChanges();
}

record::Group groupHead() {
  record::Group head;
  head.set_txid(TXID);
  head.set_epoch(12);
  head.set_time_ms(TIME_MS);
  head.set_checksum(~0ULL);
  head.mutable_counts()->set_files(INODE);
  head.mutable_counts()->set_chunks(INODE);
  return head;
}

std::string groupOf(std::int64_t count) {
  std::string bytes;
  encodeGroup(groupHead(), creates(count), {}, bytes);
  return bytes;
}

void copyGroup(benchmark::State& state) {
  const std::string group = groupOf(state.range(0));
  std::string to;
  for (auto _ : state) {
    to.assign(group);
    benchmark::DoNotOptimize(to.data());
  }
  countBytes(state, group.size());
}

void groupToBytes(benchmark::State& state) {
  const auto changes = creates(state.range(0));
  const auto head = groupHead();
  std::string to;
  for (auto _ : state) {
    encodeGroup(head, changes, {}, to);
    benchmark::DoNotOptimize(to.data());
  }
  countBytes(state, to.size());
}

void groupFromBytes(benchmark::State& state) {
  const std::string group = groupOf(state.range(0));
  for (auto _ : state) {
    std::size_t bytes = 0;
    const auto head = decodeGroup(asBytes(group), [&](const GroupRow& row) -> Result<void> {
      bytes += row.key.size() + row.value->size();
      return {};
    });
    if (!head.has_value()) state.SkipWithError("a good group was refused");
    benchmark::DoNotOptimize(bytes);
  }
  countBytes(state, group.size());
}

// The creates of one group: one, and as many as are in flight at a time in `cairn bench nn`.
BENCHMARK(copyGroup)->Arg(1)->Arg(32);
BENCHMARK(groupToBytes)->Arg(1)->Arg(32);
BENCHMARK(groupFromBytes)->Arg(1)->Arg(32);

// --- Paths ---

// `depth` components; the last one is a file's name.
std::string pathOf(std::int64_t depth, std::string_view component) {
  std::string path;
  for (std::int64_t i = 1; i < depth; ++i) path.append("/").append(component);
  return path.append("/").append(NAME);
}

void copyPath(benchmark::State& state, std::string_view component) {
  const auto text = pathOf(state.range(0), component);
  for (auto _ : state) {
    std::string bytes(text);
    benchmark::DoNotOptimize(bytes.data());
  }
  countBytes(state, text.size());
}

void parsePath(benchmark::State& state, std::string_view component) {
  const auto text = pathOf(state.range(0), component);
  for (auto _ : state) {
    auto path = Path::parse(text);
    if (!path.has_value()) state.SkipWithError("a good path was refused");
    benchmark::DoNotOptimize(path);
  }
  countBytes(state, text.size());
}

void validUtf8(benchmark::State& state, std::string_view component) {
  const auto text = pathOf(state.range(0), component);
  for (auto _ : state) {
    if (!isUtf8(text)) state.SkipWithError("a good path was refused");
  }
  countBytes(state, text.size());
}

constexpr std::string_view ASCII = "warehouse";
constexpr std::string_view UTF8 = "\xd0\xb4\xd0\xb0\xd0\xbd\xd0\xbd\xd1\x8b\xd0\xb5";

// A usual depth, and one near the limits of a path.
#define CAIRN_PATH_BENCH(what)                             \
  BENCHMARK_CAPTURE(what, ascii, ASCII)->Arg(5)->Arg(700); \
  BENCHMARK_CAPTURE(what, utf8, UTF8)->Arg(5)->Arg(500)

CAIRN_PATH_BENCH(copyPath);
CAIRN_PATH_BENCH(parsePath);
CAIRN_PATH_BENCH(validUtf8);

// --- Keys ---

void copyName(benchmark::State& state) {
  char to[Key::CAPACITY];
  for (auto _ : state) {
    benchmark::DoNotOptimize(NAME.copy(to, sizeof to));
    benchmark::ClobberMemory();
  }
  countBytes(state, NAME.size());
}

// Takes the key made by `make` of a number that differs each time.
template <typename Make>
void makeKeys(benchmark::State& state, Make make) {
  std::uint64_t n = INODE;
  std::size_t size = 0;
  for (auto _ : state) {
    const Key key = make(n++);
    benchmark::DoNotOptimize(key.view().data());
    benchmark::ClobberMemory();
    size = key.view().size();
  }
  countBytes(state, size);
}

void makeDirentKey(benchmark::State& state) {
  makeKeys(state, [](std::uint64_t n) { return direntKey(InodeId(n), NAME); });
}
void makeInodeKey(benchmark::State& state) {
  makeKeys(state, [](std::uint64_t n) { return inodeKey(InodeId(n)); });
}
void makeFileChunkKey(benchmark::State& state) {
  makeKeys(state, [](std::uint64_t n) { return fileChunkKey(InodeId(n), 7); });
}
void makeReplicaKey(benchmark::State& state) {
  makeKeys(state, [](std::uint64_t n) { return replicaKey(ChunkId(n), NodeId(1200)); });
}

BENCHMARK(copyName);
BENCHMARK(makeDirentKey);
BENCHMARK(makeInodeKey);
BENCHMARK(makeFileChunkKey);
BENCHMARK(makeReplicaKey);

}  // namespace
}  // namespace cairn::nn

BENCHMARK_MAIN();
