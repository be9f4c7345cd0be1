#include "client/core/session.h"

#include <kj/debug.h>

#include "common/format/frame.h"

namespace cairn::client {

namespace {

// A packet's plain bytes, or its frames where none of them shrinks: the headers (24 bytes each) of
// frames of 8 KiB and more fit in. Packets with smaller frames take fresh memory.
constexpr std::size_t BUFFER_BYTES = limits::PACKET_PLAIN_BYTES + 4_KiB;
// Unused packet buffers kept by one client: what one file being read ahead and one being written
// have out at a time.
constexpr std::size_t IDLE_BUFFERS_MAX = 64;
// A frame of the usual size, packed or not; larger ones take fresh memory.
constexpr std::size_t FRAME_BUFFER_BYTES = limits::FRAME_SIZE_DEFAULT + format::FRAME_HEADER_BYTES;
// Unused ones kept: two for each of 16 threads that read at once.
constexpr std::size_t IDLE_FRAME_BUFFERS_MAX = 32;

rpc::ClientHello helloOf(const Options& options, ClientId client) {
  rpc::ClientHello hello;
  hello.cluster = options.cluster;
  hello.role = rpc::Role::CLIENT;
  hello.process = client;
  return hello;
}

}  // namespace

Session::Session(rpc::Host& host, Options options)
    : Session(host, std::move(options), host.random.uuid()) {}

Session::Session(rpc::Host& host, Options givenOptions, ClientId client)
    : host(host),
      options(std::move(givenOptions)),
      connections(host, helloOf(options, client)),
      namenode(host, options, connections, client),
      leases(namenode, host.timer),
      buffers(BufferPool::make(BUFFER_BYTES, IDLE_BUFFERS_MAX)),
      frameBuffers(BufferPool::make(FRAME_BUFFER_BYTES, IDLE_FRAME_BUFFERS_MAX)),
      decodedFrames(std::make_shared<DecodedFrames>(options.frameCacheBytes)),
      localReplicas(host, options, helloOf(options, client), buffers),
      background_(*this) {}

void Session::reportBadReplica(const ChunkLocation& chunk, std::uint32_t node, std::string reason) {
  if (!reported_.emplace(chunk.chunk, node).second) return;
  background_.add(sendReport(chunk, node, std::move(reason)));
}

kj::Promise<void> Session::sendReport(ChunkLocation chunk, std::uint32_t node, std::string reason) {
  auto key = std::pair(chunk.chunk, node);
  auto sent = co_await namenode.reportBadReplica(kj::mv(chunk), node, kj::mv(reason));
  // The next reader who meets the damage may try again.
  if (!sent.has_value()) reported_.erase(key);
}

void Session::taskFailed(kj::Exception&& exception) {
  KJ_LOG(ERROR, "a background task of the client failed", exception);
}

}  // namespace cairn::client
