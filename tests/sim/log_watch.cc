#include "tests/sim/log_watch.h"

#include <string>

namespace cairn::sim {

LogWatch::LogWatch(Verdict& verdict, std::function<bool(std::string_view)> excused)
    : verdict_(verdict), excused_(std::move(excused)) {
  google::AddLogSink(this);
}

LogWatch::~LogWatch() noexcept { google::RemoveLogSink(this); }

void LogWatch::send(google::LogSeverity severity, const char*, const char* baseFilename, int line,
                    const struct ::tm*, const char* message, std::size_t messageBytes) {
  if (severity < google::GLOG_ERROR || excused_({message, messageBytes})) return;
  verdict_.violation("logged as an error at " + std::string(baseFilename) + ':' +
                     std::to_string(line) + ": " + std::string(message, messageBytes));
}

void LogWatch::logMessage(kj::LogSeverity severity, const char* file, int line, int,
                          kj::String&& text) {
  if (severity < kj::LogSeverity::ERROR) return;
  verdict_.violation("KJ complains at " + std::string(file) + ':' + std::to_string(line) + ": " +
                     std::string(text.cStr()));
}

}  // namespace cairn::sim
