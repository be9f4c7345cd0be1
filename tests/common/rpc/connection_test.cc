// Protects the RPC layer over real loopback sockets: calls and large messages arrive whole,
// refusals carry their reason, and bad peers (garbage, silence, oversized messages) cost only
// themselves.
#include <gtest/gtest.h>
#include <kj/async-io.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <tuple>

#include "common/metrics/metrics.h"
#include "common/rpc/acceptor.h"
#include "common/rpc/client_pool.h"
#include "common/rpc/connection.h"
#include "common/rpc/convert.h"
#include "common/schema/datanode.capnp.h"
#include "common/schema/namenode.capnp.h"

namespace cairn::rpc {
namespace {

// Answers ping, and stat with the path as the entry's name; counts calls.
class EchoNamenode final : public wire::Namenode::Server {
public:
  kj::Promise<void> ping(PingContext) override { return kj::READY_NOW; }
  kj::Promise<void> stat(StatContext context) override {
    auto path = context.getParams().getPath();
    auto results = context.getResults();
    if (path == "/missing") {
      toWire(Status(Code::NOT_FOUND, "/missing does not exist", 7), results.initFault());
    } else {
      results.initEntry().setName(path);
    }
    return kj::READY_NOW;
  }
};

// A reply whose bytes are not in the message but in a buffer that must live until they are sent.
class BigReads final : public wire::Datanode::Server {
public:
  BigReads(kj::Own<SentBuffers> sent, int& freed) : sent_(kj::mv(sent)), freed_(freed) {}
  kj::Promise<void> read(ReadContext context) override {
    const auto length = context.getParams().getLength();
    struct Buffer {
      Buffer(std::size_t n, int& freed)
          : words(kj::heapArray<capnp::word>(n / 8 + 1)), freed(freed) {}
      ~Buffer() {
        memset(words.begin(), 0xee, words.asBytes().size());
        ++freed;
      }
      kj::Array<capnp::word> words;
      int& freed;
    };
    auto buffer = kj::heap<Buffer>(length, freed_);
    auto bytes = buffer->words.asBytes().slice(0, length);
    for (std::size_t i = 0; i < length; ++i) bytes[i] = static_cast<kj::byte>(i * 31 >> 3);
    auto results = context.getResults();
    results.adoptFrames(
        capnp::Orphanage::getForMessageContaining(wire::Datanode::ReadResults::Builder(results))
            .referenceExternalData(capnp::Data::Reader(bytes.begin(), bytes.size())));
    sent_->keepUntilSent(bytes.begin(), kj::mv(buffer));
    return kj::READY_NOW;
  }

private:
  kj::Own<SentBuffers> sent_;
  int& freed_;
};

class RpcTest : public testing::Test {
public:
  ~RpcTest() noexcept override {}

protected:
  kj::AsyncIoContext io = kj::setupAsyncIo();
  kj::Own<Network> network = newSocketNetwork(io);
  io::SystemClock clock;
  io::Random random{1};
  async::ThreadWorkPool pool{"test", 1, 16};
  metrics::Registry metrics;
  Host host{io.provider->getTimer(), clock, random, *network, pool, metrics};
  Identity self{Uuid::fromHighLow(1, 2), Epoch(3), Uuid::fromHighLow(4, 5)};
  int freed = 0;

