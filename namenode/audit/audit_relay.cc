#include "namenode/audit/audit_relay.h"

#include "common/log/log.h"

namespace cairn::nn {

void AuditRelay::add(const AuditEvent& event) {
  lines_.append(pending_, clock_.nowMs(), event);
  ++pendingLines_;
  if (pending_.size() >= AuditLog::WRITE_BYTES) {
    tasks_.add(flush());
  } else if (!timerSet_) {
    timerSet_ = true;
    tasks_.add(timer_.afterDelay(AuditLog::WRITE_DELAY_MS * kj::MILLISECONDS).then([this]() {
      timerSet_ = false;
      return flush();
    }));
  }
}

kj::Promise<void> AuditRelay::flush() {
  if (pending_.empty()) return kj::READY_NOW;
  return home_.executeAsync(
      [&log = log_, lines = std::exchange(pending_, {}),
       count = std::exchange(pendingLines_, 0)]() { log.addLines(lines, count); });
}

void AuditRelay::taskFailed(kj::Exception&& exception) {
  LOG(ERROR) << "the audit log: " << exception.getDescription().cStr();
}

}  // namespace cairn::nn
