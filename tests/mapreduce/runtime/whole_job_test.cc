// Protects the way of a job through the real job tracker, task trackers and task processes: the
// result is right, appears in one step, and survives every death on the way.
#include <algorithm>
#include <filesystem>

#include "tests/mapreduce/runtime/fixture.h"
#include "tests/testkit/results.h"
#include "tests/testkit/sample.h"

namespace cairn::mr::fakes {
namespace {

constexpr std::uint64_t CHUNK = 256 << 10;

using WholeJobTest = RuntimeTest;

// Four maps on two machines, two reduces that fetch over sockets and by descriptor: every word is
// counted once, the output appears with _SUCCESS and nothing else is left.
TEST_F(WholeJobTest, WordCountOverTwoMachines) {
  startAll(2, CHUNK);
  auto text = testkit::sampleText(4 * CHUNK);
  text.back() = '\n';
  put("/in", text);
  const auto status = run(spec("wordcount", "/in"));
  ASSERT_EQ(JobState::SUCCEEDED, status.state) << status.message;
  EXPECT_EQ(testkit::countWords(text), output("/out"));
  EXPECT_TRUE(namenode.files.contains("/out/_SUCCESS"));
  EXPECT_TRUE(namenode.files.contains("/out/part-r-00000"));
  EXPECT_TRUE(namenode.files.contains("/out/part-r-00001"));
  EXPECT_EQ(4u, status.maps.done);
  EXPECT_EQ(2u, status.reduces.done);
  EXPECT_EQ(1u, status.mapProgress);
  for (const auto& [path, file] : namenode.files) {
    EXPECT_EQ(std::string::npos, path.find("_temporary")) << path;
  }
  // The counters of all tasks, added up once.
  EXPECT_EQ(static_cast<std::int64_t>(std::ranges::count(text, '\n')),
            status.counters.value(TaskCounter::MAP_INPUT_RECORDS));
  EXPECT_EQ(static_cast<std::int64_t>(output("/out").size()),
            status.counters.value(TaskCounter::REDUCE_OUTPUT_RECORDS));
}

// All on one machine: segments go by descriptor, and the counts are the same.
TEST_F(WholeJobTest, WordCountOnOneMachine) {
  startAll(2, CHUNK, true);
  const auto text = testkit::sampleText(3 * CHUNK + 1);
  put("/in", text);
  const auto status = run(spec("wordcount", "/in", 3));
  ASSERT_EQ(JobState::SUCCEEDED, status.state) << status.message;
  EXPECT_EQ(testkit::countWords(text), output("/out"));
}

// The figure is 500 ms from submit to done; ten times that only fails when something waits
// for a timer on the way.
TEST_F(WholeJobTest, AnEmptyJobIsQuick) {
  startAll(1, CHUNK);
  put("/in", "a\n");
  ASSERT_EQ(JobState::SUCCEEDED, run(spec("wordcount", "/in", 1)).state);
  auto again = spec("wordcount", "/in", 1);
  again.output = "/out2";
  const auto begin = clock_.monotonicMs();
  ASSERT_EQ(JobState::SUCCEEDED, run(again).state);
  const auto took = clock_.monotonicMs() - begin;
  RecordProperty("millis", static_cast<int>(took));
  std::printf("[          ] one map, one reduce: %d ms\n", static_cast<int>(took));
  EXPECT_LT(took, 5000);
}

// An output directory that exists is refused at submit, and left as it is.
TEST_F(WholeJobTest, AnExistingOutputIsRefused) {
  startAll(1, CHUNK);
  put("/in", "a\n");
  namenode.directories.insert("/out");
  auto fresh = wait(jobs->newJob());
  ASSERT_OK(fresh);
  const auto submitted = wait(jobs->submit(fresh->job, spec("wordcount", "/in")));
  EXPECT_CODE(Code::ALREADY_EXISTS, submitted);
  EXPECT_MESSAGE("Output directory /out already exists", submitted);
}

// A mapper that always throws: tried four times, then the job fails with what the mapper said, and
// nothing appears under the output's name.
TEST_F(WholeJobTest, AThrowingMapperFailsTheJobWithItsMessage) {
  startAll(2, CHUNK);
  put("/in", "one\ntwo\n");
  const auto status = run(spec("throws", "/in"));
  ASSERT_EQ(JobState::FAILED, status.state);
  EXPECT_NE(std::string::npos, status.message.find("Task failed task_")) << status.message;
  ASSERT_EQ(4u, failures.size());
  EXPECT_NE(std::string::npos, failures[0].message.find("bad line")) << failures[0].message;
  // The second try went to the other tracker.
  EXPECT_NE(failures[0].tracker, failures[1].tracker);
  EXPECT_FALSE(namenode.directories.contains("/out"));
  EXPECT_TRUE(output("/out").empty());
}

// A task that dies by a signal: the client gets its last lines of stderr.
TEST_F(WholeJobTest, ACrashingMapperShowsItsLastWords) {
  startAll(1, CHUNK);
  put("/in", "one\n");
  const auto status = run(spec("aborts", "/in"));
  ASSERT_EQ(JobState::FAILED, status.state);
  ASSERT_FALSE(failures.empty());
  EXPECT_NE(std::string::npos, failures[0].message.find("signal 6")) << failures[0].message;
  EXPECT_NE(std::string::npos, failures[0].stderrTail.find("last words before the end"))
      << failures[0].stderrTail;
}

// A task without a sign of life is killed after the job's own time limit.
TEST_F(WholeJobTest, AHangingMapperIsKilled) {
  jobTrackerOptions.attemptsMax = 1;
  startAll(1, CHUNK);
  put("/in", "one\n");
  auto hanging = spec("hangs", "/in");
  hanging.conf.set("mapreduce.task.timeout", "300");
  const auto status = run(hanging);
  ASSERT_EQ(JobState::FAILED, status.state);
  ASSERT_EQ(1u, failures.size());
  EXPECT_NE(std::string::npos, failures[0].message.find("failed to report status"))
      << failures[0].message;
}

// A task gets the memory that the job asks for and no more: it fails, the tracker and others do
// not.
TEST_F(WholeJobTest, MemoryIsLimited) {
  if (ADDRESSES_UNLIMITED) GTEST_SKIP() << "not below a sanitizer";
  jobTrackerOptions.attemptsMax = 1;
  startAll(1, CHUNK);
  put("/in", "one\n");
  auto hungry = spec("hungry", "/in");
  hungry.conf.set("mapreduce.map.memory.mb", "400");
  const auto status = run(hungry);
  ASSERT_EQ(JobState::FAILED, status.state);
  ASSERT_EQ(1u, failures.size());
  EXPECT_NE(std::string::npos, failures[0].message.find("bad_alloc")) << failures[0].message;
}

// Logs are cut at their limit, and a task that writes more is not held up by it.
TEST_F(WholeJobTest, LogsAreCapped) {
  startFiles(1, CHUNK);
  startJobTracker();
  startTracker(1, [](TaskTrackerOptions& options) { options.logBytesMax = 10'000; });
  put("/in", "one\n");
  auto chatty = spec("slow", "/in", 1);
  chatty.conf.set("test.stderr.bytes", "3000000");
  ASSERT_EQ(JobState::SUCCEEDED, run(chatty).state);
  std::uintmax_t largest = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(scratch / "tracker1/logs")) {
    if (entry.is_regular_file()) largest = std::max(largest, entry.file_size());
  }
  EXPECT_GE(largest, 10'000u);
  EXPECT_LE(largest, 11'000u);
}

// What a task says is cut to what a message may carry, or refused with the reason: it must not
// break its tracker's connection to the job tracker again and again.
TEST_F(WholeJobTest, NoTaskSaysTooMuch) {
  jobTrackerOptions.attemptsMax = 1;
  startAll(1, CHUNK);
  put("/in", "one\n");
  ASSERT_EQ(JobState::FAILED, run(spec("boasts", "/in")).state);
  ASSERT_EQ(1u, failures.size());
  EXPECT_TRUE(failures[0].message.starts_with("!!!!")) << failures[0].message.substr(0, 100);
  EXPECT_LE(failures[0].message.size(), 4096u);
  auto counting = spec("counts", "/in");
  counting.output = "/out2";
  ASSERT_EQ(JobState::FAILED, run(counting).state);
  ASSERT_EQ(1u, failures.size());
  EXPECT_NE(std::string::npos, failures[0].message.find("counters")) << failures[0].message;
  auto modest = spec("wordcount", "/in");
  modest.output = "/out3";
  EXPECT_EQ(JobState::SUCCEEDED, run(modest).state);
}

// A killed job ends its attempts and leaves no output.
TEST_F(WholeJobTest, AKilledJobEndsItsTasks) {
  startAll(1, CHUNK);
  put("/in", "one\n");
  const auto job = submit(spec("hangs", "/in"));
  ASSERT_TRUE(until([&]() {
    auto status = wait(jobs->status(job));
    return status.has_value() && status->maps.running == 1;
  }));
  ASSERT_OK(wait(jobs->kill(job)));
  EXPECT_EQ(JobState::KILLED, wait(job).state);
  EXPECT_TRUE(until([&]() {
    auto status = wait(jobs->trackers());
    return status.has_value() && status->at(0).runningMaps == 0;
  }));
  EXPECT_FALSE(namenode.directories.contains("/out"));
}

// The job tracker dies while all maps run and comes back: they go on as the same attempts.
TEST_F(WholeJobTest, RunningAttemptsSurviveTheJobTracker) {
  startAll(2, CHUNK);
  const auto text = testkit::sampleText(4 * CHUNK);
  put("/in", text);
  auto slow = spec("slow", "/in");
  slow.conf.set("test.map.millis", "1500");
  const auto job = submit(slow);
  // Not only launched, but heard of: a launch that was never sent dies with the job tracker.
  ASSERT_TRUE(until([&]() {
    std::ptrdiff_t attempts = 0;
    for (const auto* tracker : {"tracker1/jobs/", "tracker2/jobs/"}) {
      std::error_code error;
      const std::filesystem::directory_iterator all(scratch / (tracker + job + "/attempts"), error);
      if (!error) attempts += std::distance(begin(all), end(all));
    }
    return attempts == 4;
  }));
  wait(jobTracker->stop());
  jobTracker = nullptr;
  pause(100);
  startJobTracker();
  const auto status = wait(job);
  ASSERT_EQ(JobState::SUCCEEDED, status.state) << status.message;
  EXPECT_EQ(testkit::countWords(text), output("/out"));
  EXPECT_TRUE(failures.empty()) << failures[0].attempt << " " << failures[0].message;
  EXPECT_EQ(4, status.counters.value(JOB_COUNTER_GROUP, "TOTAL_LAUNCHED_MAPS"));
}

// A tracker that is asked to stop does so, whatever its attempts wait for: a failure to be told to
// a job tracker that is away, a program from a file system that does not answer.
TEST_F(WholeJobTest, ATrackerStopsWhateverItsAttemptsWaitFor) {
  constexpr std::int64_t PROMPT_MS = 5000;  // far below any patience of the tracker's
  startAll(2, CHUNK);
  put("/in", "one\n");
  const auto timeToStop = [&](unsigned number) {
    const auto begin = clock_.monotonicMs();
    wait(trackers[number]->stop());
    trackers.erase(number);
    return clock_.monotonicMs() - begin;
  };
  const auto started = [&](const std::string& job) {
    unsigned where = 0;
    EXPECT_TRUE(until([&]() {
      for (const auto& [number, tracker] : trackers) {
        std::error_code error;
        const std::filesystem::directory_iterator all(
            scratch / ("tracker" + std::to_string(number) + "/jobs/" + job + "/attempts"), error);
        if (!error && begin(all) != end(all)) where = number;
      }
      return where != 0;
    }));
    return where;
  };
  auto hanging = spec("hangs", "/in");
  hanging.conf.set("mapreduce.task.timeout", "1000");
  const auto telling = started(submit(hanging));
  ASSERT_NE(0u, telling);
  wait(jobTracker->stop());
  jobTracker = nullptr;
  pause(1500);  // the attempt has failed meanwhile
  EXPECT_LT(timeToStop(telling), PROMPT_MS);

  startJobTracker();
  namenodeDoor = nullptr;
  auto staged = spec("wordcount", "/in");
  staged.output = "/out2";
  staged.program.stagedPath = "/program";
  const auto fetching = started(submit(staged));
  ASSERT_NE(0u, fetching);
  EXPECT_LT(timeToStop(fetching), PROMPT_MS);
}

// A tracker dies with finished map outputs and running attempts: the maps run again elsewhere, the
// result is the same.
TEST_F(WholeJobTest, ALostTrackersMapsRunAgain) {
  jobTrackerOptions.trackerExpiryMs = 500;
  startAll(2, CHUNK);
  const auto text = testkit::sampleText(6 * CHUNK);
  put("/in", text);
  auto slow = spec("slow", "/in");
  slow.conf.set("test.map.millis", "300");
  const auto job = submit(slow);
  ASSERT_TRUE(until([&]() {
    auto status = wait(jobs->status(job));
    return status.has_value() && status->maps.done >= 3;
  }));
  trackers.erase(1);  // without a word
  const auto status = wait(job);
  ASSERT_EQ(JobState::SUCCEEDED, status.state) << status.message;
  EXPECT_EQ(testkit::countWords(text), output("/out"));
  EXPECT_GT(status.counters.value("org.apache.hadoop.mapreduce.JobCounter", "TOTAL_LAUNCHED_MAPS"),
            6);
}

// A map output that is damaged on disk: the reduce's check finds it, the map runs again, the reduce
// does not fail.
TEST_F(WholeJobTest, ADamagedMapOutputIsMadeAgain) {
  startAll(1, CHUNK);
  const auto text = testkit::sampleText(3 * CHUNK);
  put("/in", text);
  auto slow = spec("slow", "/in", 1);
  slow.conf.set("test.map.millis", "400");
  const auto job = submit(slow);
  std::string damaged;
  ASSERT_TRUE(until([&]() {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(
             scratch / ("tracker1/jobs/" + job + "/outputs"), error)) {
      damaged = entry.path();
      return true;
    }
    return false;
  }));
  {
    auto bytes = testkit::readFile(damaged);
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    testkit::writeFile(damaged, bytes);
  }
  const auto status = wait(job);
  ASSERT_EQ(JobState::SUCCEEDED, status.state) << status.message;
  EXPECT_EQ(testkit::countWords(text), output("/out"));
  ASSERT_EQ(1u, failures.size());
  EXPECT_FALSE(failures[0].killed);  // it counts: a map whose outputs are always bad must end
  EXPECT_NE(std::string::npos, failures[0].message.find("checksum")) << failures[0].message;
}

}  // namespace
}  // namespace cairn::mr::fakes
