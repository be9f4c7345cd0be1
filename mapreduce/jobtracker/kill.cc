// A job is stopped by somebody.
#include <utility>

#include "mapreduce/jobtracker/core.h"

namespace cairn::mr {

kj::Promise<Result<void>> Core::kill(JobId id, std::string user) {
  const auto entry = find(id);
  if (entry == nullptr) {
    if (ended_.contains(id)) co_return Result<void>{};
    co_return fail(Code::NOT_FOUND, "there is no job " + id.toString());
  }
  if (entry->job.phase() == JobPhase::COMMITTING) {
    co_return fail(Code::IN_USE, id.toString() + " is publishing its output and cannot be stopped");
  }
  if (entry->job.phase() == JobPhase::RUNNING) {
    auto event = this->event();
    event.mutable_job_kill_requested()->set_user(user);
    record(*entry, event);
    endJob(entry, record::KILLED, "Job killed by " + user);
  }
  co_return co_await journal_.durable();
}

}  // namespace cairn::mr
