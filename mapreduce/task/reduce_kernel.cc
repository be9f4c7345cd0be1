#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "mapreduce/api/engine_conf.h"
#include "mapreduce/shuffle/shuffled_segments.h"
#include "mapreduce/task/kernel.h"
#include "mapreduce/task/kernel_common.h"

namespace cairn::mr {
namespace {

// Of a reduce's progress, as Hadoop counts it: fetching, merging, reducing.
constexpr float SHUFFLE_SHARE = 1.0F / 3;
constexpr float SORT_SHARE = 1.0F / 3;

class ReduceRun final : public ReduceTask {
public:
  ReduceRun(const Program& program, TaskRuntime& runtime, EngineConf conf)
      : program_(program),
        runtime_(runtime),
        spec_(runtime.spec()),
        conf_(std::move(conf)),
        context_(spec_.conf, outcome_.counters),
        segments_(spec_.scratchDir, conf_) {
    describeAttempt(spec_, context_);
  }

  Result<TaskOutcome> run();

  Groups& groups() override { return *groups_; }
  TextWriter& output() override { return part_->writer(); }
  TaskContext& context() override { return context_; }
  bool goOn() override;

private:
  Result<void> shuffle();
  Result<void> report();
  void count();

  const Program& program_;
  TaskRuntime& runtime_;
  const TaskSpec& spec_;
  const EngineConf conf_;
  TaskOutcome outcome_;
  TaskContext context_;
  CpuTime cpu_;

  ShuffledSegments segments_;
  std::uint64_t rejected_ = 0;
  std::uint64_t recordsToCome_ = 0;
  std::unique_ptr<MergedRecords> merged_;
  std::optional<Groups> groups_;
  std::unique_ptr<PartOutput> part_;
  float progress_ = 0;
  std::string_view phase_ = "shuffle";
  std::optional<Status> failure_;  // of a report
};

void ReduceRun::count() {
  const auto set = [&](TaskCounter counter, std::uint64_t value) {
    outcome_.counters.set(counter, static_cast<std::int64_t>(value));
  };
  set(TaskCounter::SHUFFLED_MAPS, segments_.segments());
  set(TaskCounter::MERGED_MAP_OUTPUTS, segments_.segments());
  set(TaskCounter::REDUCE_SHUFFLE_BYTES, segments_.shuffledBytes());
  set(TaskCounter::FAILED_SHUFFLE, rejected_);
  set(TaskCounter::SPILLED_RECORDS, segments_.spilledRecords());
  set(TaskCounter::REDUCE_INPUT_GROUPS, groups_ ? groups_->groups() : 0);
  set(TaskCounter::REDUCE_INPUT_RECORDS, groups_ ? groups_->records() : 0);
  set(TaskCounter::REDUCE_OUTPUT_RECORDS, part_ != nullptr ? part_->writer().records() : 0);
  set(TaskCounter::CPU_MILLISECONDS, static_cast<std::uint64_t>(cpu_.spentMs()));
}

Result<void> ReduceRun::report() {
  count();
  return runtime_.report({.progress = progress_,
                          .phase = phase_,
                          .status = context_.status(),
                          .counters = &outcome_.counters});
}

bool ReduceRun::goOn() {
  if (part_->failure() != nullptr) return false;
  if (recordsToCome_ > 0) {
    progress_ = SHUFFLE_SHARE + SORT_SHARE +
                (1 - SHUFFLE_SHARE - SORT_SHARE) * static_cast<float>(groups_->records()) /
                    static_cast<float>(recordsToCome_);
  }
  if (auto reported = report(); !reported.has_value()) {
    failure_ = std::move(reported).error();
    return false;
  }
  return true;
}

Result<void> ReduceRun::shuffle() {
  while (true) {
    TRY(report());
    ASSIGN(auto segment, runtime_.nextSegment());
    if (!segment) return {};
    const auto mapIndex = segment->mapIndex;
    const auto mapAttempt = segment->mapAttempt;
    const auto records = segment->place.lengthBytes > 0 ? segment->place.records : 0;
    if (auto added = segments_.add(std::move(*segment)); !added.has_value()) {
      if (added.error().code() != Code::CORRUPT) return added;
      ++rejected_;
      TRY(runtime_.rejectSegment(mapIndex, mapAttempt, added.error()));
      continue;
    }
    recordsToCome_ += records;
    progress_ = SHUFFLE_SHARE * static_cast<float>(segments_.segments()) /
                static_cast<float>(std::max(spec_.maps, 1U));
  }
}

Result<TaskOutcome> ReduceRun::run() {
  TRY(shuffle());
  phase_ = "sort";
  progress_ = SHUFFLE_SHARE;
  ASSIGN(merged_, segments_.merge([this] { return report(); }));
  phase_ = "reduce";
  progress_ = SHUFFLE_SHARE + SORT_SHARE;
  groups_.emplace(*merged_);
  ASSIGN(part_, PartOutput::create(runtime_, conf_.separator));
  TRY(guarded([&] { program_.runReduce(*this); },
              [&] { return "reducing group " + std::to_string(groups_->groups()); }));
  if (failure_) return fail(*failure_);
  if (merged_->failure()) return fail(*merged_->failure());
  ASSIGN(auto file, part_->close());
  count();
  outcome_.counters.set(TaskCounter::BYTES_WRITTEN, static_cast<std::int64_t>(file.lengthBytes));
  outcome_.outputFiles.push_back(std::move(file));
  TRY(runtime_.awaitCommit());
  return std::move(outcome_);
}

}  // namespace

Result<TaskOutcome> runReduceTask(const Program& program, TaskRuntime& runtime) {
  ASSIGN(auto conf, EngineConf::from(runtime.spec().conf));
  ReduceRun run(program, runtime, std::move(conf));
  return run.run();
}

}  // namespace cairn::mr
