// What the chunk format costs: checksums alone, zstd alone, and both as frames. Encoding a packet
// should cost little above zstd itself.
//
// CAIRN_BENCH_TEXT=FILE: the first MiB of this file instead of made-up text.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "common/base/limits.h"
#include "common/format/chunk_digest.h"
#include "common/format/chunk_scan.h"
#include "common/format/crc32c.h"
#include "common/format/frame.h"
#include "common/format/zstd_codec.h"
#include "tests/testkit/sample.h"

namespace cairn::format {
namespace {

constexpr std::size_t PACKET = limits::PACKET_PLAIN_BYTES;
constexpr std::uint32_t FRAME = limits::FRAME_SIZE_DEFAULT;
constexpr ChunkId CHUNK{16};

const std::string& text() {
  static const std::string text = [] {
    std::string bytes;
    if (const auto* path = std::getenv("CAIRN_BENCH_TEXT")) {
      std::ifstream in(path, std::ios::binary);
      bytes.resize(PACKET);
      in.read(bytes.data(), PACKET);
      bytes.resize(static_cast<std::size_t>(in.gcount()));
    }
    if (bytes.size() < PACKET) bytes = testkit::sampleText(PACKET);
    return bytes;
  }();
  return text;
}

ByteView sample(bool compressible) {
  static const std::string noise = testkit::sampleNoise(PACKET);
  return asBytes(compressible ? text() : noise);
}

void countBytes(benchmark::State& state, std::size_t each) {
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * each));
}

std::size_t encodePacket(Codec codec, ByteView plain, MutableBytes to, PieceDigest& digest) {
  std::size_t size = 0;
  for (std::uint32_t n = 0; n * std::size_t{FRAME} < plain.size(); ++n) {
    size += encodeFrame({.codec = codec}, CHUNK, n, plain.subspan(n * std::size_t{FRAME}, FRAME),
                        to.subspan(size), digest);
  }
  return size;
}

ByteVector packet(Codec codec, ByteView plain) {
  ByteVector bytes(8 * encodedFrameMax(FRAME));
  PieceDigest digest;
  bytes.resize(encodePacket(codec, plain, bytes, digest));
  return bytes;
}

// --- Encoding ---

// What zstd would take alone: the same frames, room for any result.
void zstdAlone(benchmark::State& state, bool compressible) {
  auto plain = sample(compressible);
  ByteVector to(2 * FRAME);
  std::size_t stored = 0;
  for (auto _ : state) {
    stored = 0;
    for (std::size_t at = 0; at < PACKET; at += FRAME) {
      stored += *zstdCompress(plain.subspan(at, FRAME), 1, to);
    }
  }
  state.counters["ratio"] = static_cast<double>(PACKET) / static_cast<double>(stored);
  countBytes(state, PACKET);
}

void encode(benchmark::State& state, bool compressible, Codec codec) {
  auto plain = sample(compressible);
  ByteVector to(8 * encodedFrameMax(FRAME));
  ChunkDigest chunk;
  std::size_t stored = 0;
  for (auto _ : state) {
    PieceDigest digest;
    stored = encodePacket(codec, plain, to, digest);
    chunk.add(digest);
  }
  state.counters["ratio"] = static_cast<double>(PACKET) / static_cast<double>(stored);
  countBytes(state, PACKET);
}

BENCHMARK_CAPTURE(zstdAlone, text, true);
BENCHMARK_CAPTURE(encode, text, true, Codec::ZSTD);
BENCHMARK_CAPTURE(encode, textRaw, true, Codec::RAW);
BENCHMARK_CAPTURE(zstdAlone, noise, false);
BENCHMARK_CAPTURE(encode, noise, false, Codec::ZSTD);

// --- Decoding ---

template <typename Take>
void eachFrame(ByteView bytes, Take&& take) {
  for (std::size_t at = 0; !bytes.empty();) {
    auto frame = *frameAt(bytes);
    take(frame, at);
    at += frame.header.plainLength;
    bytes = bytes.subspan(frame.header.frameBytes());
  }
}

void unzstdAlone(benchmark::State& state) {
  auto bytes = packet(Codec::ZSTD, sample(true));
  ByteVector plain(PACKET);
  for (auto _ : state) {
    eachFrame(bytes, [&](const Frame& frame, std::size_t at) {
      if (!zstdDecompress(frame.payload(),
                          MutableBytes(plain).subspan(at, frame.header.plainLength))) {
        state.SkipWithError("zstd failed");
      }
    });
  }
  countBytes(state, PACKET);
}

void decode(benchmark::State& state, Codec codec, bool withDigest) {
  auto bytes = packet(codec, sample(true));
  ByteVector plain(PACKET);
  for (auto _ : state) {
    PieceDigest digest;
    eachFrame(bytes, [&](const Frame& frame, std::size_t at) {
      if (!decodeFrame(frame, CHUNK, MutableBytes(plain).subspan(at, frame.header.plainLength),
                       withDigest ? &digest : nullptr)) {
        state.SkipWithError("a good frame was refused");
      }
    });
  }
  countBytes(state, PACKET);
}

void scan(benchmark::State& state, ChunkScan::Depth depth) {
  auto bytes = packet(Codec::ZSTD, sample(true));
  for (auto _ : state) {
    ChunkScan scan(CHUNK, FRAME, depth);
    scan.feed(bytes);
    if (scan.index().plainLength() != PACKET) state.SkipWithError("a good frame was refused");
  }
  countBytes(state, PACKET);
}

BENCHMARK(unzstdAlone);
BENCHMARK_CAPTURE(decode, zstd, Codec::ZSTD, false);
BENCHMARK_CAPTURE(decode, zstdWithDigest, Codec::ZSTD, true);
BENCHMARK_CAPTURE(decode, raw, Codec::RAW, false);
BENCHMARK_CAPTURE(scan, stored, ChunkScan::Depth::STORED);
BENCHMARK_CAPTURE(scan, plain, ChunkScan::Depth::PLAIN);

// --- Checksums ---

void crc(benchmark::State& state, std::uint32_t (*of)(ByteView, std::uint32_t)) {
  auto bytes = sample(true).first(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(of(bytes, 0));
  countBytes(state, bytes.size());
}

void pieceDigest(benchmark::State& state) {
  for (auto _ : state) {
    PieceDigest digest;
    benchmark::DoNotOptimize(digest.add(sample(true)));
  }
  countBytes(state, PACKET);
}

void chunkDigest(benchmark::State& state) {
  PieceDigest piece;
  piece.add(sample(true));
  ChunkDigest chunk;
  for (auto _ : state) chunk.add(piece);
  countBytes(state, PACKET);
}

void combine(benchmark::State& state) {
  std::uint32_t crc = 1;
  for (auto _ : state) benchmark::DoNotOptimize(crc = crc32cCombine(crc, 2, 131071));
}

BENCHMARK_CAPTURE(crc, crc32c, crc32c)->Arg(512)->Arg(FRAME);
BENCHMARK_CAPTURE(crc, portable, crc32cPortable)->Arg(FRAME);
BENCHMARK(pieceDigest);
BENCHMARK(chunkDigest);
BENCHMARK(combine);

}  // namespace
}  // namespace cairn::format

BENCHMARK_MAIN();
