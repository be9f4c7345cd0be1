// Any bytes as the messages that a datanode sends its namenode: what a hostile one may say ends in
// the checks of namenode/service/datanode_input.h.
#include <capnp/serialize.h>
#include <kj/array.h>
#include <kj/exception.h>

#include <cstdint>
#include <cstring>

#include "common/schema/cluster.capnp.h"
#include "namenode/service/datanode_input.h"

namespace cairn::nn {
namespace {

void read(kj::ArrayPtr<const capnp::word> words) {
  const capnp::ReaderOptions options{.traversalLimitInWords = 1 << 20};
  capnp::FlatArrayMessageReader message(words, options);
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
  auto words = kj::heapArray<capnp::word>(size / sizeof(capnp::word));
  if (words.size() > 0) std::memcpy(words.begin(), data, words.asBytes().size());
  // A message that is none: the connection ends.
  (void)kj::runCatchingExceptions([&]() { cairn::nn::read(words); });
  return 0;
}
