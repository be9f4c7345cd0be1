// The interface of one replica being written.
// Layer: datanode/service.
#pragma once

#include "common/rpc/received_messages.h"
#include "common/schema/datanode.capnp.h"
#include "datanode/service/node.h"

namespace cairn::dn {

class WriterService final : public wire::ReplicaWriter::Server {
public:
  // `received`: of the connection. `number`: in Node::writers, where the writer lives as long as
  // this object, or until the door is shut.
  WriterService(kj::Own<Door> door, kj::Own<rpc::ReceivedMessages> received, std::uint64_t number)
      : door_(kj::mv(door)), received_(kj::mv(received)), number_(number) {}
  // The writer went away: unless the replica is sealed, it stays unfinished.
  ~WriterService() noexcept(false);

protected:
  kj::Promise<void> push(PushContext context) override;
  kj::Promise<void> sync(SyncContext context) override;
  kj::Promise<void> finish(FinishContext context) override;

private:
  kj::Own<Door> door_;
  kj::Own<rpc::ReceivedMessages> received_;
  const std::uint64_t number_;
};

}  // namespace cairn::dn
