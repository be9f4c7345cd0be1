#include <pwd.h>
#include <unistd.h>

#include <memory>
#include <utility>

#include "client/cairn/acceptor_options.h"
#include "client/cairn/daemon_pages.h"
#include "client/cairn/real_host.h"
#include "client/cairn/services.h"
#include "client/library/machine_id.h"
#include "mapreduce/tasktracker/server.h"

namespace cairn::app {
namespace {

constexpr unsigned WORK_THREADS = 2;
constexpr char SELF[] = "/proc/self/exe";

mr::TaskTrackerOptions optionsOf(const config::TaskTrackerConfig& config, std::string name) {
  mr::TaskTrackerOptions options;
  options.directory = config.directory;
  options.listen = config.address.toString();
  options.jobtracker = config.jobtracker.toString();
  options.namenode = config.namenode.toString();
  options.name = std::move(name);
  options.datanode = config.datanode;
  options.machine = library::machineId();
  if (!config.rack.empty()) options.rack = config.rack;
  options.mapSlots = config.slots;
  options.reduceSlots = config.slots;
  options.taskMemoryBytesMax = config.taskMemoryBytesMax;
  options.taskTimeoutMs = config.taskTimeoutMs;
  options.acceptor = acceptorOptions(config.rpc);
  return options;
}

// Makes tasks run as the user of that name.
Result<void> takeTaskUser(const std::string& user, mr::TaskTrackerOptions& options) {
  if (user.empty()) return {};
  const passwd* entry = ::getpwnam(user.c_str());
  if (entry == nullptr) {
    return fail(Code::INVALID_ARGUMENT, "tasktracker.task_user: there is no user '" + user + "'");
  }
  if (entry->pw_uid == ::geteuid()) return {};
  if (::geteuid() != 0) {
    return fail(
        Code::INVALID_ARGUMENT,
        "tasktracker.task_user: only a tracker that root runs can run tasks as '" + user + "'");
  }
  options.taskUid = entry->pw_uid;
  options.taskGid = entry->pw_gid;
  return {};
}

class TaskTrackerService final : public Service {
public:
  TaskTrackerService(kj::AsyncIoContext& io, const config::TaskTrackerConfig& config,
                     std::string name)
      : host_(io, "tasktracker", WORK_THREADS),
        children_(mr::newGuardedChildren(io, SELF)),
        pages_(host_.host(), "tasktracker", config.httpAddress,
               [this]() { return server_->ready(); }) {
    auto options = optionsOf(config, std::move(name));
    userTaken_ = takeTaskUser(config.taskUser, options);
    server_ = std::make_unique<mr::TaskTrackerServer>(host_.host(), *children_, std::move(options));
  }

  kj::Promise<Result<void>> start() override {
    if (!userTaken_.has_value()) co_return std::move(userTaken_);
    CO_TRY(co_await pages_.start());
    co_return co_await server_->start();
  }
  kj::Promise<void> onReady() override { return server_->onRegistered(); }
  kj::Promise<void> stop() override { return server_->stop(); }
  std::string address() const override { return server_->address(); }
  std::string httpAddress() const override { return pages_.address(); }

private:
  RealHost host_;
  kj::Own<mr::Children> children_;
  Result<void> userTaken_;
  std::unique_ptr<mr::TaskTrackerServer> server_;
  DaemonPages pages_;
};

}  // namespace

kj::Own<Service> newTaskTrackerService(kj::AsyncIoContext& io, config::TaskTrackerConfig config,
                                       std::string name) {
  return kj::heap<TaskTrackerService>(io, config, std::move(name));
}

}  // namespace cairn::app
