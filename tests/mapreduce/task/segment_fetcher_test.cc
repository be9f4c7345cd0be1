// Protects the shuffle's way into a reduce: every map's segment arrives once and whole, one that is
// lost or refused comes again from the map's next attempt, and memory stays within its bound.
#include "mapreduce/task/segment_fetcher.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "common/rpc/acceptor.h"
#include "common/rpc/convert.h"
#include "tests/client/fakes/pipe_network.h"
#include "tests/testkit/results.h"

namespace cairn::mr {
namespace {

constexpr JobId JOB{1000, 1};
constexpr std::uint32_t PIECE = 1 << 20;

struct Output {
  std::uint32_t attempt = 0;
  bool available = true;
  std::string address = "tracker";
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

// What the job tracker knows, and what the reduce told it.
struct World {
  std::map<std::uint32_t, Output> outputs;
  std::vector<std::uint32_t> log;  // maps, in the order in which their outputs changed
  std::vector<kj::Own<kj::PromiseFulfiller<void>>> waiting;
  struct Report {
    std::uint32_t map;
    std::uint32_t attempt;
    Code reason;
    bool operator==(const Report&) const = default;
  };
  std::vector<Report> lost;
  bool shuffled = false;

  // What trackers hold: attempt's name -> the file.
  std::map<std::string, std::string> files;
  std::uint32_t readsNow = 0;
  std::uint32_t readsMax = 0;
  std::uint64_t bytesSent = 0;
  bool hold = false;  // reads are not answered while set
  std::vector<kj::Own<kj::PromiseFulfiller<void>>> held;

  void publish(std::uint32_t map, Output output) {
    outputs[map] = std::move(output);
    log.push_back(map);
    auto all = std::move(waiting);
    waiting.clear();
    for (auto& one : all) one->fulfill();
  }
  void release() {
    hold = false;
    auto all = std::move(held);
    held.clear();
    for (auto& one : all) one->fulfill();
  }
};

class FakeHost final : public wire::TaskHost::Server {
public:
  explicit FakeHost(World& world) : world_(world) {}

  kj::Promise<void> mapOutputs(MapOutputsContext context) override {
    const auto from = context.getParams().getAfterVersion();
    while (world_.log.size() <= from) {
      auto paf = kj::newPromiseAndFulfiller<void>();
      world_.waiting.push_back(kj::mv(paf.fulfiller));
      co_await kj::mv(paf.promise);
    }
    std::set<std::uint32_t> maps(world_.log.begin() + static_cast<std::ptrdiff_t>(from),
                                 world_.log.end());
    auto results = context.getResults();
    results.setVersion(world_.log.size());
    auto list = results.initOutputs(static_cast<unsigned>(maps.size()));
    unsigned i = 0;
    for (const auto map : maps) {
      const auto& output = world_.outputs[map];
      auto to = list[i++];
      to.setMap(map);
      to.setAttempt(output.attempt);
      to.setAvailable(output.available);
      to.setAddress(output.address);
      to.setMachine("elsewhere");
      auto segment = to.initSegment();
      segment.setOffset(output.offset);
      segment.setLength(output.length);
    }
  }
  kj::Promise<void> mapOutputLost(MapOutputLostContext context) override {
    const auto params = context.getParams();
    const auto reason = rpc::fromWire(params.getReason());
    world_.lost.push_back({params.getMap(), params.getAttempt(), reason.error().code()});
    return kj::READY_NOW;
  }
  kj::Promise<void> shuffled(ShuffledContext) override {
    world_.shuffled = true;
    return kj::READY_NOW;
  }

private:
  World& world_;
};

class FakeTracker final : public wire::MapOutputs::Server {
public:
  explicit FakeTracker(World& world) : world_(world) {}

  kj::Promise<void> read(ReadContext context) override {
    world_.readsMax = std::max(world_.readsMax, ++world_.readsNow);
    if (world_.hold) {
      auto paf = kj::newPromiseAndFulfiller<void>();
      world_.held.push_back(kj::mv(paf.fulfiller));
      co_await kj::mv(paf.promise);
    }
    --world_.readsNow;
    const auto params = context.getParams();
    const auto file = world_.files.find(rpc::toString(params.getAttempt()));
    if (file == world_.files.end()) {
      rpc::toWire(Status(Code::NOT_FOUND, "no such output"), context.getResults().initFault());
      co_return;
    }
    const auto offset = std::min<std::uint64_t>(params.getOffset(), file->second.size());
    const auto length = std::min<std::uint64_t>(params.getLength(), file->second.size() - offset);
    world_.bytesSent += length;
    context.getResults().setBytes(
        rpc::toData(asBytes(std::string_view(file->second).substr(offset, length))));
  }

private:
  World& world_;
};

class SegmentFetcherTest : public ::testing::Test {
protected:
  ~SegmentFetcherTest() noexcept override {
    fetcher = nullptr;
    door = nullptr;
  }

