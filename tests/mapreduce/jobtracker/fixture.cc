#include "tests/mapreduce/jobtracker/fixture.h"

#include <capnp/message.h>

#include "common/rpc/convert.h"
#include "mapreduce/jobtracker/wire_values.h"
#include "tests/testkit/results.h"

namespace cairn::mr::fakes {

namespace {

constexpr char JOURNAL_DIRECTORY[] = "/journal";
constexpr unsigned DATANODES = 3;

class RecordingTracker final : public wire::TaskTracker::Server {
public:
  explicit RecordingTracker(TrackerLog& log) : log_(log) {}

  kj::Promise<void> launch(LaunchContext context) override {
    for (auto launch : context.getParams().getAttempts()) {
      log_.launched.push_back(*AttemptId::parse(rpc::toView(launch.getAttempt())));
    }
    return kj::READY_NOW;
  }
  kj::Promise<void> kill(KillContext context) override {
    for (auto attempt : context.getParams().getAttempts()) {
      log_.killed.insert(*AttemptId::parse(rpc::toView(attempt)));
    }
    return kj::READY_NOW;
  }
  kj::Promise<void> forget(ForgetContext context) override {
    for (auto job : context.getParams().getJobs()) log_.forgotten.insert(rpc::toString(job));
    return kj::READY_NOW;
  }

private:
  TrackerLog& log_;
};

}  // namespace

CoreTest::CoreTest()
    : env(rocksdb::NewMemEnv(rocksdb::Env::Default())),
      files(std::make_unique<FakeJobFiles>(namenode)) {
  for (unsigned node = 1; node <= DATANODES; ++node) {
    namenode.datanodes.push_back({.node = node,
                                  .address = "datanode" + std::to_string(node),
                                  .rack = "/rack",
                                  .socket = "",
                                  .machine = "machine" + std::to_string(node)});
  }
  options.localityDelayMs = 0;
}

CoreTest::~CoreTest() noexcept { crash(); }

void CoreTest::start() {
  auto opened =
      wait(Journal::open(loop.workPool, JOURNAL_DIRECTORY, loop.clock.nowMs(), env.get()));
  ASSERT_OK(opened);
  journal = kj::mv(opened->journal);
  core = std::make_unique<Core>(loop.host, options, *files, *journal, opened->contents.startMs);
  ASSERT_OK(core->recover(std::move(opened->contents)));
  settle();
}

void CoreTest::crash() {
  core = nullptr;
  journal = nullptr;
}

void CoreTest::registerTracker(std::uint64_t number, std::vector<AttemptId> running,
                               std::vector<AttemptId> held, std::vector<JobId> jobs) {
  capnp::MallocMessageBuilder message;
  auto info = message.initRoot<wire::TrackerInfo>();
  rpc::toWire(trackerId(number), info.initUuid());
  info.setName("tracker" + std::to_string(number));
  info.setAddress("tracker" + std::to_string(number));
  info.setMachine("machine" + std::to_string(number));
  info.setRack("/rack");
  info.setNode(static_cast<std::uint32_t>(number));
  info.setMapSlots(2);
  info.setReduceSlots(2);
  auto registration =
      wait(core->registerTracker(info.asReader(), kj::heap<RecordingTracker>(trackers[number]),
                                 std::move(running), std::move(held), std::move(jobs)));
  ASSERT_OK(registration);
  trackers[number].forgotten.insert(registration->forgotten.begin(), registration->forgotten.end());
  settle();
}

void CoreTest::addInput(const std::string& path, unsigned maps) {
  auto& file = namenode.files[path];
  file.id = namenode.nextId++;
  file.chunkSize = 1000;
  file.open = false;
  for (unsigned i = 0; i < maps; ++i) {
    file.chunks.push_back({.id = namenode.nextId++ << 4,
                           .length = 1000,
                           .nodes = {1 + i % DATANODES},
                           .committed = true});
  }
}

record::JobSpec CoreTest::spec(std::uint32_t reduces) {
  record::JobSpec spec;
  spec.set_name("test");
  spec.set_user("tester");
  spec.add_inputs("/in");
  spec.set_output("/out");
  spec.set_reduces(reduces);
  return spec;
}

JobId CoreTest::submit(record::JobSpec spec) {
  const auto id = core->newJob();
  EXPECT_OK(wait(core->submit(id, std::move(spec))));
  settle();
  return id;
}

Result<void> CoreTest::finished(std::uint64_t tracker,
                                kj::FunctionParam<void(wire::AttemptResult::Builder)> fill) {
  capnp::MallocMessageBuilder message;
  auto result = message.initRoot<wire::AttemptResult>();
  fill(result);
  auto answer = wait(core->finished(trackerId(tracker), result.asReader()));
  settle();
  return answer;
}

Result<void> CoreTest::mapDone(std::uint64_t tracker, AttemptId id) {
  const auto reduces = job(id.task.job).tasks(TaskKind::REDUCE).size();
  return finished(tracker, [&](wire::AttemptResult::Builder result) {
    result.setAttempt(id.toString());
    auto counters = result.initCounters(1);
    counters[0].setGroup("test");
    counters[0].setName("maps");
    counters[0].setValue(1);
    auto segments = result.initMapOutput(static_cast<unsigned>(reduces));
    for (unsigned i = 0; i < reduces; ++i) {
      segments[i].setOffset(i * 10);
      segments[i].setLength(10);
    }
  });
}

Result<void> CoreTest::failed(std::uint64_t tracker, AttemptId id, const std::string& message,
                              bool killed) {
  return finished(tracker, [&](wire::AttemptResult::Builder result) {
    result.setAttempt(id.toString());
    result.initCounters(0);
    auto end = result.initFailed();
    end.setMessage(message);
    end.setStderrTail("last words of " + id.toString());
    end.setKilled(killed);
  });
}

Result<void> CoreTest::committed(std::uint64_t tracker, AttemptId id) {
  return finished(tracker, [&](wire::AttemptResult::Builder result) {
    result.setAttempt(id.toString());
    auto counters = result.initCounters(1);
    counters[0].setGroup("test");
    counters[0].setName("reduces");
    counters[0].setValue(1);
    result.setCommitted();
  });
}

void CoreTest::writePart(AttemptId id) {
  const auto name = partName(id.task.kind, id.task.index);
  const auto path = attemptDirectory("/out", id) + "/" + name;
  auto& file = namenode.files[path];
  file.id = id.number;
  file.open = false;
}

Result<bool> CoreTest::commit(std::uint64_t tracker, AttemptId id) {
  auto answer = wait(core->commit(trackerId(tracker), id, {partName(id.task.kind, id.task.index)}));
  settle();
  return answer;
}

void CoreTest::shuffled(std::uint64_t tracker, AttemptId id) {
  capnp::MallocMessageBuilder message;
  auto list = message.initRoot<capnp::AnyPointer>().initAs<capnp::List<wire::AttemptProgress>>(1);
  list[0].setAttempt(id.toString());
  list[0].setShuffled(true);
  core->heartbeat(trackerId(tracker), list.asReader());
}

void CoreTest::heartbeat(std::uint64_t tracker) { core->heartbeat(trackerId(tracker), {}); }

}  // namespace cairn::mr::fakes
