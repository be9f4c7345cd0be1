// Jobs on a real cluster: the right counts, next to the data, whatever process dies.
#include <gtest/gtest.h>

#include <sstream>

#include "tests/testkit/daemons.h"
#include "tests/testkit/mini.h"
#include "tests/testkit/sample.h"

namespace cairn::testkit {
namespace {

using Counts = std::map<std::string, std::uint64_t>;

Counts parseCounts(const std::string& text) {
  Counts counts;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto tab = line.find('\t');
    EXPECT_NE(tab, std::string::npos) << line;
    if (tab == std::string::npos) return counts;
    EXPECT_TRUE(counts.emplace(line.substr(0, tab), std::stoull(line.substr(tab + 1))).second)
        << "twice: " << line;
  }
  return counts;
}

template <typename Cluster>
void putText(Cluster& cluster, const std::string& text, const std::string& path) {
  writeFile(cluster.scratch() / "text", text);
  const auto put = cluster.cairn({"put", cluster.scratch() / "text", path});
  ASSERT_EQ(put.code, 0) << put.err;
}

template <typename Cluster>
void expectCounts(Cluster& cluster, const std::string& output, const std::string& text) {
  const auto result = cluster.cairn({"cat", output + "/part-r-*"});
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_TRUE(parseCounts(result.out) == countWords(text)) << "the counts differ";
  EXPECT_EQ(cluster.cairn({"stat", output + "/_SUCCESS"}).code, 0);
}

// Protects: word count over several chunks is exact: no line lost or doubled at a split's border.
TEST(JobTest, WordCountIsExact) {
  Mini mini({"--fs.chunk_size", "1MiB"});
  ASSERT_TRUE(mini.serving());
  const auto text = sampleText((5 << 20) + 321);
  putText(mini, text, "/text");
  const auto job = mini.cairn({"mr", "wordcount", "/text", "/counts", "--reduces", "2"});
  ASSERT_EQ(job.code, 0) << job.err;
  expectCounts(mini, "/counts", text);
  const auto listed = mini.cairn({"job", "list"});
  EXPECT_NE(listed.out.find("SUCCEEDED"), std::string::npos) << listed.out;
  const auto name =
      listed.out.substr(listed.out.find("job_"), std::string("job_1700000000000_0001").size());
  const auto status = mini.cairn({"job", "status", name});
  EXPECT_EQ(status.code, 0) << status.err;
  EXPECT_NE(status.out.find("Map input records="), std::string::npos) << status.out;
  EXPECT_EQ(mini.stop(), 0);
}

// Protects: an output directory that exists is refused before anything runs, and stays as it is.
TEST(JobTest, AnExistingOutputIsRefused) {
  Mini mini;
  ASSERT_TRUE(mini.serving());
  putText(mini, "a b a\n", "/text");
  ASSERT_EQ(mini.cairn({"mkdir", "/counts"}).code, 0);
  const auto job = mini.cairn({"mr", "wordcount", "/text", "/counts"});
  EXPECT_EQ(job.code, 1);
  EXPECT_NE(job.err.find("/counts"), std::string::npos) << job.err;
  const auto missing = mini.cairn({"mr", "wordcount", "/none", "/out"});
  EXPECT_EQ(missing.code, 1);
  EXPECT_NE(missing.err.find("/none"), std::string::npos) << missing.err;
  EXPECT_EQ(mini.cairn({"ls", "/out"}).code, 1);
}

// Protects: an empty input is a job, too.
TEST(JobTest, AnEmptyInputGivesEmptyParts) {
  Mini mini;
  ASSERT_TRUE(mini.serving());
  putText(mini, "", "/empty");
  const auto job = mini.cairn({"mr", "wordcount", "/empty", "/out", "--reduces", "2"});
  ASSERT_EQ(job.code, 0) << job.err;
  EXPECT_EQ(mini.cairn({"cat", "/out/part-r-*"}).out, "");
  EXPECT_EQ(mini.cairn({"stat", "/out/_SUCCESS"}).code, 0);
}

// Protects: a program of one's own is its tasks, and what it says when it fails reaches the user:
// the reason, and the last lines that the task wrote to stderr.
TEST(JobTest, AFailingMapperShowsItsLastWords) {
  Mini mini;
  ASSERT_TRUE(mini.serving());
  putText(mini, "one line\n", "/text");
  const std::map<std::string, std::string> reasons{{"throw", "this record is not what I expected"},
                                                   {"exit", "exited with code 3"},
                                                   {"crash", "signal 11"}};
  for (const auto& [how, reason] : reasons) {
    SCOPED_TRACE(how);
    const auto output = "/out-" + how;
    const auto job = mini.program({BROKEN_JOB, "-D", "broken.how=" + how, "/text", output});
    EXPECT_EQ(job.code, 1);
    EXPECT_NE(job.err.find(reason), std::string::npos) << job.err;
    EXPECT_NE(job.err.find("the last words before it happens: " + how), std::string::npos)
        << job.err;
    EXPECT_EQ(mini.cairn({"ls", output}).code, 1) << "a failed job left its output";
  }
  const auto fine = mini.program({BROKEN_JOB, "-D", "broken.how=not", "/text", "/out"});
  EXPECT_EQ(fine.code, 0) << fine.err;
  EXPECT_EQ(mini.cairn({"cat", "/out/part-r-*"}).out, "one line\t1\n");
}

// Protects: a job that hangs can be ended, by its name or with its cluster, and no process of its
// tasks is left either way.
TEST(JobTest, AHangingJobCanBeEnded) {
  Mini mini;
  ASSERT_TRUE(mini.serving());
  putText(mini, "one line\n", "/text");
  const auto taskRuns = [&]() {
    for (int number = 1; number <= 3; ++number) {
      const auto jobs = mini.directory() + "/tasktracker" + std::to_string(number) + "/jobs";
      if (!processesBelow(jobs).empty()) return true;
    }
    return false;
  };
  const auto begin = [&](const std::string& output) {
    return mini.beginProgram({BROKEN_JOB, "-D", "broken.how=hang", "/text", output}, "job");
  };
  auto job = begin("/killed");
  ASSERT_TRUE(eventually(taskRuns)) << job->errors();
  const auto listed = mini.cairn({"job", "list", "--running"}).out;
  const auto at = listed.find("job_");
  ASSERT_NE(at, std::string::npos) << listed;
  const auto killed = mini.cairn({"job", "kill", listed.substr(at, listed.find(' ', at) - at)});
  EXPECT_EQ(killed.code, 0) << killed.err;
  EXPECT_EQ(job->wait(), 1);
  EXPECT_NE(job->errors().find("KILLED"), std::string::npos) << job->errors();
  EXPECT_TRUE(eventually([&]() { return !taskRuns(); }));
  EXPECT_EQ(mini.cairn({"ls", "/killed"}).code, 1);

  job = begin("/cut-off");
  ASSERT_TRUE(eventually(taskRuns)) << job->errors();
  EXPECT_EQ(mini.stop(), 0) << mini.process().errors();
  EXPECT_FALSE(taskRuns());
}

// Protects: a job tracker never works with another cluster's journal: its jobs would be carried on
// with files that are not theirs.
TEST(JobTest, AJournalOfAnotherClusterIsRefused) {
  Daemons cluster;
  Daemons other({.jobs = false});
  putText(cluster, "a b a\n", "/text");
  const auto job = cluster.cairn({"mr", "wordcount", "/text", "/counts"});
  ASSERT_EQ(job.code, 0) << job.err;
  ASSERT_EQ(cluster.stop("jobtracker"), 0);
  auto stray = cluster.begin({"jobtracker", "--config", cluster.scratch() / "jobtracker.toml",
                              "--client.namenode", other.addressOf("namenode")},
                             "stray");
  EXPECT_EQ(stray->wait(), 1) << stray->errors();
  EXPECT_NE(stray->errors().find("of another cluster"), std::string::npos) << stray->errors();
  cluster.start("jobtracker");
  const auto again = cluster.cairn({"mr", "wordcount", "/text", "/more"});
  EXPECT_EQ(again.code, 0) << again.err;
}

// Protects: a job outlives its task tracker, datanode and job tracker, one after the other, and its
// result is the same.
TEST(JobTest, SurvivesKillMinusNineOfEachDaemon) {
  Daemons cluster({.settings = "[fs]\nchunk_size = \"1MiB\"\n"});
  const auto text = sampleText(12 << 20);
  putText(cluster, text, "/text");
  for (const std::string victim : {"tasktracker1", "jobtracker", "datanode1", "namenode"}) {
    SCOPED_TRACE(victim);
    const auto output = "/counts-" + victim;
    auto job = cluster.begin({"mr", "wordcount", "/text", output, "--reduces", "2"}, "job");
    // Under way: the job tracker knows it.
    EXPECT_TRUE(eventually([&]() {
      return cluster.cairn({"job", "list", "--running"}).out.find("job_") != std::string::npos ||
             !job->running();
    }));
    cluster.kill(victim);
    cluster.start(victim);
    EXPECT_EQ(job->wait(), 0) << job->errors();
    expectCounts(cluster, output, text);
  }
}

}  // namespace
}  // namespace cairn::testkit
