// Fetches staged programs from the file system: once a job, checked before anything executes it.
// Layer: mapreduce/tasktracker.  Threads: one event loop; file writes on the work pool.
#pragma once

#include <kj/async.h>

#include <map>
#include <memory>
#include <string>

#include "client/core/options.h"
#include "common/async/coroutine.h"
#include "common/base/result.h"
#include "common/rpc/host.h"
#include "mapreduce/api/ids.h"
#include "mapreduce/tasktracker/layout.h"

namespace cairn::mr {

class Localizer {
public:
  // All outlive it.
  Localizer(rpc::Host& host, const Layout& layout, client::Options fileOptions);
  ~Localizer() noexcept(false);
  KJ_DISALLOW_COPY(Localizer);

  struct Program {
    std::string path;  // in the file system
    std::uint64_t lengthBytes = 0;
    std::uint32_t crc32c = 0;
  };
  // The program's local path. Callers of one job share one download. CORRUPT when the bytes are
  // not those that were submitted. A failure is not kept: the next call tries anew.
  kj::Promise<Result<std::string>> program(JobId job, std::string user, Program program);
  void forget(const JobId& job);

private:
  kj::Promise<Result<std::string>> download(JobId job, std::string user, Program program);

  rpc::Host& host_;
  const Layout& layout_;
  const client::Options fileOptions_;
  std::map<JobId, kj::ForkedPromise<Result<std::string>>> programs_;
};

}  // namespace cairn::mr
