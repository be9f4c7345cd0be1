// Any bytes as what a client sends its namenode: paths, names, and what a writer says of a chunk.
#include "common/rpc/convert.h"
#include "common/schema/namenode.capnp.h"
#include "namenode/ops/commit_chunk.h"
#include "namenode/ops/path.h"
#include "namenode/service/to_wire.h"
#include "tests/fuzz/any_message.h"

namespace cairn::nn {
namespace {

void read(capnp::MessageReader& message) {
  const auto complete = message.getRoot<wire::Namenode::CompleteParams>();
  const auto commit = fromWire(complete.getLast());
  (void)checkSealed(commit.chunk, commit.length, commit.sealed);
  (void)rpc::fromWire(complete.getCall().getClient());
  const auto rename = message.getRoot<wire::Namenode::RenameParams>();
  (void)Path::parse(rpc::toView(rename.getFrom()));
  (void)Path::parse(rpc::toView(rename.getTo()));
  const auto create = message.getRoot<wire::Namenode::CreateParams>();
  (void)fromWire(create.getOptions().getCodec());
}

}  // namespace
}  // namespace cairn::nn

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  cairn::readAsMessage(data, size, cairn::nn::read);
  return 0;
}
