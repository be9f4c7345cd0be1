// Every limit of names and files: what is just allowed, and one past it.
#include <array>

#include "common/base/limits.h"
#include "namenode/ops/concat.h"
#include "namenode/ops/list.h"
#include "namenode/ops/set_xattr.h"
#include "namenode/ops/xattrs.h"
#include "tests/namenode/ops/writers_fixture.h"

namespace cairn::nn {
namespace {

using LimitsTest = WritersFixture;

std::string repeated(std::string_view part, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += part;
  return text;
}

// Protects HDFS's limits of names: 255 bytes, not characters.
TEST_F(LimitsTest, Names) {
  const std::string longest = repeated("\xc3\xa4", 127) + "x";
  ASSERT_EQ(longest.size(), 255U);
  EXPECT_OK(makeFile("/" + longest));
  EXPECT_OK(makeDirectory("/d/" + longest));
  EXPECT_MESSAGE("The maximum path component name limit of " + longest +
                     "x in directory / is exceeded: limit=255 length=256",
                 makeFile("/" + longest + "x"));
  EXPECT_CODE(Code::LIMIT_EXCEEDED, makeDirectory("/" + longest + "x/below"));
  EXPECT_CODE(Code::LIMIT_EXCEEDED, move("/d", "/" + longest + "x"));
  EXPECT_OK(move("/d/" + longest, "/d/e"));
  EXPECT_CODE(Code::NOT_FOUND, look("/" + longest + "x"));
}

// Protects buffers and the wire: 8,000 bytes, 1,000 levels.
TEST_F(LimitsTest, Paths) {
  const std::string component = "/" + std::string(199, 'p');
  const std::string longest = repeated(component, 40);
  ASSERT_EQ(longest.size(), limits::PATH_BYTES_MAX);
  EXPECT_OK(makeDirectory(longest));
  EXPECT_CODE(Code::LIMIT_EXCEEDED, makeDirectory(longest + "x"));
  EXPECT_OK(makeDirectory(repeated("/d", limits::PATH_DEPTH_MAX)));
  EXPECT_CODE(Code::LIMIT_EXCEEDED, makeDirectory(repeated("/d", limits::PATH_DEPTH_MAX + 1)));
}

// Protects directories from growing without bound, whichever way a name comes into them.
TEST_F(LimitsTest, ChildrenOfADirectory) {
  EXPECT_EQ(settings.directoryChildrenMax, 1'048'576U);
  settings.directoryChildrenMax = 3;
  ASSERT_OK(makeDirectory("/d/a"));
  ASSERT_OK(makeFile("/d/b"));
  ASSERT_OK(makeFile("/other"));
  ASSERT_OK(move("/other", "/d/c"));
  EXPECT_MESSAGE("The directory item limit of /d is exceeded: limit=3 items=4", makeFile("/d/x"));
  EXPECT_CODE(Code::LIMIT_EXCEEDED, makeDirectory("/d/x"));
  ASSERT_OK(makeFile("/other"));
  EXPECT_CODE(Code::LIMIT_EXCEEDED, move("/other", "/d/x"));
  // What takes the place of another is none more.
  EXPECT_OK(makeFile("/d/b", true));
  EXPECT_OK(move("/other", "/d/c", true));
  EXPECT_OK(move("/d/a", "/d/z"));
  ASSERT_OK(removePath("/d/b"));
  EXPECT_OK(makeFile("/d/x"));
}

// Protects the chunk table and every reader's list of locations.
TEST_F(LimitsTest, ChunksOfAFile) {
  ASSERT_VALUE(const auto file, makeFile("/d/f"));
  ChunkCommit last;
  for (std::uint32_t i = 0; i < limits::CHUNKS_PER_FILE_MAX; ++i) {
    ASSERT_VALUE(const auto chunk, allocate(file, last));
    last = sealed(chunk, 1);
  }
  EXPECT_MESSAGE("File has reached the limit on maximum number of blocks: 10000 >= 10000",
                 allocate(file, last));
  ASSERT_OK(finish(file, last));
  EXPECT_EQ(look("/d/f").value().length(), limits::CHUNKS_PER_FILE_MAX);
  ASSERT_OK(writeFile("/d/one"));
  ASSERT_VALUE(const auto target, Path::parse("/d/f"));
  ASSERT_VALUE(const auto source, Path::parse("/d/one"));
  EXPECT_CODE(Code::LIMIT_EXCEEDED, run([&](Draft& draft, Context& context) {
                return concat(draft, context, {.target = target, .sources = {&source, 1}});
              }));
}

// Protects datanodes from chunks that are all overhead, or that no volume takes.
TEST_F(LimitsTest, ChunkSizeAndReplication) {
  settings.chunkSizeMin = limits::CHUNK_SIZE_MIN;
  ASSERT_VALUE(const auto path, Path::parse("/f"));
  const auto make = [&](std::uint64_t chunkSize, std::uint32_t replication) {
    return run([&](Draft& draft, Context& context) {
      return create(draft, context,
                    {.path = path,
                     .overwrite = true,
                     .replication = replication,
                     .chunkSize = chunkSize,
                     .codec = {}});
    });
  };
  EXPECT_EQ(limits::CHUNK_SIZE_MIN, 1024U);
  EXPECT_EQ(limits::CHUNK_SIZE_MAX, std::uint64_t{8} << 30);
  EXPECT_OK(make(limits::CHUNK_SIZE_MIN, 1));
  EXPECT_CODE(Code::INVALID_ARGUMENT, make(limits::CHUNK_SIZE_MIN - 1, 1));
  EXPECT_OK(make(limits::CHUNK_SIZE_MAX, 512));
  EXPECT_CODE(Code::INVALID_ARGUMENT, make(limits::CHUNK_SIZE_MAX + 1, 512));
  EXPECT_CODE(Code::INVALID_ARGUMENT, make(limits::CHUNK_SIZE_MAX, 513));
}

// Protects the namenode's memory from a client that closes nothing: others are not in its way, and
// a file that it closes makes room for another.
TEST_F(LimitsTest, OpenFilesOfAClient) {
  ASSERT_OK(makeDirectory("/d", 0777));
  const auto nameOf = [](std::size_t i) { return "/d/f" + std::to_string(i); };
  ASSERT_VALUE(const auto first, makeFile(nameOf(0)));
  ASSERT_VALUE(const auto closed, makeFile("/d/closed"));
  ASSERT_OK(finish(closed));
  for (std::size_t i = 1; i < OPEN_FILES_PER_CLIENT_MAX; ++i) ASSERT_OK(makeFile(nameOf(i)));
  EXPECT_MESSAGE("this client has 10000 files open for writing, which is the limit",
                 makeFile("/d/more"));
  EXPECT_CODE(Code::LIMIT_EXCEEDED, appendTo("/d/closed"));
  become("ann");
  EXPECT_OK(makeFile("/d/ann"));
  become("root");
  caller.client = Uuid::fromHighLow(1, 1);
  ASSERT_OK(finish(first));
  EXPECT_OK(makeFile("/d/more"));
  EXPECT_CODE(Code::LIMIT_EXCEEDED, makeFile("/d/one more"));
}

// Protects memory and messages: no page is longer than 1,000 entries, whoever asks for more.
TEST_F(LimitsTest, PagesOfAListing) {
  for (std::uint32_t i = 0; i <= limits::LIST_PAGE_MAX; ++i) {
    ASSERT_OK(makeDirectory("/d/" + std::to_string(i)));
  }
  ASSERT_VALUE(const auto path, Path::parse("/d"));
  for (const std::uint32_t asked : {0U, 1000U, 1001U, UINT32_MAX}) {
    ASSERT_VALUE(const auto page, list(view, caller, path, "", asked));
    EXPECT_EQ(page.entries.size(), 1000U);
    EXPECT_TRUE(page.more);
  }
}

// Protects the table of attributes: 32 an inode, 16,384 bytes of name and value together.
TEST_F(LimitsTest, XAttrs) {
  ASSERT_OK(makeFile("/f"));
  ASSERT_VALUE(const auto path, Path::parse("/f"));
  const auto set = [&](const std::string& name, const std::string& value) {
    return run([&](Draft& draft, Context& context) {
      return setXAttr(draft, context, {.path = path, .name = name, .value = value});
    });
  };
  EXPECT_OK(set("user.long", std::string(XATTR_BYTES_MAX - 4, 'v')));
  EXPECT_OK(set("user." + std::string(XATTR_BYTES_MAX, 'n'), ""));
  EXPECT_MESSAGE(
      "The XAttr is too big. The maximum combined size of the name and value is 16384, but the "
      "total size is 16385",
      set("user.long", std::string(XATTR_BYTES_MAX - 3, 'v')));
  for (int i = 2; i < 32; ++i) {
    ASSERT_OK(set((i % 2 == 0 ? "user." : "trusted.") + std::to_string(i), "v"));
  }
  EXPECT_MESSAGE("Cannot add additional XAttr to inode, would exceed limit of 32",
                 set("user.more", ""));
  EXPECT_OK(set("user.2", "another value"));
}

}  // namespace
}  // namespace cairn::nn
