#include "namenode/audit/audit_log.h"

#include <utility>

#include "common/async/coroutine.h"
#include "common/log/log.h"

namespace cairn::nn {

AuditLog::AuditLog(rpc::Host& host, std::shared_ptr<io::Disk> disk)
    : host_(host),
      file_(std::make_shared<File>(std::move(disk))),
      lost_(host.metrics.counter("cairn_namenode_audit_lost_total",
                                 "Lines of the audit log that could not be written")),
      tasks_(*this) {}

void AuditLog::taskFailed(kj::Exception&& exception) {
  LOG(ERROR) << "the audit log: " << exception.getDescription().cStr();
}

void AuditLog::add(const AuditEvent& event) {
  if (pending_.size() >= PENDING_BYTES_MAX) {
    lost_.add();
    return;
  }
  lines_.append(pending_, host_.clock.nowMs(), event);
  ++pendingLines_;
  added();
}

void AuditLog::addLines(std::string_view lines, std::size_t count) {
  if (pending_.size() >= PENDING_BYTES_MAX) {
    lost_.add(count);
    return;
  }
  pending_ += lines;
  pendingLines_ += count;
  added();
}

void AuditLog::added() {
  if (pending_.size() >= WRITE_BYTES) {
    startWriting();
  } else {
    setTimer();
  }
}

void AuditLog::setTimer() {
  if (timerSet_) return;
  timerSet_ = true;
  tasks_.add(host_.timer.afterDelay(WRITE_DELAY_MS * kj::MILLISECONDS).then([this]() {
    timerSet_ = false;
    startWriting();
  }));
}

void AuditLog::startWriting() {
  if (writing_ || pending_.empty()) return;
  writing_ = true;
  // Not at once: an operation is in the middle of its answer.
  written_ = kj::evalLater([this]() { return write(); }).fork();
  tasks_.add(written_.addBranch());
}

kj::Promise<void> AuditLog::write() {
  do {
    std::string batch = std::exchange(pending_, {});
    const std::size_t count = std::exchange(pendingLines_, 0);
    pending_.reserve(batch.size());
    const auto written =
        co_await host_.workPool
            .run([file = file_, batch = std::move(batch)]() { return file->file.append(batch); })
            .then([](Result<void> result) { return result; },
                  [](kj::Exception&& exception) -> Result<void> {
                    return fail(Code::OVERLOADED, exception.getDescription().cStr());
                  });
    if (!written.has_value()) {
      lost_.add(count);
      LOG_EVERY_N(ERROR, 100) << "cannot write the audit log: " << written.error().message();
    }
  } while (pending_.size() >= WRITE_BYTES || (flushing_ && !pending_.empty()));
  writing_ = false;
  flushing_ = false;
  if (!pending_.empty()) setTimer();
}

kj::Promise<void> AuditLog::flush() {
  startWriting();
  if (!writing_) return kj::READY_NOW;
  flushing_ = true;
  return written_.addBranch();
}

}  // namespace cairn::nn