  kj::Own<Acceptor> serve(AcceptorOptions options = {}) {
    auto acceptor = kj::heap<Acceptor>(
        host, "test", options, [this]() { return self; },
        [this](PeerInfo peer) -> Result<capnp::Capability::Client> {
          if (peer.hello.role == Role::TASK_TRACKER) {
            return fail(Code::UNSUPPORTED, "no trackers here");
          }
          if (peer.hello.role == Role::PEER) {
            return capnp::Capability::Client(
                wire::Datanode::Client(kj::heap<BigReads>(kj::mv(peer.sentBuffers), freed)));
          }
          return capnp::Capability::Client(wire::Namenode::Client(kj::heap<EchoNamenode>()));
        });
    auto listened = acceptor->listen("127.0.0.1:0").wait(io.waitScope);
    EXPECT_TRUE(listened.has_value()) << listened.error().toString();
    return acceptor;
  }
};

TEST_F(RpcTest, ManyCallsInFlightAnswerInOrder) {
  auto server = serve();
  ClientPool pool(host, {});
  auto namenode = pool.get<wire::Namenode>(server->address()).wait(io.waitScope);
  ASSERT_TRUE(namenode.has_value()) << namenode.error().toString();
  kj::Vector<kj::Promise<capnp::Response<wire::Namenode::StatResults>>> calls;
  for (int i = 0; i < 500; ++i) {
    auto request = namenode->statRequest();
    request.setPath(kj::str("/file", i));
    calls.add(request.send());
  }
  for (int i = 0; i < 500; ++i) {
    auto reply = calls[static_cast<std::size_t>(i)].wait(io.waitScope);
    EXPECT_EQ(reply.getEntry().getName(), kj::str("/file", i));
  }
}

// Takes all that is written, at once.
class CountingStream final : public kj::AsyncIoStream {
public:
  explicit CountingStream(int& writes) : writes_(writes) {}
  kj::Promise<void> write(const void* buffer, std::size_t size) override {
    ++writes_;
    return kj::READY_NOW;
  }
  kj::Promise<void> write(kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>> pieces) override {
    ++writes_;
    return kj::READY_NOW;
  }
  kj::Promise<std::size_t> tryRead(void* buffer, std::size_t minBytes,
                                   std::size_t maxBytes) override {
    return kj::NEVER_DONE;
  }
  kj::Promise<void> whenWriteDisconnected() override { return kj::NEVER_DONE; }
  void shutdownWrite() override {}

private:
  int& writes_;
};

// A client whose calls are never answered.
struct Unanswered {
  void stat(kj::StringPtr path) {
    auto request = namenode.statRequest();
    request.setPath(path);
    calls.add(request.send().ignoreResult());
  }

