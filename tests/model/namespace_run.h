// Runs a list of operations against the real namenode and the model, and compares.
#pragma once

#include <string>
#include <vector>

#include "tests/model/operation.h"

namespace cairn::model {

// "" when the namenode did as the model says; else what differed, and at which step.
std::string run(const std::vector<Operation>& operations);

// The shortest list that still fails, found by leaving out parts; at most `runsMax` runs.
std::vector<Operation> shrink(std::vector<Operation> operations, int runsMax);

}  // namespace cairn::model
