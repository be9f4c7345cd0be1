// Protects everybody else from a peer that asks for bytes and does not take them: what waits to be
// sent to it is bounded, and the rest of the buffers serves others.
#include <gtest/gtest.h>
#include <kj/async-io.h>

#include <utility>
#include <vector>

#include "common/rpc/connection.h"
#include "common/rpc/preamble.h"
#include "tests/datanode/fakes/fixture.h"

namespace cairn::dn {
namespace {

using fakes::DatanodeTest;
using fakes::key;
using fakes::makeChunk;

// A stream whose reader can be stopped.
class StallingStream final : public kj::AsyncIoStream {
public:
  explicit StallingStream(kj::Own<kj::AsyncIoStream> stream) : stream_(kj::mv(stream)) {}
  void stall() { stalled_ = true; }

  kj::Promise<size_t> tryRead(void* buffer, size_t min, size_t max) override {
    if (stalled_) return kj::NEVER_DONE;
    return stream_->tryRead(buffer, min, max);
  }
  kj::Promise<void> write(const void* buffer, size_t size) override {
    return stream_->write(buffer, size);
  }
  kj::Promise<void> write(kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>> pieces) override {
    return stream_->write(pieces);
  }
  kj::Promise<void> whenWriteDisconnected() override { return stream_->whenWriteDisconnected(); }
  void shutdownWrite() override { stream_->shutdownWrite(); }

private:
  kj::Own<kj::AsyncIoStream> stream_;
  bool stalled_ = false;
};

class SlowReader : public DatanodeTest {
protected:
  using Sent = kj::Promise<capnp::Response<wire::Datanode::ReadResults>>;

  Sent ask(wire::Datanode::Client& client) {
    auto request = client.readRequest();
    request.getChunk().setId(key(1).chunk.value);
    request.getChunk().setGeneration(key(1).generation.value);
    request.setLength(4000);
    request.setNode(machine(1).server->node().value);
    return request.send();
  }
};

TEST_F(SlowReader, TakesNoMoreThanItsShareOfTheBuffers) {
  options.bufferBudgetBytes = 64 << 10;
  startNodes(1);
  const auto chunk = makeChunk(5000);
  ASSERT_OK(write({1}, key(1), chunk).result);

  auto raw = wait(loop.network.connect(machine(1).address()));
  const auto hello = rpc::encode(rpc::ClientHello{});
  wait(raw->write(hello.data(), hello.size()));
  rpc::PreambleBytes welcome;
  wait(raw->read(welcome.data(), welcome.size()));
  auto stream = kj::heap<StallingStream>(kj::mv(raw));
  auto& stalling = *stream;
  rpc::Connection connection(kj::mv(stream), rpc::Connection::Side::CLIENT, nullptr, {},
                             kj::refcounted<rpc::SentBuffers>());
  auto slow = connection.bootstrap().castAs<wire::Datanode>();
  EXPECT_OK(rpc::fromWire(wait(ask(slow)).getFault()));

  stalling.stall();
  std::vector<Sent> asked;
  for (unsigned i = 0; i < 200; ++i) asked.push_back(ask(slow));
  loop.settle();
  EXPECT_EQ(read(1, key(1)).value(), chunk.plain);
  ASSERT_OK(write({1}, key(2), chunk).result);
}

}  // namespace
}  // namespace cairn::dn
