// Turns what the components log as errors, and what KJ has to complain about, into violations: in a
// healthy run nobody has to act.
// Layer: tests/sim.  Threads: one.
#pragma once

#include <kj/exception.h>

#include <functional>
#include <string_view>

#include "common/log/log.h"
#include "tests/sim/verdict.h"

namespace cairn::sim {

class LogWatch final : private google::LogSink, private kj::ExceptionCallback {
public:
  // `excused`: asked about each error; true where it is to be overlooked.
  LogWatch(Verdict& verdict, std::function<bool(std::string_view)> excused);
  ~LogWatch() noexcept override;
  KJ_DISALLOW_COPY(LogWatch);

private:
  void send(google::LogSeverity severity, const char* fullFilename, const char* baseFilename,
            int line, const struct ::tm* time, const char* message,
            std::size_t messageBytes) override;
  void logMessage(kj::LogSeverity severity, const char* file, int line, int contextDepth,
                  kj::String&& text) override;

  Verdict& verdict_;
  std::function<bool(std::string_view)> excused_;
};

}  // namespace cairn::sim
