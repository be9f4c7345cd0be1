// Protects the knowledge of damage from what a disk may make of it: a note is read as it was
// written, or not at all.
#include "datanode/store/damage_note.h"

#include <gtest/gtest.h>

#include "tests/datanode/fakes/fixture.h"
#include "tests/testkit/results.h"

namespace cairn::dn {
namespace {

using fakes::key;

TEST(DamageNote, WhatIsNotWrittenByUsIsNotRead) {
  const std::set<ReplicaKey> damaged{key(3), key(7, 2), key(7, 12)};
  const auto text = encodeDamageNote(damaged);
  ASSERT_VALUE(const auto read, decodeDamageNote(text));
  EXPECT_EQ(read, damaged);
  ASSERT_VALUE(const auto none, decodeDamageNote(encodeDamageNote({})));
  EXPECT_TRUE(none.empty());
  for (std::size_t i = 0; i < text.size(); ++i) {
    EXPECT_FALSE(decodeDamageNote(text.substr(0, i)).has_value()) << i;
    for (int bit = 0; bit < 8; ++bit) {
      auto flipped = text;
      flipped[i] = static_cast<char>(flipped[i] ^ (1 << bit));
      EXPECT_FALSE(decodeDamageNote(flipped).has_value()) << "byte " << i << " bit " << bit;
    }
  }
  EXPECT_CODE(Code::CORRUPT, decodeDamageNote(text + "\n"));
  auto newer = text;
  newer.replace(newer.find(" 1\n"), 3, " 2\n");
  EXPECT_CODE(Code::UNSUPPORTED_VERSION, decodeDamageNote(newer));
}

// Protects the disk: a note of a volume that is bad all over stays small, and can be read.
TEST(DamageNote, IsBounded) {
  std::set<ReplicaKey> damaged;
  for (std::uint64_t i = 0; i <= DAMAGE_NOTED_MAX; ++i) {
    damaged.insert({ChunkId(UINT64_MAX - i), GenerationStamp(UINT64_MAX)});
  }
  const auto text = encodeDamageNote(damaged);
  EXPECT_LE(text.size(), DAMAGE_NOTE_BYTES_MAX);
  ASSERT_VALUE(const auto read, decodeDamageNote(text));
  EXPECT_EQ(read.size(), DAMAGE_NOTED_MAX);
}

}  // namespace
}  // namespace cairn::dn
