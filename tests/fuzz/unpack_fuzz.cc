// Any bytes as a compressed file that `text` shows: they end in plain bytes or an error, without
// more memory than the format's window. First byte: the format, and where the rest is cut in two.
#include <cstdint>
#include <span>

#include "client/shell/unpack.h"

namespace cairn::shell {
namespace {

constexpr std::size_t PLAIN_BYTES_MAX = 64 << 20;  // a small file may unpack to very much

void unpack(std::uint8_t choice, std::span<const std::byte> packed) {
  const auto unpacker = choice % 3 == 0   ? gzipUnpacker()
                        : choice % 3 == 1 ? zstdUnpacker()
                                          : bzip2Unpacker();
  std::size_t plain = 0;
  const PlainSink sink = [&](std::span<const std::byte> bytes) -> Result<void> {
    plain += bytes.size();
    if (plain > PLAIN_BYTES_MAX) return fail(Code::CANCELLED, "enough");
    return {};
  };
  const std::size_t cut = packed.empty() ? 0 : choice / 3 % packed.size();
  if (!unpacker->take(packed.first(cut), sink).has_value()) return;
  if (!unpacker->take(packed.subspan(cut), sink).has_value()) return;
  (void)unpacker->finish();
}

}  // namespace
}  // namespace cairn::shell

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  cairn::shell::unpack(data[0], std::as_bytes(std::span(data, size)).subspan(1));
  return 0;
}
