// Rows of table lease.
// Layer: ops.
#pragma once

#include <string_view>

#include "common/base/ids.h"
#include "common/base/units.h"
#include "namenode/meta/draft.h"

namespace cairn::nn {

// `client` of `user` holds the file from now on. REQUIRES: the file has no lease.
void grantLease(Draft& draft, InodeId file, const ClientId& client, std::string_view user,
                UnixMillis nowMs);
// The namenode holds it, until the file's last chunk is recovered (recover_chunk.h): no call of any
// writer goes by that lease, for no client is nil and no user nameless. `exists`: whether the file
// has a lease.
void takeLease(Draft& draft, InodeId file, UnixMillis nowMs, bool exists);

// Whether takeLease() has made it.
bool isNamenodes(const record::Lease& lease);

}  // namespace cairn::nn
