#include "namenode/duty/duties.h"

#include "common/log/log.h"

namespace cairn::nn {

Duties::Duties(State& state) : tasks_(*this) {}

void Duties::taskFailed(kj::Exception&& exception) {
  LOG(ERROR) << "a duty of the namenode ended: " << exception.getDescription().cStr();
}

}  // namespace cairn::nn
