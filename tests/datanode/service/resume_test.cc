// Protects writers whose pipeline breaks, and those that append: what was acknowledged is on every
// node that goes on, what was not is cut off, an old writer has no say any more, and nothing that a
// crash may leave has lost a byte.
#include <gtest/gtest.h>

#include <cerrno>

#include "tests/datanode/fakes/fixture.h"

namespace cairn::dn {
namespace {

using fakes::DatanodeTest;
using fakes::key;
using fakes::makeChunk;
using fakes::ResumePoint;
using fakes::TestChunk;

class Resume : public DatanodeTest {
protected:
  // Pushes the packets from this one on.
  void pushFrom(wire::ReplicaWriter::Client& writer, const TestChunk& chunk, std::size_t first,
                std::size_t end = SIZE_MAX) {
    for (auto i = first; i < std::min(end, chunk.packets.size()); ++i) {
      ASSERT_OK(push(writer, chunk.packets[i]).result) << "packet " << i;
    }
  }
  void reboot(unsigned number) {
    ASSERT_OK(boot(machine(number)));
    waitRegistered(machine(number));
    pass(1);
  }
};

TEST_F(Resume, ThePipelineGoesOnOverTheSurvivors) {
  startNodes(3);
  const auto chunk = makeChunk(10'000);
  ASSERT_VALUE(auto old, openWriter({1, 2, 3}, key(1, 1), chunk));
  pushFrom(old, chunk, 0, 3);
  machine(2).server->dropDead();
  EXPECT_FALSE(push(old, chunk.packets[3]).result.has_value());
  // Nodes 1 and 3 have three packets, perhaps four; the writer knows of two.
  const ResumePoint resume{.generation = 1, .length = chunk.packets[2].offset};
  ASSERT_VALUE(auto writer, openWriter({1, 3}, key(1, 4), chunk, nullptr, resume));
  pushFrom(writer, chunk, 2);
  const auto answer = finish(writer, chunk);
  ASSERT_OK(answer.result);
  EXPECT_EQ(answer.sealed.size(), 2U);
  for (unsigned i : {1U, 3U}) {
    EXPECT_EQ(read(i, key(1, 4)).value(), chunk.plain);
    EXPECT_CODE(Code::STALE, read(i, key(1, 1)));
    EXPECT_TRUE(filesBelow(machine(i), "rbw").empty());
  }
  // The old writer's packets are nobody's.
  EXPECT_FALSE(push(old, chunk.packets[4]).result.has_value());
}

}  // namespace
}  // namespace cairn::dn
