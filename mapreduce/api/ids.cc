#include "mapreduce/api/ids.h"

#include <charconv>
#include <cstdio>

namespace cairn::mr {
namespace {

// Takes one text apart from front to back; after the first mismatch nothing matches any more.
class Scanner {
public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  void literal(std::string_view expected) {
    good_ = good_ && rest_.starts_with(expected);
    if (good_) rest_.remove_prefix(expected.size());
  }
  // Decimal digits, at least `minDigits`, and no zero in front beyond those.
  template <typename T>
  T number(std::size_t minDigits) {
    T value{};
    if (!good_) return value;
    const auto* begin = rest_.data();
    const auto [end, error] = std::from_chars(begin, begin + rest_.size(), value);
    const auto digits = static_cast<std::size_t>(end - begin);
    good_ = error == std::errc() && *begin != '-' && digits >= minDigits &&
            (digits == minDigits || *begin != '0');
    rest_.remove_prefix(digits);
    return value;
  }
  TaskKind kind() {
    const TaskKind kind = rest_.starts_with('r') ? TaskKind::REDUCE : TaskKind::MAP;
    literal(kind == TaskKind::REDUCE ? "r" : "m");
    return kind;
  }
  JobId job() {
    JobId id;
    id.trackerStartMs = number<std::int64_t>(1);
    literal("_");
    id.sequence = number<std::uint32_t>(4);
    return id;
  }
  TaskId task() {
    TaskId id;
    id.job = job();
    literal("_");
    id.kind = kind();
    literal("_");
    id.index = number<std::uint32_t>(6);
    return id;
  }
  bool done() const { return good_ && rest_.empty(); }

private:
  std::string_view rest_;
  bool good_ = true;
};

std::unexpected<Status> notAnId(std::string_view text, std::string_view what,
                                std::string_view example) {
  return fail(Code::INVALID_ARGUMENT, "'" + std::string(text) + "' is not a " + std::string(what) +
                                          " id; one looks like " + std::string(example));
}

std::string jobDigits(const JobId& id) {
  char text[48];
  std::snprintf(text, sizeof text, "%lld_%04u", static_cast<long long>(id.trackerStartMs),
                id.sequence);
  return text;
}

std::string taskDigits(const TaskId& id) {
  char text[80];
  std::snprintf(text, sizeof text, "%s_%c_%06u", jobDigits(id.job).c_str(),
                id.kind == TaskKind::MAP ? 'm' : 'r', id.index);
  return text;
}

}  // namespace

std::string JobId::toString() const { return "job_" + jobDigits(*this); }
std::string TaskId::toString() const { return "task_" + taskDigits(*this); }
std::string AttemptId::toString() const {
  return "attempt_" + taskDigits(task) + "_" + std::to_string(number);
}

Result<JobId> JobId::parse(std::string_view text) {
  Scanner scan(text);
  scan.literal("job_");
  const JobId id = scan.job();
  if (!scan.done()) return notAnId(text, "job", "job_1700000000000_0001");
  return id;
}

Result<TaskId> TaskId::parse(std::string_view text) {
  Scanner scan(text);
  scan.literal("task_");
  const TaskId id = scan.task();
  if (!scan.done()) return notAnId(text, "task", "task_1700000000000_0001_m_000000");
  return id;
}

Result<AttemptId> AttemptId::parse(std::string_view text) {
  Scanner scan(text);
  AttemptId id;
  scan.literal("attempt_");
  id.task = scan.task();
  scan.literal("_");
  id.number = scan.number<std::uint32_t>(1);
  if (!scan.done()) return notAnId(text, "attempt", "attempt_1700000000000_0001_m_000000_0");
  return id;
}

std::string partName(TaskKind kind, std::uint32_t index) {
  char text[32];
  std::snprintf(text, sizeof text, "part-%c-%05u", kind == TaskKind::MAP ? 'm' : 'r', index);
  return text;
}

}  // namespace cairn::mr
