#include "client/cairn/mini_cluster.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "client/cairn/format_namenode.h"
#include "client/cairn/services.h"
#include "common/base/limits.h"
#include "common/io/disk_ops.h"
#include "common/log/log.h"

namespace cairn::app {
namespace {

constexpr std::string_view MARKER = "cairn-mini";  // says whose directory it is
constexpr std::string_view MARKER_TEXT = "a small cluster of 'cairn mini', version 1\n";
constexpr std::uint64_t MARKER_BYTES_MAX = 4096;
constexpr std::string_view LOCK = "lock";
constexpr std::size_t SOCKET_PATH_MAX = 107;  // sockaddr_un, without its zero
// The other daemons of the process need cores, too; tasks are processes and are shared out so that
// all trackers together run about as many maps as there are cores.
std::uint32_t slotsOf(std::uint32_t trackers) {
  return std::max(1u, std::thread::hardware_concurrency() / trackers);
}

std::string loopback(std::uint16_t port) { return "127.0.0.1:" + std::to_string(port); }

}  // namespace

MiniCluster::MiniCluster(config::Settings settings, MiniOptions options, std::string directory)
    : settings_(std::move(settings)),
      options_(std::move(options)),
      directory_(std::move(directory)) {}

MiniCluster::~MiniCluster() { stop(); }

Result<void> MiniCluster::start() {
  TRY(takeDirectory());
  TRY(startNamenode());
  for (std::uint32_t number = 1; number <= options_.datanodes; ++number) {
    TRY(startDatanode(number));
  }
  TRY(startJobTracker());
  for (std::uint32_t number = 1; number <= options_.datanodes; ++number) {
    TRY(startTaskTracker(number));
  }
  return {};
}

Result<void> MiniCluster::takeDirectory() {
  ASSIGN(disk_, io::PosixDisk::open(directory_, {.createRoot = true}));
  ASSIGN(const auto marked, disk_->exists(MARKER));
  if (!marked) {
    ASSIGN(const auto entries, disk_->list(""));
    for (const auto& entry : entries) {
      if (entry.name == LOCK) continue;
      return fail(Code::INVALID_ARGUMENT,
                  directory_ + " is not empty and holds no small cluster ('" + entry.name +
                      "' is there); name a new or empty directory with --dir");
    }
  }
  auto lock = disk_->lock(LOCK);
  if (!lock.has_value()) {
    if (lock.error().code() != Code::IN_USE) return std::unexpected(lock.error());
    return fail(Code::IN_USE, "a small cluster runs in " + directory_ + " already (" +
                                  lock.error().message() + "); --dir chooses another directory");
  }
  lock_ = std::move(*lock);
  if (!marked) return io::writeFileAtomically(*disk_, MARKER, asBytes(MARKER_TEXT));
  ASSIGN(const auto text, io::readWholeFile(*disk_, MARKER, MARKER_BYTES_MAX));
  if (text != MARKER_TEXT) {
    return fail(Code::UNSUPPORTED_VERSION,
                directory_ + " was made by another version of 'cairn mini'; it is left as it is");
  }
  return {};
}

std::string MiniCluster::httpAddressFor(const std::string& daemon, bool alone) const {
  const auto key = daemon + ".http_address";
  const auto& chosen = settings_.text(key);
  // The usual ports are left to daemons that run apart.
  const bool usual = settings_.originOf(key) == "default";
  return chosen.empty() || (alone && !usual && !options_.anyPorts) ? chosen : loopback(0);
}

Result<config::Settings> MiniCluster::with(
    std::vector<std::pair<std::string, std::string>> changes) const {
  config::Settings settings = settings_;
  for (const auto& [key, text] : changes) TRY(settings.set(key, text, "cairn mini"));
  return settings;
}

Result<void> MiniCluster::startNamenode() {
  std::vector<std::pair<std::string, std::string>> changes{
      {"namenode.dir", under("namenode")},
      {"namenode.http_address", httpAddressFor("namenode", true)}};
  if (options_.anyPorts) {
    changes.emplace_back("namenode.address", loopback(0));
  } else if (options_.namenodePort) {
    changes.emplace_back("namenode.address", loopback(*options_.namenodePort));
  }
  if (settings_.originOf("fs.replication") == "default") {
    const auto usual = static_cast<std::uint32_t>(settings_.integer("fs.replication"));
    changes.emplace_back("fs.replication", std::to_string(std::min(usual, options_.datanodes)));
  }
  ASSIGN(const auto settings, with(std::move(changes)));
  ASSIGN(auto config, config::NamenodeConfig::from(settings));
  TRY(formatNamenodeIfNew(config));
  namenode_ = std::make_unique<ServiceThread>(
      "namenode", [config](kj::AsyncIoContext& io) { return newNamenodeService(io, config); });
  auto started = namenode_->start();
  if (!started.has_value() && started.error().code() == Code::IN_USE) {
    return fail(Code::IN_USE,
                started.error().message() +
                    "; --namenode-port chooses another port, --ports auto a free one");
  }
  return started;
}

Result<void> MiniCluster::startDatanode(std::uint32_t number) {
  const auto name = "datanode" + std::to_string(number);
  auto socket = under(name) + "/datanode.sock";
  if (socket.size() > SOCKET_PATH_MAX) {
    LOG(WARNING) << "the path " << socket << " is too long for a Unix socket: clients read through "
                 << name << " instead of its files";
    socket = "none";
  }
  ASSIGN(auto settings, with({{"datanode.address", loopback(0)},
                              {"datanode.http_address", httpAddressFor("datanode", false)},
                              {"datanode.socket", socket},
                              {"datanode.namenode", namenode_->address()}}));
  TRY(settings.setList("datanode.dirs", {under(name)}, "cairn mini"));
  ASSIGN(auto config, config::DatanodeConfig::from(settings));
  datanodes_.push_back(std::make_unique<ServiceThread>(
      name, [config](kj::AsyncIoContext& io) { return newDatanodeService(io, config); }));
  return datanodes_.back()->start();
}

Result<void> MiniCluster::startJobTracker() {
  std::vector<std::pair<std::string, std::string>> changes{
      {"jobtracker.dir", under("jobtracker")},
      {"jobtracker.namenode", namenode_->address()},
      {"jobtracker.http_address", httpAddressFor("jobtracker", true)}};
  if (options_.anyPorts) {
    changes.emplace_back("jobtracker.address", loopback(0));
  } else if (options_.namenodePort) {
    const auto next = static_cast<std::uint16_t>(*options_.namenodePort + 1);
    changes.emplace_back("jobtracker.address", loopback(next));
  }
  ASSIGN(const auto settings, with(std::move(changes)));
  ASSIGN(auto config, config::JobTrackerConfig::from(settings));
  jobTracker_ = std::make_unique<ServiceThread>(
      "jobtracker", [config](kj::AsyncIoContext& io) { return newJobTrackerService(io, config); });
  return jobTracker_->start();
}

Result<void> MiniCluster::startTaskTracker(std::uint32_t number) {
  const auto name = "tasktracker" + std::to_string(number);
  std::vector<std::pair<std::string, std::string>> changes{
      {"tasktracker.address", loopback(0)},
      {"tasktracker.http_address", httpAddressFor("tasktracker", false)},
      {"tasktracker.dir", under(name)},
      {"tasktracker.namenode", namenode_->address()},
      {"tasktracker.jobtracker", jobTracker_->address()},
      {"tasktracker.datanode", datanodes_[number - 1]->address()}};
  if (settings_.originOf("tasktracker.slots") == "default") {
    changes.emplace_back("tasktracker.slots", std::to_string(slotsOf(options_.datanodes)));
  }
  ASSIGN(const auto settings, with(std::move(changes)));
  ASSIGN(auto config, config::TaskTrackerConfig::from(settings));
  taskTrackers_.push_back(std::make_unique<ServiceThread>(
      name,
      [config, name](kj::AsyncIoContext& io) { return newTaskTrackerService(io, config, name); }));
  return taskTrackers_.back()->start();
}

kj::Promise<void> MiniCluster::onReady() {
  auto all = kj::heapArrayBuilder<kj::Promise<void>>(datanodes_.size() + taskTrackers_.size());
  for (auto& service : datanodes_) all.add(service->onReady());
  for (auto& service : taskTrackers_) all.add(service->onReady());
  return kj::joinPromises(all.finish());
}

kj::Promise<Status> MiniCluster::onFatal() {
  return namenode_->onFatal().exclusiveJoin(jobTracker_->onFatal());
}

std::string MiniCluster::readyLine() const {
  std::string datanodes;
  std::string pages;
  for (const auto& datanode : datanodes_) {
    datanodes += "," + datanode->address();
    if (!datanode->httpAddress().empty()) pages += "," + datanode->httpAddress();
  }
  std::string text = "ready namenode=" + namenode_->address() +
                     " jobtracker=" + jobTracker_->address() + " datanodes=" + datanodes.substr(1);
  const auto add = [&](const std::string& name, const std::string& addresses) {
    if (!addresses.empty()) text += " " + name + "_http=" + addresses;
  };
  add("namenode", namenode_->httpAddress());
  add("jobtracker", jobTracker_->httpAddress());
  add("datanodes", pages.empty() ? pages : pages.substr(1));
  return text;
}

Result<void> MiniCluster::stopDatanode(std::uint32_t number) {
  if (number == 0 || number > datanodes_.size()) {
    return fail(Code::NOT_FOUND, "there is no datanode " + std::to_string(number) +
                                     "; this cluster has " + std::to_string(datanodes_.size()));
  }
  auto& datanode = *datanodes_[number - 1];
  if (!datanode.running()) {
    return fail(Code::NOT_FOUND, "datanode " + std::to_string(number) + " is down already");
  }
  datanode.dropDead();
  LOG(INFO) << datanode.name() << " at " << datanode.address() << " was dropped dead";
  return {};
}

void MiniCluster::stop() {
  for (auto& tracker : taskTrackers_) tracker->stop();
  if (jobTracker_ != nullptr) jobTracker_->stop();
  for (auto& datanode : datanodes_) datanode->stop();
  if (namenode_ != nullptr) namenode_->stop();
}

}  // namespace cairn::app
