// Protects readers of files that change under them: they see what was flushed and nothing that was
// not written, they get on when the file grows, is rebuilt, cut or finished meanwhile, and a slow
// datanode costs them half a second and not a minute.
#include <gtest/gtest.h>

#include "client/core/file_layout.h"
#include "client/core/hedge_budget.h"
#include "client/core/race.h"
#include "tests/client/fakes/fixture.h"

namespace cairn::client {
namespace {

using fakes::ClientTest;

class Follow : public ClientTest {
protected:
  kj::Own<FileReader> open(const std::string& path) { return wait(files->open(path)).value(); }
  void put(FileWriter& writer, std::string_view bytes) {
    ASSERT_TRUE(wait(writer.write(asBytes(bytes))).has_value());
  }
  void flush(FileWriter& writer) { ASSERT_TRUE(wait(writer.flush(FlushTo::MEMORY)).has_value()); }
};

TEST_F(Follow, WhatWasFlushedIsThereAndMoreComes) {
  start(3, 3);
  const auto contents = text(20'000);
  auto writer = wait(files->create("/f")).value();
  auto reader = open("/f");
  EXPECT_EQ(reader->length(), 0u);
  EXPECT_EQ(readAll(*reader).value(), "");
  std::size_t at = 0;
  std::string got;
  for (std::size_t size : {10, 502, 1, 3583, 1, 4096, 5000, 300, 6507}) {
    put(*writer, contents.substr(at, size));
    at += size;
    flush(*writer);
    // Whoever opens it now, and whoever looks again.
    EXPECT_EQ(read("/f").value(), contents.substr(0, at));
    EXPECT_EQ(reader->length(), got.size());
    EXPECT_EQ(wait(reader->refresh()).value(), at);
    EXPECT_EQ(reader->length(), at);
    got += readAll(*reader).value();
    ASSERT_TRUE(got == contents.substr(0, at)) << at;
    std::string middle(300, ' ');
    const auto from = at < 300 ? 0 : at - 300;
    const auto size2 = wait(reader->pread(from, std::as_writable_bytes(std::span(middle)))).value();
    EXPECT_EQ(middle.substr(0, size2), contents.substr(from, at - from));
  }
  ASSERT_TRUE(wait(writer->close()).has_value());
  EXPECT_EQ(wait(reader->refresh()).value(), contents.size());
  EXPECT_FALSE(reader->entry().underConstruction);
  EXPECT_EQ(readAll(*reader).value(), "");
}

// The nodes before the last know of fewer bytes that all behind them have; a reader whose nearest
// node shows less than another one told goes on to that other one.
TEST_F(Follow, EachNodeShowsWhatIsBehindIt) {
  start(3, 3);
  auto writer = wait(files->create("/f")).value();
  put(*writer, text(500));
  flush(*writer);
  put(*writer, text(500));
  flush(*writer);
  cluster->node(1).visibleMax = 500;
  cluster->node(2).visibleMax = 500;
  auto reader = open("/f");
  const auto length = reader->length();
  EXPECT_TRUE(length == 500 || length == 1000);
  EXPECT_EQ(readAll(*reader).value().size(), length);
  // What was visible once stays so.
  for (unsigned node : {1u, 2u, 3u}) cluster->node(node).visibleMax = 500;
  EXPECT_EQ(wait(reader->refresh()).value(), length);
}

TEST_F(Follow, DeadNodesDoNotHideTheLength) {
  start(3, 3);
  auto writer = wait(files->create("/f")).value();
  put(*writer, text(700));
  flush(*writer);
  cluster->node(1).die();
  cluster->node(2).replicas.clear();
  loop.settle();
  EXPECT_EQ(read("/f").value(), text(700));
  cluster->node(3).die();
  loop.settle();
  auto reader = wait(files->open("/f"));
  ASSERT_FALSE(reader.has_value());
  EXPECT_EQ(reader.error().code(), Code::UNAVAILABLE);
}

// Protects readers while the namenode does not know yet what has become of the chunk: its datanodes
// have recovered it, and whoever was to tell has died.
TEST_F(Follow, ACopyOfANewerGenerationWillDo) {
  start(3, 3);
  auto writer = wait(files->create("/f")).value();
  put(*writer, text(700));
  flush(*writer);
  auto before = open("/f");
  for (unsigned node : {1u, 2u, 3u}) {
    for (auto& [chunk, replica] : cluster->node(node).replicas) ++replica.generation;
  }
  EXPECT_EQ(read("/f").value(), text(700));
  EXPECT_EQ(wait(before->refresh()).value(), 700u);
  EXPECT_EQ(readAll(*before).value(), text(700));
}

// Who opens the file waits for every node that may show more than the first, and for none that
// hangs.
TEST_F(Follow, AHangingNodeDoesNotHoldUpWhoOpens) {
  start(3, 3);
  auto writer = wait(files->create("/f")).value();
  put(*writer, text(700));
  flush(*writer);
  cluster->node(1).visibleMax = 500;
  cluster->node(2).statDelayMs = FileLayout::STRAGGLERS_MS / 2;
  cluster->node(3).statDelayMs = 60'000;
  const auto began = loop.clock.monotonicMs();
  auto reader = open("/f");
  EXPECT_LT(loop.clock.monotonicMs() - began, 2 * FileLayout::STRAGGLERS_MS);
  EXPECT_EQ(reader->length(), 700u);
  EXPECT_EQ(readAll(*reader).value(), text(700));
  wait(loop.timer.afterDelay(90 * kj::SECONDS));  // the late answers, while somebody takes them
}

// A pipeline is rebuilt under the reader: other nodes, another generation.
TEST_F(Follow, ARebuiltPipelineIsFound) {
  start(4, 3);
  const auto contents = text(3000);
  auto writer = wait(files->create("/f")).value();
  put(*writer, contents.substr(0, 1000));
  flush(*writer);
  auto reader = open("/f");
  for (unsigned node : {1u, 2u}) {
    cluster->node(node).die();
    put(*writer, contents.substr(node * 1000, 1000));
    flush(*writer);
  }
  EXPECT_EQ(readAll(*reader).value(), contents.substr(0, 1000));
  EXPECT_EQ(wait(reader->refresh()).value(), contents.size());
  EXPECT_EQ(readAll(*reader).value(), contents.substr(1000));
  ASSERT_TRUE(wait(writer->close()).has_value());
}

// Open for long, and meanwhile the last chunk was continued: its replicas are of a new generation.
TEST_F(Follow, ANewGenerationIsFoundAtOnce) {
  start(2, 2);
  const auto contents = text(3000);
  ASSERT_TRUE(write("/f", contents.substr(0, 1000)).has_value());
  auto reader = open("/f");
  auto writer = wait(files->append("/f")).value();
  put(*writer, contents.substr(1000));
  ASSERT_TRUE(wait(writer->close()).has_value());
  const auto began = loop.clock.monotonicMs();
  EXPECT_EQ(readAll(*reader).value(), contents.substr(0, 1000));
  EXPECT_EQ(loop.clock.monotonicMs(), began);
  EXPECT_EQ(wait(reader->refresh()).value(), contents.size());
  EXPECT_EQ(readAll(*reader).value(), contents.substr(1000));
}

TEST_F(Follow, ManyChunksAndPages) {
  namenode.pageChunks = 2;
  start(1);
  const auto contents = text(9 * 4096 + 100);
  auto writer = wait(files->create("/f")).value();
  put(*writer, contents);
  flush(*writer);
  auto reader = open("/f");
  EXPECT_EQ(reader->length(), contents.size());
  EXPECT_EQ(readAll(*reader).value(), contents);
  put(*writer, contents);
  flush(*writer);
  EXPECT_EQ(wait(reader->refresh()).value(), 2 * contents.size());
  EXPECT_EQ(readAll(*reader).value(), contents);
}

TEST_F(Follow, ACutFileIsShorterAfterRefresh) {
  start(1);
  ASSERT_TRUE(write("/f", text(3 * 4096)).has_value());
  auto reader = open("/f");
  file("/f").chunks.resize(1);
  EXPECT_EQ(wait(reader->refresh()).value(), 4096u);
  EXPECT_EQ(readAll(*reader).value(), text(3 * 4096).substr(0, 4096));
  namenode.files.erase("/f");
  EXPECT_EQ(wait(reader->refresh()).error().code(), Code::NOT_FOUND);
}

TEST_F(Follow, ASlowNodeIsHedged) {
  start(2, 2);
  const auto contents = text(8 * 4096);
  ASSERT_TRUE(write("/f", contents).has_value());
  cluster->node(1).readDelayMs = 10'000;
  auto began = loop.clock.monotonicMs();
  EXPECT_EQ(read("/f").value(), contents);
  EXPECT_LE(loop.clock.monotonicMs() - began, 2 * options.hedgeAfterMs);
  // The slow one is asked last from now on.
  const auto asked = cluster->node(1).reads;
  EXPECT_EQ(read("/f").value(), contents);
  EXPECT_EQ(cluster->node(1).reads, asked);
  wait(loop.timer.afterDelay(20 * kj::SECONDS));  // the late answers, while somebody takes them
}

// A slow node that is the only sound one is waited for; the other's failure does not end the read.
TEST_F(Follow, TheSlowAnswerCountsWhenTheOtherFails) {
  start(2, 2);
  const auto contents = text(3000);
  ASSERT_TRUE(write("/f", contents).has_value());
  cluster->node(1).readDelayMs = 3000;
  cluster->node(2).refuseReads = Status(Code::IO_ERROR, "unreadable");
  EXPECT_EQ(read("/f").value(), contents);
}

TEST_F(Follow, WithoutHedgingNobodyElseIsAsked) {
  options.hedgeAfterMs = 0;
  start(2, 2);
  ASSERT_TRUE(write("/f", text(3000)).has_value());
  cluster->node(1).readDelayMs = 3000;
  EXPECT_EQ(read("/f").value(), text(3000));
  EXPECT_EQ(cluster->node(2).reads, 0u);
}

// A network that is slow as a whole is not asked twice for everything.
TEST(Hedges, AreABoundedShare) {
  HedgeBudget budget;
  unsigned taken = 0;
  for (int i = 0; i < 10'000; ++i) {
    budget.requested();
    taken += budget.take();
  }
  EXPECT_LE(taken, 10'000 * HedgeBudget::SHARE + HedgeBudget::SAVED_MAX);
  EXPECT_GE(taken, 10'000 * HedgeBudget::SHARE - 1);
}

TEST(Races, TellAnswersAsTheyCome) {
  fakes::TestLoop loop;
  Race<int> race;
  const auto after = [&](unsigned ms, int value) {
    return loop.timer.afterDelay(ms * kj::MILLISECONDS).then([value]() {
      return Result<int>(value);
    });
  };
  race.add(after(300, 0));
  race.add(after(100, 1));
  EXPECT_FALSE(loop.wait(race.nextWithin(loop.timer, 50)).has_value());
  auto first = loop.wait(race.next());
  EXPECT_EQ(first.runner, 1u);
  EXPECT_EQ(first.result.value(), 1);
  EXPECT_EQ(race.left(), 1u);
  EXPECT_EQ(loop.wait(race.nextWithin(loop.timer, 1000))->runner, 0u);
  EXPECT_EQ(race.left(), 0u);
}

}  // namespace
}  // namespace cairn::client
