// HDFS's checksum of the first bytes of a replica.
// Layer: datanode/service.  Threads: one event loop; frames are read and unpacked on the volume's
// pool.
#pragma once

#include <kj/async.h>

#include <cstdint>

#include "common/base/result.h"
#include "common/format/md5.h"
#include "datanode/service/node.h"

namespace cairn::dn {

struct Checksum {
  format::Md5 md5;
  std::uint64_t length = 0;  // plain bytes that it is over
};

// Over the first `length` plain bytes, or all that there are. Of a whole final replica it stands in
// the trailer; otherwise the frames are read, a MiB at a time. The errors of
// ReplicaStore::locate().
kj::Promise<Result<Checksum>> checksumOf(Node& node, ReplicaKey key, std::uint64_t length);

}  // namespace cairn::dn
