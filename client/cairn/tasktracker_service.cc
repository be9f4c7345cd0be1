#include <utility>

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
  return options;
}

class TaskTrackerService final : public Service {
public:
  TaskTrackerService(kj::AsyncIoContext& io, const config::TaskTrackerConfig& config,
                     std::string name)
      : host_(io, "tasktracker", WORK_THREADS),
        children_(mr::newGuardedChildren(io, SELF)),
        server_(host_.host(), *children_, optionsOf(config, std::move(name))) {}

  kj::Promise<Result<void>> start() override { return server_.start(); }
  kj::Promise<void> onReady() override { return server_.onRegistered(); }
  kj::Promise<void> stop() override { return server_.stop(); }
  std::string address() const override { return server_.address(); }

private:
  RealHost host_;
  kj::Own<mr::Children> children_;
  mr::TaskTrackerServer server_;
};

}  // namespace

kj::Own<Service> newTaskTrackerService(kj::AsyncIoContext& io, config::TaskTrackerConfig config,
                                       std::string name) {
  return kj::heap<TaskTrackerService>(io, config, std::move(name));
}

}  // namespace cairn::app
