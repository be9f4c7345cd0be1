#include "mapreduce/task/kernel.h"

#include <gtest/gtest.h>

#include <cstring>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>

#include "cairn/mapreduce.h"
#include "mapreduce/shuffle/local_file.h"
#include "tests/testkit/results.h"
#include "tests/testkit/scratch.h"

namespace cairn::mr {
namespace {

struct Words : Mapper<std::string_view, std::uint64_t> {
  void map(std::uint64_t, std::string_view line, auto& out) {
    forEachWord(line, [&](std::string_view word) { out(word, 1); });
  }
};

std::unique_ptr<const Program> wordCount() {
  return Job("w")
      .map<Words>()
      .combine<Sum>()
      .reduce<SumReducer<std::string_view, std::uint64_t>>()
      .program();
}

// A world in memory that misbehaves when told to.
class FakeRuntime final : public TaskRuntime {
public:
  FakeRuntime(TaskKind kind, std::uint32_t reduces) {
    spec_.attempt = {{{1, 1}, kind, 0}, 0};
    spec_.maps = 1;
    spec_.reduces = reduces;
    std::filesystem::create_directory(scratch_ / "task");
    spec_.scratchDir = scratch_ / "task";
  }

  const TaskSpec& spec() const override { return spec_; }
  Result<std::unique_ptr<InputStream>> openInput(const InputSplit&) override {
    class Stream final : public InputStream {
    public:
      explicit Stream(FakeRuntime& owner) : owner_(owner) {}
      Result<std::size_t> readAt(std::uint64_t offset, MutableBytes to) override {
        if (owner_.readsFail) return fail(Code::UNAVAILABLE, "no replica answers");
        if (offset >= owner_.input.size()) return 0;
        const auto n = std::min<std::size_t>(to.size(), owner_.input.size() - offset);
        std::memcpy(to.data(), owner_.input.data() + offset, n);
        return n;
      }

    private:
      FakeRuntime& owner_;
    };
    return std::make_unique<Stream>(*this);
  }
  Result<std::optional<FetchedSegment>> nextSegment() override {
    if (segments.empty()) return std::nullopt;
    auto segment = std::move(segments.front());
    segments.pop_front();
    return segment;
  }
  Result<void> rejectSegment(std::uint32_t map, std::uint32_t attempt, const Status& why) override {
    EXPECT_EQ(Code::CORRUPT, why.code());
    rejected.emplace_back(map, attempt);
    if (onReject) onReject();
    return {};
  }
  Result<std::unique_ptr<OutputSink>> createOutput(std::string_view name) override {
    class Sink final : public OutputSink {
    public:
      Sink(FakeRuntime& owner, std::string name) : owner_(owner), name_(std::move(name)) {}
      Result<void> write(ByteView bytes) override {
        if (owner_.writesFail) return fail(Code::DISK_FULL, "no space left");
        text_.append(asText(bytes));
        return {};
      }
      Result<void> close() override {
        owner_.outputs[name_] = text_;
        return {};
      }

    private:
      FakeRuntime& owner_;
      std::string name_;
      std::string text_;
    };
    return std::make_unique<Sink>(*this, std::string(name));
  }
  Result<void> report(const TaskReport& report) override {
    EXPECT_GE(report.progress, lastProgress);
    EXPECT_LE(report.progress, 1.0F);
    EXPECT_NE(nullptr, report.counters);
    lastProgress = report.progress;
    if (++reports > cancelAfter) return fail(Code::CANCELLED, "the job was killed");
    return {};
  }
  Result<void> awaitCommit() override {
    ++commits;
    if (loses) return fail(Code::CANCELLED, "another attempt of the task has won");
    return {};
  }
  Result<void> finished(const Result<TaskOutcome>& outcome) override {
    EXPECT_FALSE(ended);
    ended = outcome;
    return {};
  }

  std::string input;
  std::deque<FetchedSegment> segments;
  std::function<void()> onReject;
  bool readsFail = false;
  bool writesFail = false;
  bool loses = false;
  int cancelAfter = 1 << 30;