  int writes = 0;
  Connection connection{kj::heap<CountingStream>(writes), Connection::Side::CLIENT,
                        wire::Namenode::Client(kj::heap<EchoNamenode>()), ConnectionLimits{},
                        kj::heap<SentBuffers>()};
  wire::Namenode::Client namenode = connection.bootstrap().castAs<wire::Namenode>();
  kj::Vector<kj::Promise<void>> calls;
};

// Protects both ends from waiting for each other: what is sent in one turn of the loop goes out
// with one system call, but where it is much, the peer gets the first of it while the rest is made.
TEST_F(RpcTest, ALargeBurstDoesNotWaitForItsEnd) {
  Unanswered client;
  const auto send = [&](int count) {
    for (int i = 0; i < count; ++i) client.stat(kj::str("/some/directory/file", i));
  };
  send(10);
  EXPECT_EQ(client.writes, 0) << "a small burst goes out as one";
  io.waitScope.poll();
  EXPECT_EQ(client.writes, 1);
  send(200);
  EXPECT_EQ(client.writes, 2) << "a large one has begun to go out";
  io.waitScope.poll();
  EXPECT_EQ(client.writes, 3) << "the rest goes out as one";
}

// Protects the peer's processor from a system call for each of many large messages, as answers of
// list are.
TEST_F(RpcTest, LargeMessagesGoOutSeveralAtATime) {
  Unanswered client;
  io.waitScope.poll();
  client.writes = 0;
  const std::string path(9000, 'a');
  kj::Promise<void> sent = kj::READY_NOW;
  for (int i = 0; i < 40; ++i) {
    sent = sent.then([&]() {
      client.stat(path.c_str());
      return kj::evalLater([]() {});  // each in an event of its own
    });
  }
  sent.wait(io.waitScope);
  io.waitScope.poll();
  EXPECT_GE(client.writes, 4);
  EXPECT_LE(client.writes, 6) << "eight at a time";
}

TEST_F(RpcTest, ExpectedFailuresTravelAsData) {
  auto server = serve();
  ClientPool pool(host, {});
  auto namenode = pool.get<wire::Namenode>(server->address()).wait(io.waitScope);
  auto request = namenode->statRequest();
  request.setPath("/missing");
  auto result = fromWire(request.send().wait(io.waitScope).getFault());
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error(), Status(Code::NOT_FOUND, "/missing does not exist", 7));
}

TEST_F(RpcTest, ExternalBuffersLiveUntilSentAndAreFreedThen) {
  auto server = serve();
  ClientPool pool(host, {.role = Role::PEER});
  auto datanode = pool.get<wire::Datanode>(server->address()).wait(io.waitScope);
  ASSERT_TRUE(datanode.has_value());
  for (std::uint32_t length : {100U, 5000U, 1048576U, 4000000U}) {
    auto request = datanode->readRequest();
    request.setLength(length);
    auto reply = request.send().wait(io.waitScope);
    auto frames = reply.getFrames();
    ASSERT_EQ(frames.size(), length);
    for (std::size_t i = 0; i < length; ++i) {
      ASSERT_EQ(frames[i], static_cast<kj::byte>(i * 31 >> 3)) << i;
    }
  }
  // The last buffer may go a moment after its message was read.
  for (int i = 0; i < 100 && freed < 4; ++i) kj::evalLater([]() {}).wait(io.waitScope);
  EXPECT_EQ(freed, 4);
}

TEST_F(RpcTest, ARefusalReachesTheCallerWithItsReason) {
  auto server = serve();
  ClientPool other(host, {.cluster = Uuid::fromHighLow(9, 9)});
  auto refused = other.get(server->address()).wait(io.waitScope);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code(), Code::WRONG_CLUSTER);
  ClientPool tracker(host, {.role = Role::TASK_TRACKER});
  refused = tracker.get(server->address()).wait(io.waitScope);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code(), Code::UNSUPPORTED);
  EXPECT_NE(refused.error().message().find("no trackers here"), std::string::npos);
}

TEST_F(RpcTest, NobodyThereIsUnavailableAndNamesTheAddress) {
  ClientPool pool(host, {});
  auto result = pool.get("127.0.0.1:1").wait(io.waitScope);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code(), Code::UNAVAILABLE);
  EXPECT_NE(result.error().message().find("127.0.0.1:1"), std::string::npos);
}

TEST_F(RpcTest, ATakenPortIsInUse) {
  auto server = serve();
  auto again = network->listen(server->address()).wait(io.waitScope);
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().code(), Code::IN_USE);
}

TEST_F(RpcTest, GarbageAndOversizedMessagesEndOnlyTheirOwnConnection) {
  AcceptorOptions options;
  options.connection.messageBytesMax = 64 * 1024;
  auto server = serve(options);
  ClientPool pool(host, {});
  auto namenode = pool.get<wire::Namenode>(server->address()).wait(io.waitScope);
  const auto hello = encode(ClientHello{});
  const std::string preamble(reinterpret_cast<const char*>(hello.data()), hello.size());
  const std::string bad[] = {
      "GET / HTTP/1.1\r\n\r\n",
      std::string(1000, '\xff'),
      "hrpc\x09",
      preamble + std::string(64, '\xff'),                                // 2^32 segments
      preamble + std::string("\0\0\0\0\xff\xff\xff\x7f", 8),             // a 16 GiB segment
      preamble + std::string("\0\0\0\0\1\0\0\0\1\2\3\4\5\6\7\x08", 16),  // no RPC message
  };
  for (const auto& bytes : bad) {
    auto stream = network->connect(server->address()).wait(io.waitScope);
    stream->write(bytes.data(), bytes.size()).wait(io.waitScope);
    stream->shutdownWrite();
    // The server hangs up: whatever it says before that ends.
    kj::runCatchingExceptions([&]() { stream->readAllBytes().wait(io.waitScope); });
  }
  EXPECT_NO_THROW(namenode->pingRequest().send().wait(io.waitScope));
}