  void openDoor() {
    door = std::make_unique<rpc::Acceptor>(
        loop.host, "tasktracker", rpc::AcceptorOptions{}, []() { return rpc::Identity{}; },
        [this](rpc::PeerInfo) -> Result<capnp::Capability::Client> {
          return capnp::Capability::Client(kj::heap<FakeTracker>(world));
        });
    ASSERT_OK(loop.wait(door->listen("tracker")));
  }
  void start(std::uint32_t maps, FetchLimits limits = {}) {
    openDoor();
    rpc::ClientHello hello;
    hello.role = rpc::Role::PEER;
    fetcher = std::make_unique<SegmentFetcher>(loop.host, kj::heap<FakeHost>(world), JOB, maps,
                                               "here", hello, limits);
  }
  static std::string nameOf(std::uint32_t map, std::uint32_t attempt) {
    return AttemptId{{JOB, TaskKind::MAP, map}, attempt}.toString();
  }
  // The map's output exists and is announced; its segment is `text`, somewhere in the file.
  void finishMap(std::uint32_t map, std::uint32_t attempt, const std::string& text) {
    world.files[nameOf(map, attempt)] = "before" + text + "behind";
    world.publish(map, {.attempt = attempt, .offset = 6, .length = text.size()});
  }
  std::optional<FetchedSegment> next() {
    auto segment = loop.wait(fetcher->next());
    EXPECT_OK(segment);
    return segment.has_value() ? std::move(*segment) : std::nullopt;
  }
  static std::string textOf(const FetchedSegment& segment) {
    if (segment.place.lengthBytes == 0) return {};
    return std::string(asText(std::get<ByteVector>(segment.body)));
  }

