// Protects the datanode's whole path: registration, a pipeline of three, what readers get, and what
// is on the disks afterwards.
#include <gtest/gtest.h>

#include "tests/datanode/fakes/fixture.h"

namespace cairn::dn {
namespace {

using fakes::DatanodeTest;
using fakes::key;
using fakes::makeChunk;

class Server : public DatanodeTest {};

TEST_F(Server, WhatWasWrittenThroughThreeNodesIsReadFromEach) {
  startNodes(3);
  const auto chunk = makeChunk(20'000);
  const auto answer = write({1, 2, 3}, key(1), chunk);
  ASSERT_OK(answer.result);
  // All three, in the order of the pipeline, all files of one length: the same frames.
  ASSERT_EQ(answer.sealed.size(), 3U);
  for (unsigned i = 1; i <= 3; ++i) {
    EXPECT_EQ(answer.sealed[i - 1].first, machine(i).server->node().value);
    EXPECT_EQ(answer.sealed[i - 1].second, answer.sealed[0].second);
    ASSERT_VALUE(auto plain, read(i, key(1)));
    EXPECT_EQ(plain, chunk.plain);
    EXPECT_EQ(filesBelow(machine(i), "final").size(), 1U);
    EXPECT_TRUE(filesBelow(machine(i), "rbw").empty());
  }
  // The namenode is told without being asked.
  pass(1);
  EXPECT_EQ(known(3).replicas.at(key(1)).length, chunk.plain.size());
  EXPECT_EQ(known(3).replicas.at(key(1)).storedLength, answer.sealed[0].second);
}

TEST_F(Server, ReadsFromAnyOffsetWithoutTheFramesBefore) {
  startNodes(1);
  const auto chunk = makeChunk(5000);
  ASSERT_OK(write({1}, key(1), chunk).result);
  for (std::uint64_t offset : {0U, 1U, 511U, 512U, 513U, 4999U, 5000U, 6000U}) {
    ASSERT_VALUE(auto plain, read(1, key(1), offset, 700));
    EXPECT_EQ(plain, offset < 5000 ? chunk.plain.substr(offset, 700) : "") << offset;
  }
}

}  // namespace
}  // namespace cairn::dn
