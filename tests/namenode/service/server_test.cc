// The whole namenode over real connections: what a client and a datanode see.
#include <future>

#include "tests/namenode/service/fixture.h"

namespace cairn::nn {
namespace {

using Names = std::vector<std::string>;

// Protects the way of a file through its life, and that all of it is there after a restart.
TEST_F(NamenodeTest, AFileFromCreateToRestart) {
  addDatanode();
  ASSERT_VALUE(const bool made, mkdirs("/a/b"));
  EXPECT_TRUE(made);
  ASSERT_VALUE(const auto file, create("/a/b/f"));
  ASSERT_VALUE(const auto first, addChunk(file));
  EXPECT_EQ(first.nodes.size(), 1U);
  ASSERT_VALUE(const auto second, addChunk(file, first, 1000));
  ASSERT_VALUE(const auto length, complete(file, second, 500));
  EXPECT_EQ(length, 1500U);

  for (int life = 0; life < 2; ++life) {
    ASSERT_VALUE(const auto chunks, locations("/a/b/f"));
    ASSERT_EQ(chunks.size(), 2U);
    EXPECT_EQ(chunks[0].chunk, first.chunk);
    EXPECT_EQ(chunks[0].length, 1000U);
    EXPECT_EQ(chunks[1].length, 500U);
    EXPECT_EQ(chunks[0].nodes, first.nodes);
    ASSERT_VALUE(const auto listed, names("/a/b"));
    EXPECT_EQ(listed, Names{"f"});
    ASSERT_VALUE(const auto id, statId("/a/b/f"));
    EXPECT_EQ(id, file);
    restart();
  }
}

// Protects rename and remove as seen from outside.
TEST_F(NamenodeTest, RenameAndRemove) {
  addDatanode();
  ASSERT_OK(mkdirs("/x/y"));
  ASSERT_OK(writeFile("/x/y/f", 10));
  ASSERT_OK(rename("/x/y", "/z"));
  EXPECT_CODE(Code::NOT_FOUND, statId("/x/y/f"));
  ASSERT_OK(statId("/z/f"));
  EXPECT_CODE(Code::NOT_EMPTY, remove("/z", false));
  ASSERT_VALUE(const bool removed, remove("/z"));
  EXPECT_TRUE(removed);
  ASSERT_VALUE(const bool again, remove("/z"));
  EXPECT_FALSE(again);
  EXPECT_CODE(Code::NOT_FOUND, statId("/z/f"));
}

// Protects everybody from a call whose rows are on the disk: it waits for them on the work pool,
// and the calls behind it are answered meanwhile.
TEST_F(NamenodeTest, ACallThatWaitsForTheDiskHoldsUpNoOther) {
  ASSERT_OK(mkdirs("/cold"));
  ASSERT_OK(mkdirs("/warm"));
  // They stand between the two in the tables, so that no block holds both.
  for (int i = 0; i < 300; ++i) ASSERT_OK(mkdirs("/between/" + std::to_string(i)));
  ASSERT_OK(mkdirs("/cold/deep/tree"));
  ASSERT_OK(create("/cold/deep/tree/f"));
  // Until what was written so far is in files: each start begins a segment of the log.
  Names made{"f"};
  bool waited = false;
  for (unsigned life = 0; life < 200 && !waited; ++life) {
    restart();
    ASSERT_OK(statId("/warm"));
    std::promise<void> gate;
    auto disk = workers.run([opened = gate.get_future().share()]() { opened.wait(); });
    auto request = namenode.mkdirsRequest();
    fill(request, 100 + life);
    made.push_back("new" + std::to_string(life));
    request.setPath("/cold/deep/tree/" + made.back());
    request.setMode(0755);
    auto answered = request.send();
    // A sync takes its time, too; nothing comes while the pool is held up.
    for (int i = 0; i < 300 && !answered.poll(io.waitScope); ++i) EXPECT_OK(statId("/warm"));
    waited = !answered.poll(io.waitScope);
    gate.set_value();
    const auto reply = wait(kj::mv(answered));
    ASSERT_OK(faultOf(reply));
    EXPECT_TRUE(reply.getCreated());
    wait(kj::mv(disk));
  }
  EXPECT_TRUE(waited);
  std::ranges::sort(made);
  ASSERT_VALUE(const auto listed, names("/cold/deep/tree"));
  EXPECT_EQ(listed, made);
}

// Protects the message of a write that no datanode can take.
TEST_F(NamenodeTest, WithoutDatanodesPlacementSaysWhy) {
  ASSERT_VALUE(const auto file, create("/f"));
  const auto placed = addChunk(file);
  EXPECT_CODE(Code::PLACEMENT_FAILED, placed);
  EXPECT_NE(testkit::messageOf(placed).find("none has registered"), std::string::npos);
}

// Protects a directory from two namenodes, and a user from serving where nothing was formatted.
TEST_F(NamenodeTest, RefusesADirectoryInUseOrNotFormatted) {
  NamenodeServer second(host, journal, options);
  const auto inUse = second.start().wait(io.waitScope);
  EXPECT_CODE(Code::IN_USE, inUse);
  EXPECT_NE(testkit::messageOf(inUse).find("/nn"), std::string::npos);
  EXPECT_CODE(Code::IN_USE, NamenodeServer::format(options, cluster, 0));
  NamenodeOptions elsewhere = options;
  elsewhere.directory = "/other";
  NamenodeServer third(host, journal, elsewhere);
  EXPECT_CODE(Code::NOT_FORMATTED, third.start().wait(io.waitScope));
  third.stop().wait(io.waitScope);
  EXPECT_OK(statId("/"));
}

// Protects against a datanode or client of another cluster.
TEST_F(NamenodeTest, RefusesPeersOfAnotherCluster) {
  rpc::ClientPool stranger(host, {.cluster = Uuid::fromHighLow(5, 5)});
  const auto refused = wait(stranger.get<wire::Namenode>(server->address()));
  EXPECT_CODE(Code::WRONG_CLUSTER, refused);
}

}  // namespace
}  // namespace cairn::nn
