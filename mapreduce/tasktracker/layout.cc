#include "mapreduce/tasktracker/layout.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <utility>

namespace cairn::mr {

namespace fs = std::filesystem;

namespace {

Result<void> makeDirs(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) return fail(statusFromErrno(error.value(), "making " + path));
  return {};
}

}  // namespace

Result<Uuid> openTrackerDirectory(const Layout& layout, const Uuid& fresh) {
  TRY(makeDirs(layout.jobs()));
  TRY(makeDirs(layout.logs()));
  const auto path = layout.directory() + "/uuid";
  if (std::ifstream file(path); file) {
    std::string text;
    file >> text;
    auto uuid = Uuid::parse(text);
    if (uuid.has_value()) return uuid;
    return fail(Code::CORRUPT, path + " does not hold a uuid");
  }
  const auto temporary = path + ".new";
  {
    std::ofstream file(temporary, std::ios::trunc);
    file << fresh.toString() << "\n";
    if (!file.flush()) return fail(Code::IO_ERROR, "writing " + temporary + " failed");
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    return fail(statusFromErrno(errno, "renaming " + temporary));
  }
  return fresh;
}

Result<Leftovers> tidyAndList(const Layout& layout) {
  Leftovers found;
  std::error_code error;
  for (fs::directory_iterator at(layout.jobs(), error), end; !error && at != end;
       at.increment(error)) {
    std::error_code ignored;
    fs::remove_all(at->path() / "attempts", ignored);
    if (const auto job = JobId::parse(at->path().filename().string())) found.jobs.push_back(*job);
    const auto outputs = at->path() / "outputs";
    for (fs::directory_iterator file(outputs, ignored), last; !ignored && file != last;
         file.increment(ignored)) {
      const auto id = AttemptId::parse(file->path().filename().string());
      if (!id.has_value()) continue;
      std::error_code sizeError;
      const auto size = file->file_size(sizeError);
      if (!sizeError) found.outputs.push_back({*id, size});
    }
  }
  if (error) return fail(statusFromErrno(error.value(), "listing " + layout.jobs()));
  return found;
}

Result<void> makeAttemptDirectories(const Layout& layout, const AttemptId& id, std::uint32_t uid,
                                    std::uint32_t gid) {
  const auto scratch = layout.scratch(id);
  TRY(removeTree(scratch));
  TRY(makeDirs(scratch));
  TRY(makeDirs(layout.logs(id)));
  TRY(makeDirs(layout.outputs(id.task.job)));
  if (uid != 0 && ::chown(scratch.c_str(), uid, gid) != 0) {
    return fail(statusFromErrno(errno, "giving " + scratch + " to the task's user"));
  }
  if (::chmod(scratch.c_str(), 0700) != 0) {
    return fail(statusFromErrno(errno, "closing " + scratch + " to others"));
  }
  return {};
}

Result<void> removeTree(const std::string& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) return fail(statusFromErrno(error.value(), "removing " + path));
  return {};
}

Result<std::uint64_t> keepMapOutput(const Layout& layout, const AttemptId& id,
                                    const std::string& path, std::uint64_t endOfSegments) {
  const auto scratch = layout.scratch(id) + "/";
  // The task is not trusted with paths: only a plain file directly or deeper inside its directory.
  if (!path.starts_with(scratch) || path.find("/../") != std::string::npos) {
    return fail(Code::INVALID_ARGUMENT, "the map output " + path + " is outside " + scratch);
  }
  struct stat info{};
  if (::lstat(path.c_str(), &info) != 0) return fail(statusFromErrno(errno, path));
  if (!S_ISREG(info.st_mode)) {
    return fail(Code::INVALID_ARGUMENT, "the map output " + path + " is not a file");
  }
  const auto length = static_cast<std::uint64_t>(info.st_size);
  if (endOfSegments > length) {
    return fail(Code::INVALID_ARGUMENT, "the map output " + path + " is shorter than its segments");
  }
  if (::rename(path.c_str(), layout.output(id).c_str()) != 0) {
    return fail(statusFromErrno(errno, "keeping " + path));
  }
  return length;
}

void pruneLogs(const Layout& layout) {
  std::vector<std::pair<JobId, fs::path>> jobs;
  std::error_code error;
  for (fs::directory_iterator at(layout.logs(), error), end; !error && at != end;
       at.increment(error)) {
    if (const auto id = JobId::parse(at->path().filename().string())) {
      jobs.emplace_back(*id, at->path());
    }
  }
  if (jobs.size() <= LOGGED_JOBS_MAX) return;
  std::ranges::sort(jobs);
  for (std::size_t i = 0; i + LOGGED_JOBS_MAX < jobs.size(); ++i) {
    fs::remove_all(jobs[i].second, error);
  }
}

}  // namespace cairn::mr
