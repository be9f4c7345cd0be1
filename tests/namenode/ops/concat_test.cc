// Files joined without copying.
#include "namenode/ops/concat.h"

#include "namenode/ops/get_locations.h"
#include "namenode/ops/set_permission.h"
#include "tests/namenode/ops/fixture.h"

namespace cairn::nn {
namespace {

class ConcatTest : public OpsTest {
protected:
  Result<Outcome> join(const std::string& target, const std::vector<std::string>& sources) {
    ASSIGN(const auto to, Path::parse(target));
    std::vector<Path> from;
    for (const auto& source : sources) {
      ASSIGN(auto path, Path::parse(source));
      from.push_back(std::move(path));
    }
    return run([&](Draft& draft, Context& context) {
      return concat(draft, context, {.target = to, .sources = from});
    });
  }
  // A closed file of chunks with these lengths.
  Result<InodeId> write(const std::string& path, const std::vector<std::uint64_t>& lengths) {
    ASSIGN(const auto file, makeFile(path));
    ChunkCommit last;
    for (const auto length : lengths) {
      ASSIGN(const auto chunk, allocate(file, last));
      last = sealed(chunk, length);
    }
    TRY(finish(file, last));
    return file;
  }
};

// Protects the bytes: chunks stand in order, at their new offsets, each with its file; chunks that
// are not full may stand in the middle.
TEST_F(ConcatTest, ChunksMoveInOrder) {
  ASSERT_VALUE(const auto target, write("/d/t", {1000, 10}));
  ASSERT_OK(write("/d/a", {7}));
  ASSERT_OK(write("/d/b", {1000, 1000, 3}));
  ASSERT_OK(join("/d/t", {"/d/b", "/d/a"}));
  ASSERT_VALUE(const auto path, Path::parse("/d/t"));
  ASSERT_VALUE(const auto places, getLocations(view, caller, path, 0, ~0ULL));
  std::vector<std::pair<std::uint64_t, std::uint64_t>> chunks;
  for (std::uint32_t i = 0; i < places.chunks.size(); ++i) {
    const auto& at = places.chunks[i];
    chunks.emplace_back(at.offset, at.chunk.length());
    EXPECT_EQ(at.chunk.inode(), target.value);
    EXPECT_EQ(at.chunk.index(), i);
  }
  EXPECT_EQ(chunks, (std::vector<std::pair<std::uint64_t, std::uint64_t>>{
                        {0, 1000}, {1000, 10}, {1010, 1000}, {2010, 1000}, {3010, 3}, {3013, 7}}));
  EXPECT_EQ(places.entry.length(), 3020U);
  EXPECT_EQ(places.entry.chunk_count(), 6U);
  EXPECT_CODE(Code::NOT_FOUND, look("/d/a"));
  EXPECT_EQ(look("/d").value().child_count(), 1U);
  EXPECT_EQ(rows(Table::GC), 0U);  // nothing may be reclaimed: the chunks live on
  EXPECT_EQ(counts.files, 1);
}

// Protects against files that are joined with themselves, with what is being written, with what
// would break the target, or by those who may not.
TEST_F(ConcatTest, Refuses) {
  ASSERT_OK(makeDirectory("/d", 0777));
  ASSERT_OK(write("/d/t", {10}));
  ASSERT_OK(write("/d/a", {10}));
  ASSERT_OK(write("/e/a", {10}));
  ASSERT_OK(write("/d/empty", {}));
  ASSERT_OK(makeFile("/d/open"));
  EXPECT_MESSAGE("concat: the src file /d/t is the same with the target file /d/t",
                 join("/d/t", {"/d/t"}));
  EXPECT_MESSAGE("concat: at least two of the source files are the same",
                 join("/d/t", {"/d/a", "/d/a"}));
  EXPECT_MESSAGE("Source file /e/a is not in the same directory with the target /d/t",
                 join("/d/t", {"/e/a"}));
  EXPECT_MESSAGE("concat: source file /d/empty is invalid or empty or underConstruction",
                 join("/d/t", {"/d/empty"}));
  EXPECT_CODE(Code::INVALID_ARGUMENT, join("/d/t", {"/d/open"}));
  EXPECT_MESSAGE("concat: target file /d/open is under construction", join("/d/open", {"/d/a"}));
  EXPECT_CODE(Code::INVALID_ARGUMENT, join("/d/t", {}));
  EXPECT_CODE(Code::NOT_FOUND, join("/d/t", {"/d/none"}));
  EXPECT_CODE(Code::IS_A_DIRECTORY, join("/d", {"/d/a"}));
  settings.chunkSize = 2000;
  ASSERT_OK(write("/d/big", {10}));
  EXPECT_MESSAGE(
      "concat: source file /d/big has preferred block size 2000 which is greater than the target "
      "file's preferred block size 1000",
      join("/d/t", {"/d/big"}));
  become("ann");
  EXPECT_CODE(Code::PERMISSION_DENIED, join("/d/t", {"/d/a"}));
  become("root");
  EXPECT_EQ(look("/d/a").value().length(), 10U);
  EXPECT_OK(join("/d/empty", {"/d/a"}));
}

}  // namespace
}  // namespace cairn::nn
