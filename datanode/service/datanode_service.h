// What a datanode offers to clients and to other datanodes; one object a connection.
// Layer: datanode/service.
#pragma once

#include "common/rpc/connection.h"
#include "common/schema/datanode.capnp.h"
#include "datanode/service/node.h"

namespace cairn::dn {

class DatanodeService final : public wire::Datanode::Server {
public:
  // `sentBuffers`, `received`: of the connection. `unsentBytesMax`: of replies to reads that wait
  // to be sent. `reads`: how urgent those of this peer are.
  DatanodeService(kj::Own<Door> door, kj::Own<rpc::SentBuffers> sentBuffers,
                  kj::Own<rpc::ReceivedMessages> received, std::uint64_t unsentBytesMax,
                  Urgency reads)
      : door_(kj::mv(door)),
        sentBuffers_(kj::mv(sentBuffers)),
        received_(kj::mv(received)),
        unsent_(unsentBytesMax),
        reads_(reads) {}

protected:
  kj::Promise<void> ping(PingContext context) override { return kj::READY_NOW; }
  kj::Promise<void> openWriter(OpenWriterContext context) override;
  kj::Promise<void> read(ReadContext context) override;
  kj::Promise<void> stat(StatContext context) override;
  kj::Promise<void> checksum(ChecksumContext context) override;
  kj::Promise<void> fetchReplica(FetchReplicaContext context) override;
  kj::Promise<void> initRecovery(InitRecoveryContext context) override;
  kj::Promise<void> recoverReplica(RecoverReplicaContext context) override;

private:
  kj::Own<Door> door_;
  kj::Own<rpc::SentBuffers> sentBuffers_;
  kj::Own<rpc::ReceivedMessages> received_;
  BufferBudget unsent_;
  const Urgency reads_;
};

}  // namespace cairn::dn
