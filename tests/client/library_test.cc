// Protects the public library as programs use it: over real sockets, from several threads, every
// call, and every error as a value.
#include <gtest/gtest.h>

#include <cstdio>
#include <future>
#include <map>
#include <mutex>
#include <thread>

#include "cairn/client.h"
#include "common/async/loop_thread.h"
#include "common/rpc/acceptor.h"
#include "tests/client/fakes/fake_datanode.h"
#include "tests/client/fakes/fake_namenode.h"
#include "tests/client/fakes/fixture.h"

namespace cairn {
namespace {

// A fake cluster on a thread of its own, on real sockets.
class Server {
public:
  explicit Server(std::uint64_t chunkSize) {
    std::promise<std::string> started;
    auto ready = started.get_future();
    loop_ = std::make_unique<async::LoopThread>(
        "fake-cluster",
        [this, chunkSize, &started](kj::AsyncIoContext& io, kj::Promise<void> stopped) {
          auto machine = kj::heap<Machine>(io);
          machine->namenode.chunkSize = chunkSize;
          machine->namenode.frameSize = 128_KiB;
          machine->namenode.replication = 2;
          return machine->start()
              .then([this, &started, &machine = *machine]() {
                machine_ = &machine;
                executor_ = kj::getCurrentThreadExecutor().addRef();
                started.set_value(machine.door->address());
              })
              .then([stopped = kj::mv(stopped)]() mutable { return kj::mv(stopped); })
              .attach(kj::mv(machine));
        });
    address_ = ready.get();
  }
  const std::string& address() const { return address_; }
  void kill(std::uint32_t node) {
    executor_->executeSync([&]() { machine_->cluster.node(node).die(); });
  }

private:
  struct Machine {
    explicit Machine(kj::AsyncIoContext& io)
        : random(1),
          network(rpc::newSocketNetwork(io)),
          host{io.provider->getTimer(), clock, random, *network, workPool, metrics},
          cluster(host, 2, "127.0.0.1:0") {}
    kj::Promise<void> start() {
      (co_await cluster.start()).value();
      namenode.datanodes = cluster.addresses();
      door = std::make_unique<rpc::Acceptor>(
          host, "namenode", rpc::AcceptorOptions{}, []() { return rpc::Identity{}; },
          [this](rpc::PeerInfo) -> Result<capnp::Capability::Client> {
            return capnp::Capability::Client(kj::heap<client::fakes::FakeNamenode>(namenode));
          });
      (co_await door->listen("127.0.0.1:0")).value();
    }
    io::SystemClock clock;
    io::Random random;
    kj::Own<rpc::Network> network;
    client::fakes::InlineWorkPool workPool;
    metrics::Registry metrics;
    rpc::Host host;
    client::fakes::NamenodeState namenode;
    client::fakes::FakeCluster cluster;
    std::unique_ptr<rpc::Acceptor> door;
  };
  std::string address_;
  Machine* machine_ = nullptr;
  kj::Own<const kj::Executor> executor_;
  std::unique_ptr<async::LoopThread> loop_;
};

Client connect(const Server& server, std::function<void(const RetryNotice&)> onRetry = {}) {
  ClientOptions options;
  options.namenode = server.address();
  options.user = "tester";
  options.onRetry = std::move(onRetry);
  return Client::connect(options).value();
}

using client::fakes::ClientTest;
struct Texts : ClientTest {
  using ClientTest::noise;
  using ClientTest::text;
};

TEST(Library, EveryCall) {
  Server server(1_MiB);
  auto client = connect(server);
  ASSERT_TRUE(client.ping().has_value());
  EXPECT_EQ(client.user(), "tester");
  EXPECT_EQ(client.namenode(), server.address());
  EXPECT_TRUE(client.mkdirs("/d").value());
  EXPECT_FALSE(client.mkdirs("/d").value());
  EXPECT_TRUE(client.stat("/d")->isDirectory());
  EXPECT_EQ(client.writeFile("/a", "hello")->length, 5u);
  EXPECT_EQ(client.readFile("/a").value(), "hello");
  EXPECT_EQ(client.readFile("/a", 4).error().code(), Code::LIMIT_EXCEEDED);
  EXPECT_EQ(client.writeFile("/a", "x").error().code(), Code::ALREADY_EXISTS);
  EXPECT_TRUE(client.rename("/a", "/b c\n\xc3\xa4").has_value());
  EXPECT_FALSE(client.statIfExists("/a").value().has_value());
  EXPECT_EQ(client.stat("/a").error().code(), Code::NOT_FOUND);
  EXPECT_EQ(client.readFile("/b c\n\xc3\xa4").value(), "hello");
  EXPECT_EQ(client.locations("/b c\n\xc3\xa4")->size(), 1u);
  EXPECT_TRUE(client.remove("/b c\n\xc3\xa4").value());
  EXPECT_FALSE(client.remove("/b c\n\xc3\xa4").value());
  // What the fake does not offer is an error like any.
  EXPECT_EQ(client.report().error().code(), Code::UNSUPPORTED);
}

TEST(Library, ListsByIterator) {
  Server server(1_MiB);
  auto client = connect(server);
  for (char c = 'a'; c < 'k'; ++c)
    ASSERT_TRUE(client.writeFile(std::string("/") + c, "").has_value());
  std::string names;
  auto listing = client.list("/", 4);
  while (true) {
    auto entry = listing.next();
    ASSERT_TRUE(entry.has_value());
    if (!*entry) break;
    names += (*entry)->name;
  }
  EXPECT_EQ(names, "abcdefghij");
  EXPECT_FALSE(listing.next().value().has_value());
}

TEST(Library, FilesInEveryManner) {
  Server server(3_MiB);
  auto client = connect(server);
  auto contents = Texts::text(7'000'000) + Texts::noise(1'000'000);
  auto output = client.create("/f").value();
  // A third in small pieces, a third at once, a third without a copy.
  std::string_view rest = contents;
  while (rest.size() > contents.size() / 3 * 2) {
    ASSERT_TRUE(output.write(rest.substr(0, 1000)).has_value());
    rest.remove_prefix(1000);
  }
  ASSERT_TRUE(output.write(rest.substr(0, contents.size() / 3)).has_value());
  rest.remove_prefix(contents.size() / 3);
  while (!rest.empty()) {
    auto room = output.room().value();
    ASSERT_FALSE(room.empty());
    auto size = std::min({room.size(), rest.size(), std::size_t{300'000}});
    std::memcpy(room.data(), rest.data(), size);
    ASSERT_TRUE(output.fill(size).has_value());
    rest.remove_prefix(size);
  }
  EXPECT_EQ(output.position(), contents.size());
  ASSERT_EQ(output.close()->length, contents.size());
  EXPECT_EQ(output.acknowledged(), contents.size());
  EXPECT_EQ(output.close()->length, contents.size());
  EXPECT_EQ(output.write("more").error().code(), Code::INVALID_ARGUMENT);

  auto input = client.open("/f").value();
  EXPECT_EQ(input.length(), contents.size());
  std::string got(contents.size() + 100, '\0');
  auto bytes = std::as_writable_bytes(std::span(got));
  EXPECT_EQ(input.read(bytes.first(10)).value(), 10u);
  EXPECT_EQ(input.read(bytes.subspan(10)).value(), contents.size() - 10);
  got.resize(contents.size());
  EXPECT_TRUE(got == contents);
  EXPECT_EQ(input.read(bytes.first(10)).value(), 0u);
  input.seek(3'000'000);
  std::string views;
  while (true) {
    auto view = input.readView().value();
    if (view.empty()) break;
    views.append(reinterpret_cast<const char*>(view.data()), view.size());
    EXPECT_EQ(input.position(), 3'000'000 + views.size());
  }
  EXPECT_TRUE(views == contents.substr(3'000'000));
  server.kill(1);
  input.seek(0);
  EXPECT_EQ(input.read(bytes.first(5)).value(), 5u);
}

TEST(Library, FromManyThreads) {
  Server server(1_MiB);
  auto client = connect(server);
  auto contents = Texts::text(2'500'000);
  auto shared = client.writeFile("/shared", contents);
  ASSERT_TRUE(shared.has_value());
  auto input = client.open("/shared").value();
  std::vector<std::thread> threads;
  for (int t = 0; t < 6; ++t) {
    threads.emplace_back([&, t]() {
      io::Random random(t);
      auto path = "/own" + std::to_string(t);
      for (int i = 0; i < 5; ++i) {
        EXPECT_TRUE(client.writeFile(path, contents, {.overwrite = true}).has_value());
        EXPECT_TRUE(client.readFile(path).value() == contents);
      }
      std::string to(5000, ' ');
      for (int i = 0; i < 50; ++i) {
        auto offset = random.below(contents.size() - to.size());
        EXPECT_EQ(input.pread(offset, std::as_writable_bytes(std::span(to))).value(), to.size());
        EXPECT_TRUE(contents.compare(offset, to.size(), to) == 0);
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

// One file for writing, one for reading, several threads at each: calls wait for each other, so a
// write's bytes stay together, and every byte is read once.
TEST(Library, OneFileFromManyThreads) {
  constexpr int THREADS = 4;
  constexpr int RECORDS = 600;  // of each thread
  constexpr std::size_t RECORD_BYTES = 1000;
  Server server(1_MiB);
  auto client = connect(server);
  const auto recordOf = [](int thread, int number) {
    auto record = std::to_string(thread) + " " + std::to_string(number) + " ";
    record.resize(RECORD_BYTES - 1, static_cast<char>('a' + (thread * 7 + number) % 26));
    return record + "\n";
  };
  auto output = client.create("/f").value();
  std::vector<std::thread> threads;
  for (int t = 0; t < THREADS; ++t) {
    threads.emplace_back([&, t]() {
      for (int i = 0; i < RECORDS; ++i) {
        EXPECT_TRUE(output.write(recordOf(t, i)).has_value());
        if (i % 50 == t) {
          const auto mine = output.position();
          EXPECT_TRUE(output.hflush().has_value());
          EXPECT_GE(output.acknowledged(), mine);
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  threads.clear();
  ASSERT_EQ(output.close()->length, THREADS * RECORDS * RECORD_BYTES);
  const auto contents = client.readFile("/f").value();
  ASSERT_EQ(contents.size(), THREADS * RECORDS * RECORD_BYTES);
  std::vector<int> next(THREADS, 0);  // a thread's records are in its order
  for (std::size_t at = 0; at < contents.size(); at += RECORD_BYTES) {
    const int thread = contents[at] - '0';
    ASSERT_TRUE(thread >= 0 && thread < THREADS) << "at " << at;
    ASSERT_EQ(contents.substr(at, RECORD_BYTES), recordOf(thread, next[thread]++)) << "at " << at;
  }

  auto input = client.open("/f").value();
  std::mutex lock;
  std::map<std::string, int> seen;
  const auto readOne = [&]() {
    std::string record(RECORD_BYTES, ' ');
    const auto got = input.read(std::as_writable_bytes(std::span(record)));
    EXPECT_TRUE(got.has_value());
    if (!got.has_value() || *got == 0) return false;
    EXPECT_EQ(*got, RECORD_BYTES);
    const std::scoped_lock locked(lock);
    ++seen[record];
    return true;
  };
  for (int t = 0; t < THREADS; ++t) {
    threads.emplace_back([&, t]() {
      io::Random random(t);
      do {
        std::string piece(300, ' ');
        const auto offset = random.below(contents.size() - piece.size());
        EXPECT_EQ(input.pread(offset, std::as_writable_bytes(std::span(piece))).value(),
                  piece.size());
        EXPECT_TRUE(contents.compare(offset, piece.size(), piece) == 0) << "at " << offset;
        EXPECT_LE(input.position(), input.length());
      } while (readOne());
    });
  }
  for (auto& thread : threads) thread.join();
  threads.clear();
  EXPECT_EQ(input.position(), contents.size());
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(THREADS * RECORDS));
  for (int t = 0; t < THREADS; ++t) {
    for (int i = 0; i < RECORDS; ++i) EXPECT_EQ(seen[recordOf(t, i)], 1);
  }

  // Somebody else's seek() moves a read, and does not tear it.
  seen.clear();
  for (int t = 0; t < THREADS; ++t) {
    threads.emplace_back([&, t]() {
      io::Random random(t);
      for (int i = 0; i < RECORDS; ++i) {
        input.seek(random.below(THREADS * RECORDS / 2) * RECORD_BYTES);
        readOne();
        readOne();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  for (const auto& [record, times] : seen) {
    int thread = 0;
    int number = 0;
    ASSERT_EQ(std::sscanf(record.c_str(), "%d %d ", &thread, &number), 2) << record;
    ASSERT_EQ(record, recordOf(thread, number));
  }
}

// Packets are handed over while the next is filled already: whatever pieces a file comes in, and
// wherever it is flushed, its bytes are in order, and no packet crosses a chunk's end.
TEST(Library, PiecesAndFlushesAnywhere) {
  constexpr std::uint64_t CHUNK_SIZE = 2_MiB + 512_KiB;
  Server server(CHUNK_SIZE);
  auto client = connect(server);
  for (std::uint32_t seed = 0; seed < 4; ++seed) {
    io::Random random(seed);
    const auto bytes = Texts::noise(20'000'000);
    auto file = client.create("/f", {.overwrite = true}).value();
    for (std::size_t at = 0; at < bytes.size();) {
      const auto size = std::min<std::size_t>(1 + random.below(700'000), bytes.size() - at);
      ASSERT_TRUE(file.write(bytes.substr(at, size)).has_value());
      at += size;
      if (random.below(5) == 0) {
        ASSERT_TRUE(file.hflush().has_value());
        EXPECT_EQ(file.acknowledged(), at);
      }
    }
    ASSERT_EQ(file.close()->length, bytes.size());
    ASSERT_TRUE(client.readFile("/f").value() == bytes) << "seed " << seed;
    const auto chunks = client.locations("/f", 0, bytes.size()).value();
    ASSERT_EQ(chunks.size(), (bytes.size() + CHUNK_SIZE - 1) / CHUNK_SIZE);
    for (const auto& chunk : chunks) EXPECT_LE(chunk.length, CHUNK_SIZE);
  }
}

// A call that was cancelled with a packet half full leaves the packet half full.
TEST(Library, GoesOnAfterCancelledFlush) {
  Server server(16_MiB);
  auto client = connect(server);
  const auto bytes = Texts::noise(6'000'000);
  auto file = client.create("/f").value();
  ASSERT_TRUE(file.write(bytes.substr(0, 2'500'000)).has_value());
  client.cancelCalls();
  EXPECT_EQ(file.hflush().error().code(), Code::CANCELLED);
  client.allowCalls();
  ASSERT_TRUE(file.write(bytes.substr(2'500'000)).has_value());
  ASSERT_TRUE(file.close().has_value());
  EXPECT_TRUE(client.readFile("/f").value() == bytes);
}

// Handles may outlive the client, and be dropped in any state.
TEST(Library, HandlesKeepWhatTheyNeed) {
  Server server(1_MiB);
  std::optional<InputFile> input;
  {
    auto client = connect(server);
    ASSERT_TRUE(client.writeFile("/f", "bytes").has_value());
    input.emplace(client.open("/f").value());
    auto unfinished = client.create("/g").value();
    ASSERT_TRUE(unfinished.write(Texts::noise(3'000'000)).has_value());
  }
  EXPECT_EQ(input->readView()->size(), 5u);
  input.reset();
  EXPECT_TRUE(connect(server).stat("/g")->underConstruction);
}

// A program that is told to stop does not hang in a call, whatever it waits for; afterwards it may
// clean up with the same client and the same file.
TEST(Library, CallsAreCancelledFromElsewhere) {
  Server server(1_MiB);
  auto client = connect(server);
  auto file = client.create("/f").value();
  ASSERT_TRUE(file.write("before").has_value());
  client.cancelCalls();
  EXPECT_EQ(client.ping().error().code(), Code::CANCELLED);
  EXPECT_EQ(file.close().error().code(), Code::CANCELLED);
  client.allowCalls();
  EXPECT_TRUE(client.ping().has_value());
  EXPECT_TRUE(file.write(" and after").has_value());
  EXPECT_TRUE(file.close().has_value());
  EXPECT_EQ(client.readFile("/f").value(), "before and after");

  std::promise<void> tried;
  auto waiting = Client::connect({.namenode = "127.0.0.1:1",
                                  .user = "tester",
                                  .onRetry =
                                      [&](const RetryNotice& notice) {
                                        if (notice.attempt == 1) tried.set_value();
                                      }})
                     .value();
  auto answer = std::async(std::launch::async, [&]() { return waiting.ping(); });
  tried.get_future().wait();
  waiting.cancelCalls();
  EXPECT_EQ(answer.get().error().code(), Code::CANCELLED);
}

TEST(Library, ErrorsAreValues) {
  ClientOptions options;
  options.namenode = "nonsense";
  EXPECT_EQ(Client::connect(options).error().code(), Code::INVALID_ARGUMENT);
  options.namenode = "127.0.0.1:1";
  options.configFile = "/nonexistent/cairn.toml";
  EXPECT_FALSE(Client::connect(options).has_value());
  options.configFile = "";
  options.retryBudgetMs = 200;
  unsigned notices = 0;
  options.onRetry = [&](const RetryNotice&) { ++notices; };
  auto client = Client::connect(options).value();
  EXPECT_EQ(client.ping().error().code(), Code::UNAVAILABLE);
  EXPECT_GT(notices, 0u);
}

}  // namespace
}  // namespace cairn
