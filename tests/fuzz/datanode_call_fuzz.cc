// Any bytes as what a namenode orders a datanode, and as what a writer asks it.
#include "common/schema/cluster.capnp.h"
#include "common/schema/datanode.capnp.h"
#include "datanode/duty/recover_chunk.h"
#include "datanode/duty/replica_copies.h"
#include "datanode/pipeline/open_pipeline.h"
#include "tests/fuzz/any_message.h"

namespace cairn::dn {
namespace {

void read(capnp::MessageReader& message) {
  const auto order = message.getRoot<wire::Command>();
  if (order.isRecoverChunk()) (void)orderOf(order.getRecoverChunk());
  if (order.isCopyReplicas()) {
    for (const auto copy : order.getCopyReplicas()) (void)orderOf(copy);
  }
  (void)checkOpenWriter(message.getRoot<wire::Datanode::OpenWriterParams>());
}

}  // namespace
}  // namespace cairn::dn

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  cairn::readAsMessage(data, size, cairn::dn::read);
  return 0;
}
