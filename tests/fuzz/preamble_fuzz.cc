// The first bytes on a connection, from anybody who reaches a port: as a client's and as a
// server's. What is understood is written again and means the same.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "common/rpc/preamble.h"

namespace cairn::rpc {
namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void check(const PreambleBytes& bytes) {
  if (const auto hello = decodeClientHello(bytes)) {
    const auto again = decodeClientHello(encode(*hello));
    require(again.has_value());
    require(again->role == hello->role && again->cluster == hello->cluster);
    require(again->epoch == hello->epoch && again->process == hello->process);
    require(again->authentication == hello->authentication);
  }
  if (const auto hello = decodeServerHello(bytes)) {
    const auto again = decodeServerHello(encode(*hello));
    require(again.has_value());
    require(again->refusal == hello->refusal && again->refusalBytes == hello->refusalBytes);
    require(again->cluster == hello->cluster && again->epoch == hello->epoch);
    require(again->process == hello->process);
  }
}

}  // namespace
}  // namespace cairn::rpc

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  cairn::rpc::PreambleBytes bytes{};
  std::copy_n(data, std::min(size, bytes.size()), bytes.begin());
  cairn::rpc::check(bytes);
  return 0;
}
