#include <zstd.h>

#include <memory>
#include <new>
#include <vector>

#include "client/shell/unpack.h"

namespace cairn::shell {
namespace {

class ZstdUnpacker final : public Unpacker {
public:
  ZstdUnpacker() : stream_(ZSTD_createDStream()), piece_(ZSTD_DStreamOutSize()) {
    if (!stream_) throw std::bad_alloc();
  }

  Result<void> take(std::span<const std::byte> packed, const PlainSink& sink) override {
    ZSTD_inBuffer in{.src = packed.data(), .size = packed.size(), .pos = 0};
    bool more = true;
    while (in.pos < in.size || more) {
      ZSTD_outBuffer out{.dst = piece_.data(), .size = piece_.size(), .pos = 0};
      const auto hint = ZSTD_decompressStream(stream_.get(), &out, &in);
      if (ZSTD_isError(hint) != 0) return fail(Code::CORRUPT, ZSTD_getErrorName(hint));
      // 0: a frame has ended; others may follow.
      atEnd_ = hint == 0;
      more = out.pos == out.size;
      TRY(sink(std::span(piece_).first(out.pos)));
      if (atEnd_ && in.pos == in.size) break;
    }
    return {};
  }

  Result<void> finish() override {
    if (atEnd_) return {};
    return fail(Code::CORRUPT, "unexpected end of zstd data");
  }

private:
  struct Free {
    void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
  };
  std::unique_ptr<ZSTD_DStream, Free> stream_;
  std::vector<std::byte> piece_;
  bool atEnd_ = true;
};

}  // namespace

std::unique_ptr<Unpacker> zstdUnpacker() { return std::make_unique<ZstdUnpacker>(); }

}  // namespace cairn::shell
