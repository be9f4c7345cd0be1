// The files of the audit log: namenode-audit.log, and older ones as namenode-audit.log.1 and so on.
// Layer: audit.  Threads: any, one call at a time.  Blocks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/base/units.h"
#include "common/io/disk.h"

namespace cairn::nn {

class AuditFile {
public:
  static constexpr std::string_view NAME = "namenode-audit.log";
  // A file that has reached this is put behind; so many are kept, 1 GiB in all. (log4j's usual
  // setting for HDFS keeps 20 of 256 MB.)
  static constexpr std::uint64_t FILE_BYTES = 64_MiB;
  static constexpr unsigned FILES = 16;

  // In the root of `disk`, which outlives it.
  explicit AuditFile(io::Disk& disk) : disk_(disk) {}

  // Writes whole lines behind what is there. Not synced: a power failure takes the last seconds.
  // After an error the file is opened again with the next call; part of the lines may be there.
  Result<void> append(std::string_view lines);

private:
  Result<void> open();
  // Renames each file to the next number; the oldest goes.
  Result<void> turnOver();

  io::Disk& disk_;
  std::unique_ptr<io::File> file_;
  std::uint64_t bytes_ = 0;
};

}  // namespace cairn::nn
