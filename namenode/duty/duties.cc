#include "namenode/duty/duties.h"

#include "common/log/log.h"
#include "namenode/duty/duty.h"

namespace cairn::nn {

Duties::Duties(State& state, AuditSink* audit) : tasks_(*this) {
  tasks_.add(reclaimRemoved(state));
  tasks_.add(expireLeases(state));
  tasks_.add(recoverChunks(state));
  tasks_.add(repairChunks(state));
  tasks_.add(sweepCalls(state));
  tasks_.add(watchDatanodes(state));
  tasks_.add(watchSpace(state));
  tasks_.add(forgetDatanodes(state));
  tasks_.add(takeCensus(state));
  tasks_.add(emptyTrash(state, audit));
}

void Duties::taskFailed(kj::Exception&& exception) {
  LOG(ERROR) << "a duty of the namenode ended: " << exception.getDescription().cStr();
}

}  // namespace cairn::nn
