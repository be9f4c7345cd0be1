// Protects the start-up's only source of truth: names are written and read back exactly, and
// nothing that is no name of ours is taken for one.
#include "datanode/store/replica_name.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace cairn::dn {
namespace {

constexpr auto MAX = std::numeric_limits<std::uint64_t>::max();

TEST(ReplicaName, RoundTrips) {
  for (const auto& name : {FinalName{{ChunkId(16), GenerationStamp(1)}, 0, 140},
                           FinalName{{ChunkId(MAX >> 1), GenerationStamp(MAX)}, MAX, MAX}}) {
    EXPECT_EQ(parseFinalName(finalNameOf(name)), name);
    EXPECT_EQ(parseRbwName(rbwNameOf(name.key)), name.key);
  }
  EXPECT_EQ(finalPathOf({{ChunkId(0x12345670), GenerationStamp(0x2a)}, 0x800, 0x400}),
            "final/45/0000000012345670-2a-800-400");
}

TEST(ReplicaName, OneReplicaHasOneName) {
  for (const char* name :
       {"", "lost+found", "0000000000000010", "0000000000000010-", "0000000000000010-01", "10-1",
        "000000000000001A-1", "0000000000000010-1-", "0000000000000010-1x", "+000000000000010-1",
        "0000000000000010-1-2-3-4", "00000000000000010-1", "0000000000000010-ffffffffffffffff0"}) {
    EXPECT_FALSE(parseRbwName(name)) << name;
    EXPECT_FALSE(parseFinalName(name)) << name;
  }
  EXPECT_FALSE(parseFinalName("0000000000000010-1"));
  EXPECT_FALSE(parseFinalName("0000000000000010-1-2"));
  EXPECT_FALSE(parseRbwName("0000000000000010-1-2-3"));
}

TEST(ReplicaName, EveryDirectoryIsOneThatFormatMakes) {
  for (std::uint64_t chunk = 0; chunk < 1 << 21; chunk += 4096) {
    const auto dir = finalDirOf(ChunkId(chunk));
    EXPECT_EQ(dir, finalDirAt(static_cast<unsigned>(chunk / 4096 % FINAL_DIR_COUNT)));
  }
}

}  // namespace
}  // namespace cairn::dn
