#include "mapreduce/jobtracker/job_progress.h"

#include <algorithm>
#include <cmath>

namespace cairn::mr {

namespace {

// Moves to the line's begin and empties it.
constexpr std::string_view REDRAW = "\r\x1b[K";

// Never 100 before all is done, never back to 0 once something is.
int percent(float share, const TaskCounts& tasks) {
  if (tasks.total == tasks.done) return 100;
  return std::clamp(static_cast<int>(std::floor(share * 100)), 0, 99);
}

std::string counted(const char* kind, const TaskCounts& tasks) {
  return std::string(kind) + " " + std::to_string(tasks.done) + "/" + std::to_string(tasks.total);
}

std::string localityText(const CounterSet& counters) {
  const auto locality = mapLocalityOf(counters);
  if (locality.launched == 0) return {};
  return "data-local maps " + std::to_string(locality.local) + "/" +
         std::to_string(locality.launched) + " (" +
         std::to_string(locality.local * 100 / locality.launched) + "%)";
}

std::string failureText(const AttemptFailure& failure) {
  std::string text = "Task Id : " + failure.attempt +
                     ", Status : " + (failure.killed ? "KILLED" : "FAILED") + " on " +
                     failure.tracker + "\n" + failure.message + "\n";
  text += failure.stderrTail;
  if (!failure.stderrTail.empty() && failure.stderrTail.back() != '\n') text += "\n";
  return text;
}

// What a task has written must not steer the terminal of whoever waits for it.
std::string withoutControls(std::string text) {
  for (char& c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < ' ' && c != '\n' && c != '\t') || byte == 0x7f) c = '?';
  }
  return text;
}

}  // namespace

MapLocality mapLocalityOf(const CounterSet& counters) {
  return {counters.value(JOB_COUNTER_GROUP, "DATA_LOCAL_MAPS"),
          counters.value(JOB_COUNTER_GROUP, "TOTAL_LAUNCHED_MAPS")};
}

std::string progressText(const JobStatus& status) {
  return "map " + std::to_string(percent(status.mapProgress, status.maps)) + "% reduce " +
         std::to_string(percent(status.reduceProgress, status.reduces)) + "%";
}

std::string JobProgress::update(const JobStatus& status) {
  std::string out;
  if (!begun_) {
    begun_ = true;
    out += "Running job: " + status.job + "\n";
  }
  const auto closeLine = [&]() {
    if (lineOpen_) out += "\n";
    lineOpen_ = false;
  };
  for (const auto& failure : status.failures) {
    closeLine();
    out += terminal_ ? withoutControls(failureText(failure)) : failureText(failure);
  }
  std::string line = " " + progressText(status);
  if (terminal_) {
    line += "  " + counted("maps", status.maps) + "  " + counted("reduces", status.reduces);
    const auto locality = localityText(status.counters);
    if (!locality.empty()) line += "  " + locality;
    if (status.trackers == 0 && !hasEnded(status.state)) line += "  no task tracker is there";
  }
  if (line != shown_) {
    shown_ = line;
    if (terminal_) {
      out.append(REDRAW).append(line);
      lineOpen_ = true;
    } else {
      out += line + "\n";
    }
  }
  if (!hasEnded(status.state)) return out;

  closeLine();
  if (status.state == JobState::SUCCEEDED) {
    out += "Job " + status.job + " completed successfully\n";
    const auto locality = localityText(status.counters);
    if (!locality.empty()) out += locality + "\n";
  } else {
    out += "Job " + status.job + " failed with state " + std::string(stateName(status.state)) +
           " due to: " + status.message + "\n";
  }
  return out;
}

}  // namespace cairn::mr
