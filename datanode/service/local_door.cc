#include "datanode/service/local_door.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "common/rpc/convert.h"
#include "common/schema/datanode.capnp.h"

namespace cairn::dn {
namespace {

using OpenContext =
    capnp::CallContext<wire::LocalDatanode::OpenParams, wire::LocalDatanode::OpenResults>;

class OpenReplicaService final : public wire::OpenReplica::Server {
public:
  explicit OpenReplicaService(std::shared_ptr<const ReplicaFile> file) : file_(std::move(file)) {}
  kj::Maybe<int> getFd() override { return file_->fd(); }

private:
  // The descriptor stays open until the capability has been sent and dropped.
  std::shared_ptr<const ReplicaFile> file_;
};

kj::Promise<void> openReplica(Node& node, OpenContext context) {
  const auto params = context.getParams();
  const ReplicaKey key{ChunkId(params.getChunk().getId()),
                       GenerationStamp(params.getChunk().getGeneration())};
  auto results = context.getResults();
  if (auto checked = node.check(params.getNode()); !checked.has_value()) {
    rpc::toWire(checked.error(), results.initFault());
    co_return;
  }
  auto opened = co_await node.store.openFinal(key, Urgency::CLIENT);
  if (opened.has_value() && (*opened)->fd() < 0) {
    opened = fail(Code::UNSUPPORTED, "this datanode's disk has no descriptors to hand out");
  }
  if (!opened.has_value()) {
    rpc::toWire(opened.error(), results.initFault());
    co_return;
  }
  node.metrics.descriptors.add();
  results.setStoredLength((*opened)->name().storedLength);
  results.setReplica(kj::heap<OpenReplicaService>(kj::mv(*opened)));
}

class LocalService final : public wire::LocalDatanode::Server {
public:
  explicit LocalService(kj::Own<Door> door) : door_(kj::mv(door)) {}

protected:
  kj::Promise<void> open(OpenContext context) override {
    return door_->enter([&](Node& node) { return openReplica(node, kj::mv(context)); });
  }

private:
  kj::Own<Door> door_;
};

rpc::AcceptorOptions withDescriptors() {
  rpc::AcceptorOptions options;
  options.connectionsMax = LocalDoor::CONNECTIONS_MAX;
  options.connection.descriptorsMax = 1;
  return options;
}

// Makes room for a new socket.
Result<void> clearPath(const std::string& path) {
  struct stat info{};
  if (::lstat(path.c_str(), &info) != 0) {
    if (errno == ENOENT) return {};
    return fail(statusFromErrno(errno, path));
  }
  if (!S_ISSOCK(info.st_mode)) {
    return fail(Code::IN_USE, path + " is no socket; move it away, or set datanode.socket");
  }
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return fail(statusFromErrno(errno, path));
  return {};
}

}  // namespace

LocalDoor::LocalDoor(rpc::Host& host, std::string path, kj::Own<Door> door,
                     kj::Function<rpc::Identity()> identity)
    : path_(std::move(path)),
      acceptor_(host, "datanode's socket", withDescriptors(), kj::mv(identity),
                [door = kj::mv(door)](rpc::PeerInfo) mutable -> Result<capnp::Capability::Client> {
                  return capnp::Capability::Client(
                      wire::LocalDatanode::Client(kj::heap<LocalService>(kj::addRef(*door))));
                }) {}

LocalDoor::~LocalDoor() noexcept(false) {
  if (listening_) ::unlink(path_.c_str());
}

kj::Promise<Result<void>> LocalDoor::listen() {
  CO_TRY(clearPath(path_));
  CO_TRY(co_await acceptor_.listen("unix:" + path_));
  listening_ = true;
  // Whoever may connect sees the replicas' bytes: our own user, until there are tokens.
  if (::chmod(path_.c_str(), 0600) != 0) co_return fail(statusFromErrno(errno, path_));
  co_return Result<void>();
}

}  // namespace cairn::dn
