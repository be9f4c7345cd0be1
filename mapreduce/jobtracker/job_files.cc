#include "mapreduce/jobtracker/job_files.h"

namespace cairn::mr {

namespace {

// "" for a child of the root.
std::string parentOf(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == 0 ? "" : path.substr(0, slash);
}

}  // namespace

std::string workDirectory(const std::string& output, const JobId& job) {
  return parentOf(output) + "/_temporary." + job.toString();
}

std::string attemptDirectory(const std::string& output, const AttemptId& attempt) {
  return workDirectory(output, attempt.task.job) + "/attempts/" + attempt.toString();
}

std::string stagingDirectory(const std::string& user, const JobId& job) {
  return "/user/" + user + "/.staging/" + job.toString();
}

}  // namespace cairn::mr
