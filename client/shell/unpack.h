// Compressed files as text: gzip, zstd and bzip2, a piece at a time.
// Layer: client/shell.  Threads: one at a time.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "common/base/result.h"

namespace cairn::shell {

// Takes plain bytes; an error of its own ends the unpacking with that error.
using PlainSink = std::function<Result<void>(std::span<const std::byte> plain)>;

// One file's way from packed to plain bytes. Several packed streams, one behind the other, are one
// text. Memory: about 100 KiB, and the window that a zstd stream asks for, at most 128 MiB.
// After an error it is of no more use.
class Unpacker {
public:
  virtual ~Unpacker() = default;
  // The next packed bytes. CORRUPT with the library's words.
  virtual Result<void> take(std::span<const std::byte> packed, const PlainSink& sink) = 0;
  // Behind the last. CORRUPT: the stream is cut short.
  virtual Result<void> finish() = 0;
};

std::unique_ptr<Unpacker> gzipUnpacker();
std::unique_ptr<Unpacker> zstdUnpacker();
std::unique_ptr<Unpacker> bzip2Unpacker();

// The one for a file that is called `name` and begins with `head` (its first bytes, 4 or all): by
// what gzip and zstd files begin with, else by the name's end (.gz, .zst, .bz2). Null: plain text.
std::unique_ptr<Unpacker> unpackerFor(std::string_view name, std::span<const std::byte> head);

}  // namespace cairn::shell
