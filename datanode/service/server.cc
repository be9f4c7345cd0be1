#include "datanode/service/server.h"

#include <kj/debug.h>

#include <utility>

#include "common/log/log.h"
#include "common/rpc/acceptor.h"
#include "common/rpc/convert.h"
#include "datanode/duty/emptying.h"
#include "datanode/duty/namenode_link.h"
#include "datanode/duty/scrubbing.h"
#include "datanode/service/datanode_service.h"
#include "datanode/service/local_door.h"
#include "datanode/service/node.h"

namespace cairn::dn {

namespace {

// Of all connections. If reading a connection paused because of calls of one pipeline, those of
// others that share it would wait too; and nodes that pass packets to each other in a ring would
// wait for each other's pushes for ever. What a writer may have unanswered is bounded one by one
// (PipelineWriter), and new writers are refused when they are too much together (Node).
constexpr std::uint64_t CALL_BYTES_IN_FLIGHT = std::uint64_t{1} << 40;

// Where others reach it.
std::string advertised(const std::string& wanted, const std::string& listening) {
  if (wanted.empty()) return listening;
  if (!wanted.ends_with(":0")) return wanted;
  return wanted.substr(0, wanted.size() - 2) + listening.substr(listening.rfind(':'));
}

DatanodeOptions withoutPauses(DatanodeOptions options) {
  options.acceptor.connection.callBytesInFlightMax = CALL_BYTES_IN_FLIGHT;
  return options;
}

}  // namespace

struct DatanodeServer::Impl {
  Impl(rpc::Host& host, std::vector<VolumeSource> sources, DatanodeOptions options)
      : host(host),
        options(withoutPauses(std::move(options))),
        boot(host.random.uuid()),
        store(
            host, std::move(sources),
            {.volume = {.fsync = this->options.fsync, .keepRemovedMs = this->options.keepRemovedMs},
             .reservedBytes = this->options.reservedBytes}),
        budget(this->options.bufferBudgetBytes),
        node(host, store, budget),
        door(kj::refcounted<Door>(node)) {
    auto first = kj::newPromiseAndFulfiller<void>();
    registered = first.promise.fork();
    registeredFulfiller = kj::mv(first.fulfiller);
    auto ended = kj::newPromiseAndFulfiller<Status>();
    fatal = ended.promise.fork();
    fatalFulfiller = kj::mv(ended.fulfiller);
  }

  kj::Promise<Result<void>> start() {
    CO_TRY(co_await store.open());
    acceptor = kj::heap<rpc::Acceptor>(
        host, "datanode", options.acceptor, [this]() { return identity(); },
        [this](rpc::PeerInfo peer) { return serve(kj::mv(peer)); });
    CO_TRY(co_await acceptor->listen(options.listen));
    NodeDescription self{.address = advertised(options.advertise, acceptor->address()),
                         .socket = {},
                         .machine = options.machine,
                         .rack = options.rack,
                         .version = options.version,
                         .boot = boot};
    if (!options.socketPath.empty()) {
      localDoor = kj::heap<LocalDoor>(host, options.socketPath, kj::addRef(*door),
                                      [this]() { return identity(); });
      const auto listening = co_await localDoor->listen();
      if (listening.has_value()) {
        self.socket = options.socketPath;
      } else if (listening.error().code() == Code::IO_ERROR) {
        // The disk that it lies on may be broken, which the node outlives.
        LOG(ERROR) << "clients of this machine get no descriptors: " << listening.error().message();
        localDoor = nullptr;
      } else {
        co_return std::unexpected(listening.error());
      }
    }
    link = kj::heap<NamenodeLink>(
        host, store, budget, options.namenode, std::move(self),
        [this](const Registration& now) { registeredAs(now); },
        [this]() {
          node.updateGauges();
          return node.transfers();
        });
    linking = link->run()
                  .then([this](Status why) {
                    LOG(ERROR) << "the datanode cannot go on: " << why.toString();
                    // Not from within the link's own promise.
                    closing = kj::evalLater([this]() { close(); }).eagerlyEvaluate(nullptr);
                    fatalFulfiller->fulfill(kj::mv(why));
                  })
                  .eagerlyEvaluate([](kj::Exception&& e) {
                    LOG(ERROR) << "the link to the namenode broke: " << e.getDescription().cStr();
                  });
    if (options.scrub.periodMs > 0) {
      scrubbing = kj::heap<Scrubbing>(host, store, options.scrub);
    }
    emptying = kj::heap<Emptying>(host, store);
    LOG(INFO) << "datanode listens on " << acceptor->address();
    co_return Result<void>();
  }

