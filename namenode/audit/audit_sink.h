// Where a loop's services leave the events of the audit log.
// Layer: audit.  Threads: one event loop.
#pragma once

#include "namenode/audit/audit_line.h"

namespace cairn::nn {

class AuditSink {
public:
  virtual ~AuditSink() noexcept(false) = default;
  // Copies what it needs. Never waits; may lose the event, and counts it then.
  virtual void add(const AuditEvent& event) = 0;
};

}  // namespace cairn::nn
