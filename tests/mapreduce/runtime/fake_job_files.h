// JobFiles on the fake namenode's tables, without a call: what the job tracker does in the file
// system, done at once.
#pragma once

#include <set>
#include <string>

#include "mapreduce/jobtracker/job_files.h"
#include "tests/client/fakes/fake_namenode.h"

namespace cairn::mr::fakes {

class FakeJobFiles final : public JobFiles {
public:
  explicit FakeJobFiles(client::fakes::NamenodeState& state) : state_(state) {}

  // One split a chunk, with the chunk's nodes.
  kj::Promise<Result<Plan>> plan(const record::JobSpec& spec) override;
  kj::Promise<Result<void>> prepare(const record::JobSpec& spec, const JobId& job) override;
  kj::Promise<Result<void>> promote(const record::JobSpec& spec, const AttemptId& attempt,
                                    const std::vector<std::string>& files) override;
  kj::Promise<Result<std::uint64_t>> seal(const record::JobSpec& spec, const JobId& job) override;
  kj::Promise<Result<void>> publish(const record::JobSpec& spec, const JobId& job,
                                    std::uint64_t directory) override;
  kj::Promise<Result<void>> cleanUp(const record::JobSpec& spec, const JobId& job) override;

  // Every attempt that was promoted, as often as it was.
  std::multiset<std::string> promoted;
  std::uint32_t published = 0;
  // Calls that are never answered, so that a test can kill the job tracker just there.
  bool stallBeforePromote = false;
  bool stallAfterPromote = false;
  bool stallAfterPublish = false;
  // So many of the next calls that change something fail as if the namenode were away.
  unsigned unavailable = 0;

private:
  bool away() { return unavailable > 0 && unavailable-- > 0; }
  void moveFile(const std::string& from, const std::string& to);
  client::fakes::NamenodeState& state_;
};

}  // namespace cairn::mr::fakes
