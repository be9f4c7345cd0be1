// The rpc section of the configuration as what a server is made with.
// Layer: client/cairn.  A function on values.
#pragma once

#include "common/config/shared_config.h"
#include "common/rpc/acceptor.h"

namespace cairn::app {

inline rpc::AcceptorOptions acceptorOptions(const config::RpcConfig& config) {
  rpc::AcceptorOptions options;
  options.connectionsMax = config.connectionsMax;
  options.handshakeMs = config.handshakeMs;
  options.connection.messageBytesMax = config.messageBytesMax;
  options.connection.callBytesInFlightMax = config.callBytesInFlightMax;
  return options;
}

}  // namespace cairn::app
