// Protects: packed files come out whole however they are cut into pieces, several streams in one
// file included, and damage is an error and not silence.
#include "client/shell/unpack.h"

#include <bzlib.h>
#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <string>

namespace cairn::shell {
namespace {

std::string plainText() {
  std::string text;
  for (int i = 0; i < 50'000; ++i) text += std::to_string(i * 7919) + "\n";
  return text;
}

std::string gzip(const std::string& plain) {
  z_stream stream{};
  EXPECT_EQ(::deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string packed(::deflateBound(&stream, plain.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  EXPECT_EQ(::deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  ::deflateEnd(&stream);
  return packed;
}

std::string zstd(const std::string& plain) {
  std::string packed(ZSTD_compressBound(plain.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), plain.data(), plain.size(), 1));
  return packed;
}

std::string bzip2(const std::string& plain) {
  std::string packed(plain.size() + plain.size() / 100 + 600, '\0');
  auto size = static_cast<unsigned>(packed.size());
  EXPECT_EQ(::BZ2_bzBuffToBuffCompress(packed.data(), &size, const_cast<char*>(plain.data()),
                                       static_cast<unsigned>(plain.size()), 9, 0, 0),
            BZ_OK);
  packed.resize(size);
  return packed;
}

// The plain text, or "error: ..." of whatever step.
std::string unpacked(std::unique_ptr<Unpacker> unpacker, const std::string& packed,
                     std::size_t piece) {
  std::string plain;
  const auto sink = [&](std::span<const std::byte> bytes) -> Result<void> {
    plain.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  };
  for (std::size_t at = 0; at < packed.size(); at += piece) {
    const auto part = std::string_view(packed).substr(at, piece);
    auto done = unpacker->take(std::as_bytes(std::span(part)), sink);
    if (!done.has_value()) return "error: " + done.error().message();
  }
  auto done = unpacker->finish();
  return done.has_value() ? plain : "error: " + done.error().message();
}

struct Format {
  std::string (*pack)(const std::string& plain);
  std::unique_ptr<Unpacker> (*unpacker)();
};

class Unpack : public ::testing::TestWithParam<Format> {};

TEST_P(Unpack, PiecesOfAnySize) {
  const auto& [pack, unpacker] = GetParam();
  const auto plain = plainText();
  const auto packed = pack(plain);
  for (const std::size_t piece : {std::size_t{7}, std::size_t{4096}, packed.size()}) {
    EXPECT_EQ(unpacked(unpacker(), packed, piece), plain) << piece;
  }
  EXPECT_EQ(unpacked(unpacker(), pack(""), 1), "");
}

TEST_P(Unpack, SeveralStreamsAreOneText) {
  const auto& [pack, unpacker] = GetParam();
  const auto packed = pack("one\n") + pack("two\n");
  for (const std::size_t piece : {std::size_t{1}, packed.size()}) {
    EXPECT_EQ(unpacked(unpacker(), packed, piece), "one\ntwo\n") << piece;
  }
}

TEST_P(Unpack, DamageIsAnError) {
  const auto& [pack, unpacker] = GetParam();
  const auto packed = pack(plainText());
  EXPECT_TRUE(
      unpacked(unpacker(), packed.substr(0, packed.size() - 5), 4096).starts_with("error: "));
  auto flipped = packed;
  flipped[packed.size() / 2] = static_cast<char>(flipped[packed.size() / 2] ^ 0x55);
  const auto result = unpacked(unpacker(), flipped, 4096);
  EXPECT_TRUE(result.starts_with("error: ") || result != plainText());
  EXPECT_TRUE(unpacked(unpacker(), "hello, plain text", 4096).starts_with("error: "));
}

INSTANTIATE_TEST_SUITE_P(Formats, Unpack,
                         ::testing::Values(Format{gzip, gzipUnpacker}, Format{zstd, zstdUnpacker},
                                           Format{bzip2, bzip2Unpacker}));

TEST(UnpackerFor, GoesByWhatTheFileIsThenByItsName) {
  const auto is = [](std::string_view name, const std::string& content) {
    return unpackerFor(name, std::as_bytes(std::span(content).first(
                                 std::min<std::size_t>(4, content.size())))) != nullptr;
  };
  EXPECT_TRUE(is("/a.data", gzip("x")));
  EXPECT_TRUE(is("/a.data", zstd("x")));
  EXPECT_FALSE(is("/a.data", bzip2("x"))) << "as Hadoop: by its name alone";
  EXPECT_TRUE(is("/a.bz2", bzip2("x")));
  EXPECT_TRUE(is("/a.gz", "text")) << "which is then an error, as in Hadoop";
  EXPECT_FALSE(is("/a.gz", "")) << "nothing is an empty text";
  EXPECT_FALSE(is("/a.txt", "text"));
}

}  // namespace
}  // namespace cairn::shell