  std::map<std::string, std::string> outputs;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> rejected;
  int reports = 0;
  int commits = 0;
  float lastProgress = 0;
  std::optional<Result<TaskOutcome>> ended;

private:
  testkit::ScratchDir scratch_;
  TaskSpec spec_;

public:
  TaskSpec& editSpec() { return spec_; }
};

FakeRuntime& withInput(FakeRuntime& runtime, std::string text) {
  runtime.editSpec().split = {
      .path = "/in", .offset = 0, .length = text.size(), .chunkBytes = 0, .nodes = {}};
  runtime.input = std::move(text);
  return runtime;
}

FetchedSegment segmentOf(const TaskOutcome& map, std::uint32_t partition) {
  FetchedSegment segment;
  segment.place = map.mapOutput.partitions.at(partition);
  auto fd = openLocalFile(map.mapOutputPath);
  EXPECT_OK(fd);
  segment.body = FetchedSegment::InFile{std::move(*fd)};
  return segment;
}

// A map's outcome is its file and index; it never asks to commit (its output counts when reported).
TEST(KernelTest, AMapLeavesItsOutput) {
  FakeRuntime map(TaskKind::MAP, 2);
  withInput(map, "a b a\n");
  ASSERT_OK(runTask(*wordCount(), map));
  ASSERT_TRUE(map.ended && map.ended->has_value());
  const auto& outcome = **map.ended;
  EXPECT_TRUE(outcome.mapOutputPath.starts_with(map.spec().scratchDir + "/"));
  ASSERT_EQ(2u, outcome.mapOutput.partitions.size());
  EXPECT_EQ(2u, outcome.mapOutput.partitions[0].records + outcome.mapOutput.partitions[1].records);
  EXPECT_EQ(0, map.commits);
  EXPECT_TRUE(map.outputs.empty());
  EXPECT_EQ(3, outcome.counters.value(TaskCounter::MAP_OUTPUT_RECORDS));
  EXPECT_EQ(6, outcome.counters.value(TaskCounter::BYTES_READ));
}

// A reduce that gets a damaged segment says so, takes the replacement, and its result is whole.
TEST(KernelTest, AReduceRejectsDamageAndGoesOn) {
  FakeRuntime map(TaskKind::MAP, 1);
  withInput(map, "x y x\n");
  ASSERT_OK(runTask(*wordCount(), map));
  FakeRuntime reduce(TaskKind::REDUCE, 1);
  auto damaged = segmentOf(**map.ended, 0);
  damaged.mapAttempt = 7;
  damaged.place.crc32c ^= 0x100;
  reduce.segments.push_back(std::move(damaged));
  reduce.onReject = [&] { reduce.segments.push_back(segmentOf(**map.ended, 0)); };
  ASSERT_OK(runTask(*wordCount(), reduce));
  EXPECT_EQ((std::vector<std::pair<std::uint32_t, std::uint32_t>>{{0, 7}}), reduce.rejected);
  EXPECT_EQ("x\t2\ny\t1\n", reduce.outputs["part-r-00000"]);
  EXPECT_EQ(1, reduce.commits);
  const auto& outcome = **reduce.ended;
  EXPECT_EQ(1, outcome.counters.value(TaskCounter::FAILED_SHUFFLE));
  ASSERT_EQ(1u, outcome.outputFiles.size());
  EXPECT_EQ("part-r-00000", outcome.outputFiles[0].name);
  EXPECT_EQ(8u, outcome.outputFiles[0].lengthBytes);
  EXPECT_EQ(2u, outcome.outputFiles[0].records);
}

// The attempt that loses the race must end as cancelled, not as done.
TEST(KernelTest, ALoserIsCancelled) {
  FakeRuntime reduce(TaskKind::REDUCE, 1);
  reduce.loses = true;
  EXPECT_CODE(Code::CANCELLED, runTask(*wordCount(), reduce));
  ASSERT_TRUE(reduce.ended);
  EXPECT_CODE(Code::CANCELLED, *reduce.ended);
}

// A kill reaches a running map between two blocks, not at its end.
TEST(KernelTest, CancellationStopsAMap) {
  FakeRuntime map(TaskKind::MAP, 1);
  std::string text;
  while (text.size() < 4 << 20) text += "some words that repeat\n";
  withInput(map, std::move(text));
  map.cancelAfter = 3;
  EXPECT_CODE(Code::CANCELLED, runTask(*wordCount(), map));
  EXPECT_LE(map.reports, 5);
}

// Failures of the world keep their kind, so that the tracker can tell a full disk from a bad
// mapper.
TEST(KernelTest, FailuresOfTheWorldKeepTheirCode) {
  FakeRuntime unreadable(TaskKind::MAP, 1);
  withInput(unreadable, "a\n");
  unreadable.readsFail = true;
  EXPECT_CODE(Code::UNAVAILABLE, runTask(*wordCount(), unreadable));
  FakeRuntime mapOnly(TaskKind::MAP, 0);
  withInput(mapOnly, "a\n");
  mapOnly.writesFail = true;
  EXPECT_CODE(Code::DISK_FULL, runTask(*wordCount(), mapOnly));
  EXPECT_EQ(0, mapOnly.commits);
  FakeRuntime noScratch(TaskKind::MAP, 1);
  withInput(noScratch, "a\n");
  noScratch.editSpec().scratchDir = "/nonexistent";
  EXPECT_CODE(Code::NOT_FOUND, runTask(*wordCount(), noScratch));
  FakeRuntime misconfigured(TaskKind::MAP, 1);
  withInput(misconfigured, "a\n").editSpec().conf.set("mapreduce.task.io.sort.mb", "lots");
  EXPECT_CODE(Code::INVALID_ARGUMENT, runTask(*wordCount(), misconfigured));
  ASSERT_TRUE(misconfigured.ended);
}

}  // namespace
}  // namespace cairn::mr
