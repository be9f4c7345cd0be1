// Writes down who did what to the namespace: lines gather in memory and go to the file together.
// Layer: audit.  Threads: one event loop; the file is written on the work pool.
//
// Serving never waits for it: lines are written up to a second after their operation (a process
// that is killed loses those), and when the disk does not keep up, or fails, lines are dropped and
// counted (cairn_namenode_audit_lost_total).
#pragma once

#include <kj/async.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "common/metrics/metrics.h"
#include "common/rpc/host.h"
#include "namenode/audit/audit_file.h"
#include "namenode/audit/audit_sink.h"

namespace cairn::nn {

class AuditLog final : public AuditSink, private kj::TaskSet::ErrorHandler {
public:
  static constexpr std::size_t WRITE_BYTES = 64_KiB;        // gathered before they are written
  static constexpr std::size_t PENDING_BYTES_MAX = 16_MiB;  // waiting for a slow disk; then dropped
  static constexpr std::uint32_t WRITE_DELAY_MS = 1000;

  // `host` outlives it. `disk` is shared with the job on the pool.
  AuditLog(rpc::Host& host, std::shared_ptr<io::Disk> disk);
  KJ_DISALLOW_COPY(AuditLog);

  // About 0.3 us.
  void add(const AuditEvent& event) override;
  // Whole lines that another loop has gathered (audit_relay.h), `count` of them.
  void addLines(std::string_view lines, std::size_t count);
  // Settles when what was added is written, or lost.
  kj::Promise<void> flush();

private:
  struct File {
    explicit File(std::shared_ptr<io::Disk> disk) : disk(std::move(disk)), file(*this->disk) {}
    std::shared_ptr<io::Disk> disk;
    AuditFile file;
  };

  void taskFailed(kj::Exception&& exception) override;
  void added();
  void setTimer();
  void startWriting();
  kj::Promise<void> write();

  rpc::Host& host_;
  std::shared_ptr<File> file_;
  metrics::Counter& lost_;
  AuditLines lines_;
  std::string pending_;
  std::size_t pendingLines_ = 0;
  bool timerSet_ = false;
  bool writing_ = false;
  bool flushing_ = false;                      // until nothing is left
  kj::ForkedPromise<void> written_ = nullptr;  // of write(), while writing_
  kj::TaskSet tasks_;
};

}  // namespace cairn::nn
