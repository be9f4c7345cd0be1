#include "common/log/log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string_view>

namespace cairn::log {
namespace {

constexpr unsigned FILE_MEGABYTES_MAX = 100;  // then the next file begins
constexpr unsigned KEEP_DAYS = 14;
constexpr int BUFFER_SECONDS = 1;  // INFO lines wait in memory so long at most

// Where the failure writer appends; -1 = stderr alone. Set once, before signals can arrive.
int crashFd = -1;

// Called from signal handlers and a failed CHECK: write() only.
void writeCrash(const char* data, std::size_t size) {
  [[maybe_unused]] ssize_t written = ::write(STDERR_FILENO, data, size);
  if (crashFd >= 0) written = ::write(crashFd, data, size);
}

int severityOf(Level level) {
  switch (level) {
    case Level::INFO: return google::GLOG_INFO;
    case Level::WARNING: return google::GLOG_WARNING;
    case Level::ERROR: return google::GLOG_ERROR;
  }
  return google::GLOG_INFO;
}

// glog keeps the pointer it is given.
void start(const std::string& program) {
  static const std::string name = program;
  google::InitGoogleLogging(name.c_str());
}

Result<void> makeDirectory(const std::string& path) {
  for (std::size_t at = 1; at <= path.size();) {
    const auto slash = std::min(path.find('/', at), path.size());
    const std::string prefix = path.substr(0, slash);
    if (::mkdir(prefix.c_str(), 0755) != 0 && errno != EEXIST) {
      return fail(statusFromErrno(errno, "create log directory " + prefix));
    }
    at = slash + 1;
  }
  if (::access(path.c_str(), W_OK | X_OK) != 0) {
    return fail(statusFromErrno(errno, "write to log directory " + path));
  }
  return {};
}

}  // namespace

Result<Level> parseLevel(std::string_view text) {
  if (text == "info") return Level::INFO;
  if (text == "warning") return Level::WARNING;
  if (text == "error") return Level::ERROR;
  return fail(Code::INVALID_ARGUMENT,
              "'" + std::string(text) + "' is no log level; there are info, warning and error");
}

Result<void> initDaemon(const Options& options) {
  FLAGS_minloglevel = severityOf(options.level);
  FLAGS_colorlogtostderr = true;  // only on a terminal
  FLAGS_logbufsecs = BUFFER_SECONDS;
  FLAGS_stop_logging_if_full_disk = true;
  if (options.directory.empty()) {
    FLAGS_logtostderr = true;
  } else {
    TRY(makeDirectory(options.directory));
    const std::string base = options.directory + "/" + options.program;
    crashFd = ::open((base + ".crash").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (crashFd < 0) return fail(statusFromErrno(errno, "open " + base + ".crash"));
    FLAGS_max_log_size = FILE_MEGABYTES_MAX;
    // One file with everything; glog would keep a second and third with the graver lines again.
    google::SetLogDestination(google::GLOG_INFO, (base + ".").c_str());
    google::SetLogDestination(google::GLOG_WARNING, "");
    google::SetLogDestination(google::GLOG_ERROR, "");
    google::SetLogDestination(google::GLOG_FATAL, "");
    google::SetLogSymlink(google::GLOG_INFO, options.program.c_str());
    google::SetStderrLogging(google::GLOG_ERROR);
    google::EnableLogCleaner(KEEP_DAYS);
  }
  start(options.program);
  google::InstallFailureSignalHandler();
  google::InstallFailureWriter(&writeCrash);
  // glog would treat a request to stop as a crash.
  std::signal(SIGTERM, SIG_DFL);
  return {};
}

void initClient(const std::string& program) {
  FLAGS_logtostderr = true;
  FLAGS_minloglevel = google::GLOG_WARNING;
  FLAGS_log_prefix = false;
  start(program);
}

void flush() { google::FlushLogFiles(google::GLOG_INFO); }

}  // namespace cairn::log
