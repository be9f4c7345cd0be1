// Protects a fresh copy from what is read of the replica whose place it has taken: whoever waits
// for the disk meanwhile must neither put it aside, nor tell that it is damaged, nor serve the old
// file for it.
#include <gtest/gtest.h>
#include <kj/async.h>

#include <cerrno>
#include <memory>
#include <utility>
#include <vector>

#include "common/io/faulty_disk.h"
#include "common/io/memory_disk.h"
#include "datanode/store/replica_store.h"
#include "tests/client/fakes/pipe_network.h"
#include "tests/datanode/fakes/chunk_data.h"
#include "tests/datanode/fakes/fixture.h"
#include "tests/testkit/results.h"

namespace cairn::dn {
namespace {

using fakes::key;
using fakes::makeChunk;
using fakes::TestChunk;

// A replica of 5000 bytes is read while one of 6000 takes its place.
class Replaced : public ::testing::Test {
protected:
  Replaced() : store(loop.host, {{faulty, pool}}, {}) {
    EXPECT_OK(loop.wait(store.open()));
    EXPECT_OK(loop.wait(store.adopt(Uuid::fromHighLow(1, 2), NodeId(1))));
    EXPECT_OK(loop.wait(store.publish(copyOf(makeChunk(5000)))));
    const auto& old = *store.find(key(1));
    path = finalPathOf({key(1), old.length, old.storedLength});
    store.news().take(10);
  }
  ~Replaced() noexcept override { loop.settle(); }

  ReplicaStore::Copying copyOf(const TestChunk& chunk, ReplicaKey at = key(1)) {
    auto copying =
        loop.wait(store.beginCopy(at, chunk.plain.size(), format::ChunkScan::Depth::PLAIN));
    for (const auto& packet : chunk.packets) {
      const auto bound = fakes::boundTo(at.chunk, packet);
      EXPECT_OK(
          loop.wait(store.appendCopy(*copying, std::make_shared<const ByteVector>(bound.frames))));
    }
    return kj::mv(copying).value();
  }
  // Lets the disk do one job after the other until the promise settles.
  template <typename T>
  T stepUntil(kj::Promise<T> promise) {
    while (!promise.poll(loop.waitScope)) {
      EXPECT_GT(pool.heldJobs(), 0U);
      pool.step();
    }
    return promise.wait(loop.waitScope);
  }
  // What waits for the disk to read is less urgent, and comes after it.
  void replace(ReplicaStore::Copying copying) {
    EXPECT_OK(stepUntil(store.publish(kj::mv(copying))));
  }
  void expectFresh() {
    pool.release();
    EXPECT_EQ(loop.wait(store.openFinal(key(1), Urgency::CLIENT)).value()->name().length, 6000U);
    EXPECT_EQ(store.quarantined(), 1U);  // the old one
    const auto news = store.news().take(10);
    ASSERT_EQ(news.size(), 1U);
    EXPECT_EQ(news.at(key(1)).kind, ReplicaNews::Kind::FINAL);
    EXPECT_EQ(news.at(key(1)).length, 6000U);
  }

