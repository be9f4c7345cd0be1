#include <zlib.h>

#include <new>
#include <string>
#include <vector>

#include "client/shell/unpack.h"

namespace cairn::shell {
namespace {

constexpr std::size_t PIECE_BYTES = 64 << 10;
// The largest window; 32: gzip's header or zlib's, whichever is there.
constexpr int WINDOW_AND_HEADER = 15 + 32;

class GzipUnpacker final : public Unpacker {
public:
  GzipUnpacker() : piece_(PIECE_BYTES) {
    if (::inflateInit2(&stream_, WINDOW_AND_HEADER) != Z_OK) throw std::bad_alloc();
  }
  ~GzipUnpacker() override { ::inflateEnd(&stream_); }
  GzipUnpacker(const GzipUnpacker&) = delete;
  GzipUnpacker& operator=(const GzipUnpacker&) = delete;

  Result<void> take(std::span<const std::byte> packed, const PlainSink& sink) override {
    // zlib does not write to it.
    stream_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(packed.data()));  // NOLINT
    stream_.avail_in = static_cast<uInt>(packed.size());
    do {
      // Another member may follow the last.
      if (atEnd_ && stream_.avail_in > 0) {
        ::inflateReset(&stream_);
        atEnd_ = false;
      }
      stream_.next_out = reinterpret_cast<Bytef*>(piece_.data());  // NOLINT
      stream_.avail_out = static_cast<uInt>(piece_.size());
      const int code = ::inflate(&stream_, Z_NO_FLUSH);
      if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) {
        return fail(Code::CORRUPT, stream_.msg != nullptr ? stream_.msg : "damaged gzip data");
      }
      atEnd_ = code == Z_STREAM_END;
      TRY(sink(std::span(piece_).first(piece_.size() - stream_.avail_out)));
    } while (stream_.avail_in > 0 || stream_.avail_out == 0);
    return {};
  }

  Result<void> finish() override {
    if (atEnd_) return {};
    return fail(Code::CORRUPT, "Unexpected end of ZLIB input stream");
  }

private:
  z_stream stream_{};
  std::vector<std::byte> piece_;
  bool atEnd_ = false;
};

}  // namespace

std::unique_ptr<Unpacker> gzipUnpacker() { return std::make_unique<GzipUnpacker>(); }

}  // namespace cairn::shell
