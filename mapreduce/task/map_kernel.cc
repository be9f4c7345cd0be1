#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "mapreduce/api/engine_conf.h"
#include "mapreduce/plan/line_blocks.h"
#include "mapreduce/shuffle/map_output.h"
#include "mapreduce/task/kernel.h"
#include "mapreduce/task/kernel_common.h"

namespace cairn::mr {
namespace {

class MapRun final : public MapTask {
public:
  MapRun(const Program& program, TaskRuntime& runtime, EngineConf conf)
      : program_(program),
        runtime_(runtime),
        spec_(runtime.spec()),
        conf_(std::move(conf)),
        context_(spec_.conf, outcome_.counters) {
    describeAttempt(spec_, context_);
  }

  Result<TaskOutcome> run();

  bool nextBlock(LineBlock& block) override;
  RecordBuffer& records() override { return *buffer_; }
  TextWriter& output() override { return part_->writer(); }
  TaskContext& context() override { return context_; }

private:
  Result<void> report();
  // The reason why emits have stopped, if they have.
  std::optional<Status> emitFailure() const;
  Result<void> runProgram();
  void count();

  const Program& program_;
  TaskRuntime& runtime_;
  const TaskSpec& spec_;
  const EngineConf conf_;
  TaskOutcome outcome_;
  TaskContext context_;
  CpuTime cpu_;

  std::unique_ptr<InputStream> stream_;
  std::optional<LineBlocks> lines_;
  std::uint64_t consumed_ = 0;  // of the split, lines given to the program
  std::string_view phase_ = "map";
  // With reduces: combiner, then files, then memory. Without: the part.
  std::unique_ptr<GroupCombiner> combiner_;
  std::optional<MapOutput> files_;
  std::optional<RecordBuffer> buffer_;
  std::unique_ptr<PartOutput> part_;
  std::optional<Status> failure_;  // of the input or a report
};

Result<void> MapRun::report() {
  count();
  const auto length = std::max<std::uint64_t>(spec_.split.length, 1);
  return runtime_.report(
      {.progress = std::min(1.0F, static_cast<float>(consumed_) / static_cast<float>(length)),
       .phase = phase_,
       .status = context_.status(),
       .counters = &outcome_.counters});
}

std::optional<Status> MapRun::emitFailure() const {
  if (files_ && files_->failure()) return files_->failure();
  if (buffer_ && buffer_->failed()) {
    return Status(Code::LIMIT_EXCEEDED, buffer_->failure() != nullptr
                                            ? buffer_->failure()
                                            : "the map's output could not be written");
  }
  if (part_ != nullptr && part_->failure() != nullptr) return *part_->failure();
  return std::nullopt;
}

bool MapRun::nextBlock(LineBlock& block) {
  if (failure_ || emitFailure()) return false;
  if (auto reported = report(); !reported.has_value()) {
    failure_ = std::move(reported).error();
    return false;
  }
  auto next = lines_->next();
  if (!next.has_value()) {
    failure_ = std::move(next).error();
    return false;
  }
  if (!next->has_value()) return false;
  block = **next;
  consumed_ = std::min(block.offset + block.text.size(), spec_.split.offset + spec_.split.length) -
              spec_.split.offset;
  return true;
}

void MapRun::count() {
  auto& counters = outcome_.counters;
  const auto set = [&](TaskCounter counter, std::uint64_t value) {
    counters.set(counter, static_cast<std::int64_t>(value));
  };
  set(TaskCounter::MAP_INPUT_RECORDS, totals.inputRecords);
  set(TaskCounter::MAP_OUTPUT_RECORDS, totals.outputRecords);
  set(TaskCounter::SPLIT_RAW_BYTES, spec_.split.path.size() + 2 * sizeof(std::uint64_t));
  set(TaskCounter::BYTES_READ, lines_ ? lines_->bytesRead() : 0);
  set(TaskCounter::CPU_MILLISECONDS, static_cast<std::uint64_t>(cpu_.spentMs()));
  if (!files_) return;
  const auto& copied = files_->totals();
  set(TaskCounter::MAP_OUTPUT_BYTES, totals.outputBytes);
  set(TaskCounter::COMBINE_INPUT_RECORDS, totals.combineInputRecords + copied.combineInput);
  set(TaskCounter::COMBINE_OUTPUT_RECORDS, totals.combineOutputRecords + copied.combineOutput);
  set(TaskCounter::SPILLED_RECORDS, copied.written);
}

Result<void> MapRun::runProgram() {
  TRY(guarded(
      [&] {
        program_.runMap(*this);
        if (buffer_ && !failure_) buffer_->spill();
      },
      [&] { return "at byte " + std::to_string(recordOffset) + " of " + spec_.split.path; }));
  if (failure_) return fail(*failure_);
  if (const auto failure = emitFailure()) return fail(*failure);
  return {};
}

Result<TaskOutcome> MapRun::run() {
  ASSIGN(stream_, runtime_.openInput(spec_.split));
  lines_.emplace(*stream_, spec_.split.offset, spec_.split.length, conf_.lineBytesMax);
  if (spec_.reduces > 0) {
    combiner_ = program_.newCombiner();
    files_.emplace(spec_.scratchDir, spec_.reduces, conf_, combiner_.get(),
                   [this] { return report(); });
    buffer_.emplace(conf_.sortBufferBytes, *files_);
  } else {
    ASSIGN(part_, PartOutput::create(runtime_, conf_.separator));
  }
  TRY(runProgram());
  stream_.reset();

  if (part_ != nullptr) {
    ASSIGN(auto file, part_->close());
    count();
    outcome_.counters.set(TaskCounter::BYTES_WRITTEN, static_cast<std::int64_t>(file.lengthBytes));
    outcome_.outputFiles.push_back(std::move(file));
    TRY(runtime_.awaitCommit());
    return std::move(outcome_);
  }
  // What merging takes replaces the buffer.
  buffer_.reset();
  phase_ = "sort";
  Result<MapOutput::File> file = fail(Code::INTERNAL, "");
  TRY(guarded([&] { file = files_->finish(); },
              [&] { return "combining the output of " + spec_.split.path; }));
  if (!file.has_value()) return fail(std::move(file).error());
  count();
  outcome_.counters.set(TaskCounter::MAP_OUTPUT_MATERIALIZED_BYTES,
                        static_cast<std::int64_t>(file->index.fileBytes));
  outcome_.mapOutputPath = std::move(file->path);
  outcome_.mapOutput = std::move(file->index);
  return std::move(outcome_);
}

}  // namespace

Result<TaskOutcome> runMapTask(const Program& program, TaskRuntime& runtime) {
  ASSIGN(auto conf, EngineConf::from(runtime.spec().conf));
  MapRun run(program, runtime, std::move(conf));
  return run.run();
}

}  // namespace cairn::mr