  io::MemoryDisk disk{"/disk"};
  io::FaultyDisk faulty{disk};
  client::fakes::TestLoop loop;
  fakes::TestPool pool;
  ReplicaStore store;
  std::string path;  // of the old one
};

// By then its name is the old one's: the file is gone.
TEST_F(Replaced, WhileItIsOpened) {
  auto copying = copyOf(makeChunk(6000));
  pool.hold();
  auto opened = store.openFinal(key(1), Urgency::BACKGROUND);
  replace(kj::mv(copying));
  EXPECT_CODE(Code::UNAVAILABLE, stepUntil(kj::mv(opened)));
  expectFresh();
}

TEST_F(Replaced, WhileItIsVerified) {
  ASSERT_OK(disk.flipBit(path, 8 * 1000));
  auto copying = copyOf(makeChunk(6000));
  pool.hold();
  auto verified = store.verify(key(1), ReplicaStore::IfDamaged::QUARANTINE);
  pool.step();
  loop.settle();  // it is open, and its first piece is to be read
  replace(kj::mv(copying));
  EXPECT_CODE(Code::UNAVAILABLE, stepUntil(kj::mv(verified)));
  expectFresh();
}

TEST_F(Replaced, WhileItIsScrubbed) {
  ASSERT_OK(disk.flipBit(path, 8 * 1000));
  auto copying = copyOf(makeChunk(6000));
  ASSERT_VALUE(const auto checking, loop.wait(store.beginCheck(key(1))));
  pool.hold();
  auto checked = store.checkNext(checking);
  replace(kj::mv(copying));
  EXPECT_CODE(Code::UNAVAILABLE, stepUntil(kj::mv(checked)));
  expectFresh();
}

TEST_F(Replaced, WhileItIsWalked) {
  const auto size = disk.statIfExists(path).value()->sizeBytes;
  ASSERT_OK(disk.flipBit(path, 8 * (size - 40)));
  EXPECT_CODE(Code::CORRUPT, loop.wait(store.openFinal(key(1), Urgency::CLIENT)));
  auto copying = copyOf(makeChunk(6000));
  pool.hold();
  auto located = store.locate(key(1), 0, 100, Urgency::BACKGROUND);
  for (int i = 0; i < 2; ++i) {
    pool.step();
    loop.settle();  // it cannot be opened; the walk has begun
  }
  replace(kj::mv(copying));
  EXPECT_CODE(Code::UNAVAILABLE, stepUntil(kj::mv(located)));
  expectFresh();
}

// The reader had found its frames before.
TEST_F(Replaced, WhileItsFramesAreRead) {
  ASSERT_VALUE(const auto at, loop.wait(store.locate(key(1), 0, 100, Urgency::CLIENT)));
  ASSERT_OK(loop.wait(store.publish(copyOf(makeChunk(6000)))));
  store.damaged(key(1), at.incarnation, {Code::CORRUPT, "a bit has flipped"});
  pool.hold();
  expectFresh();
}

// Protects the copy from an order to delete that met a writer at its last step: the file that it
// has sealed all the same goes, and not that of the copy, which has the same name.
TEST_F(Replaced, WhenItsWriterSealedWhatWasOrderedAway) {
  const auto chunk = makeChunk(6000);
  ASSERT_VALUE(auto writing, loop.wait(store.create({.key = key(2),
                                                     .frameSize = chunk.frameSize,
                                                     .lengthMax = chunk.plain.size()})));
  for (const auto& packet : chunk.packets) {
    const auto bound = fakes::boundTo(key(2).chunk, packet);
    const PacketView view{bound.offset, bound.plainLength, bound.frames};
    ASSERT_OK(loop.wait(store.run(
        writing, [view](ReplicaAppender& appender) { return appender.append({&view, 1}); })));
    store.appended(writing);
  }
  auto copying = copyOf(chunk, key(2));
  pool.hold();
  auto sealed = store.seal(kj::mv(writing), {.length = chunk.plain.size(),
                                             .plainCrc = chunk.digest.plainCrc(),
                                             .md5 = chunk.digest.md5()});
  auto removed = store.remove(key(2));
  EXPECT_OK(stepUntil(kj::mv(sealed)));
  auto published = store.publish(kj::mv(copying));
  EXPECT_OK(stepUntil(kj::mv(removed)));
  EXPECT_OK(stepUntil(kj::mv(published)));
  pool.release();
  loop.settle();
  EXPECT_OK(loop.wait(store.openFinal(key(2), Urgency::CLIENT)));
}

// Protects the namenode's knowledge: what has made way for a copy that then found no place is told
// gone, whatever waited to be told of it.
TEST_F(Replaced, WithoutAnyThatTakesItsPlace) {
  ASSERT_OK(loop.wait(store.adopt(copyOf(makeChunk(5000), key(2)))));
  for (const auto at : {key(2), key(1)}) {
    faulty.inject({.op = io::DiskOp::RENAME, .nth = 2, .errnum = EIO});
    EXPECT_CODE(Code::IO_ERROR, loop.wait(store.publish(copyOf(makeChunk(6000), at))));
    EXPECT_EQ(store.find(at), nullptr);
    const auto news = store.news().take(10);
    ASSERT_TRUE(news.contains(at)) << at.toString();
    EXPECT_EQ(news.at(at).kind, ReplicaNews::Kind::REMOVED) << at.toString();
  }
}

}  // namespace
}  // namespace cairn::dn
