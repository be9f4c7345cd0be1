// Protects: --json is JSON whatever names files have, so that a script never reads half an object.
#include "client/shell/json.h"

#include <gtest/gtest.h>

namespace cairn::shell {
namespace {

TEST(Json, StringsAreEscaped) {
  EXPECT_EQ(jsonString("a b"), "\"a b\"");
  EXPECT_EQ(jsonString("q\"b\\n\nt\t"), R"("q\"b\\n\nt\u0009")");
  EXPECT_EQ(jsonString("\u00fc\u65e5"), "\"\u00fc\u65e5\"");
  EXPECT_EQ(jsonString("\xff"), R"("\ufffd")");
}

TEST(Json, ObjectsAndArraysNest) {
  JsonArray inner;
  EXPECT_EQ(inner.str(), "[]");
  inner.add("1");
  inner.add("2");
  JsonObject object;
  object.text("a", "x").number("b", 7).boolean("c", false).raw("d", inner.str());
  EXPECT_EQ(object.str(), "{\"a\":\"x\",\"b\":7,\"c\":false,\"d\":[\n1,\n2\n]}");
}

TEST(Json, EntriesHaveTheirAttributes) {
  const Entry file{.id = 5,
                   .kind = EntryKind::FILE,
                   .mode = 0644,
                   .owner = "ann",
                   .group = "users",
                   .mtimeMs = 1,
                   .atimeMs = 2,
                   .length = 3,
                   .storedLength = 4,
                   .replication = 1,
                   .chunkSize = 1024,
                   .chunkCount = 1};
  EXPECT_EQ(jsonOf("/f", file).str(),
            R"({"path":"/f","type":"file","id":5,"mode":"644","owner":"ann","group":"users",)"
            R"("mtime_ms":1,"atime_ms":2,"codec":"zstd","zstd_level":1,"length":3,)"
            R"("stored_length":4,"replication":1,"chunk_size":1024,"chunks":1,)"
            R"("under_construction":false})");
  EXPECT_NE(jsonOf("/d", {.kind = EntryKind::DIRECTORY}).str().find(R"("type":"directory")"),
            std::string::npos);
}

TEST(Json, DirectoriesHaveWhatIsSetOnThem) {
  Entry directory{.kind = EntryKind::DIRECTORY, .zstdLevel = 9};
  EXPECT_EQ(jsonOf("/d", directory).str().find("codec"), std::string::npos) << "inherited";
  EXPECT_EQ(jsonOf("/d", directory).str().find("storage_policy"), std::string::npos);
  directory.codecSet = true;
  directory.storagePolicy = 2;
  EXPECT_NE(jsonOf("/d", directory)
                .str()
                .find(R"("storage_policy":"COLD","codec":"zstd","zstd_level":9})"),
            std::string::npos);
  directory.codec = Codec::NONE;
  EXPECT_NE(jsonOf("/d", directory).str().find(R"("codec":"none"})"), std::string::npos);
}

}  // namespace
}  // namespace cairn::shell
