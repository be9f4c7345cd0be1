#include "client/core/local_replicas.h"

#include <kj/debug.h>

#include <utility>

#include "client/core/pinned_job.h"
#include "common/io/posix_file.h"
#include "common/rpc/convert.h"
#include "common/schema/datanode.capnp.h"

namespace cairn::client {

namespace {

rpc::ConnectionLimits withDescriptors() {
  rpc::ConnectionLimits limits;
  limits.descriptorsMax = 1;
  return limits;
}

// Whether the failure says something about this one chunk, and nothing about hand-over.
bool isOfTheChunk(Code code) {
  return code == Code::CORRUPT || code == Code::NOT_FOUND || code == Code::STALE;
}

}  // namespace

LocalReplicas::LocalReplicas(rpc::Host& host, const Options& options, rpc::ClientHello hello,
                             std::shared_ptr<BufferPool> buffers)
    : host_(host),
      options_(options),
      connections_(host, hello, withDescriptors()),
      buffers_(std::move(buffers)),
      tasks_(*this) {}
LocalReplicas::~LocalReplicas() noexcept(false) = default;

void LocalReplicas::taskFailed(kj::Exception&& exception) {
  KJ_LOG(ERROR, "opening a replica's file failed", exception);
}

bool LocalReplicas::mayServe(const DatanodeAddress& node) const {
  return options_.shortCircuit && !options_.machine.empty() && node.machine == options_.machine &&
         !node.socket.empty() && !refused_.contains(node.node);
}

kj::Promise<Result<std::size_t>> LocalReplicas::read(const LocatedChunk& chunk,
                                                     const DatanodeAddress& node,
                                                     std::uint64_t offset, MutableBytes to) {
  const Key key{chunk.at.chunk, chunk.at.generation, node.node};
  CO_ASSIGN(auto replica, co_await get(key, chunk.token, node.socket));
  auto got = co_await runPinned(host_.workPool, [replica, buffers = buffers_, offset, to]() {
    return replica->read(*buffers, offset, to);
  });
  if (!got.has_value()) forget(key);
  co_return kj::mv(got);
}

std::shared_ptr<const LocalReplica> LocalReplicas::opened(const ChunkLocation& chunk,
                                                          const DatanodeAddress& node) const {
  const auto found = open_.find(Key{chunk.chunk, chunk.generation, node.node});
  return found == open_.end() ? nullptr : found->second.replica;
}

kj::Promise<Result<LocalReplicas::Replica>> LocalReplicas::get(const Key& key, std::string token,
                                                               std::string socket) {
  if (auto found = open_.find(key); found != open_.end()) {
    recent_.splice(recent_.begin(), recent_, found->second.used);
    return Result<Replica>(found->second.replica);
  }
  auto opening = opening_.find(key);
  if (opening == opening_.end()) {
    auto opened = open(key, std::move(token), std::move(socket));
    opening = opening_.emplace(key, opened.fork()).first;
    // Goes on when its callers lose interest. Not in open(): that would drop the promise it runs
    // in.
    tasks_.add(opening->second.addBranch().ignoreResult().then(
        [this, key]() { opening_.erase(key); },
        [this, key](kj::Exception&&) { opening_.erase(key); }));  // the callers see it
  }
  return opening->second.addBranch();
}

kj::Promise<Result<LocalReplicas::Replica>> LocalReplicas::open(Key key, std::string token,
                                                                std::string socket) {
  auto opened = co_await handOver(key, kj::mv(token), kj::mv(socket));
  if (opened.has_value()) {
    keep(key, *opened);
  } else if (!isOfTheChunk(opened.error().code())) {
    refused_.insert(std::get<2>(key));
  }
  co_return kj::mv(opened);
}

kj::Promise<Result<LocalReplicas::Replica>> LocalReplicas::handOver(Key key, std::string token,
                                                                    std::string socket) {
  const auto [chunk, generation, node] = key;
  auto what =
      "asking datanode " + std::to_string(node) + " for the file of chunk " + std::to_string(chunk);
  CO_ASSIGN(auto datanode, co_await connections_.get<wire::LocalDatanode>("unix:" + socket));
  auto request = datanode.openRequest();
  request.getChunk().setId(chunk);
  request.getChunk().setGeneration(generation);
  request.setToken(rpc::toData(asBytes(token)));
  request.setNode(node);
  CO_ASSIGN(auto reply, co_await rpc::withDeadline(host_.timer, options_.datanodeReadMs,
                                                   rpc::caught(request.send(), what), what));
  CO_TRY(rpc::fromWire(reply.getFault()));
  auto object = reply.getReplica();
  CO_ASSIGN(auto descriptor, co_await rpc::caught(object.getFd(), what));
  std::unique_ptr<io::File> file;
  KJ_IF_MAYBE (fd, descriptor) {
    CO_ASSIGN(file, io::readableFile(*fd, "the file of chunk " + std::to_string(chunk)));
  }
  if (!file) co_return fail(Code::UNSUPPORTED, what + ": no descriptor came");
  co_return co_await host_.workPool.run([file = std::move(file), id = ChunkId{chunk}]() mutable {
    return LocalReplica::open(std::move(file), id);
  });
}

void LocalReplicas::keep(const Key& key, Replica replica) {
  if (open_.size() >= OPEN_MAX) {
    open_.erase(recent_.back());
    recent_.pop_back();
  }
  recent_.push_front(key);
  open_[key] = {.replica = std::move(replica), .used = recent_.begin()};
}

void LocalReplicas::forget(const Key& key) {
  auto found = open_.find(key);
  if (found == open_.end()) return;
  recent_.erase(found->second.used);
  open_.erase(found);
}

}  // namespace cairn::client
