#include "mapreduce/task/local_job.h"

#include <stdlib.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "mapreduce/api/engine_conf.h"
#include "mapreduce/plan/splits.h"
#include "mapreduce/shuffle/local_file.h"
#include "mapreduce/task/kernel.h"
#include "mapreduce/task/kernel_common.h"
#include "mapreduce/task/local_files.h"

namespace cairn::mr {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t TASKS_AT_ONCE_MAX = 256;

// What a map left: a reduce's segments come from here.
struct FinishedMap {
  std::string path;
  MapOutputIndex index;
};

class LocalRuntime final : public TaskRuntime {
public:
  LocalRuntime(TaskSpec spec, LocalFiles& files, std::string outputDir,
               const std::vector<FinishedMap>& maps)
      : spec_(std::move(spec)), files_(files), outputDir_(std::move(outputDir)), maps_(maps) {}

  const TaskSpec& spec() const override { return spec_; }
  Result<std::unique_ptr<InputStream>> openInput(const InputSplit& split) override {
    return files_.open(split.path);
  }
  Result<std::optional<FetchedSegment>> nextSegment() override {
    if (nextMap_ == maps_.size()) return std::nullopt;
    const auto index = nextMap_++;
    FetchedSegment segment;
    segment.mapIndex = static_cast<std::uint32_t>(index);
    segment.place = maps_[index].index.partitions.at(spec_.attempt.task.index);
    if (segment.place.lengthBytes > 0) {
      ASSIGN(auto fd, openLocalFile(maps_[index].path));
      segment.body = FetchedSegment::InFile{std::move(fd)};
    }
    return segment;
  }
  Result<void> rejectSegment(std::uint32_t mapIndex, std::uint32_t, const Status& why) override {
    // Nobody could run the map again.
    return fail(why.withContext("map " + std::to_string(mapIndex)));
  }
  Result<std::unique_ptr<OutputSink>> createOutput(std::string_view name) override {
    return createLocalOutput(outputDir_ + "/" + std::string(name));
  }
  Result<void> report(const TaskReport&) override { return {}; }
  Result<void> awaitCommit() override { return {}; }
  Result<void> finished(const Result<TaskOutcome>& outcome) override {
    if (outcome.has_value()) outcome_ = *outcome;
    return {};
  }
  TaskOutcome& outcome() { return outcome_; }

private:
  TaskSpec spec_;
  LocalFiles& files_;
  std::string outputDir_;
  const std::vector<FinishedMap>& maps_;
  std::size_t nextMap_ = 0;
  TaskOutcome outcome_;
};

// Calls run(0) to run(count - 1), on `threads` threads; stops at the first failure, which it
// returns.
Result<void> forEach(std::size_t count, std::size_t threads,
                     const std::function<Result<void>(std::uint32_t)>& run) {
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::optional<Status> failure;
  const auto work = [&] {
    for (std::size_t i = next++; i < count; i = next++) {
      if (auto done = run(static_cast<std::uint32_t>(i)); !done.has_value()) {
        const std::lock_guard lock(mutex);
        if (!failure) failure = std::move(done).error();
        next = count;
      }
    }
  };
  {
    std::vector<std::jthread> others;  // edge: a local job is a process of its own
    for (std::size_t i = 1; i < std::min(threads, count); ++i) others.emplace_back(work);
    work();
  }
  if (failure) return fail(*failure);
  return {};
}

class Run {
public:
  Run(const Program& program, const LocalJob& job) : program_(program), job_(job) {}
  ~Run() {
    std::error_code ignored;
    if (!work_.empty()) fs::remove_all(work_, ignored);
  }

  Result<LocalJobResult> run();

private:
  Result<std::vector<InputSplit>> plan();
  Result<void> makeDirectories();
  Result<void> runOne(TaskKind kind, std::uint32_t index);
  Result<void> publish();
  std::size_t tasksAtOnce(std::string_view key) const {
    return static_cast<std::size_t>(
        std::clamp<std::int64_t>(job_.conf.getInt(key, 1), 1, TASKS_AT_ONCE_MAX));
  }

