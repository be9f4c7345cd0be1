#include "namenode/service/server.h"

#include <memory>
#include <utility>

#include "common/base/fault.h"
#include "common/io/posix_disk.h"
#include "common/log/log.h"
#include "common/rpc/acceptor.h"
#include "namenode/audit/audit_log.h"
#include "namenode/duty/duties.h"
#include "namenode/meta/records.h"
#include "namenode/service/client_service.h"
#include "namenode/service/datanode_service.h"
#include "namenode/service/serving_loops.h"
#include "namenode/state/state.h"

namespace cairn::nn {
namespace {

std::string directoryOf(const NamenodeOptions& options) {
  return options.directory.empty() ? options.config.directory : options.directory;
}

// Null: there is no audit log. Blocks.
Result<std::shared_ptr<io::Disk>> openAuditDisk(const NamenodeOptions& options) {
  if (options.auditDisk != nullptr || !options.config.audit || options.env != nullptr) {
    return options.auditDisk;
  }
  std::string directory = options.config.auditDirectory;
  if (directory.empty()) directory = directoryOf(options) + "/audit";
  ASSIGN(auto disk,
         io::PosixDisk::open(std::move(directory),
                             {.fileMode = 0640, .directoryMode = 0755, .createRoot = true}));
  return std::shared_ptr<io::Disk>(std::move(disk));
}

StoreOptions storeOptions(const NamenodeOptions& options) {
  StoreOptions store;
  store.directory = directoryOf(options);
  store.env = options.env;
  store.logDisk = options.logDisk;
  if (options.config.blockCacheBytes != 0) store.blockCacheBytes = options.config.blockCacheBytes;
  store.backgroundWork = options.backgroundWork;
  store.reservedBytes = options.config.reservedBytes;
  return store;
}

Settings settingsOf(const NamenodeOptions& options) {
  const auto& config = options.config;
  Settings settings;
  settings.superuser = options.superuser;
  settings.supergroup = config.supergroup;
  settings.replication = config.files.replication;
  settings.chunkSize = config.files.chunkSizeBytes;
  settings.chunkSizeMin = config.chunkSizeMinBytes;
  settings.frameSize = config.files.frameSizeBytes;
  settings.codec = config.files.compress ? record::CODEC_ZSTD : record::CODEC_NONE;
  settings.zstdLevel = config.files.zstdLevel;
  return settings;
}

rpc::AcceptorOptions acceptorOptions(const config::RpcConfig& config) {
  rpc::AcceptorOptions options;
  if (config.connectionsMax != 0) options.connectionsMax = config.connectionsMax;
  if (config.handshakeMs != 0) options.handshakeMs = config.handshakeMs;
  if (config.messageBytesMax != 0) options.connection.messageBytesMax = config.messageBytesMax;
  if (config.callBytesInFlightMax != 0) {
    options.connection.callBytesInFlightMax = config.callBytesInFlightMax;
  }
  return options;
}

// Turns of the event loop that calls under way get to end in when the server stops.
constexpr int TURNS_TO_END = 10'000;

}  // namespace

struct NamenodeServer::Impl {
  Impl(rpc::Host& host, async::WorkPool& journalPool, NamenodeOptions options)
      : host(host),
        journalPool(journalPool),
        options(std::move(options)),
        process(host.random.uuid()),
        metrics(std::make_shared<CallMetrics>(host.metrics)) {}

  rpc::Host& host;
  async::WorkPool& journalPool;
  NamenodeOptions options;
  const Uuid process;
  std::shared_ptr<CallMetrics> metrics;
  std::shared_ptr<AuditLog> audit;
  // In order of construction: what comes later uses what is before it.
  std::shared_ptr<State> state;
  std::shared_ptr<StateSite> site;
  kj::Own<Duties> duties;
  std::unique_ptr<ServingLoops> loops;  // null: there are none
  std::unique_ptr<rpc::Acceptor> acceptor;

