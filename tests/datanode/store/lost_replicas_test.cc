// Which replicas were lost with a volume, in memory and as the note of it.
#include "datanode/store/lost_replicas.h"

#include <gtest/gtest.h>

#include "tests/testkit/results.h"

namespace cairn::dn {
namespace {

const Uuid VOLUME = Uuid::fromHighLow(1, 2);

ReplicaKey key(std::uint64_t chunk, std::uint64_t generation) {
  return {ChunkId(chunk), GenerationStamp(generation)};
}

TEST(LostReplicas, ALostReplicaAnswersForItsGenerationAndOlderOnes) {
  LostReplicas lost;
  lost.add(key(1, 5), VOLUME);
  ASSERT_NE(lost.find(key(1, 5)), nullptr);
  EXPECT_EQ(lost.find(key(1, 3))->generation, GenerationStamp(5));
  EXPECT_EQ(lost.find(key(1, 6)), nullptr);
  EXPECT_EQ(lost.find(key(2, 5)), nullptr);
  lost.add(key(1, 4), VOLUME);
  EXPECT_EQ(lost.find(key(1, 3))->generation, GenerationStamp(5));
  lost.add(key(1, 6), VOLUME);
  EXPECT_EQ(lost.find(key(1, 3))->generation, GenerationStamp(6));
  EXPECT_EQ(lost.all().size(), 1U);
}

// An order to delete an older one says nothing of what was lost.
TEST(LostReplicas, ItIsForgottenForTheSameOrANewerOneOnly) {
  LostReplicas lost;
  lost.add(key(1, 5), VOLUME);
  EXPECT_FALSE(lost.forget(key(1, 4)));
  EXPECT_FALSE(lost.forget(key(2, 5)));
  EXPECT_NE(lost.find(key(1, 5)), nullptr);
  EXPECT_TRUE(lost.forget(key(1, 5)));
  EXPECT_EQ(lost.find(key(1, 1)), nullptr);
}

TEST(LostReplicas, ThoseThatWereLostFirstAreForgottenFirst) {
  LostReplicas lost;
  lost.add(key(1'000'000, 1), VOLUME);
  lost.add(key(1, 1), VOLUME);
  lost.forget(key(1'000'000, 1));
  lost.add(key(1'000'000, 1), VOLUME);  // after the other now
  for (std::uint64_t i = 2; i <= LostReplicas::CHUNKS_MAX; ++i) lost.add(key(i, 1), VOLUME);
  EXPECT_EQ(lost.all().size(), LostReplicas::CHUNKS_MAX);
  EXPECT_EQ(lost.find(key(1, 1)), nullptr);
  EXPECT_NE(lost.find(key(1'000'000, 1)), nullptr);
  EXPECT_NE(lost.find(key(2, 1)), nullptr);
}

TEST(LostNote, ReadsWhatItWrites) {
  LostReplicas lost;
  lost.add(key(4096, 7), VOLUME);
  lost.add(key(8192, 12), Uuid::fromHighLow(3, 4));
  const auto text = encodeLostNote(lost.all());
  EXPECT_EQ(decodeLostNote(text).value(), lost.all());
  EXPECT_TRUE(decodeLostNote(encodeLostNote({})).value().empty());
  for (std::size_t at = 0; at < text.size(); ++at) {
    auto damaged = text;
    damaged[at] ^= 1;
    EXPECT_FALSE(decodeLostNote(damaged).has_value()) << at;
    EXPECT_FALSE(decodeLostNote(text.substr(0, at)).has_value()) << at;
  }
  EXPECT_CODE(Code::CORRUPT, decodeLostNote(text + "x"));
  EXPECT_CODE(Code::UNSUPPORTED_VERSION, decodeLostNote("cairn-datanode-lost 2\n"));
}

TEST(LostNote, KeepsTheNewestOfTooMany) {
  LostNote lost;
  for (std::uint64_t i = 1; i <= LOST_NOTED_MAX + 5; ++i) {
    lost[key(std::uint64_t{1} << 62 | i, ~std::uint64_t{0})] = VOLUME;
  }
  const auto text = encodeLostNote(lost);
  EXPECT_LE(text.size(), LOST_NOTE_BYTES_MAX);
  const auto noted = decodeLostNote(text).value();
  EXPECT_EQ(noted.size(), LOST_NOTED_MAX);
  EXPECT_EQ(noted.rbegin()->first, lost.rbegin()->first);
}

}  // namespace
}  // namespace cairn::dn
