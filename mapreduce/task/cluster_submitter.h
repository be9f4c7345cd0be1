// Brings a job to a cluster: uploads the program, submits, follows the job to its end.
// Layer: mapreduce/task.  Threads: the caller's, on which an event loop runs meanwhile.
#pragma once

#include <memory>

#include "common/base/result.h"
#include "common/config/client_config.h"
#include "mapreduce/api/task_runtime.h"

namespace cairn::mr {

// Addresses that `options` leaves open come from the environment and the configuration file.
// INVALID_ARGUMENT when those are wrong. Nothing is connected yet.
// An empty JobSubmission::programPath means that the trackers' own binary is the program. Relative
// paths of a job are below /user/<user>.
Result<std::unique_ptr<JobSubmitter>> openClusterSubmitter(const ClusterOptions& options);
// For a program that has read its configuration: nothing is read again. INVALID_ARGUMENT for an
// address in `options`.
Result<std::unique_ptr<JobSubmitter>> openClusterSubmitter(config::ClientConfig config,
                                                           const ClusterOptions& options);

}  // namespace cairn::mr
