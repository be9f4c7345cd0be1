// What map and reduce attempts have in common: the program's context, the job's output, reports.
// Layer: mapreduce/task.  Threads: the task's.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "cairn/mr/context.h"
#include "cairn/mr/text_writer.h"
#include "common/base/result.h"
#include "mapreduce/api/task_runtime.h"

namespace cairn::mr {

// One file of the job's output, "part-r-00000".
class PartOutput final : private TextWriter::Sink {
public:
  // `runtime` outlives it.
  static Result<std::unique_ptr<PartOutput>> create(TaskRuntime& runtime,
                                                    std::string_view separator);

  TextWriter& writer() { return writer_; }
  // Null as long as all went well.
  const Status* failure() const { return failure_ ? &*failure_ : nullptr; }
  // Ends the file. Once, last.
  Result<TaskOutcome::File> close();

private:
  PartOutput(std::string name, std::unique_ptr<OutputSink> sink, std::string_view separator);
  bool write(std::string_view bytes) override;

  std::string name_;
  std::unique_ptr<OutputSink> sink_;
  TextWriter writer_;
  std::optional<Status> failure_;
};

// Fills the members of `context` that tell which attempt it is.
void describeAttempt(const TaskSpec& spec, TaskContext& context);

// Runs a part of the job's program. What leaves it becomes TASK_FAILED: "<what()> (in <where()>)".
template <typename Run, typename Where>
Result<void> guarded(Run&& run, Where&& where) {
  const auto failed = [&](const std::string& what) {
    return fail(Code::TASK_FAILED, what + " (" + where() + ")");
  };
  try {
    run();
    return {};
  } catch (const std::exception& e) {
    return failed(e.what());
  } catch (...) {
    return failed("the program threw something that is no std::exception");
  }
}

// Adds to `counters` the CPU time of this process from a start.
class CpuTime {
public:
  CpuTime() : startMs_(nowMs()) {}
  std::int64_t spentMs() const { return nowMs() - startMs_; }

private:
  static std::int64_t nowMs();
  std::int64_t startMs_;
};

}  // namespace cairn::mr
