#include "tests/mapreduce/runtime/fixture.h"

#include <filesystem>
#include <utility>

#include "common/base/bytes.h"
#include "common/rpc/acceptor.h"
#include "tests/testkit/results.h"

namespace cairn::mr::fakes {

namespace {

constexpr char ANY_PORT[] = "127.0.0.1:0";
// The path, not the link: below a checker such as valgrind the link means the checker.
const std::string SELF = std::filesystem::read_symlink("/proc/self/exe").string();

}  // namespace

RuntimeTest::RuntimeTest()
    : io_(kj::setupAsyncIo()),
      random_(1),
      network_(rpc::newSocketNetwork(io_)),
      workPool_("work", 2, 4096),
      journalPool_("journal", 1, 1024),
      host{io_.provider->getTimer(), clock_, random_, *network_, workPool_, metrics_} {
  children = newGuardedChildren(io_, SELF);
  jobTrackerOptions.directory = scratch / "jobtracker";
  jobTrackerOptions.listen = ANY_PORT;
}

RuntimeTest::~RuntimeTest() noexcept {
  jobs = nullptr;
  for (auto& [node, tracker] : trackers) wait(tracker->stop());
  trackers.clear();
  if (jobTracker != nullptr) wait(jobTracker->stop());
  jobTracker = nullptr;
  files = nullptr;
  namenodeDoor = nullptr;
}

void RuntimeTest::startFiles(unsigned nodes, std::uint64_t chunkSize, bool oneMachine) {
  namenode.chunkSize = chunkSize;
  namenode.frameSize = 65536;
  datanodes = std::make_unique<client::fakes::FakeCluster>(host, nodes, ANY_PORT);
  ASSERT_OK(wait(datanodes->start()));
  namenode.datanodes = datanodes->addresses();
  for (auto& node : namenode.datanodes) {
    node.machine = oneMachine ? "machine" : "machine" + std::to_string(node.node);
  }
  namenodeDoor = std::make_unique<rpc::Acceptor>(
      host, "namenode", rpc::AcceptorOptions{}, []() { return rpc::Identity{}; },
      [this](rpc::PeerInfo) -> Result<capnp::Capability::Client> {
        return capnp::Capability::Client(kj::heap<client::fakes::FakeNamenode>(namenode));
      });
  ASSERT_OK(wait(namenodeDoor->listen(ANY_PORT)));
  client::Options options;
  options.namenode = namenodeDoor->address();
  options.user = "tester";
  files = std::make_unique<client::FileSystem>(host, options);
  jobFiles = std::make_unique<FakeJobFiles>(namenode);
  jobTrackerOptions.namenode = namenodeDoor->address();
}

void RuntimeTest::startJobTracker() {
  jobTracker = std::make_unique<JobTrackerServer>(host, journalPool_, jobTrackerOptions, *jobFiles);
  ASSERT_OK(wait(jobTracker->start()));
  // A later start is found at the same place.
  jobTrackerOptions.listen = jobTracker->address();
  if (jobs == nullptr) {
    JobClientOptions options;
    options.jobtracker = jobTracker->address();
    options.user = "tester";
    jobs = std::make_unique<JobClient>(host, kj::mv(options));
  }
}

void RuntimeTest::startTracker(unsigned node, std::function<void(TaskTrackerOptions&)> change) {
  TaskTrackerOptions options;
  options.directory = scratch / ("tracker" + std::to_string(node));
  options.listen = ANY_PORT;
  options.jobtracker = jobTrackerOptions.listen;
  options.namenode = namenodeDoor->address();
  options.name = "tracker" + std::to_string(node);
  options.node = NodeId(node);
  options.machine = namenode.datanodes.at(node - 1).machine;
  options.killGraceMs = 1000;
  if (ADDRESSES_UNLIMITED) options.taskMemoryBytesMax = 0;
  if (change) change(options);
  auto& tracker = trackers[node];
  tracker = std::make_unique<TaskTrackerServer>(host, *children, std::move(options));
  ASSERT_OK(wait(tracker->start()));
  wait(tracker->onRegistered());
}

void RuntimeTest::startAll(unsigned nodes, std::uint64_t chunkSize, bool oneMachine) {
  startFiles(nodes, chunkSize, oneMachine);
  startJobTracker();
  for (unsigned node = 1; node <= nodes; ++node) startTracker(node);
}

void RuntimeTest::put(const std::string& path, std::string_view contents) {
  auto writer = wait(files->create(path));
  ASSERT_OK(writer);
  ASSERT_OK(wait((*writer)->write(asBytes(contents))));
  ASSERT_OK(wait((*writer)->close()));
}

std::string RuntimeTest::read(const std::string& path) {
  std::string contents;
  auto reader = wait(files->open(path));
  EXPECT_OK(reader);
  while (reader.has_value()) {
    auto piece = wait((*reader)->next());
    EXPECT_OK(piece);
    if (!piece.has_value() || piece->bytes.empty()) break;
    contents += asText(piece->bytes);
  }
  return contents;
}

std::map<std::string, std::uint64_t> RuntimeTest::output(const std::string& directory) {
  std::map<std::string, std::uint64_t> all;
  std::vector<std::string> parts;
  for (const auto& [path, file] : namenode.files) {
    if (path.starts_with(directory + "/part-")) parts.push_back(path);
  }
  for (const auto& path : parts) {
    const auto text = read(path);
    for (std::size_t at = 0; at < text.size();) {
      const auto tab = text.find('\t', at);
      const auto end = text.find('\n', at);
      if (tab == std::string::npos || end == std::string::npos) {
        ADD_FAILURE() << path << " has a line without key and value";
        break;
      }
      const auto fresh =
          all.emplace(text.substr(at, tab - at), std::stoull(text.substr(tab + 1, end - tab - 1)));
      EXPECT_TRUE(fresh.second) << fresh.first->first << " appears twice";
      at = end + 1;
    }
  }
  return all;
}

JobSpec RuntimeTest::spec(const std::string& program, const std::string& input,
                          std::uint32_t reduces) {
  JobSpec spec;
  spec.name = program;
  spec.user = "tester";
  spec.inputs = {input};
  spec.output = "/out";
  spec.reduces = reduces;
  spec.program.args = {program};
  return spec;
}

std::string RuntimeTest::submit(JobSpec spec) {
  auto fresh = wait(jobs->newJob());
  EXPECT_OK(fresh);
  if (!fresh.has_value()) return {};
  EXPECT_OK(wait(jobs->submit(fresh->job, std::move(spec))));
  return fresh->job;
}

JobStatus RuntimeTest::wait(const std::string& job) {
  failures.clear();
  auto end = wait(jobs->wait(job, [this](const JobStatus& status) {
    failures.insert(failures.end(), status.failures.begin(), status.failures.end());
  }));
  EXPECT_OK(end);
  return end.has_value() ? *end : JobStatus();
}

bool RuntimeTest::until(std::function<bool()> done, std::uint32_t ms) {
  const auto end = clock_.monotonicMs() + ms;
  while (!done()) {
    if (clock_.monotonicMs() > end) return false;
    pause(5);
  }
  return true;
}

}  // namespace cairn::mr::fakes
