// The daemons as Services, made from their configurations.
// Layer: client/cairn.  Each is made on the event loop it will run on.
#pragma once

#include <kj/async-io.h>

#include "client/cairn/service.h"
#include "common/config/datanode_config.h"
#include "common/config/jobtracker_config.h"
#include "common/config/namenode_config.h"
#include "common/config/tasktracker_config.h"

namespace cairn::app {

kj::Own<Service> newNamenodeService(kj::AsyncIoContext& io, config::NamenodeConfig config);
kj::Own<Service> newDatanodeService(kj::AsyncIoContext& io, config::DatanodeConfig config);
kj::Own<Service> newJobTrackerService(kj::AsyncIoContext& io, config::JobTrackerConfig config);
// `name`: for people; "": its address.
kj::Own<Service> newTaskTrackerService(kj::AsyncIoContext& io, config::TaskTrackerConfig config,
                                       std::string name);

}  // namespace cairn::app
