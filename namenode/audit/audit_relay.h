// The audit events of an event loop that has no file: their lines gather here and go together to
// the loop that writes it. Layer: audit.  Threads: one event loop.
//
// Within one loop they keep their order; between loops lines may be a second late.
#pragma once

#include <kj/async.h>
#include <kj/timer.h>

#include <cstddef>
#include <string>
#include <utility>

#include "common/io/clock.h"
#include "namenode/audit/audit_log.h"
#include "namenode/audit/audit_sink.h"

namespace cairn::nn {

class AuditRelay final : public AuditSink, private kj::TaskSet::ErrorHandler {
public:
  // `home` is that of `log`; both outlive it, and flush() comes before their end.
  AuditRelay(const kj::Executor& home, AuditLog& log, kj::Timer& timer, const io::Clock& clock)
      : home_(home), log_(log), timer_(timer), clock_(clock), tasks_(*this) {}
  KJ_DISALLOW_COPY(AuditRelay);

  void add(const AuditEvent& event) override;
  // Settles when what was added has reached the log.
  kj::Promise<void> flush();

private:
  void taskFailed(kj::Exception&& exception) override;

  const kj::Executor& home_;
  AuditLog& log_;
  kj::Timer& timer_;
  const io::Clock& clock_;
  AuditLines lines_;
  std::string pending_;
  std::size_t pendingLines_ = 0;
  bool timerSet_ = false;
  kj::TaskSet tasks_;
};

}  // namespace cairn::nn