  const Program& program_;
  const LocalJob& job_;
  LocalFiles files_;
  fs::path work_;  // everything until the end
  std::vector<InputSplit> splits_;
  std::vector<FinishedMap> maps_;
  std::mutex mutex_;
  CounterSet counters_;
};

Result<std::vector<InputSplit>> Run::plan() {
  std::vector<InputFile> files;
  for (const auto& input : job_.inputs) {
    ASSIGN(auto listed, files_.list(input));
    std::ranges::move(listed, std::back_inserter(files));
  }
  SplitRule rule;
  const auto bytes = [&](std::string_view key, std::uint64_t otherwise) {
    const auto value = job_.conf.getInt(key, -1);
    return value > 0 ? static_cast<std::uint64_t>(value) : otherwise;
  };
  rule.minBytes = bytes("mapreduce.input.fileinputformat.split.minsize", rule.minBytes);
  rule.maxBytes = bytes("mapreduce.input.fileinputformat.split.maxsize", rule.maxBytes);
  return planSplits(files, rule);
}

Result<void> Run::makeDirectories() {
  const fs::path output(job_.output);
  std::error_code error;
  if (fs::exists(fs::symlink_status(output, error))) {
    return fail(Code::ALREADY_EXISTS, "output directory " + job_.output + " already exists");
  }
  // Beside the output, so that renaming is enough in the end.
  auto named = output.lexically_normal();
  if (!named.has_filename()) named = named.parent_path();
  const auto parent = named.has_parent_path() ? named.parent_path() : fs::path(".");
  fs::create_directories(parent, error);
  if (error) return fail(statusFromErrno(error.value(), parent.string()));
  std::string name = (parent / ("." + named.filename().string() + ".XXXXXX")).string();
  if (::mkdtemp(name.data()) == nullptr) return fail(statusFromErrno(errno, name));
  work_ = name;
  for (const auto* part : {"out", "tasks"}) {
    if (!fs::create_directory(work_ / part, error)) {
      return fail(statusFromErrno(error.value(), work_.string()));
    }
  }
  return {};
}

Result<void> Run::runOne(TaskKind kind, std::uint32_t index) {
  TaskSpec spec;
  spec.attempt.task = {.job = {.trackerStartMs = 0, .sequence = 1}, .kind = kind, .index = index};
  spec.maps = static_cast<std::uint32_t>(splits_.size());
  spec.reduces = job_.reduces;
  if (kind == TaskKind::MAP) spec.split = splits_[index];
  spec.conf = job_.conf;
  const fs::path scratch = work_ / "tasks" / spec.attempt.task.toString();
  spec.scratchDir = scratch.string();
  std::error_code error;
  if (!fs::create_directory(scratch, error)) {
    return fail(statusFromErrno(error.value(), spec.scratchDir));
  }
  LocalRuntime runtime(std::move(spec), files_, (work_ / "out").string(), maps_);
  if (auto ran = runTask(program_, runtime); !ran.has_value()) {
    return fail(ran.error().withContext(runtime.spec().attempt.task.toString()));
  }
  auto& outcome = runtime.outcome();
  if (kind == TaskKind::MAP) {
    maps_[index] = {.path = std::move(outcome.mapOutputPath),
                    .index = std::move(outcome.mapOutput)};
  } else {
    fs::remove_all(scratch, error);
  }
  const std::lock_guard lock(mutex_);
  counters_.merge(outcome.counters);
  return {};
}

Result<void> Run::publish() {
  const auto out = work_ / "out";
  {
    ASSIGN(auto success, createLocalOutput((out / "_SUCCESS").string()));
    TRY(success->close());
  }
  std::error_code error;
  fs::permissions(out,
                  fs::perms::owner_all | fs::perms::group_read | fs::perms::group_exec |
                      fs::perms::others_read | fs::perms::others_exec,
                  error);
  // Fails when a non-empty directory or a file has come up there meanwhile.
  fs::rename(out, job_.output, error);
  if (error) return fail(statusFromErrno(error.value(), job_.output));
  return {};
}

Result<LocalJobResult> Run::run() {
  const CpuTime cpu;
  TRY(EngineConf::from(job_.conf));
  ASSIGN(splits_, plan());
  TRY(makeDirectories());
  maps_.resize(splits_.size());
  TRY(forEach(splits_.size(), tasksAtOnce("mapreduce.local.map.tasks.maximum"),
              [&](std::uint32_t i) { return runOne(TaskKind::MAP, i); }));
  TRY(forEach(job_.reduces, tasksAtOnce("mapreduce.local.reduce.tasks.maximum"),
              [&](std::uint32_t i) { return runOne(TaskKind::REDUCE, i); }));
  TRY(publish());
  // The tasks' own figures are the process's and count twice what ran side by side.
  counters_.set(TaskCounter::CPU_MILLISECONDS, cpu.spentMs());
  return LocalJobResult{.counters = std::move(counters_),
                        .maps = static_cast<std::uint32_t>(splits_.size())};
}

}  // namespace

Result<LocalJobResult> runLocalJob(const Program& program, const LocalJob& job) {
  return Run(program, job).run();
}

}  // namespace cairn::mr