  Result<rpc::Served> serviceFor(const rpc::PeerInfo& peer) {
    TRY(state->allowReads());
    switch (peer.hello.role) {
      case rpc::Role::CLIENT:
      case rpc::Role::TASK_TRACKER:
      case rpc::Role::PEER: {
        const std::string host = peer.address.substr(0, peer.address.rfind(':'));
        if (loops != nullptr) return loops->place(host);
        return wire::Namenode::Client(kj::heap<ClientService>(site, host));
      }
      case rpc::Role::DATANODE:
        return wire::DatanodeMaster::Client(kj::heap<DatanodeService>(state));
    }
    return fail(Code::INVALID_ARGUMENT, "this is a namenode: it serves clients and datanodes");
  }
};

Result<void> NamenodeServer::format(const NamenodeOptions& options, ClusterId cluster,
                                    UnixMillis nowMs) {
  return Store::format(storeOptions(options), {.cluster = cluster,
                                               .name = options.config.clusterName,
                                               .superuser = options.superuser,
                                               .supergroup = options.config.supergroup,
                                               .nowMs = nowMs});
}

NamenodeServer::NamenodeServer(rpc::Host& host, async::WorkPool& journalPool,
                               NamenodeOptions options)
    : impl_(kj::heap<Impl>(host, journalPool, std::move(options))) {}

NamenodeServer::~NamenodeServer() noexcept(false) {
  auto& self = *impl_;
  if (self.state == nullptr) return;
  self.state->stopping = true;
  self.duties = nullptr;
  self.acceptor = nullptr;
  self.loops = nullptr;
  self.state->commits.abandon();
  // Calls that have not ended yet may keep the state for a while; it must not keep the tables.
  self.state->store->close();
}

kj::Promise<Result<void>> NamenodeServer::start() {
  auto& self = *impl_;
  auto storing = storeOptions(self.options);
  storing.logSecret = self.host.random.next64();
  CO_ASSIGN(auto opened,
            co_await self.journalPool.run([storing]() { return Store::open(storing); }));
  std::shared_ptr<Store> store = std::move(opened);
  Settings settings = settingsOf(self.options);
  if (settings.superuser.empty()) {
    CO_ASSIGN(const auto root, findDirent(store->latest(), ROOT_PARENT, ""));
    if (root.has_value()) settings.superuser = root->owner();
  }
  CO_ASSIGN(self.state, State::make(self.host, self.journalPool, self.options.config,
                                    std::move(store), std::move(settings), self.options.groupsOf));
  CO_ASSIGN(auto auditDisk, co_await self.journalPool.run(
                                [options = self.options]() { return openAuditDisk(options); }));
  if (auditDisk != nullptr) {
    self.audit = std::make_shared<AuditLog>(self.host, std::move(auditDisk));
  }
  self.site = std::make_shared<StateSite>(self.state, self.metrics, self.audit);
  const auto limits = acceptorOptions(self.options.config.rpc);
  if (!self.options.servingLoops.empty()) {
    self.loops = std::make_unique<ServingLoops>(self.options.servingLoops, self.site, self.audit,
                                                self.options.groupsOf, limits.connection);
  }
  CO_TRY(faultError("nn.start.before_serve"));
  self.acceptor = std::make_unique<rpc::Acceptor>(
      self.host, "namenode", limits,
      [&self]() {
        return rpc::Identity{self.state->store->cluster(), self.state->store->epoch(),
                             self.process};
      },
      [&self](rpc::PeerInfo peer) { return self.serviceFor(peer); });
  CO_TRY(co_await self.acceptor->listen(
      self.options.listen.empty() ? self.options.config.address.toString() : self.options.listen));
  self.duties = kj::heap<Duties>(*self.state, self.audit.get());
  LOG(INFO) << "namenode of cluster " << self.state->store->cluster().toString() << " serves on "
            << self.acceptor->address() << ", epoch " << self.state->store->epoch().value
            << (self.state->safeMode.on() ? ", in safe mode" : "");
  co_return Result<void>();
}

kj::Promise<void> NamenodeServer::stop() {
  auto& self = *impl_;
  if (self.state == nullptr) co_return;
  self.state->stopping = true;
  self.duties = nullptr;
  co_await self.state->commits.drain();
  // Answers of what became durable go out before the connections drop.
  co_await kj::evalLast([]() {});
  self.acceptor = nullptr;
  if (self.loops != nullptr) co_await self.loops->flush();
  self.loops = nullptr;
  self.site = nullptr;
  for (int turn = 0; self.state.use_count() > 1 && turn < TURNS_TO_END; ++turn) {
    co_await kj::evalLater([]() {});
  }
  if (self.audit != nullptr) co_await self.audit->flush();
  if (self.state.use_count() > 1) LOG(WARNING) << "calls have not ended while stopping";
  self.state->commits.abandon();
  std::shared_ptr<Store> store = self.state->store;
  self.state = nullptr;
  // Closing writes and waits for the disk. Nobody reads any more: allowReads() has refused it
  // since.
  co_await self.journalPool.run([store = std::move(store)]() { store->close(); });
}

std::string NamenodeServer::address() const {
  return impl_->acceptor == nullptr ? std::string() : impl_->acceptor->address();
}

ClusterId NamenodeServer::cluster() const { return impl_->state->store->cluster(); }
Epoch NamenodeServer::epoch() const { return impl_->state->store->epoch(); }

Result<void> NamenodeServer::ready() const {
  const auto& self = *impl_;
  if (self.acceptor == nullptr) {
    return fail(Code::UNAVAILABLE, "the namenode is starting or stopping");
  }
  TRY(self.state->allowReads());
  return self.state->safeMode.allowChanges();
}

kj::Promise<Status> NamenodeServer::onFatal() {
  if (impl_->state == nullptr) return kj::Promise<Status>(kj::NEVER_DONE);
  return impl_->state->commits.failed();
}

}  // namespace cairn::nn
