// JobFiles on the cluster's file system.
// Layer: mapreduce/jobtracker.  Threads: one event loop.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "client/core/file_system.h"
#include "common/rpc/host.h"
#include "mapreduce/jobtracker/job_files.h"

namespace cairn::mr {

class DfsJobFiles final : public JobFiles {
public:
  // `host` outlives it. `options.user` is replaced by each job's user.
  DfsJobFiles(rpc::Host& host, client::Options options);
  // From now on servers of another cluster are refused.
  void setCluster(const ClusterId& cluster) { options_.cluster = cluster; }

  kj::Promise<Result<Plan>> plan(const record::JobSpec& spec) override;
  kj::Promise<Result<void>> prepare(const record::JobSpec& spec, const JobId& job) override;
  kj::Promise<Result<void>> promote(const record::JobSpec& spec, const AttemptId& attempt,
                                    const std::vector<std::string>& files) override;
  kj::Promise<Result<std::uint64_t>> seal(const record::JobSpec& spec, const JobId& job) override;
  kj::Promise<Result<void>> publish(const record::JobSpec& spec, const JobId& job,
                                    std::uint64_t directory) override;
  kj::Promise<Result<void>> cleanUp(const record::JobSpec& spec, const JobId& job) override;

private:
  // One a user, kept while it is used and for the next one. Calls hold a share of it.
  using Files = std::shared_ptr<client::FileSystem>;
  Files filesOf(const std::string& user);

  rpc::Host& host_;
  client::Options options_;
  std::map<std::string, Files> files_;
};

}  // namespace cairn::mr
