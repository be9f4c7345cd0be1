#include <bzlib.h>

#include <new>
#include <vector>

#include "client/shell/unpack.h"

namespace cairn::shell {
namespace {

constexpr std::size_t PIECE_BYTES = 64 << 10;

class Bzip2Unpacker final : public Unpacker {
public:
  Bzip2Unpacker() : piece_(PIECE_BYTES) { begin(); }
  ~Bzip2Unpacker() override { ::BZ2_bzDecompressEnd(&stream_); }
  Bzip2Unpacker(const Bzip2Unpacker&) = delete;
  Bzip2Unpacker& operator=(const Bzip2Unpacker&) = delete;

  Result<void> take(std::span<const std::byte> packed, const PlainSink& sink) override {
    // The library does not write to it.
    char* next = const_cast<char*>(reinterpret_cast<const char*>(packed.data()));  // NOLINT
    auto left = static_cast<unsigned>(packed.size());
    do {
      if (atEnd_ && left > 0) {
        // Another stream follows.
        ::BZ2_bzDecompressEnd(&stream_);
        stream_ = {};
        begin();
        atEnd_ = false;
      }
      stream_.next_in = next;
      stream_.avail_in = left;
      stream_.next_out = reinterpret_cast<char*>(piece_.data());  // NOLINT
      stream_.avail_out = static_cast<unsigned>(piece_.size());
      const int code = ::BZ2_bzDecompress(&stream_);
      if (code != BZ_OK && code != BZ_STREAM_END) return fail(Code::CORRUPT, "damaged bzip2 data");
      atEnd_ = code == BZ_STREAM_END;
      next = stream_.next_in;
      left = stream_.avail_in;
      TRY(sink(std::span(piece_).first(piece_.size() - stream_.avail_out)));
    } while (left > 0 || stream_.avail_out == 0);
    return {};
  }

  Result<void> finish() override {
    if (atEnd_) return {};
    return fail(Code::CORRUPT, "unexpected end of bzip2 data");
  }

private:
  void begin() {
    if (::BZ2_bzDecompressInit(&stream_, 0, 0) != BZ_OK) throw std::bad_alloc();
  }
  bz_stream stream_{};
  std::vector<std::byte> piece_;
  bool atEnd_ = false;
};

}  // namespace

std::unique_ptr<Unpacker> bzip2Unpacker() { return std::make_unique<Bzip2Unpacker>(); }

}  // namespace cairn::shell
