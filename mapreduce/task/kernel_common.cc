#include "mapreduce/task/kernel_common.h"

#include <sys/resource.h>

namespace cairn::mr {

Result<std::unique_ptr<PartOutput>> PartOutput::create(TaskRuntime& runtime,
                                                       std::string_view separator) {
  const TaskId& task = runtime.spec().attempt.task;
  std::string name = partName(task.kind, task.index);
  ASSIGN(auto sink, runtime.createOutput(name));
  return std::unique_ptr<PartOutput>(new PartOutput(std::move(name), std::move(sink), separator));
}

PartOutput::PartOutput(std::string name, std::unique_ptr<OutputSink> sink,
                       std::string_view separator)
    : name_(std::move(name)), sink_(std::move(sink)), writer_(*this, separator) {}

bool PartOutput::write(std::string_view bytes) {
  if (auto written = sink_->write(asBytes(bytes)); !written.has_value()) {
    failure_ = std::move(written).error();
  }
  return !failure_.has_value();
}

Result<TaskOutcome::File> PartOutput::close() {
  if (!writer_.flush()) return fail(*failure_);
  TRY(sink_->close());
  return TaskOutcome::File{
      .name = name_, .lengthBytes = writer_.bytes(), .records = writer_.records()};
}

void describeAttempt(const TaskSpec& spec, TaskContext& context) {
  context.attemptId = spec.attempt.toString();
  context.taskIndex = spec.attempt.task.index;
  context.attemptNumber = spec.attempt.number;
  context.reduces = spec.reduces;
  if (spec.attempt.task.kind == TaskKind::MAP) context.inputPath = spec.split.path;
}

std::int64_t CpuTime::nowMs() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto ms = [](const timeval& t) { return t.tv_sec * 1000 + t.tv_usec / 1000; };
  return ms(usage.ru_utime) + ms(usage.ru_stime);
}

}  // namespace cairn::mr
