#include "common/format/zstd_codec.h"

#include <zstd.h>

#include <memory>
#include <new>

namespace cairn::format {
namespace {

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

template <typename Context>
Context& orBadAlloc(const std::unique_ptr<Context, FreeContext>& context) {
  if (!context) throw std::bad_alloc();
  return *context;
}

ZSTD_CCtx& compressor() {
  thread_local const std::unique_ptr<ZSTD_CCtx, FreeContext> context(ZSTD_createCCtx());
  return orBadAlloc(context);
}

ZSTD_DCtx& decompressor() {
  thread_local const std::unique_ptr<ZSTD_DCtx, FreeContext> context(ZSTD_createDCtx());
  return orBadAlloc(context);
}

}  // namespace

std::optional<std::size_t> zstdCompress(ByteView plain, int level, MutableBytes to) {
  auto size =
      ZSTD_compressCCtx(&compressor(), to.data(), to.size(), plain.data(), plain.size(), level);
  if (ZSTD_isError(size) != 0) return std::nullopt;
  return size;
}

bool zstdDecompress(ByteView stored, MutableBytes to) {
  auto size =
      ZSTD_decompressDCtx(&decompressor(), to.data(), to.size(), stored.data(), stored.size());
  return ZSTD_isError(size) == 0 && size == to.size();
}

}  // namespace cairn::format
