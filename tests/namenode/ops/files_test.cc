// Files and their chunks, from create to complete, and where readers find them.
#include "namenode/ops/chunk_owner.h"
#include "namenode/ops/commit_chunk.h"
#include "namenode/ops/get_locations.h"
#include "namenode/ops/open_file.h"
#include "tests/namenode/ops/fixture.h"

namespace cairn::nn {
namespace {

class FilesTest : public OpsTest {
protected:
  Result<FilePlaces> locate(const std::string& path, std::uint64_t offset = 0,
                            std::uint64_t length = ~0ULL) {
    ASSIGN(const auto parsed, Path::parse(path));
    return getLocations(view, caller, parsed, offset, length);
  }
};

// Protects the way of a file's length, and of its replicas: told by the writer, chunk by chunk.
TEST_F(FilesTest, ChunksAreCommittedOneAfterTheOther) {
  ASSERT_VALUE(const auto file, makeFile("/f"));
  ASSERT_VALUE(const auto first, allocate(file));
  EXPECT_EQ(first.pipeline_size(), 2);
  EXPECT_EQ(first.pipeline(0), 1U);  // next to the writer
  EXPECT_EQ(first.chunk() % 16, 0U);
  EXPECT_CODE(Code::INVALID_ARGUMENT, allocate(file));  // the first is still being written
  ASSERT_VALUE(const auto second, allocate(file, sealed(first, 1000)));
  EXPECT_EQ(second.offset(), 1000U);
  EXPECT_EQ(look("/f").value().length(), 1000U);
  EXPECT_TRUE(look("/f").value().under_construction());
  ASSERT_OK(finish(file, sealed(second, 7)));
  const auto entry = look("/f").value();
  EXPECT_EQ(entry.length(), 1007U);
  EXPECT_EQ(entry.stored_length(), 503U);
  EXPECT_FALSE(entry.under_construction());
  EXPECT_EQ(counts.chunks, 2);
  EXPECT_FALSE(leases.holderOf(file).has_value());
  ASSERT_VALUE(const auto places, locate("/f"));
  ASSERT_EQ(places.chunks.size(), 2U);
  EXPECT_EQ(places.chunks[1].nodes.size(), 2U);
}

// Protects the way from a chunk to its file: where it stands now, nothing of what was removed, and
// nothing of files that the caller may not get to.
TEST_F(FilesTest, AChunkTellsItsFile) {
  ASSERT_VALUE(const auto file, makeFile("/a/b/f"));
  ASSERT_VALUE(const auto first, allocate(file));
  ASSERT_VALUE(const auto second, allocate(file, sealed(first, 1000)));
  const auto owner = [&](std::uint64_t chunk) -> Result<std::string> {
    ASSIGN(const auto found, chunkOwner(view, caller, ChunkId(chunk)));
    return found.path + " " + std::to_string(found.offset);
  };
  EXPECT_EQ(owner(first.chunk()).value_or(""), "/a/b/f 0");
  EXPECT_EQ(owner(second.chunk()).value_or(""), "/a/b/f 1000");  // that is being written
  EXPECT_CODE(Code::NOT_FOUND, owner(second.chunk() + 16));
  ASSERT_OK(makeDirectory("/closed", 0700));
  ASSERT_OK(move("/a/b", "/closed/c"));
  EXPECT_EQ(owner(second.chunk()).value_or(""), "/closed/c/f 1000");
  become("ann");
  EXPECT_CODE(Code::PERMISSION_DENIED, owner(first.chunk()));
  become("root");
  ASSERT_VALUE(const bool removed, removePath("/closed"));
  EXPECT_TRUE(removed);
  EXPECT_GT(rows(Table::CHUNK), 0U);
  EXPECT_CODE(Code::NOT_FOUND, owner(first.chunk()));
}

// Protects against lengths and chunks that cannot be, and generations that are over.
TEST_F(FilesTest, CommitsAreChecked) {
  ASSERT_VALUE(const auto file, makeFile("/f"));
  ASSERT_VALUE(const auto chunk, allocate(file));
  EXPECT_CODE(Code::INVALID_ARGUMENT, finish(file, sealed(chunk, 0)));
  EXPECT_CODE(Code::INVALID_ARGUMENT, finish(file, sealed(chunk, 1001)));
  EXPECT_CODE(Code::INVALID_ARGUMENT, finish(file));
  auto other = sealed(chunk, 5);
  other.chunk = ChunkId(other.chunk.value + 16);
  EXPECT_CODE(Code::INVALID_ARGUMENT, finish(file, other));
  auto old = sealed(chunk, 5);
  old.generation = GenerationStamp(1);
  EXPECT_CODE(Code::STALE, finish(file, old));
  auto nobody = sealed(chunk, 5);
  nobody.sealed = {{NodeId(77), 5}};  // not of the pipeline
  EXPECT_CODE(Code::NOT_REPLICATED_YET, finish(file, nobody));
  EXPECT_TRUE(look("/f").value().under_construction());
  ASSERT_OK(finish(file, sealed(chunk, 5)));
  EXPECT_OK(finish(file, sealed(chunk, 5)));  // again, its answer was lost
  EXPECT_CODE(Code::LEASE_EXPIRED, finish(file, sealed(chunk, 6)));
}

// Protects a file from a second writer, and tells the first what has become of it.
TEST_F(FilesTest, OneWriterAtATime) {
  ASSERT_OK(makeDirectory("/w", 0777));
  become("ann");
  ASSERT_VALUE(const auto file, makeFile("/w/f"));
  EXPECT_CODE(Code::LEASE_CONFLICT, makeFile("/w/f"));
  become("ben");
  EXPECT_CODE(Code::LEASE_CONFLICT, makeFile("/w/f"));
  EXPECT_FALSE(closeFirst.has_value());
  EXPECT_CODE(Code::LEASE_EXPIRED, allocate(file));
  nowMs += limits::LEASE_SOFT_MS + 1;
  EXPECT_CODE(Code::LEASE_CONFLICT, makeFile("/w/f"));
  EXPECT_EQ(closeFirst, file);
  become("root");
  ASSERT_VALUE(const auto replaced, makeFile("/w/f", true));
  EXPECT_NE(replaced, file);
  become("ann");
  EXPECT_CODE(Code::NOT_FOUND, allocate(file));
}

// Protects a silent writer's file from those who may not write where it lies.
TEST_F(FilesTest, OnlyWhoMayWriteDisturbsASilentWriter) {
  ASSERT_OK(makeFile("/f"));
  nowMs += limits::LEASE_SOFT_MS + 1;
  become("ben");
  EXPECT_CODE(Code::PERMISSION_DENIED, makeFile("/f"));
  EXPECT_FALSE(closeFirst.has_value());
}

// Protects readers and writers from files that hang in a removed tree: no walk from the root finds
// them.
TEST_F(FilesTest, AFileInARemovedTreeIsGone) {
  ASSERT_VALUE(const auto file, makeFile("/a/b/c/f"));
  ASSERT_VALUE(const auto chunk, allocate(file));
  ASSERT_OK(removePath("/a"));
  EXPECT_CODE(Code::NOT_FOUND, finish(file, sealed(chunk, 5)));
  ASSERT_VALUE(const auto found, findReachableFile(view, file));
  EXPECT_FALSE(found.has_value());
}

// Protects the chunk's copies from staying on disks when the writer gives it back.
TEST_F(FilesTest, AbandonTakesTheLastChunkBack) {
  ASSERT_VALUE(const auto file, makeFile("/f"));
  ASSERT_VALUE(const auto chunk, allocate(file));
  const auto abandon = [&]() {
    return run([&](Draft& draft, Context& context) {
      return abandonChunk(draft, context,
                          {.file = file,
                           .chunk = ChunkId(chunk.chunk()),
                           .generation = GenerationStamp(chunk.generation())});
    });
  };
  ASSERT_VALUE(const auto outcome, abandon());
  EXPECT_EQ(outcome.deletes.size(), 2U);
  EXPECT_EQ(look("/f").value().chunk_count(), 0U);
  EXPECT_EQ(rows(Table::CHUNK), 0U);
  EXPECT_EQ(rows(Table::FILE_CHUNK), 0U);
  ASSERT_VALUE(const auto again, abandon());
  EXPECT_TRUE(again.deletes.empty());
  ASSERT_OK(allocate(file));
}

// Protects positional reads: any range finds the chunks that cover it, also where chunks are
// shorter than the file's chunk size.
TEST_F(FilesTest, LocationsOfAnyRange) {
  ASSERT_VALUE(const auto file, makeFile("/f"));
  const std::vector<std::uint64_t> lengths{1000, 1, 500, 1000, 3};
  ChunkCommit previous;
  for (const auto length : lengths) {
    ASSERT_VALUE(const auto chunk, allocate(file, previous));
    previous = sealed(chunk, length);
  }
  ASSERT_OK(finish(file, previous));
  for (std::uint64_t offset = 0; offset <= 2510; offset += 7) {
    for (const std::uint64_t length : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{600}}) {
      ASSERT_VALUE(const auto places, locate("/f", offset, length));
      std::vector<std::uint64_t> expected;
      std::uint64_t at = 0;
      for (const auto chunkLength : lengths) {
        if (at < offset + length && at + chunkLength > offset && length > 0) expected.push_back(at);
        at += chunkLength;
      }
      std::vector<std::uint64_t> found;
      for (const auto& place : places.chunks) found.push_back(place.offset);
      ASSERT_EQ(found, expected) << offset << "+" << length;
    }
  }
  EXPECT_CODE(Code::IS_A_DIRECTORY, locate("/"));
}

// Protects what a silent writer's file holds: nothing is dropped unasked, and where nothing is in
// doubt it is closed at once; an empty file stays, as in HDFS.
TEST_F(FilesTest, TakingASilentWritersFile) {
  const auto release = [&](InodeId file) {
    return run([&](Draft& draft, Context&) { return releaseLease(draft, nowMs, file); });
  };
  ASSERT_VALUE(const auto half, makeFile("/half"));
  ASSERT_VALUE(const auto first, allocate(half));
  ASSERT_VALUE(const auto second, allocate(half, sealed(first, 1000)));
  ASSERT_VALUE(const auto taken, release(half));
  EXPECT_FALSE(taken.answer.flag());
  EXPECT_TRUE(taken.deletes.empty());
  EXPECT_TRUE(look("/half").value().under_construction());
  EXPECT_EQ(leases.holderOf(half), LeaseBook::NAMENODE);
  // The writer is out, whatever it tries.
  EXPECT_CODE(Code::LEASE_EXPIRED, finish(half, sealed(second, 5)));
  EXPECT_CODE(Code::LEASE_EXPIRED, allocate(half, sealed(second, 5)));
  // Again: it is under way.
  ASSERT_VALUE(const auto again, release(half));
  EXPECT_FALSE(again.answer.flag());

  ASSERT_VALUE(const auto whole, makeFile("/whole"));
  ASSERT_VALUE(const auto only, allocate(whole));
  settings.replication = 1;
  ASSERT_VALUE(const auto behind, allocate(whole, sealed(only, 1000)));
  ASSERT_OK(run([&](Draft& draft, Context& context) {
    return abandonChunk(draft, context,
                        {.file = whole,
                         .chunk = ChunkId(behind.chunk()),
                         .generation = GenerationStamp(behind.generation())});
  }));
  ASSERT_VALUE(const auto closed, release(whole));
  EXPECT_TRUE(closed.answer.flag());
  EXPECT_EQ(look("/whole").value().length(), 1000U);
  EXPECT_FALSE(look("/whole").value().under_construction());
  EXPECT_FALSE(leases.holderOf(whole).has_value());

  ASSERT_VALUE(const auto empty, makeFile("/d/empty"));
  EXPECT_TRUE(release(empty).value().answer.flag());
  EXPECT_EQ(look("/d/empty").value().length(), 0U);

  // In a removed tree only the lease is left to go.
  ASSERT_VALUE(const auto lost, makeFile("/d/lost"));
  ASSERT_OK(removePath("/d"));
  EXPECT_FALSE(release(lost).value().answer.flag());
  EXPECT_FALSE(leases.holderOf(lost).has_value());
}

// Protects limits of attributes.
TEST_F(FilesTest, AttributesAreChecked) {
  ASSERT_VALUE(const auto path, Path::parse("/f"));
  const auto make = [&](CreateRequest request) {
    return run([&](Draft& draft, Context& context) { return create(draft, context, request); });
  };
  EXPECT_CODE(Code::INVALID_ARGUMENT, make({.path = path, .replication = 513, .codec = {}}));
  EXPECT_CODE(Code::INVALID_ARGUMENT, make({.path = path, .chunkSize = 9, .codec = {}}));
  EXPECT_CODE(Code::INVALID_ARGUMENT, make({.path = path, .mode = 02000, .codec = {}}));
  EXPECT_CODE(Code::INVALID_ARGUMENT,
              make({.path = path, .codec = record::CODEC_ZSTD, .zstdLevel = 20}));
  EXPECT_CODE(Code::ALREADY_EXISTS, makeFile("/"));
  EXPECT_CODE(Code::NOT_FOUND, makeFile("/no/parent", false, false));
}

// Protects the namenode from what a writer may say: more copies than there can be, and sizes whose
// sum would overflow.
TEST_F(FilesTest, CopiesOfACommitHaveLimits) {
  ASSERT_VALUE(const auto file, makeFile("/f"));
  ASSERT_VALUE(const auto chunk, allocate(file));
  auto many = sealed(chunk, 5);
  many.sealed.resize(limits::REPLICATION_MAX, many.sealed[0]);
  auto more = many;
  more.sealed.push_back(many.sealed[0]);
  EXPECT_CODE(Code::INVALID_ARGUMENT, finish(file, more));
  auto large = sealed(chunk, 5);
  large.sealed[0].storedLength = ~0ULL;
  EXPECT_CODE(Code::INVALID_ARGUMENT, finish(file, large));
  EXPECT_OK(finish(file, many));
}

// Protects a reply from growing past the limit of a message: a page of chunks with very many copies
// ends early, and the pages together hold all chunks.
TEST_F(FilesTest, APageOfLocationsIsBoundedByCopies) {
  constexpr std::uint32_t NODES = limits::REPLICATION_MAX;
  constexpr std::uint32_t CHUNKS = LOCATED_REPLICAS_MAX / NODES + 3;
  settings.replication = NODES;
  for (std::uint32_t i = 4; i <= NODES; ++i) {
    nodes.push_back(nodes[0]);
    nodes.back().node = NodeId(i);
  }
  ASSERT_VALUE(const auto file, makeFile("/f"));
  ChunkCommit previous;
  for (std::uint32_t i = 0; i < CHUNKS; ++i) {
    ASSERT_VALUE(const auto chunk, allocate(file, previous));
    previous = sealed(chunk, 1000);
    ASSERT_OK(run([&](Draft& draft, Context&) -> Result<Outcome> {
      for (std::uint32_t node = 1; node <= NODES; ++node) {
        TRY(noteSealed(draft, previous.chunk, previous.generation, 1000, {NodeId(node), 500}));
      }
      return Outcome();
    }));
  }
  ASSERT_OK(finish(file, previous));
  ASSERT_VALUE(const auto first, locate("/f"));
  EXPECT_TRUE(first.more);
  EXPECT_EQ(first.chunks.size(), LOCATED_REPLICAS_MAX / NODES);
  ASSERT_VALUE(const auto second, locate("/f", first.chunks.size() * 1000));
  EXPECT_FALSE(second.more);
  EXPECT_EQ(first.chunks.size() + second.chunks.size(), CHUNKS);
}

// Protects the writer of a file whose directory was moved so far down that no path names it any
// more.
TEST_F(FilesTest, ATreeBelowATreeCanBeWritten) {
  std::string deep;
  for (std::size_t i = 0; i + 5 < limits::PATH_DEPTH_MAX; ++i) deep += "/d";
  ASSERT_OK(makeDirectory("/a" + deep));
  ASSERT_OK(makeDirectory("/b" + deep));
  ASSERT_VALUE(const auto file, makeFile("/a" + deep + "/f"));
  ASSERT_OK(move("/a", "/b" + deep + "/a"));
  ASSERT_VALUE(const auto chunk, allocate(file));
  EXPECT_OK(finish(file, sealed(chunk, 5)));
}

}  // namespace
}  // namespace cairn::nn
