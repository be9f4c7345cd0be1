// Writers that die, files that are wanted from them, and files written again: over connections,
// with time passing and the namenode restarting.
#include "tests/namenode/service/fixture.h"

namespace cairn::nn {
namespace {

struct Appended {
  std::uint64_t file = 0;
  std::uint64_t length = 0;
  Placed last;
  std::uint64_t lastLength = 0;
};

class WritersTest : public NamenodeTest {
protected:
  Result<Appended> append(const std::string& path, std::uint64_t callId = 0) {
    auto request = namenode.appendRequest();
    fill(request, callId);
    request.setPath(path);
    auto reply = wait(request.send());
    TRY(faultOf(reply));
    Appended appended{reply.getEntry().getId(), reply.getEntry().getLength(), {}, 0};
    const auto last = reply.getLast();
    appended.last.chunk = last.getChunk().getId();
    appended.last.generation = last.getChunk().getGeneration();
    appended.lastLength = last.getLength();
    for (auto node : last.getReplicas()) appended.last.nodes.push_back(node.getNode());
    return appended;
  }
  Result<bool> truncate(const std::string& path, std::uint64_t length, std::uint64_t callId = 0) {
    auto request = namenode.truncateRequest();
    fill(request, callId);
    request.setPath(path);
    request.setLength(length);
    auto reply = wait(request.send());
    TRY(faultOf(reply));
    return reply.getDone();
  }
  Result<bool> recoverLease(const std::string& path, std::string user = "root") {
    auto request = namenode.recoverLeaseRequest();
    fill(request, 0, user);
    request.setPath(path);
    auto reply = wait(request.send());
    TRY(faultOf(reply));
    return reply.getClosed();
  }
  Result<std::uint64_t> updateChunk(std::uint64_t file, const Placed& chunk) {
    auto request = namenode.updateChunkRequest();
    fill(request);
    request.setFile(file);
    request.initChunk().setId(chunk.chunk);
    request.getChunk().setGeneration(chunk.generation);
    auto reply = wait(request.send());
    TRY(faultOf(reply));
    return reply.getGeneration();
  }
  Result<void> updatePipeline(std::uint64_t file, const Placed& chunk, std::uint64_t generation,
                              std::uint64_t length, const std::vector<std::uint32_t>& nodes,
                              std::uint64_t callId = 0) {
    auto request = namenode.updatePipelineRequest();
    fill(request, callId);
    request.setFile(file);
    request.initChunk().setId(chunk.chunk);
    request.getChunk().setGeneration(chunk.generation);
    request.setGeneration(generation);
    request.setLength(length);
    auto named = request.initNodes(static_cast<unsigned>(nodes.size()));
    for (unsigned i = 0; i < named.size(); ++i) named.set(i, nodes[i]);
    return faultOf(wait(request.send()));
  }
  struct Seen {
    std::uint64_t length = 0;
    bool open = false;
  };
  Result<Seen> look(const std::string& path) {
    auto request = namenode.statRequest();
    fill(request);
    request.setPath(path);
    auto reply = wait(request.send());
    TRY(faultOf(reply));
    return Seen{reply.getEntry().getLength(), reply.getEntry().getUnderConstruction()};
  }
  // The same datanode, on a new connection, after the namenode has started anew.
  FakeDatanode& comeBack(Uuid uuid, const std::string& address,
                         const std::vector<Replica>& inventory = {}) {
    auto& back = *datanodes.emplace_back(std::make_unique<FakeDatanode>());
    back.uuid = uuid;
    EXPECT_OK(enroll(back, address, false));
    const auto unequal = compare(back, inventory);
    EXPECT_OK(unequal);
    for (const auto range : *unequal) EXPECT_OK(reportRange(back, range, inventory));
    return back;
  }
  void becomeAnother() { client = random.uuid(); }
};

// Protects files of writers that died: what they committed is kept, the chunk they were writing is
// recovered, an empty file stays; and a sign of life keeps all of it.
TEST_F(WritersTest, SilentWritersLoseTheirFiles) {
  auto& datanode = addDatanode();
  ASSERT_VALUE(const auto half, create("/half"));
  ASSERT_VALUE(const auto done, addChunk(half));
  ASSERT_VALUE(const auto open, addChunk(half, done, 100));
  ASSERT_OK(create("/empty"));
  pass(limits::LEASE_HARD_MS - 60'000);
  auto renew = namenode.renewLeaseRequest();
  fill(renew);
  ASSERT_OK(faultOf(wait(renew.send())));
  pass(120'000);
  ASSERT_OK(heartbeat(datanode));
  EXPECT_TRUE(look("/empty").value().open);
  EXPECT_TRUE(datanode.recoveries.empty());

  pass(limits::LEASE_HARD_MS);
  ASSERT_OK(heartbeat(datanode));
  EXPECT_TRUE(until([&]() { return !look("/empty").value().open; }));
  ASSERT_NE(untilRecovery({&datanode}), nullptr);
  const auto& order = datanode.recoveries.back();
  EXPECT_EQ(order.chunk, open.chunk);
  EXPECT_EQ(order.nodes, open.nodes);
  EXPECT_TRUE(look("/half").value().open);
  EXPECT_CODE(Code::LEASE_EXPIRED, addChunk(half, open, 10));
  ASSERT_OK(commitRecovery(datanode, order, 70, {datanode.node}));
  EXPECT_EQ(look("/half").value().length, 170U);
  EXPECT_FALSE(look("/half").value().open);
  ASSERT_OK(commitRecovery(datanode, order, 70, {datanode.node}));  // its answer was lost
  EXPECT_CODE(Code::LEASE_EXPIRED, complete(half, open, 70));
}

// Protects a writer that wants a file whose writer has been silent beyond the soft limit: it is
// told to come back, and gets the file once it is recovered.
TEST_F(WritersTest, ASoftExpiredLeaseGivesWay) {
  auto& datanode = addDatanode();
  ASSERT_VALUE(const auto file, create("/f"));
  ASSERT_VALUE(const auto chunk, addChunk(file));
  becomeAnother();
  EXPECT_CODE(Code::LEASE_CONFLICT, append("/f"));
  pass(limits::LEASE_SOFT_MS + 1000);
  ASSERT_OK(heartbeat(datanode));
  auto request = namenode.appendRequest();
  fill(request);
  request.setPath("/f");
  auto refused = wait(request.send());
  EXPECT_CODE(Code::LEASE_CONFLICT, faultOf(refused));
  EXPECT_GT(refused.getFault().getRetryAfterMs(), 0U);
  EXPECT_CODE(Code::LEASE_CONFLICT, create("/f"));
  ASSERT_NE(untilRecovery({&datanode}), nullptr);
  ASSERT_OK(commitRecovery(datanode, datanode.recoveries.back(), 30, {datanode.node}));
  ASSERT_VALUE(const auto appended, append("/f"));
  EXPECT_EQ(appended.length, 30U);
  EXPECT_EQ(appended.last.chunk, chunk.chunk);
  EXPECT_GT(appended.last.generation, chunk.generation);
  EXPECT_EQ(appended.lastLength, 30U);

  // Where nothing is in doubt it goes on at once.
  ASSERT_OK(create("/empty"));
  becomeAnother();
  pass(limits::LEASE_SOFT_MS + 1000);
  EXPECT_OK(append("/empty"));
}

// Protects operators who set the limits: a writer is silent for too long by what the configuration
// says, for another client as for the namenode.
TEST_F(WritersTest, TheConfigurationSaysHowLongAWriterMayBeSilent) {
  options.config.leaseSoftMs = 5'000;
  options.config.leaseHardMs = 20'000;
  restart();
  ASSERT_OK(create("/wanted"));
  ASSERT_OK(create("/left"));
  auto renew = namenode.renewLeaseRequest();
  fill(renew);
  EXPECT_EQ(wait(renew.send()).getLeaseRenewMs(), 2'500U);
  becomeAnother();
  pass(4'500);
  EXPECT_CODE(Code::LEASE_CONFLICT, append("/wanted"));
  pass(1'000);
  EXPECT_OK(append("/wanted"));
  pass(14'000);
  EXPECT_TRUE(look("/left").value().open);
  // Beyond the hard limit, and the namenode has looked.
  pass(4'000);
  ASSERT_OK(mkdirs("/later"));  // durable after what the namenode has done, and so seen
  EXPECT_FALSE(look("/left").value().open);
}

// Protects writers and datanodes from a namenode that stands still (SIGSTOP, a machine that swaps):
// their signs of life are still to be read when it goes on, so its time off does not count.
TEST_F(WritersTest, ANamenodeThatStoodStillTakesNothingFromTheLiving) {
  options.config.leaseSoftMs = 5'000;
  options.config.leaseHardMs = 20'000;
  restart();
  auto& datanode = addDatanode();
  ASSERT_OK(create("/written"));
  pass(3'000);
  // All at once: the first thing that runs is what looks for those who are silent.
  constexpr std::int64_t STILL_MS = 3'600'000;
  clock.advanceMs(STILL_MS);
  timer.advanceTo(timer.now() + STILL_MS * kj::MILLISECONDS);
  ASSERT_OK(mkdirs("/later"));
  EXPECT_TRUE(look("/written").value().open);
  const auto writer = client;
  becomeAnother();
  EXPECT_CODE(Code::LEASE_CONFLICT, append("/written"));
  auto seen = report();
  EXPECT_TRUE(seen.getReport().getDatanodes()[0].getLive());
  client = writer;
  EXPECT_OK(heartbeat(datanode));
  // What passes while it runs does.
  becomeAnother();
  pass(5'000);
  EXPECT_OK(append("/written"));
}

// Protects a recovery whose command or outcome is lost: others are told, with a newer generation,
// and a late outcome of an older attempt does not count.
TEST_F(WritersTest, ARecoveryIsOrderedUntilItIsDone) {
  auto& first = addDatanode();
  auto& second = addDatanode();
  ASSERT_VALUE(const auto file, create("/f", 0, "root", 2));
  ASSERT_OK(addChunk(file));
  EXPECT_FALSE(recoverLease("/f").value());
  FakeDatanode* const told = untilRecovery({&first, &second});
  ASSERT_NE(told, nullptr);
  const auto lost = told->recoveries.back();
  EXPECT_EQ(lost.nodes.size(), 2U);
  FakeDatanode* const other = untilRecovery({&first, &second});
  ASSERT_NE(other, nullptr);
  EXPECT_NE(other, told);
  const auto order = other->recoveries.back();
  EXPECT_GT(order.newGeneration, lost.newGeneration);
  EXPECT_CODE(Code::STALE, commitRecovery(*told, lost, 50, {told->node}));
  EXPECT_TRUE(look("/f").value().open);
  ASSERT_OK(commitRecovery(*other, order, 50, order.nodes));
  EXPECT_TRUE(recoverLease("/f").value());
  EXPECT_EQ(look("/f").value().length, 50U);
  const auto orders = first.recoveries.size() + second.recoveries.size();
  for (int i = 0; i < 100; ++i) {
    pass(2000);
    ASSERT_OK(heartbeat(first));
    ASSERT_OK(heartbeat(second));
  }
  EXPECT_EQ(first.recoveries.size() + second.recoveries.size(), orders);
}

// Protects a recovery from a crash of the namenode in its midst: it begins again by itself, and
// what the attempt before had told does not count any more, nor less than its generation.
TEST_F(WritersTest, ARecoverySurvivesACrash) {
  auto& datanode = addDatanode();
  const Uuid uuid = datanode.uuid;
  ASSERT_VALUE(const auto file, create("/f"));
  ASSERT_VALUE(const auto chunk, addChunk(file));
  EXPECT_FALSE(recoverLease("/f").value());
  ASSERT_NE(untilRecovery({&datanode}), nullptr);
  const auto before = datanode.recoveries.back();
  crash();
  start();
  EXPECT_CODE(Code::LEASE_EXPIRED, complete(file, chunk, 10));
  auto& back = comeBack(uuid, "127.0.0.1:9001");
  ASSERT_NE(untilRecovery({&back}), nullptr);
  const auto order = back.recoveries.back();
  EXPECT_EQ(order.chunk, before.chunk);
  EXPECT_EQ(order.generation, before.generation);
  EXPECT_GT(order.newGeneration, before.newGeneration);
  EXPECT_CODE(Code::STALE, commitRecovery(back, before, 5, {back.node}));
  ASSERT_OK(commitRecovery(back, order, 6, {back.node}));
  EXPECT_EQ(look("/f").value().length, 6U);
  crash();
  start();
  EXPECT_EQ(look("/f").value().length, 6U);
  EXPECT_FALSE(look("/f").value().open);
}

// Protects bytes that only a datanode has which comes back later than safe mode ends: as long as no
// recovery can begin nobody has waited for it.
TEST_F(WritersTest, SafeModeIsNoWaitingForDatanodes) {
  auto& here = addDatanode();
  auto& late = addDatanode();
  ASSERT_VALUE(const auto file, create("/f", 0, "root", 2));
  ASSERT_OK(addChunk(file));
  late.master = nullptr;
  late.pool = nullptr;
  const auto pause = [&](std::int64_t ms) {
    for (std::int64_t waited = 0; waited < ms; waited += 1000) {
      pass(1000);
      ASSERT_OK(heartbeat(here));
    }
  };
  pause(1000);
  EXPECT_FALSE(recoverLease("/f").value());
  ASSERT_OK(safeMode(wire::SafeModeAction::ENTER));
  pause(60'000);
  ASSERT_OK(safeMode(wire::SafeModeAction::LEAVE));
  pause(8'000);
  EXPECT_TRUE(here.recoveries.empty());
  ASSERT_NE(untilRecovery({&here}), nullptr);
  // That it has none does not say that nobody has.
  EXPECT_CODE(Code::UNAVAILABLE, commitRecovery(here, here.recoveries.back(), 0, {}));
}

// Protects what lies on a volume that has failed under its datanode: the recovery waits for it as
// long as for a datanode that is away, and then the file is closed.
TEST_F(WritersTest, WhatIsLostWithAVolumeIsWaitedForAsADatanodeIs) {
  auto& datanode = addDatanode();
  ASSERT_VALUE(const auto file, create("/f"));
  ASSERT_OK(addChunk(file));
  EXPECT_FALSE(recoverLease("/f").value());
  std::int64_t waitedMs = 0;
  const auto given = [&]() {
    return !datanode.recoveries.empty() && datanode.recoveries.back().withoutLost;
  };
  for (; !given() && waitedMs < 2'000'000; waitedMs += 2000) {
    pass(2000);
    ASSERT_OK(heartbeat(datanode));
  }
  EXPECT_TRUE(given());
  EXPECT_GE(waitedMs, std::int64_t{options.config.datanodeDeadMs});
  ASSERT_OK(commitRecovery(datanode, datanode.recoveries.back(), 0, {}));
  EXPECT_FALSE(look("/f").value().open);
}

// Protects readers of a file whose append has lost its datanode, and whose copies from before were
// recovered without the namenode's being told: they are of a generation that is not on record.
TEST_F(WritersTest, ARecoveredCopyFromBeforeAnAppendIsShown) {
  auto& first = addDatanode();
  auto& second = addDatanode();
  ASSERT_VALUE(const auto chunk, writeFile("/f", 10, 2));
  ASSERT_VALUE(const auto appended, append("/f"));
  ASSERT_VALUE(const auto generation, updateChunk(appended.file, appended.last));
  ASSERT_OK(updatePipeline(appended.file, appended.last, generation, 10, {first.node}));
  first.master = nullptr;
  first.pool = nullptr;
  EXPECT_FALSE(recoverLease("/f").value());
  for (int i = 0; i < 2000 && second.recoveries.empty(); ++i) {
    pass(1000);
    ASSERT_OK(heartbeat(second));
  }
  ASSERT_FALSE(second.recoveries.empty());
  EXPECT_EQ(locations("/f").value().at(0).nodes, std::vector{second.node});
  const Placed newer{chunk.chunk, second.recoveries.back().newGeneration, {second.node}};
  ASSERT_OK(heartbeat(second, {{newer, 10}}, {chunk}));
  pass(1000);  // until that is durable
  const auto where = locations("/f").value().at(0);
  EXPECT_EQ(where.nodes, (std::vector{first.node, second.node}));
  EXPECT_TRUE(where.changing);
  ASSERT_OK(commitRecovery(second, second.recoveries.back(), 10, {second.node}));
  EXPECT_EQ(locations("/f").value().at(0).nodes, std::vector{second.node});
}

// Protects a file none of whose datanodes is there: it stays open, however long that takes, and is
// recovered when one comes back.
TEST_F(WritersTest, WithoutItsDatanodesAFileStaysOpen) {
  auto& lost = addDatanode();
  const Uuid uuid = lost.uuid;
  ASSERT_VALUE(const auto file, create("/f"));
  ASSERT_VALUE(const auto chunk, addChunk(file));
  ASSERT_EQ(chunk.nodes, std::vector<std::uint32_t>{lost.node});
  lost.master = nullptr;
  lost.pool = nullptr;
  auto& other = addDatanode();
  EXPECT_FALSE(recoverLease("/f").value());
  for (int i = 0; i < 300; ++i) {
    pass(5000);
    ASSERT_OK(heartbeat(other));
  }
  EXPECT_TRUE(look("/f").value().open);
  EXPECT_TRUE(other.recoveries.empty());
  auto& back = comeBack(uuid, "127.0.0.1:9001");
  ASSERT_NE(untilRecovery({&other, &back}), nullptr);
  ASSERT_OK(commitRecovery(back, back.recoveries.back(), 9, {back.node}));
  EXPECT_EQ(look("/f").value().length, 9U);
}

// Protects what nobody ever wrote from standing in the way for ever.
TEST_F(WritersTest, AChunkThatWasNeverWrittenIsDropped) {
  auto& datanode = addDatanode();
  ASSERT_VALUE(const auto file, create("/f"));
  ASSERT_OK(addChunk(file));
  EXPECT_FALSE(recoverLease("/f").value());
  ASSERT_NE(untilRecovery({&datanode}), nullptr);
  ASSERT_OK(commitRecovery(datanode, datanode.recoveries.back(), 0, {}));
  EXPECT_TRUE(recoverLease("/f").value());
  EXPECT_EQ(look("/f").value().length, 0U);
  EXPECT_TRUE(locations("/f").value().empty());
}

// Protects a truncation inside a chunk: the file has its new length at once, and is done when its
// datanodes are.
TEST_F(WritersTest, TruncatingInsideAChunk) {
  auto& datanode = addDatanode();
  ASSERT_VALUE(const auto chunk, writeFile("/f", 100));
  EXPECT_TRUE(truncate("/f", 100).value());
  ASSERT_VALUE(const bool done, truncate("/f", 40, 7));
  EXPECT_FALSE(done);
  EXPECT_FALSE(truncate("/f", 40, 7).value());  // the same call again
  EXPECT_EQ(look("/f").value().length, 40U);
  EXPECT_TRUE(look("/f").value().open);
  ASSERT_EQ(locations("/f").value()[0].length, 40U);
  ASSERT_NE(untilRecovery({&datanode}), nullptr);
  const auto& order = datanode.recoveries.back();
  EXPECT_TRUE(order.cut);
  EXPECT_EQ(order.length, 40U);
  EXPECT_EQ(order.generation, chunk.generation);
  // Its copy is cut, which is told before the outcome is, or the outcome gets lost.
  const Placed newer{chunk.chunk, order.newGeneration, chunk.nodes};
  ASSERT_OK(heartbeat(datanode, {{newer, 40}}, {chunk}));
  pass(1000);  // until that is durable
  auto where = locations("/f").value().at(0);
  EXPECT_EQ(where.nodes, std::vector{datanode.node});
  EXPECT_TRUE(where.complete);
  EXPECT_TRUE(where.changing);
  ASSERT_OK(commitRecovery(datanode, order, 40, {datanode.node}));
  where = locations("/f").value().at(0);
  EXPECT_EQ(where.nodes, std::vector{datanode.node});
  EXPECT_FALSE(where.changing);
  EXPECT_FALSE(look("/f").value().open);
  EXPECT_TRUE(truncate("/f", 40).value());
}

// Protects appends and rebuilt pipelines that are told twice, over a restart too: they take effect
// once, and the answer is the same. Promised generations never come again.
TEST_F(WritersTest, CallsOfWritersTakeEffectOnce) {
  auto& datanode = addDatanode();
  const Uuid uuid = datanode.uuid;
  const std::uint32_t node = datanode.node;
  ASSERT_VALUE(const auto chunk, writeFile("/f", 100));
  ASSERT_VALUE(const auto first, append("/f", 11));
  ASSERT_VALUE(const auto again, append("/f", 11));
  EXPECT_EQ(again.last.generation, first.last.generation);
  EXPECT_CODE(Code::LEASE_CONFLICT, append("/f", 12));
  ASSERT_VALUE(const auto promised, updateChunk(first.file, first.last));
  EXPECT_GT(promised, chunk.generation);
  ASSERT_OK(updatePipeline(first.file, first.last, promised, 100, {node}, 13));
  crash();
  start();
  comeBack(uuid, "127.0.0.1:9001");
  ASSERT_VALUE(const auto after, append("/f", 11));
  EXPECT_EQ(after.last.generation, first.last.generation);
  EXPECT_EQ(after.last.nodes, first.last.nodes);
  EXPECT_EQ(after.lastLength, 100U);
  ASSERT_OK(updatePipeline(first.file, first.last, promised, 100, {node}, 13));
  Placed rebuilt{first.last.chunk, promised, {node}};
  ASSERT_VALUE(const auto next, updateChunk(first.file, rebuilt));
  EXPECT_GT(next, promised);
  EXPECT_CODE(Code::STALE, updateChunk(first.file, first.last));
  EXPECT_CODE(Code::STALE, complete(first.file, first.last, 200));
  ASSERT_VALUE(const auto length, complete(first.file, rebuilt, 200));
  EXPECT_EQ(length, 200U);
}

// Protects a generation that was promised, and on record nowhere, from being promised again after a
// crash: a datanode may have bytes under it.
TEST_F(WritersTest, PromisesOutliveACrash) {
  auto& datanode = addDatanode();
  const Uuid uuid = datanode.uuid;
  ASSERT_VALUE(const auto file, create("/f"));
  ASSERT_VALUE(const auto chunk, addChunk(file));
  std::uint64_t last = 0;
  // More than one batch of reserved generations.
  for (int i = 0; i < 10'100; ++i) {
    ASSERT_VALUE(const auto promised, updateChunk(file, chunk));
    ASSERT_GT(promised, last);
    last = promised;
  }
  crash();
  start();
  comeBack(uuid, "127.0.0.1:9001");
  ASSERT_VALUE(const auto promised, updateChunk(file, chunk));
  EXPECT_GT(promised, last);
}

// Protects the namenode from a pipeline of datanodes that do not exist.
TEST_F(WritersTest, APipelineHasKnownDatanodes) {
  addDatanode();
  ASSERT_VALUE(const auto file, create("/f"));
  ASSERT_VALUE(const auto chunk, addChunk(file));
  ASSERT_VALUE(const auto promised, updateChunk(file, chunk));
  EXPECT_CODE(Code::INVALID_ARGUMENT, updatePipeline(file, chunk, promised, 0, {77}));
}

}  // namespace
}  // namespace cairn::nn
