#include "mapreduce/api/task_runtime.h"
#include "mapreduce/task/cluster_submitter.h"
#include "mapreduce/task/remote_runtime.h"

namespace cairn::mr {

Backends defaultBackends() {
  return {.openTask = openRemoteTask, .openSubmitter = openClusterSubmitter};
}

}  // namespace cairn::mr
