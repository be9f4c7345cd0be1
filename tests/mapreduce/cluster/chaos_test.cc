// Protects jobs on real processes against any run of deaths: job tracker, task trackers and
// namenode are killed with SIGKILL again and again while jobs run; every job ends well, every count
// is exact, and no task process or file of a job is left over.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <thread>

#include "common/io/random.h"
#include "tests/testkit/daemons.h"
#include "tests/testkit/sample.h"

namespace cairn::testkit {
namespace {

const int ROUNDS = std::getenv("CAIRN_TEST_FULL") != nullptr ? 40 : 4;
constexpr int JOBS_AT_ONCE = 2;
// Long enough that something happens between two deaths, short enough that several hit one job.
constexpr std::uint64_t PAUSE_MAX_MS = 700;

std::map<std::string, std::uint64_t> parse(const std::string& text) {
  std::map<std::string, std::uint64_t> counts;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto tab = line.find('\t');
    if (tab == std::string::npos) return {};
    EXPECT_TRUE(counts.emplace(line.substr(0, tab), std::stoull(line.substr(tab + 1))).second);
  }
  return counts;
}

TEST(ChaosTest, JobsSurviveAnyDeathsOfTheirTrackers) {
  Daemons daemons({.datanodes = 3, .settings = "[fs]\nchunk_size = \"1MiB\"\n"});
  const auto text = sampleText(8 << 20);
  writeFile(daemons.scratch() / "text", text);
  const auto put = daemons.cairn({"put", daemons.scratch() / "text", "/text"});
  ASSERT_EQ(0, put.code) << put.err;
  const auto wanted = countWords(text);

  const std::vector<std::string> victims{"jobtracker", "tasktracker1", "tasktracker2",
                                         "tasktracker3", "namenode"};
  // Processes do not repeat a run, but another seed is another run.
  const char* const seed = std::getenv("CAIRN_SEED");
  io::Random random(seed != nullptr ? std::stoull(seed) : 1);
  int deaths = 0;
  int number = 0;
  for (int round = 0; round < ROUNDS; ++round) {
    std::map<std::string, std::unique_ptr<Process>> jobs;
    for (int i = 0; i < JOBS_AT_ONCE; ++i) {
      const auto output = "/out" + std::to_string(number++);
      jobs[output] = daemons.begin({"mr", "wordcount", "/text", output, "--reduces", "3"},
                                   "job" + std::to_string(number));
    }
    const auto running = [&]() {
      return std::any_of(jobs.begin(), jobs.end(),
                         [](const auto& job) { return job.second->running(); });
    };
    const auto end = std::chrono::steady_clock::now() + PATIENCE;
    while (running() && std::chrono::steady_clock::now() < end) {
      std::this_thread::sleep_for(std::chrono::milliseconds(random.below(PAUSE_MAX_MS)));
      const auto& victim = victims[random.below(victims.size())];
      daemons.kill(victim);
      daemons.start(victim, false);
      ++deaths;
    }
    for (const auto& [output, job] : jobs) {
      EXPECT_EQ(0, job->wait()) << job->errors() << daemons.lastWords();
      const auto result = daemons.cairn({"cat", output + "/part-r-*"});
      ASSERT_EQ(0, result.code) << result.err;
      EXPECT_TRUE(parse(result.out) == wanted) << output << " differs";
      EXPECT_EQ(0, daemons.cairn({"stat", output + "/_SUCCESS"}).code);
    }
  }
  RecordProperty("deaths", deaths);
  // Nothing is left beside the outputs and the input.
  const auto listed = daemons.cairn({"ls", "/"});
  EXPECT_EQ(std::string::npos, listed.out.find("_temporary")) << listed.out;
  // Nor is a task, nor what is a job's in its trackers' directories.
  for (int i = 1; i <= 3; ++i) {
    const auto tracker = "tasktracker" + std::to_string(i);
    const auto jobsLeft = daemons.directoryOf(tracker) + "/jobs";
    EXPECT_TRUE(eventually([&]() { return std::filesystem::is_empty(jobsLeft); })) << jobsLeft;
    EXPECT_EQ(0, daemons.stop(tracker)) << daemons.lastWords();
    EXPECT_TRUE(eventually([&]() { return processesBelow(daemons.directoryOf(tracker)).empty(); }));
  }
}

}  // namespace
}  // namespace cairn::testkit
