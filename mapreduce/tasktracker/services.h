// What the parts of one task tracker share.
// Layer: mapreduce/tasktracker.  Threads: one event loop.
#pragma once

#include "common/rpc/host.h"
#include "mapreduce/tasktracker/children.h"
#include "mapreduce/tasktracker/layout.h"
#include "mapreduce/tasktracker/localizer.h"
#include "mapreduce/tasktracker/master_link.h"
#include "mapreduce/tasktracker/metrics.h"
#include "mapreduce/tasktracker/options.h"

namespace cairn::mr {

// All members outlive whoever holds it.
struct TrackerServices {
  rpc::Host& host;
  const TaskTrackerOptions& options;
  const Layout& layout;
  Children& children;
  MasterLink& link;
  Localizer& localizer;
  TaskTrackerMetrics& metrics;
};

}  // namespace cairn::mr