// A message of just the limit passes, one word more ends its own connection, with an error, and
// nobody else's.
TEST_F(RpcTest, MessagesPassUpToTheLimit) {
  AcceptorOptions options;
  options.connection.messageBytesMax = 64 * 1024;
  auto server = serve(options);
  ClientPool others(host, {});
  auto other = others.get<wire::Namenode>(server->address()).wait(io.waitScope);
  // The path and what stands around it: a call has some fixed words.
  constexpr std::size_t AROUND_MAX = 512;
  std::size_t passed = 0;
  bool refused = false;
  for (std::size_t size = 64 * 1024 - AROUND_MAX; size <= 64 * 1024 && !refused; size += 8) {
    ClientPool pool(host, {});
    auto namenode = pool.get<wire::Namenode>(server->address()).wait(io.waitScope);
    auto request = namenode->statRequest();
    request.setPath(std::string(size - 1, 'p'));  // a NUL ends it
    auto reply = caught(request.send(), "stat").wait(io.waitScope);
    if (reply.has_value()) {
      EXPECT_EQ(reply->getEntry().getName().size(), size - 1);
      passed = size;
    } else {
      refused = true;
    }
  }
  EXPECT_GT(passed, 0u);
  EXPECT_TRUE(refused);
  EXPECT_NO_THROW(other->pingRequest().send().wait(io.waitScope));
}

TEST_F(RpcTest, SilenceIsTurnedAwayAfterTheHandshakeTime) {
  AcceptorOptions options;
  options.handshakeMs = 20;
  auto server = serve(options);
  auto stream = network->connect(server->address()).wait(io.waitScope);
  EXPECT_EQ(stream->readAllBytes().wait(io.waitScope).size(), 0U);
}

TEST_F(RpcTest, LosingTheServerBreaksCallsAndTheNextGetReconnects) {
  auto server = serve();
  ClientPool pool(host, {});
  const std::string address = server->address();
  auto namenode = pool.get<wire::Namenode>(address).wait(io.waitScope);
  server->close();
  auto lost = caught(namenode->pingRequest().send().ignoreResult(), "ping").wait(io.waitScope);
  ASSERT_FALSE(lost.has_value());
  EXPECT_EQ(lost.error().code(), Code::UNAVAILABLE);
  server = serve();
  auto again = pool.get<wire::Namenode>(server->address()).wait(io.waitScope);
  ASSERT_TRUE(again.has_value());
  EXPECT_NO_THROW(again->pingRequest().send().wait(io.waitScope));
}

// Protects a caller from giving a server up for good that is only new: a datanode that has not
// registered yet may turn out to be of the right cluster.
TEST_F(RpcTest, AServerWithoutAClusterIsNotReadyYet) {
  self.cluster = {};
  auto server = serve();
  ClientPool pool(host, {.cluster = Uuid::fromHighLow(1, 2)});
  auto refused = pool.get(server->address()).wait(io.waitScope);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code(), Code::UNAVAILABLE);
  self.cluster = Uuid::fromHighLow(1, 2);
  EXPECT_TRUE(pool.get(server->address()).wait(io.waitScope).has_value());
}

// Protects the server's objects from guessing who called: they are told the peer's address.
TEST_F(RpcTest, AServerKnowsItsPeersAddress) {
  std::string seen;
  Acceptor acceptor(
      host, "test", {}, [this]() { return self; },
      [&](PeerInfo peer) -> Result<capnp::Capability::Client> {
        seen = peer.address;
        return capnp::Capability::Client(wire::Namenode::Client(kj::heap<EchoNamenode>()));
      });
  ASSERT_TRUE(acceptor.listen("127.0.0.1:0").wait(io.waitScope).has_value());
  ClientPool pool(host, {});
  auto namenode = pool.get<wire::Namenode>(acceptor.address()).wait(io.waitScope);
  ASSERT_TRUE(namenode.has_value());
  namenode->pingRequest().send().wait(io.waitScope);
  EXPECT_TRUE(seen.starts_with("127.0.0.1:")) << seen;
  EXPECT_NE(seen, acceptor.address());
  auto pipe = io.provider->newTwoWayPipe();
  EXPECT_EQ(peerAddress(*pipe.ends[0]), "");
}

