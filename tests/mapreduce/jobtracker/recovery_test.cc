// Protects the job tracker against its own death: killed after any event, it finds the state that
// it had, goes on, and whatever the order of events the job's output is each task's exactly once.
#include <capnp/message.h>

#include <algorithm>

#include "tests/mapreduce/jobtracker/fixture.h"
#include "tests/testkit/results.h"

namespace cairn::mr::fakes {
namespace {

constexpr std::uint32_t MAPS = 4;
constexpr std::uint32_t REDUCES = 3;
constexpr std::uint64_t TRACKERS = 3;
constexpr int SEEDS = 150;
constexpr int STEPS_MAX = 2000;

// One run of a job in which trackers, attempts and the job tracker die at random.
class RecoveryTest : public CoreTest {
protected:
  struct Running {
    AttemptId id;
    bool granted = false;
  };
  struct TrackerModel {
    std::size_t seen = 0;  // of what was launched
    std::vector<Running> running;
    std::set<AttemptId> held;
    std::vector<AttemptId> zombies;  // given up by the job tracker, or dead to it, and still there
  };

  void takeLaunches(std::uint64_t number) {
    auto& model = models[number];
    const auto& launched = trackers[number].launched;
    for (; model.seen < launched.size(); ++model.seen)
      model.running.push_back({launched[model.seen]});
  }

  void registerAgain(std::uint64_t number) {
    auto& model = models[number];
    std::vector<AttemptId> running;
    for (const auto& attempt : model.running) running.push_back(attempt.id);
    registerTracker(number, running, {model.held.begin(), model.held.end()});
    takeLaunches(number);
  }

  void crashAndRestart() {
    const auto* before = core->findJob(id);
    const auto state = before != nullptr ? before->fingerprint() : "";
    crash();
    start();
    const auto* after = core->findJob(id);
    if (before != nullptr && after != nullptr && after->phase() == JobPhase::RUNNING) {
      EXPECT_EQ(state, after->fingerprint());
    }
    for (std::uint64_t number = 1; number <= TRACKERS; ++number) {
      if (!over()) registerAgain(number);
    }
  }

  bool over() {
    const auto* found = core->findJob(id);
    return found == nullptr || found->phase() == JobPhase::ENDED;
  }

  // The tracker's machine dies: attempts and outputs are gone, and a new life registers.
  void rebootTracker(std::uint64_t number) {
    auto& model = models[number];
    for (const auto& attempt : model.running) model.zombies.push_back(attempt.id);
    model.running.clear();
    if (random.chance(0.5)) model.held.clear();
    registerAgain(number);
  }

  void act(std::uint64_t number) {
    auto& model = models[number];
    takeLaunches(number);
    // What was given up may still want to be the one.
    if (!model.zombies.empty() && random.chance(0.3)) {
      const auto zombie = model.zombies.back();
      if (zombie.task.kind == TaskKind::REDUCE) {
        const auto* state = job(id).tasks(TaskKind::REDUCE)[zombie.task.index].running();
        const bool current =
            state == &job(id).tasks(TaskKind::REDUCE)[zombie.task.index].attempts[zombie.number];
        if (!current) {
          writePart(zombie);
          auto granted = commit(number, zombie);
          EXPECT_TRUE(!granted.has_value() || !*granted || winners[zombie.task] == zombie)
              << zombie.toString();
        }
      }
      return;
    }
    if (model.running.empty()) return;
    const auto at = static_cast<std::size_t>(random.below(model.running.size()));
    auto& attempt = model.running[at];
    const auto attemptId = attempt.id;
    const auto drop = [&]() {
      model.running.erase(model.running.begin() + static_cast<std::ptrdiff_t>(at));
    };
    if (trackers[number].killed.contains(attemptId)) {
      model.zombies.push_back(attemptId);
      drop();
      return;
    }
    if (random.chance(0.05) && failures < 3) {
      // Few enough that no task can fail four times.
      ++failures;
      ASSERT_OK(failed(number, attemptId, "bad luck"));
      drop();
    } else if (random.chance(0.05)) {
      ASSERT_OK(failed(number, attemptId, "killed", true));
      drop();
    } else if (attemptId.task.kind == TaskKind::MAP) {
      model.held.insert(attemptId);
      ASSERT_OK(mapDone(number, attemptId));
      drop();
    } else if (!attempt.granted) {
      if (job(id).done(TaskKind::MAP) < MAPS) return;  // it waits for outputs
      writePart(attemptId);
      auto granted = commit(number, attemptId);
      ASSERT_OK(granted);
      if (*granted) {
        const auto [winner, first] = winners.emplace(attemptId.task, attemptId);
        EXPECT_TRUE(first || winner->second == attemptId) << attemptId.toString();
        attempt.granted = true;
      } else {
        model.zombies.push_back(attemptId);
        drop();
      }
    } else {
      ASSERT_OK(committed(number, attemptId));
      drop();
    }
  }

  void loseAnOutput() {
    const auto map = static_cast<std::uint32_t>(random.below(MAPS));
    const auto& task = job(id).tasks(TaskKind::MAP)[map];
    if (!task.done) return;
    const AttemptId lost{{id, TaskKind::MAP, map}, *task.winner};
    for (auto& [number, model] : models) model.held.erase(lost);
    ASSERT_OK(wait(core->mapOutputLost(lost, "reduce", Status(Code::CORRUPT, "checksum"))));
    settle();
  }