  client::fakes::TestLoop loop;
  World world;
  std::unique_ptr<rpc::Acceptor> door;
  std::unique_ptr<SegmentFetcher> fetcher;
};

// All maps' segments come, each once, those that are announced later too, empty ones without a
// call; then the end is told and reported.
TEST_F(SegmentFetcherTest, EveryMapIsDeliveredOnce) {
  start(20);
  std::string big(3 * PIECE + 17, 'x');
  for (std::size_t i = 0; i < big.size(); ++i) big[i] = static_cast<char>('a' + i % 23);
  for (std::uint32_t map = 0; map < 10; ++map) {
    finishMap(map, map % 2, map == 3 ? big : map == 4 ? "" : "segment " + std::to_string(map));
  }
  std::map<std::uint32_t, std::string> got;
  const auto take = [&]() {
    const auto segment = next();
    ASSERT_TRUE(segment.has_value());
    EXPECT_TRUE(got.emplace(segment->mapIndex, textOf(*segment)).second);
  };
  for (int i = 0; i < 10; ++i) take();
  EXPECT_FALSE(world.shuffled);
  for (std::uint32_t map = 10; map < 20; ++map) finishMap(map, 0, "late " + std::to_string(map));
  for (int i = 0; i < 10; ++i) take();
  EXPECT_FALSE(next().has_value());
  EXPECT_TRUE(world.shuffled);
  EXPECT_EQ(big, got[3]);
  EXPECT_EQ("", got[4]);
  EXPECT_EQ("segment 7", got[7]);
  EXPECT_EQ("late 15", got[15]);
  EXPECT_TRUE(world.lost.empty());
}

// A job without maps has nothing to fetch.
TEST_F(SegmentFetcherTest, NoMapsNoSegments) {
  start(0);
  EXPECT_FALSE(next().has_value());
}

// An output that its tracker does not hold is reported at once and taken from the next attempt; the
// old attempt is never tried again, though it is announced once more.
TEST_F(SegmentFetcherTest, AGoneOutputComesFromTheNextAttempt) {
  start(1);
  world.publish(0, {.attempt = 0, .offset = 0, .length = 5});
  auto segment = fetcher->next();
  EXPECT_FALSE(segment.poll(loop.waitScope));
  EXPECT_EQ((std::vector<World::Report>{{0, 0, Code::NOT_FOUND}}), world.lost);
  world.publish(0, {.attempt = 0, .offset = 0, .length = 5});
  EXPECT_FALSE(segment.poll(loop.waitScope));
  EXPECT_EQ(1u, world.lost.size());
  finishMap(0, 1, "fresh");
  auto got = loop.wait(kj::mv(segment));
  ASSERT_OK(got);
  EXPECT_EQ(1u, (*got)->mapAttempt);
  EXPECT_EQ("fresh", textOf(**got));
}

// The engine finds a delivered segment damaged: reported as such, delivered again from the new
// attempt, and the end does not come before that.
TEST_F(SegmentFetcherTest, ARejectedSegmentIsDeliveredAgain) {
  start(2);
  finishMap(0, 0, "zero");
  finishMap(1, 0, "one");
  (void)next();
  (void)next();
  ASSERT_OK(loop.wait(fetcher->reject(0, 0, Status(Code::INTERNAL, "checksum"))));
  EXPECT_EQ((std::vector<World::Report>{{0, 0, Code::CORRUPT}}), world.lost);
  auto segment = fetcher->next();
  EXPECT_FALSE(segment.poll(loop.waitScope));
  finishMap(0, 1, "again");
  auto got = loop.wait(kj::mv(segment));
  ASSERT_OK(got);
  EXPECT_EQ("again", textOf(**got));
  EXPECT_FALSE(next().has_value());
}

// A tracker that is away for a while costs patience and reports, not the reduce.
TEST_F(SegmentFetcherTest, AnAbsentTrackerIsTriedAgain) {
  start(1);
  door = nullptr;
  finishMap(0, 0, "patience");
  auto segment = fetcher->next();
  loop.wait(loop.timer.afterDelay(2 * kj::SECONDS));
  EXPECT_FALSE(segment.poll(loop.waitScope));
  ASSERT_GE(world.lost.size(), 2u);
  EXPECT_EQ(Code::UNAVAILABLE, world.lost[0].reason);
  openDoor();
  auto got = loop.wait(kj::mv(segment));
  ASSERT_OK(got);
  EXPECT_EQ("patience", textOf(**got));
}

// A file that is shorter than it should be is damaged.
TEST_F(SegmentFetcherTest, ATruncatedOutputIsDamaged) {
  start(1);
  world.files[nameOf(0, 0)] = "short";
  world.publish(0, {.attempt = 0, .offset = 0, .length = 50});
  auto segment = fetcher->next();
  EXPECT_FALSE(segment.poll(loop.waitScope));
  EXPECT_EQ((std::vector<World::Report>{{0, 0, Code::CORRUPT}}), world.lost);
}

// What is fetched and not taken stays within the bound, give or take one segment; a segment larger
// than the bound comes all the same, alone. Pieces in flight are bounded, too.
TEST_F(SegmentFetcherTest, MemoryIsBounded) {
  start(10, {.atOnce = 3, .aheadBytesMax = 4 * PIECE, .piecesInFlight = 2});
  const std::string large(3 * PIECE, 'l');
  for (std::uint32_t map = 0; map < 9; ++map) finishMap(map, 0, large);
  finishMap(9, 0, std::string(9 * PIECE, 'h'));
  loop.settle();
  EXPECT_LE(world.bytesSent, 2 * large.size());
  EXPECT_LE(world.readsMax, 3u * 2);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(next().has_value());
  EXPECT_FALSE(next().has_value());
  EXPECT_EQ(9 * large.size() + 9 * PIECE, world.bytesSent);
}

// Segments that are ready are bounded in number, too, however small: each may be a descriptor.
TEST_F(SegmentFetcherTest, SegmentsAheadAreBounded) {
  start(20, {.aheadSegmentsMax = 4});
  for (std::uint32_t map = 0; map < 20; ++map) finishMap(map, 0, "x");
  loop.settle();
  EXPECT_EQ(4u, world.bytesSent);
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(next().has_value());
  EXPECT_FALSE(next().has_value());
}

// The job is over: the reduce is told instead of waiting for ever.
TEST_F(SegmentFetcherTest, TheEndOfTheJobEndsTheShuffle) {
  class Over final : public wire::TaskHost::Server {
    kj::Promise<void> mapOutputs(MapOutputsContext context) override {
      rpc::toWire(Status(Code::CANCELLED, "the job is over"), context.getResults().initFault());
      return kj::READY_NOW;
    }
  };
  fetcher = std::make_unique<SegmentFetcher>(loop.host, kj::heap<Over>(), JOB, 1, "here",
                                             rpc::ClientHello());
  EXPECT_CODE(Code::CANCELLED, loop.wait(fetcher->next()));
}

}  // namespace
}  // namespace cairn::mr
