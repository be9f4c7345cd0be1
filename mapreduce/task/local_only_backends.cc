#include "mapreduce/api/task_runtime.h"

namespace cairn::mr {

Backends defaultBackends() { return {}; }

}  // namespace cairn::mr
