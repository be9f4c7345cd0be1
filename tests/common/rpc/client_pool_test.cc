// Protects what a client pool adds to connections: descriptors over Unix sockets, requests that
// refer to memory, and openings that nobody waits for any more.
#include "common/rpc/client_pool.h"

#include <gtest/gtest.h>
#include <kj/async-io.h>
#include <kj/debug.h>
#include <kj/io.h>
#include <unistd.h>

#include <cstring>

#include "common/metrics/metrics.h"
#include "common/rpc/acceptor.h"
#include "common/schema/datanode.capnp.h"
#include "tests/testkit/results.h"
#include "tests/testkit/scratch.h"

namespace cairn::rpc {
namespace {

class OpenFile final : public wire::OpenReplica::Server {
public:
  explicit OpenFile(kj::AutoCloseFd fd) : fd_(kj::mv(fd)) {}
  kj::Maybe<int> getFd() override { return fd_.get(); }

private:
  kj::AutoCloseFd fd_;
};

// Hands out a pipe's reading end with "hello" in it.
class Local final : public wire::LocalDatanode::Server {
protected:
  kj::Promise<void> open(OpenContext context) override {
    int ends[2];
    KJ_SYSCALL(::pipe(ends));
    kj::AutoCloseFd reading(ends[0]), writing(ends[1]);
    KJ_SYSCALL(::write(writing, "hello", 5));
    context.getResults().setReplica(kj::heap<OpenFile>(kj::mv(reading)));
    return kj::READY_NOW;
  }
};

// Compares what it is sent with a pattern.
class Sink final : public wire::ReplicaWriter::Server {
public:
  explicit Sink(std::uint64_t& bytes) : bytes_(bytes) {}

protected:
  kj::Promise<void> push(PushContext context) override {
    for (auto byte : context.getParams().getPacket().getFrames()) {
      if (byte == 0x5a) ++bytes_;
    }
    return kj::READY_NOW;
  }

private:
  std::uint64_t& bytes_;
};

class ClientPoolTest : public testing::Test {
public:
  ~ClientPoolTest() noexcept override {}

protected:
  kj::Own<Acceptor> serve(const std::string& address, capnp::Capability::Client object,
                          AcceptorOptions options = {}) {
    auto acceptor = kj::heap<Acceptor>(
        host_, "test", options, []() { return Identity{}; },
        [object = kj::mv(object)](PeerInfo) mutable -> Result<capnp::Capability::Client> {
          return object;
        });
    EXPECT_OK(acceptor->listen(address).wait(io_.waitScope));
    return acceptor;
  }

  kj::AsyncIoContext io_ = kj::setupAsyncIo();
  kj::Own<Network> network_ = newSocketNetwork(io_);
  io::SystemClock clock_;
  io::Random random_{1};
  async::ThreadWorkPool pool_{"test", 1, 16};
  metrics::Registry metrics_;
  Host host_{io_.provider->getTimer(), clock_, random_, *network_, pool_, metrics_};
};

TEST_F(ClientPoolTest, DescriptorsCrossAUnixSocketWhereBothEndsWantThem) {
  testkit::ScratchDir scratch;
  const auto address = "unix:" + scratch / "socket";
  ConnectionLimits with;
  with.descriptorsMax = 1;
  AcceptorOptions options;
  options.connection = with;
  auto server = serve(address, wire::LocalDatanode::Client(kj::heap<Local>()), options);
  for (bool wanted : {true, false}) {
    ClientPool clients(host_, {}, wanted ? with : ConnectionLimits{});
    ASSERT_VALUE(auto datanode, clients.get<wire::LocalDatanode>(address).wait(io_.waitScope));
    for (int i = 0; i < 3; ++i) {
      auto replica = datanode.openRequest().send().wait(io_.waitScope).getReplica();
      auto fd = replica.getFd().wait(io_.waitScope);
      ASSERT_EQ(fd != nullptr, wanted);
      KJ_IF_MAYBE (number, fd) {
        char text[6] = {};
        EXPECT_EQ(::read(*number, text, 5), 5);
        EXPECT_STREQ(text, "hello");
      }
    }
  }
}

// The memory must stay until it has been written, however slow the peer, and go then.
TEST_F(ClientPoolTest, ARequestMayReferToMemoryUntilItIsSent) {
  std::uint64_t arrived = 0;
  auto server = serve("127.0.0.1:0", wire::ReplicaWriter::Client(kj::heap<Sink>(arrived)));
  ClientPool clients(host_, {});
  EXPECT_TRUE(clients.sentBuffers(server->address()) == nullptr);
  ASSERT_VALUE(auto writer,
               clients.get<wire::ReplicaWriter>(server->address()).wait(io_.waitScope));
  auto sentBuffers = KJ_ASSERT_NONNULL(clients.sentBuffers(server->address()));
  constexpr std::size_t WORDS = 1 << 17;
  struct Memory {
    explicit Memory(int& freed) : words(kj::heapArray<capnp::word>(WORDS)), freed(freed) {
      std::memset(words.begin(), 0x5a, words.asBytes().size());
    }
    ~Memory() {
      std::memset(words.begin(), 0, words.asBytes().size());
      ++freed;
    }
    kj::Array<capnp::word> words;
    int& freed;
  };
  int freed = 0;
  kj::Vector<kj::Promise<void>> sent;
  for (int i = 0; i < 8; ++i) {
    auto memory = kj::heap<Memory>(freed);
    const auto bytes = memory->words.asBytes();
    auto request = writer.pushRequest();
    auto packet = request.initPacket();
    packet.adoptFrames(capnp::Orphanage::getForMessageContaining(packet).referenceExternalData(
        capnp::Data::Reader(bytes.begin(), bytes.size())));
    sentBuffers->keepUntilSent(bytes.begin(), kj::mv(memory));
    sent.add(request.send().ignoreResult());
  }
  EXPECT_LT(freed, 8);
  kj::joinPromises(sent.releaseAsArray()).wait(io_.waitScope);
  for (int i = 0; i < 100 && freed < 8; ++i) kj::evalLater([]() {}).wait(io_.waitScope);
  EXPECT_EQ(freed, 8);
  EXPECT_EQ(arrived, 8 * WORDS * sizeof(capnp::word));
}

// A caller that gives up while the connection is being opened must not take it down with itself.
TEST_F(ClientPoolTest, AnOpeningOutlivesItsCallers) {
  auto server = serve("127.0.0.1:0", wire::LocalDatanode::Client(kj::heap<Local>()));
  for (unsigned turns = 0; turns < 20; ++turns) {
    ClientPool clients(host_, {});
    {
      auto given_up = clients.get(server->address());
      for (unsigned i = 0; i < turns; ++i) kj::evalLater([]() {}).wait(io_.waitScope);
    }
    io_.provider->getTimer().afterDelay(2 * kj::MILLISECONDS).wait(io_.waitScope);
    EXPECT_OK(clients.get(server->address()).wait(io_.waitScope));
  }
}

}  // namespace
}  // namespace cairn::rpc
