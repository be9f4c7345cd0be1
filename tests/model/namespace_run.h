// Runs a list of operations against the real namenode and the model, and compares.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/model/operation.h"

namespace cairn::model {

// How often each kind of operation was done, with an effect if it is to have one, and how often it
// was refused.
struct Tally {
  std::map<Do, std::size_t> done;
  std::map<Do, std::size_t> refused;
};

// "" when the namenode did as the model says; else what differed, and at which step. Adds to
// `tally`, which may be null.
std::string run(const std::vector<Operation>& operations, Tally* tally = nullptr);

// The shortest list that still fails, found by leaving out parts; at most `runsMax` runs.
std::vector<Operation> shrink(std::vector<Operation> operations, int runsMax);

}  // namespace cairn::model