  void runOnce(std::uint64_t seed) {
    random = io::Random(seed);
    // Damaged outputs count, and chance may hit one map often.
    options.attemptsMax = STEPS_MAX;
    start();
    addInput("/in", MAPS);
    for (std::uint64_t number = 1; number <= TRACKERS; ++number) registerTracker(number);
    id = submit(spec(REDUCES));
    int steps = 0;
    while (!over() && !HasFatalFailure()) {
      ASSERT_LT(++steps, STEPS_MAX) << job(id).fingerprint();
      const auto number = 1 + random.below(TRACKERS);
      const auto dice = random.below(100);
      if (dice < 8) {
        crashAndRestart();
      } else if (dice < 11) {
        rebootTracker(number);
      } else if (dice < 14) {
        loseAnOutput();
      } else {
        act(number);
      }
    }
    settle();
    ASSERT_TRUE(namenode.files.contains("/out/_SUCCESS"));
    EXPECT_EQ(1u, files->published);
    for (std::uint32_t reduce = 0; reduce < REDUCES; ++reduce) {
      const auto part = namenode.files.find("/out/" + partName(TaskKind::REDUCE, reduce));
      ASSERT_NE(namenode.files.end(), part);
      // The very attempt that was told it had won.
      const auto winner = winners.find(TaskId{id, TaskKind::REDUCE, reduce});
      if (winner != winners.end()) EXPECT_EQ(winner->second.number, part->second.id);
    }
    EXPECT_EQ(REDUCES + 1, std::ranges::count_if(namenode.files, [](const auto& entry) {
                return entry.first.starts_with("/out/");
              }));
  }

  io::Random random{0};
  JobId id;
  int failures = 0;
  std::map<std::uint64_t, TrackerModel> models;
  std::map<TaskId, AttemptId> winners;  // as trackers were told
};

class RecoverySeedTest : public RecoveryTest, public ::testing::WithParamInterface<int> {};

TEST_P(RecoverySeedTest, AnyOrderOfDeathsGivesTheSameOutput) {
  runOnce(static_cast<std::uint64_t>(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Seeds, RecoverySeedTest, ::testing::Range(0, SEEDS));

// Killed between the grant and the promotion, and between the promotion and its record: the attempt
// that was granted is promoted after the restart, once, and may finish.
TEST_F(RecoveryTest, AGrantSurvivesTheJobTracker) {
  for (const bool moved : {false, true}) {
    SCOPED_TRACE(moved ? "moved" : "not moved");
    namenode.files.clear();
    namenode.directories = {"/"};
    crash();
    env.reset(rocksdb::NewMemEnv(rocksdb::Env::Default()));
    start();
    addInput("/in", 1);
    registerTracker(1);
    id = submit(spec(0));
    const AttemptId attempt{{id, TaskKind::MAP, 0}, 0};
    writePart(attempt);
    (moved ? files->stallAfterPromote : files->stallBeforePromote) = true;
    auto answer = core->commit(trackerId(1), attempt, {"part-m-00000"});
    EXPECT_FALSE(answer.poll(loop.waitScope));
    answer = nullptr;
    crash();
    files->stallAfterPromote = files->stallBeforePromote = false;
    start();
    registerTracker(1, {attempt});
    ASSERT_VALUE(const bool granted, commit(1, attempt));
    EXPECT_TRUE(granted);
    ASSERT_OK(committed(1, attempt));
    EXPECT_TRUE(ended(id));
    EXPECT_TRUE(namenode.files.contains("/out/part-m-00000"));
  }
}

// Killed after the output appeared and before that was written down: the restarted job tracker
// knows its own output again and reports success.
TEST_F(RecoveryTest, APublishedOutputIsRecognised) {
  start();
  addInput("/in", 1);
  registerTracker(1);
  id = submit(spec(0));
  const AttemptId attempt{{id, TaskKind::MAP, 0}, 0};
  writePart(attempt);
  ASSERT_VALUE(const bool granted, commit(1, attempt));
  ASSERT_TRUE(granted);
  files->stallAfterPublish = true;
  ASSERT_OK(committed(1, attempt));
  ASSERT_EQ(1u, files->published);
  EXPECT_EQ(JobPhase::COMMITTING, job(id).phase());
  crash();
  start();
  settle();
  EXPECT_TRUE(ended(id));
  EXPECT_EQ(1u, files->published);
  capnp::MallocMessageBuilder message;
  auto status = message.initRoot<wire::JobStatus>();
  core->fillStatus(id, {}, status);
  EXPECT_EQ(wire::JobState::SUCCEEDED, status.getState());
}

// A tracker that never comes back after the job tracker's restart is lost after the expiry, and its
// work is done elsewhere.
TEST_F(RecoveryTest, TrackersThatStayAwayAreLost) {
  options.trackerExpiryMs = 1000;
  start();
  addInput("/in", 2);
  registerTracker(1);
  id = submit(spec(1));
  ASSERT_OK(mapDone(1, AttemptId{{id, TaskKind::MAP, 0}, 0}));
  crash();
  start();
  registerTracker(2);
  EXPECT_TRUE(trackers[2].launched.empty());
  advanceMs(600);
  heartbeat(2);
  advanceMs(600);
  EXPECT_EQ(2u, trackers[2].launched.size());
  EXPECT_EQ(0u, job(id).done(TaskKind::MAP));
}

}  // namespace
}  // namespace cairn::mr::fakes
