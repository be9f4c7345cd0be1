// Any bytes as what a namenode answers a client.
#include "client/core/wire_types.h"
#include "tests/fuzz/any_message.h"

namespace cairn::client {
namespace {

void read(capnp::MessageReader& message) {
  (void)fromWire(message.getRoot<wire::Entry>());
  const auto chunk = fromWire(message.getRoot<wire::LocatedChunk>());
  for (const auto& replica : chunk.at.replicas) (void)describe(replica);
  (void)fromWire(message.getRoot<wire::ServerInfo>());
  (void)fromWire(message.getRoot<wire::ClusterReport>());
  (void)pageFromWire(message.getRoot<wire::Namenode::ListResults>());
}

}  // namespace
}  // namespace cairn::client

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  cairn::readAsMessage(data, size, cairn::client::read);
  return 0;
}
