// Copies that somebody has read wrong: pure rules.
#include "namenode/datanodes/suspect_replicas.h"

#include <gtest/gtest.h>

namespace cairn::nn {
namespace {

const NodeId ONE(1);
const ChunkId CHUNK(16);
const GenerationStamp FIRST(5);
const GenerationStamp SECOND(6);

class SuspectReplicasTest : public ::testing::Test {
protected:
  std::vector<SuspectReplicas::Due> due(std::int64_t nowMs = 0) {
    return suspects.takeDue(ONE, nowMs, 10);
  }
  SuspectReplicas suspects;
};

// Protects readers from a damaged copy that is trusted for what its datanode has said of another
// generation.
TEST_F(SuspectReplicasTest, OnlyAVerificationOfItsGenerationClears) {
  EXPECT_TRUE(suspects.add(ONE, CHUNK, SECOND));
  ASSERT_EQ(due().size(), 1U);
  EXPECT_FALSE(suspects.trust(ONE, CHUNK, FIRST));
  EXPECT_FALSE(suspects.trust(ONE, CHUNK, GenerationStamp(7)));
  suspects.forget(ONE, CHUNK, FIRST);
  EXPECT_TRUE(suspects.contains(ONE, CHUNK));
  suspects.confirm(ONE, CHUNK, FIRST, 1);
  auto again = due(SuspectReplicas::REPEAT_MS);
  ASSERT_EQ(again.size(), 1U);
  EXPECT_FALSE(again[0].confirmed);
  suspects.confirm(ONE, CHUNK, SECOND, SuspectReplicas::REPEAT_MS);
  again = due(2 * SuspectReplicas::REPEAT_MS);
  ASSERT_EQ(again.size(), 1U);
  EXPECT_TRUE(again[0].confirmed);
  EXPECT_TRUE(suspects.trust(ONE, CHUNK, SECOND));
  EXPECT_EQ(suspects.size(), 0U);
}

// Protects a copy that was written on from what was found out about it before.
TEST_F(SuspectReplicasTest, ANewerGenerationIsAskedForAnew) {
  suspects.add(ONE, CHUNK, FIRST);
  due();
  suspects.confirm(ONE, CHUNK, FIRST, 0);
  EXPECT_FALSE(suspects.add(ONE, CHUNK, SECOND));
  EXPECT_FALSE(suspects.trust(ONE, CHUNK, SECOND)) << "it was not asked yet";
  const auto again = due();
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].generation, SECOND);
  EXPECT_FALSE(again[0].confirmed);
  EXPECT_FALSE(suspects.add(ONE, CHUNK, FIRST));
  EXPECT_TRUE(due().empty());
  suspects.forget(ONE, CHUNK, SECOND);
  EXPECT_EQ(suspects.size(), 0U);
}

// Protects the disk from a copy that nobody needs any more, and from being read for nothing.
TEST_F(SuspectReplicasTest, LookedAtAgainItIsDueAtOnce) {
  suspects.add(ONE, CHUNK, FIRST);
  due();
  suspects.confirm(ONE, CHUNK, FIRST, 0);
  EXPECT_TRUE(due().empty());
  suspects.lookAgain(ONE, CHUNK);
  suspects.lookAgain(ONE, ChunkId(32));
  const auto again = due();
  ASSERT_EQ(again.size(), 1U);
  EXPECT_TRUE(again[0].confirmed);
  EXPECT_EQ(suspects.size(), 1U);
}

}  // namespace
}  // namespace cairn::nn
