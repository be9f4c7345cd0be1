// What a datanode offers to clients and to other datanodes; one object a connection.
// Layer: datanode/service.
#pragma once

#include "common/rpc/connection.h"
#include "common/schema/datanode.capnp.h"
#include "datanode/service/node.h"

namespace cairn::dn {

class DatanodeService final : public wire::Datanode::Server {
public:
  DatanodeService(kj::Own<Door> door, kj::Own<rpc::SentBuffers> sentBuffers)
      : door_(kj::mv(door)), sentBuffers_(kj::mv(sentBuffers)) {}

protected:
  kj::Promise<void> ping(PingContext context) override { return kj::READY_NOW; }
  kj::Promise<void> openWriter(OpenWriterContext context) override;
  kj::Promise<void> read(ReadContext context) override;
  kj::Promise<void> stat(StatContext context) override;

private:
  kj::Own<Door> door_;
  kj::Own<rpc::SentBuffers> sentBuffers_;
};

}  // namespace cairn::dn