// Protects a daemon that runs out of descriptors: it goes on accepting when there are some again.
TEST_F(RpcTest, OutOfDescriptorsIsNotTheEnd) {
  auto server = serve();
  // Connected by the system; not accepted before the loop turns.
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_GE(fd, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  const std::string address = server->address();
  to.sin_port =
      htons(static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
  const auto hello = encode(ClientHello{});
  ASSERT_EQ(::write(fd, hello.data(), hello.size()), static_cast<ssize_t>(hello.size()));
  auto stream = io.lowLevelProvider->wrapSocketFd(fd, kj::LowLevelAsyncIoProvider::TAKE_OWNERSHIP);

  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit none = before;
  none.rlim_cur = 3;  // less than is open
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  io.waitScope.poll();
  EXPECT_EQ(server->connections(), 0U);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  PreambleBytes answer{};
  EXPECT_EQ(stream->tryRead(answer.data(), answer.size(), answer.size()).wait(io.waitScope),
            answer.size());
}

// Protects those who are served from those who come after the limit is reached.
TEST_F(RpcTest, ConnectionsAboveTheLimitAreClosed) {
  AcceptorOptions options;
  options.connectionsMax = 1;
  auto server = serve(options);
  ClientPool first(host, {});
  auto namenode = first.get<wire::Namenode>(server->address()).wait(io.waitScope);
  ASSERT_TRUE(namenode.has_value());
  ClientPool second(host, {});
  auto refused = second.get(server->address()).wait(io.waitScope);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code(), Code::UNAVAILABLE);
  EXPECT_NO_THROW(namenode->pingRequest().send().wait(io.waitScope));
  EXPECT_EQ(server->connections(), 1U);
}

// A stream whose reads wait until it is told to read.
class DeafStream final : public kj::AsyncIoStream {
public:
  explicit DeafStream(kj::Own<kj::AsyncIoStream> stream)
      : stream_(kj::mv(stream)), hearing_(nullptr) {
    auto paf = kj::newPromiseAndFulfiller<void>();
    hear_ = kj::mv(paf.fulfiller);
    hearing_ = paf.promise.fork();
  }
  void hear() { hear_->fulfill(); }

  kj::Promise<size_t> tryRead(void* to, size_t min, size_t max) override {
    return hearing_.addBranch().then([=, this]() { return stream_->tryRead(to, min, max); });
  }
  kj::Promise<void> write(const void* bytes, size_t size) override {
    return stream_->write(bytes, size);
  }
  kj::Promise<void> write(kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>> pieces) override {
    return stream_->write(pieces);
  }
  kj::Promise<void> whenWriteDisconnected() override { return stream_->whenWriteDisconnected(); }
  void shutdownWrite() override { stream_->shutdownWrite(); }

private:
  kj::Own<kj::AsyncIoStream> stream_;
  kj::ForkedPromise<void> hearing_;
  kj::Own<kj::PromiseFulfiller<void>> hear_;
};

// Protects a server's memory from a peer that calls and does not read the answers: it is not served
// further until it reads, and loses nothing by it.
TEST_F(RpcTest, WhoDoesNotReadIsNotServedFurther) {
  constexpr unsigned CALLS = 100;
  constexpr std::uint32_t REPLY_BYTES = 100'000;
  ConnectionLimits limits;
  limits.queuedBytesMax = 1'000'000;
  auto pipe = kj::newTwoWayPipe();
  auto sent = kj::refcounted<SentBuffers>();
  unsigned served = 0;
  class Counting final : public wire::Datanode::Server {
  public:
    explicit Counting(unsigned& served) : served_(served) {}
    kj::Promise<void> read(ReadContext context) override {
      ++served_;
      context.getResults().initFrames(REPLY_BYTES);
      return kj::READY_NOW;
    }
    unsigned& served_;
  };
  Connection server(kj::mv(pipe.ends[0]), Connection::Side::SERVER,
                    wire::Datanode::Client(kj::heap<Counting>(served)), limits, kj::mv(sent));
  auto stream = kj::heap<DeafStream>(kj::mv(pipe.ends[1]));
  auto& deaf = *stream;
  Connection client(kj::mv(stream), Connection::Side::CLIENT, nullptr, limits,
                    kj::refcounted<SentBuffers>());
  auto datanode = client.bootstrap().castAs<wire::Datanode>();
  kj::Vector<kj::Promise<void>> calls;
  for (unsigned i = 0; i < CALLS; ++i) {
    calls.add(datanode.readRequest().send().then(
        [&](auto&& reply) { EXPECT_EQ(reply.getFrames().size(), REPLY_BYTES); }));
  }
  io.waitScope.poll();
  EXPECT_GE(served, 10U);
  EXPECT_LE(served, 12U);
  EXPECT_LE(server.queuedBytes(), 1'200'000U);
  deaf.hear();
  kj::joinPromises(calls.releaseAsArray()).wait(io.waitScope);
  EXPECT_EQ(served, CALLS);
}

// Protects servers that go on with the bytes of a call when it is over: they stay where they are
// for as long as they are held, whatever has become of the connection.
TEST_F(RpcTest, AMessageStaysAsLongAsItsMemoryIsShared) {
  struct Kept {
    ByteView bytes;
    std::shared_ptr<const void> memory;
  };
  class Keeping final : public wire::ReplicaWriter::Server {
  public:
    Keeping(kj::Own<ReceivedMessages> received, std::vector<Kept>& kept)
        : received_(kj::mv(received)), kept_(kept) {}
    kj::Promise<void> push(PushContext context) override {
      const auto bytes = toView(context.getParams().getPacket().getFrames());
      kept_.push_back({bytes, received_->share(bytes)});
      context.releaseParams();
      return kj::READY_NOW;
    }

  private:
    kj::Own<ReceivedMessages> received_;
    std::vector<Kept>& kept_;
  };
  auto received = kj::refcounted<ReceivedMessages>();
  std::vector<Kept> kept;
  const std::vector<std::size_t> sizes{100, 20'000, 1'000'000};
  {
    auto pipe = kj::newTwoWayPipe();
    Connection server(kj::mv(pipe.ends[0]), Connection::Side::SERVER,
                      wire::ReplicaWriter::Client(kj::heap<Keeping>(kj::addRef(*received), kept)),
                      ConnectionLimits{}, kj::refcounted<SentBuffers>(), kj::addRef(*received));
    Connection client(kj::mv(pipe.ends[1]), Connection::Side::CLIENT, nullptr, ConnectionLimits{},
                      kj::refcounted<SentBuffers>());
    auto writer = client.bootstrap().castAs<wire::ReplicaWriter>();
    for (const auto size : sizes) {
      auto request = writer.pushRequest();
      auto frames = request.initPacket().initFrames(static_cast<unsigned>(size));
      for (std::size_t i = 0; i < size; ++i) frames[i] = static_cast<kj::byte>(i * 31 >> 3);
      request.send().wait(io.waitScope);
    }
  }
  ASSERT_EQ(kept.size(), sizes.size());
  EXPECT_EQ(kept[0].memory, nullptr) << "small ones are copied by whoever wants them";
  for (std::size_t n = 1; n < sizes.size(); ++n) {
    ASSERT_NE(kept[n].memory, nullptr);
    ASSERT_EQ(kept[n].bytes.size(), sizes[n]);
    for (std::size_t i = 0; i < sizes[n]; ++i) {
      ASSERT_EQ(kept[n].bytes[i], static_cast<std::byte>(i * 31 >> 3)) << i;
    }
    EXPECT_EQ(received->share(kept[n].bytes), nullptr) << "the connection has let go of it";
    EXPECT_EQ(kept[n].memory.use_count(), 1);
  }
}

// Protects bytes that lie in several places: they arrive as one, and their memory is let go of when
// they have been sent.
TEST_F(RpcTest, PiecesGoOutInPlaceOfTheMemoryThatStandsForThem) {
  class Collecting final : public wire::ReplicaWriter::Server {
  public:
    explicit Collecting(ByteVector& all) : all_(all) {}
    kj::Promise<void> push(PushContext context) override {
      const auto bytes = toView(context.getParams().getPacket().getFrames());
      all_.insert(all_.end(), bytes.begin(), bytes.end());
      return kj::READY_NOW;
    }

  private:
    ByteVector& all_;
  };
  ByteVector arrived;
  auto pipe = kj::newTwoWayPipe();
  Connection server(kj::mv(pipe.ends[0]), Connection::Side::SERVER,
                    wire::ReplicaWriter::Client(kj::heap<Collecting>(arrived)), ConnectionLimits{},
                    kj::refcounted<SentBuffers>());
  auto sent = kj::refcounted<SentBuffers>();
  Connection client(kj::mv(pipe.ends[1]), Connection::Side::CLIENT, nullptr, ConnectionLimits{},
                    kj::addRef(*sent));
  auto writer = client.bootstrap().castAs<wire::ReplicaWriter>();
  ByteVector expected;
  kj::Vector<kj::Promise<void>> calls;
  auto held = std::make_shared<int>();
  for (const std::size_t size : {16U, 4000U, 9000U, 1'000'000U}) {
    auto dummy = std::make_shared<std::vector<std::uint64_t>>(size / 8);
    auto bytes = std::make_shared<ByteVector>(size);
    for (std::size_t i = 0; i < size; ++i) (*bytes)[i] = static_cast<std::byte>(i * 31 >> 3);
    expected.insert(expected.end(), bytes->begin(), bytes->end());
    const auto whole = ByteView(*bytes);
    const auto* at = reinterpret_cast<const kj::byte*>(dummy->data());
    auto request = writer.pushRequest();
    auto packet = request.initPacket();
    packet.adoptFrames(capnp::Orphanage::getForMessageContaining(packet).referenceExternalData(
        capnp::Data::Reader(at, size)));
    sent->sendInstead(at, {whole.first(5), whole.subspan(5, size / 2), whole.subspan(5 + size / 2)},
                      kj::heap(std::tuple(dummy, bytes, held)));
    calls.add(request.send().ignoreResult());
  }
  EXPECT_GT(held.use_count(), 1);
  kj::joinPromises(calls.releaseAsArray()).wait(io.waitScope);
  EXPECT_TRUE(arrived == expected);
  EXPECT_EQ(held.use_count(), 1);
}

// Protects the two ends of one host from paying for the congestion of networks.
TEST_F(RpcTest, ConnectionsWithinTheHostDoNotPaceWhatTheySend) {
  auto listener = network->listen("127.0.0.1:0").wait(io.waitScope).value();
  auto connecting = network->connect(listener->address());
  auto accepted = listener->accept().wait(io.waitScope);
  auto connected = connecting.wait(io.waitScope);
  for (auto* stream : {connected.get(), accepted.get()}) {
    char name[16] = {};
    kj::uint size = sizeof name;
    stream->getsockopt(IPPROTO_TCP, TCP_CONGESTION, name, &size);
    EXPECT_STREQ(name, "reno");
    int delays = 0;
    size = sizeof delays;
    stream->getsockopt(IPPROTO_TCP, TCP_NODELAY, &delays, &size);
    EXPECT_EQ(delays, 1) << "what follows is set, too";
  }
}

}  // namespace
}  // namespace cairn::rpc
