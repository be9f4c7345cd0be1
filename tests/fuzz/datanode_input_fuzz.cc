// Any bytes as the messages that a datanode sends its namenode: what a hostile one may say ends in
// the checks of namenode/service/datanode_input.h.
#include "common/schema/cluster.capnp.h"
#include "namenode/service/datanode_input.h"
#include "tests/fuzz/any_message.h"

namespace cairn::nn {
namespace {

void read(capnp::MessageReader& message) {
  const auto info = message.getRoot<wire::DatanodeInfo>();
  if (checkInfo(info).has_value()) (void)volumesOf(info.getVolumes());
  const auto beat = message.getRoot<wire::DatanodeMaster::HeartbeatParams>();
  if (checkCount(beat.getVolumes().size(), VOLUMES_MAX, "volumes").has_value()) {
    (void)volumesOf(beat.getVolumes());
  }
  (void)reportsOf(beat.getChanged());
}

}  // namespace
}  // namespace cairn::nn

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  cairn::readAsMessage(data, size, cairn::nn::read);
  return 0;
}
