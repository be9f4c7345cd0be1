// Protects what a waiting person sees: Hadoop's lines in a pipe, one line on a terminal, each
// failed attempt with its last words, and never "100%" before the end.
#include "mapreduce/jobtracker/job_progress.h"

#include <gtest/gtest.h>

namespace cairn::mr {
namespace {

JobStatus running(float maps, float reduces) {
  JobStatus status;
  status.job = "job_1000_0001";
  status.mapProgress = maps;
  status.reduceProgress = reduces;
  status.maps = {.total = 4, .pending = 1, .running = 1, .done = 2};
  status.reduces = {.total = 2, .pending = 2, .running = 0, .done = 0};
  status.trackers = 3;
  status.counters.counter("org.apache.hadoop.mapreduce.JobCounter", "TOTAL_LAUNCHED_MAPS").add(3);
  status.counters.counter("org.apache.hadoop.mapreduce.JobCounter", "DATA_LOCAL_MAPS").add(2);
  return status;
}

TEST(JobProgressTest, LinesForAPipe) {
  JobProgress progress(false);
  EXPECT_EQ("Running job: job_1000_0001\n map 50% reduce 0%\n", progress.update(running(0.5F, 0)));
  EXPECT_EQ("", progress.update(running(0.504F, 0)));
  // Rounding never says that all is done.
  EXPECT_EQ(" map 99% reduce 0%\n", progress.update(running(0.9999F, 0)));
  auto end = running(1, 1);
  end.state = JobState::SUCCEEDED;
  end.maps = {.total = 4, .done = 4};
  end.reduces = {.total = 2, .done = 2};
  EXPECT_EQ(
      " map 100% reduce 100%\nJob job_1000_0001 completed successfully\ndata-local maps 2/3 "
      "(66%)\n",
      progress.update(end));
}

TEST(JobProgressTest, OneLineOnATerminal) {
  JobProgress progress(true);
  EXPECT_EQ(
      "Running job: job_1000_0001\n\r\x1b[K map 50% reduce 0%  maps 2/4  reduces 0/2  data-local "
      "maps 2/3 (66%)",
      progress.update(running(0.5F, 0)));
  auto failing = running(0.5F, 0);
  failing.trackers = 0;
  failing.failures.push_back({.attempt = "attempt_1000_0001_m_000000_0",
                              .tracker = "tracker1",
                              .message = "exited with code 1",
                              .stderrTail = "oh\n\x1b[2Jno"});
  EXPECT_EQ(
      "\nTask Id : attempt_1000_0001_m_000000_0, Status : FAILED on tracker1\nexited with code "
      "1\noh\n?[2Jno\n\r\x1b[K map 50% reduce 0%  maps 2/4  reduces 0/2  data-local maps 2/3 (66%) "
      " no "
      "task tracker is there",
      progress.update(failing));
}

TEST(JobProgressTest, AFailedJobSaysWhy) {
  JobProgress progress(false);
  auto end = running(0.5F, 0);
  end.state = JobState::FAILED;
  end.message = "Task failed task_1000_0001_m_000000";
  EXPECT_EQ(
      "Running job: job_1000_0001\n map 50% reduce 0%\nJob job_1000_0001 failed with state FAILED "
      "due to: Task failed task_1000_0001_m_000000\n",
      progress.update(end));
}

}  // namespace
}  // namespace cairn::mr