  rpc::Identity identity() const { return {store.identity().cluster, registration.epoch, boot}; }

  Result<capnp::Capability::Client> serve(rpc::PeerInfo peer) {
    if (peer.hello.role != rpc::Role::CLIENT && peer.hello.role != rpc::Role::PEER) {
      return fail(Code::UNSUPPORTED, "this is a datanode: it serves clients and other datanodes");
    }
    return capnp::Capability::Client(wire::Datanode::Client(kj::heap<DatanodeService>(
        kj::addRef(*door), kj::mv(peer.sentBuffers), kj::mv(peer.received),
        options.bufferBudgetBytes / CONNECTION_SHARES,
        // Other datanodes copy what nobody waits to read.
        peer.hello.role == rpc::Role::PEER ? Urgency::REPAIR : Urgency::CLIENT)));
  }

  void registeredAs(const Registration& now) {
    registration = now;
    node.self = now.node;
    if (node.peers.get() == nullptr) {
      node.peers = kj::heap<rpc::ClientPool>(
          host,
          rpc::ClientHello{
              .role = rpc::Role::PEER, .cluster = now.cluster, .epoch = now.epoch, .process = boot},
          options.acceptor.connection, PEER_CONNECT_MS);
    }
    if (registeredFulfiller->isWaiting()) registeredFulfiller->fulfill();
  }

  // Everything that talks to the outside ends at once.
  void close() {
    scrubbing = nullptr;
    emptying = nullptr;
    linking = nullptr;
    link = nullptr;
    if (acceptor.get() != nullptr) acceptor->close();
    localDoor = nullptr;
    door->shut();
    node.peers = nullptr;
  }

  // A connection's unsent replies hold this part of the buffers at most: 32 MiB of the usual 256,
  // twice what one reader in order has fetched ahead. A peer that takes nothing for a minute is
  // dropped by the system (common/rpc/socket_network.cc).
  static constexpr std::uint64_t CONNECTION_SHARES = 8;
  // A node that does not answer at once is another node's problem: pipelines are opened in 15 s.
  static constexpr std::uint32_t PEER_CONNECT_MS = 3'000;

  rpc::Host& host;
  const DatanodeOptions options;
  const Uuid boot;
  ReplicaStore store;
  BufferBudget budget;
  Node node;
  kj::Own<Door> door;
  Registration registration;
  kj::ForkedPromise<void> registered = nullptr;
  kj::Own<kj::PromiseFulfiller<void>> registeredFulfiller;
  kj::ForkedPromise<Status> fatal = nullptr;
  kj::Own<kj::PromiseFulfiller<Status>> fatalFulfiller;
  kj::Own<rpc::Acceptor> acceptor;
  kj::Own<LocalDoor> localDoor;
  kj::Own<Scrubbing> scrubbing;  // null when it is off
  kj::Own<Emptying> emptying;
  kj::Own<NamenodeLink> link;
  kj::Promise<void> linking = nullptr;
  kj::Promise<void> closing = nullptr;
};

DatanodeServer::DatanodeServer(rpc::Host& host, std::vector<VolumeSource> volumes,
                               DatanodeOptions options)
    : impl_(kj::heap<Impl>(host, std::move(volumes), std::move(options))) {}

DatanodeServer::~DatanodeServer() noexcept(false) { dropDead(); }

kj::Promise<Result<void>> DatanodeServer::start() { return impl_->start(); }

kj::Promise<void> DatanodeServer::stop() {
  impl_->close();
  return impl_->store.drained().then([this]() { impl_->store.halt(); });
}

void DatanodeServer::dropDead() {
  impl_->store.halt();
  impl_->close();
}

std::string DatanodeServer::address() const {
  return impl_->acceptor.get() == nullptr ? std::string() : impl_->acceptor->address();
}
kj::Promise<void> DatanodeServer::onRegistered() { return impl_->registered.addBranch(); }
kj::Promise<Status> DatanodeServer::onFatal() { return impl_->fatal.addBranch(); }
Result<void> DatanodeServer::ready() const {
  const auto& self = *impl_;
  if (self.link.get() == nullptr) {
    return fail(Code::UNAVAILABLE, "the datanode is starting or stopping");
  }
  if (!self.link->registered()) {
    return fail(Code::UNAVAILABLE,
                "the datanode is not registered with its namenode at " + self.options.namenode);
  }
  return {};
}
NodeId DatanodeServer::node() const { return impl_->node.self; }
const ReplicaStore& DatanodeServer::store() const { return impl_->store; }

}  // namespace cairn::dn
