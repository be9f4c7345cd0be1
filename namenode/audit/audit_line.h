// One operation of the namespace as one line of the audit log, in the format of HDFS's
// FSNamesystem.audit, which parsers know:
//   2026-11-23 10:19:13,173 INFO FSNamesystem.audit: allowed=true<TAB>ugi=alice (auth:SIMPLE)<TAB>
//   ip=/10.1.2.3<TAB>cmd=rename<TAB>src=/a<TAB>dst=/b<TAB>perm=null<TAB>proto=rpc
// Layer: audit (pure).  Cost: about 0.2 us.
#pragma once

#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>

#include "common/base/units.h"

namespace cairn::nn {

// What is empty is shown as "null".
struct AuditEvent {
  bool allowed = true;
  std::string_view user;
  std::string_view host;     // of the caller, numeric
  std::string_view command;  // HDFS's name of it: "getfileinfo"
  std::string_view source;
  std::string_view target;  // of a rename
};

class AuditLines {
public:
  // Adds the line of an event, with the time in the machine's time zone. Control characters and
  // backslashes in paths are escaped: an event is one line whatever a path holds.
  void append(std::string& to, UnixMillis nowMs, const AuditEvent& event);

private:
  // The present second as text: most events fall into the second of the one before.
  std::time_t second_ = -1;
  std::string secondText_;
};

}  // namespace cairn::nn
