#include "tests/sim/sim_network.h"

#include <gtest/gtest.h>
#include <kj/debug.h>

#include <string>

#include "common/async/coroutine.h"
#include "tests/sim/sim_world.h"

namespace cairn::sim {
namespace {

constexpr kj::Duration LIMIT = 10 * kj::MINUTES;

std::string noise(std::size_t bytes, std::uint64_t seed) {
  io::Random random(seed);
  std::string all(bytes, '\0');
  random.fill({reinterpret_cast<std::byte*>(all.data()), all.size()});
  return all;
}

kj::Promise<void> sendInPieces(kj::AsyncIoStream& to, const std::string& bytes) {
  for (std::size_t at = 0; at < bytes.size(); at += 7777) {
    const std::size_t count = std::min<std::size_t>(7777, bytes.size() - at);
    co_await to.write(bytes.data() + at, count);
  }
  to.shutdownWrite();
}

kj::Promise<std::string> readToEnd(kj::AsyncIoStream& from) {
  std::string all;
  char buffer[5000];
  while (true) {
    const std::size_t got = co_await from.tryRead(buffer, 1, sizeof buffer);
    if (got == 0) co_return all;
    all.append(buffer, got);
  }
}

struct Pair {
  kj::Own<kj::AsyncIoStream> client;
  kj::Own<kj::AsyncIoStream> server;
};

class SimNetworkTest : public ::testing::Test {
protected:
  explicit SimNetworkTest() { start(1); }

  void start(std::uint64_t seed) {
    world = nullptr;
    world = std::make_unique<SimWorld>(seed);
    near = world->network.attach(1, "127.0.0.1");
    far = world->network.attach(2, "127.0.0.2");
    listener = listen("127.0.0.2:80");
  }
  kj::Own<rpc::Listener> listen(std::string address) {
    auto listening = wait(far->listen(address));
    EXPECT_TRUE(listening.has_value());
    return kj::mv(*listening);
  }
  Pair connect() {
    auto accepted = listener->accept();
    auto client = wait(near->connect("127.0.0.2:80"));
    return {kj::mv(client), wait(kj::mv(accepted))};
  }
  template <typename T>
  T wait(kj::Promise<T> promise) {
    return world->time.wait(kj::mv(promise), LIMIT, "the promise");
  }
  template <typename T>
  bool breaks(kj::Promise<T> promise) {
    try {
      wait(kj::mv(promise));
      return false;
    } catch (const kj::Exception& exception) {
      EXPECT_EQ(exception.getType(), kj::Exception::Type::DISCONNECTED);
      return true;
    }
  }
  ~SimNetworkTest() noexcept override = default;

  std::unique_ptr<SimWorld> world;
  kj::Own<rpc::Network> near;
  kj::Own<rpc::Network> far;
  kj::Own<rpc::Listener> listener;
};

// The simulated connection is TCP to its users: every byte, once, in order, then the end, whatever
// the delays.
TEST_F(SimNetworkTest, CarriesAllBytesInOrder) {
  world->network.setPace({.slowChance = 0.2, .slowMaxMicros = 100'000});
  auto [client, server] = connect();
  const std::string sent = noise(1'000'000, 3);
  auto sending = sendInPieces(*client, sent).eagerlyEvaluate(nullptr);
  EXPECT_EQ(wait(readToEnd(*server)), sent);
  wait(kj::mv(sending));
  EXPECT_GT(world->time.nowMicros(), 100'000);
}

// A writer whose peer does not read must be held up, or back-pressure is never tested.
TEST_F(SimNetworkTest, HoldsUpAWriterWhoseReaderIsSlow) {
  auto [client, server] = connect();
  const std::string much(SimNetwork::BUFFER_BYTES * 2, 'x');
  auto writing = client->write(much.data(), much.size()).eagerlyEvaluate(nullptr);
  world->time.runFor(1 * kj::HOURS);
  EXPECT_FALSE(writing.poll(world->time.scope()));
  std::string got(much.size(), '\0');
  wait(server->read(got.data(), got.size()));
  wait(kj::mv(writing));
  EXPECT_EQ(got, much);
}

// The three ways in which a peer goes away look different, and none may look like a clean end of
// what was only half sent.
TEST_F(SimNetworkTest, BreaksBothEndsWhenItIsCut) {
  auto [client, server] = connect();
  char byte;
  auto reading = client->tryRead(&byte, 1, 1).eagerlyEvaluate(nullptr);
  world->network.cutRandom();
  EXPECT_TRUE(breaks(kj::mv(reading)));
  EXPECT_TRUE(breaks(server->tryRead(&byte, 1, 1)));
  EXPECT_TRUE(breaks(server->write("x", 1)));
}

TEST_F(SimNetworkTest, BreaksTheOtherEndWhenAHostDies) {
  auto [client, server] = connect();
  char byte;
  auto reading = client->tryRead(&byte, 1, 1).eagerlyEvaluate(nullptr);
  world->network.powerOff(2);
  server = nullptr;  // its component is destroyed a little later: no end of stream goes out
  EXPECT_TRUE(breaks(kj::mv(reading)));
  EXPECT_TRUE(breaks(near->connect("127.0.0.2:80")));
}

TEST_F(SimNetworkTest, EndsTheStreamWhenThePeerCloses) {
  auto [client, server] = connect();
  wait(client->write("bye", 3));
  client = nullptr;
  EXPECT_EQ(wait(readToEnd(*server)), "bye");
  EXPECT_TRUE(
      breaks(server->whenWriteDisconnected().then([&]() { return server->write("x", 1); })));
}

// A partition loses nothing: TCP sends again. What it does to its users is silence.
TEST_F(SimNetworkTest, HoldsBackWhatIsBlockedUntilItIsHealed) {
  auto [client, server] = connect();
  world->network.block(1, 2);
  wait(client->write("late", 4));
  std::string got(4, '\0');
  auto reading = server->read(got.data(), 4).eagerlyEvaluate(nullptr);
  auto connecting = near->connect("127.0.0.2:80").eagerlyEvaluate(nullptr);
  world->time.runFor(30 * kj::SECONDS);
  EXPECT_FALSE(reading.poll(world->time.scope()));
  EXPECT_FALSE(connecting.poll(world->time.scope()));
  world->network.heal();
  wait(kj::mv(reading));
  EXPECT_EQ(got, "late");
  wait(kj::mv(connecting));
}

TEST_F(SimNetworkTest, KeepsAddressesApart) {
  EXPECT_EQ(wait(far->listen("127.0.0.2:80")).error().code(), Code::IN_USE);
  EXPECT_EQ(wait(far->listen("127.0.0.9:80")).error().code(), Code::INVALID_ARGUMENT);
  auto other = listen("127.0.0.2:0");
  EXPECT_NE(other->address(), "127.0.0.2:0");
  listener = nullptr;
  EXPECT_TRUE(breaks(near->connect("127.0.0.2:80")));
}

// A failing seed is of use only if it fails again.
TEST_F(SimNetworkTest, RepeatsItselfForTheSameSeed) {
  const auto run = [&](std::uint64_t seed) {
    start(seed);
    auto [client, server] = connect();
    const std::string sent = noise(300'000, 3);
    auto sending = sendInPieces(*client, sent).eagerlyEvaluate(nullptr);
    wait(readToEnd(*server));
    wait(kj::mv(sending));
    return world->trace.hash();
  };
  EXPECT_EQ(run(5), run(5));
  EXPECT_NE(run(5), run(6));
}

}  // namespace
}  // namespace cairn::sim
