// The calls with which a chunk's replicas are copied and recovered.
// Layer: datanode/service.  Threads: one event loop.
#pragma once

#include <kj/async.h>

#include "common/schema/datanode.capnp.h"
#include "datanode/service/node.h"

namespace cairn::dn {

using FetchContext =
    capnp::CallContext<wire::Datanode::FetchReplicaParams, wire::Datanode::FetchReplicaResults>;
using InitRecoveryContext =
    capnp::CallContext<wire::Datanode::InitRecoveryParams, wire::Datanode::InitRecoveryResults>;
using RecoverContext =
    capnp::CallContext<wire::Datanode::RecoverReplicaParams, wire::Datanode::RecoverReplicaResults>;

kj::Promise<void> serveFetch(Node& node, FetchContext context);
kj::Promise<void> serveInitRecovery(Node& node, InitRecoveryContext context);
kj::Promise<void> serveRecover(Node& node, RecoverContext context);

}  // namespace cairn::dn
