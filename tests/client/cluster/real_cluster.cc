#include "tests/client/cluster/real_cluster.h"

#include <kj/async-io.h>
#include <kj/debug.h>

#include <filesystem>
#include <future>

#include "client/library/machine_id.h"
#include "common/config/load.h"
#include "common/io/posix_disk.h"
#include "common/metrics/metrics.h"
#include "common/rpc/network.h"
#include "datanode/service/server.h"
#include "namenode/service/server.h"

namespace cairn::client {

namespace {

constexpr std::size_t QUEUE_MAX = 4096;

// The value, or the end of the test program: without its cluster no test means anything.
template <typename T>
T must(Result<T> result) {
  KJ_REQUIRE(result.has_value(), "the cluster cannot start", result.error().toString().c_str());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

nn::NamenodeOptions namenodeOptions(const RealCluster::Options& options, std::string directory) {
  config::Settings settings(config::Machine{.home = "/", .user = "tester", .cores = 2});
  must(settings.set("fs.chunk_size", options.chunkSize, "the test"));
  must(settings.set("fs.replication", std::to_string(options.replication), "the test"));
  return {.config = must(config::NamenodeConfig::from(settings)),
          .directory = std::move(directory),
          .listen = "127.0.0.1:0",
          .superuser = "tester"};
}

}  // namespace

class RealCluster::Machine {
public:
  Machine(kj::AsyncIoContext& io, const RealCluster::Options& options, std::string directory)
      : random_(io::Random::fromOs()),
        network_(rpc::newSocketNetwork(io)),
        workPool_("test-work", 1, QUEUE_MAX),
        journal_("test-journal", 1, QUEUE_MAX),
        host_{io.provider->getTimer(), clock_, random_, *network_, workPool_, metrics_},
        directory_(std::move(directory)),
        options_(options) {}

  kj::Promise<void> start() {
    auto options = namenodeOptions(options_, directory_ + "/namenode");
    must(nn::NamenodeServer::format(options, random_.uuid(), clock_.nowMs()));
    namenode_ = kj::heap<nn::NamenodeServer>(host_, journal_, kj::mv(options));
    must(co_await namenode_->start());
    for (unsigned i = 1; i <= options_.datanodes; ++i) {
      auto& node = nodes_.emplace_back(std::make_unique<Node>());
      auto directory = directory_ + "/datanode" + std::to_string(i);
      node->disk = must(io::PosixDisk::open(directory, {.createRoot = true}));
      node->pool = std::make_unique<async::ThreadWorkPool>("test-volume", 2, QUEUE_MAX);
      dn::DatanodeOptions nodeOptions;
      nodeOptions.listen = "127.0.0.1:0";
      nodeOptions.namenode = namenode_->address();
      nodeOptions.socketPath = directory + ".sock";
      nodeOptions.machine = library::machineId();
      std::vector<dn::VolumeSource> volumes{{*node->disk, *node->pool}};
      node->server = kj::heap<dn::DatanodeServer>(host_, kj::mv(volumes), kj::mv(nodeOptions));
      must(co_await node->server->start());
      co_await node->server->onRegistered();
    }
  }
  kj::Promise<void> stop() {
    for (auto& node : nodes_) {
      if (node->server.get() != nullptr) co_await node->server->stop();
    }
    co_await namenode_->stop();
  }
  void dropDead(unsigned datanode) {
    auto& server = nodes_.at(datanode - 1)->server;
    server->dropDead();
    server = nullptr;
  }
  std::string namenode() const { return namenode_->address(); }
  std::vector<std::string> datanodes() const {
    std::vector<std::string> all;
    for (const auto& node : nodes_) all.push_back(node->server->address());
    return all;
  }

private:
  struct Node {
    std::unique_ptr<io::PosixDisk> disk;
    std::unique_ptr<async::ThreadWorkPool> pool;
    kj::Own<dn::DatanodeServer> server;
  };
  io::SystemClock clock_;
  io::Random random_;
  kj::Own<rpc::Network> network_;
  async::ThreadWorkPool workPool_;
  async::ThreadWorkPool journal_;
  metrics::Registry metrics_;
  rpc::Host host_;
  const std::string directory_;
  const RealCluster::Options options_;
  kj::Own<nn::NamenodeServer> namenode_;
  std::vector<std::unique_ptr<Node>> nodes_;
};

RealCluster::RealCluster(Options options) : options_(options) {
  std::promise<void> started;
  auto ready = started.get_future();
  loop_ = std::make_unique<async::LoopThread>(
      "test-cluster", [this, &started](kj::AsyncIoContext& io, kj::Promise<void> stopped) {
        auto machine = kj::heap<Machine>(io, options_, scratch_.path());
        auto& ref = *machine;
        return ref.start()
            .then([this, &ref, &started]() {
              machine_ = &ref;
              executor_ = kj::getCurrentThreadExecutor().addRef();
              namenode_ = ref.namenode();
              datanodes_ = ref.datanodes();
              started.set_value();
            })
            .then([stopped = kj::mv(stopped)]() mutable { return kj::mv(stopped); })
            .then([&ref]() { return ref.stop(); })
            .attach(kj::mv(machine));
      });
  ready.get();
}

RealCluster::~RealCluster() = default;

Client RealCluster::connect(bool shortCircuit, std::int64_t retryBudgetMs) const {
  ClientOptions options;
  options.namenode = namenode_;
  options.user = "tester";
  options.shortCircuit = shortCircuit;
  options.retryBudgetMs = retryBudgetMs;
  return must(Client::connect(std::move(options)));
}

void RealCluster::dropDead(unsigned datanode) {
  executor_->executeSync([&]() { machine_->dropDead(datanode); });
}

std::string RealCluster::addressOf(unsigned datanode) const { return datanodes_.at(datanode - 1); }

std::vector<std::string> RealCluster::replicasOn(unsigned datanode) const {
  const auto root = scratch_.path() + "/datanode" + std::to_string(datanode);
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    const auto path = entry.path().string();
    if (entry.is_regular_file() && path.find("/final/") != std::string::npos) paths.push_back(path);
  }
  return paths;
}

}  // namespace cairn::client
