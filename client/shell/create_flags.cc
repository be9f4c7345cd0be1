#include "client/shell/create_flags.h"

#include <charconv>

#include "common/base/limits.h"
#include "common/base/units.h"

namespace cairn::shell {

Result<std::int64_t> parseNumber(std::string_view what, std::string_view text, std::int64_t min,
                                 std::int64_t max) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < min || number > max) {
    return fail(Code::INVALID_ARGUMENT, std::string(what) + " takes a number from " +
                                            std::to_string(min) + " to " + std::to_string(max) +
                                            ", not '" + std::string(text) + "'");
  }
  return number;
}

Result<void> applyCreateFlags(const Verb& verb, CreateOptions& options) {
  if (const auto text = verb.value("replication")) {
    ASSIGN(const auto number, parseNumber("--replication", *text, 1, limits::REPLICATION_MAX));
    options.replication = static_cast<std::uint16_t>(number);
  }
  if (const auto text = verb.value("chunk-size")) {
    ASSIGN(options.chunkSize, parseByteSize(*text));
    if (options.chunkSize < limits::CHUNK_SIZE_MIN || options.chunkSize > limits::CHUNK_SIZE_MAX) {
      return fail(Code::INVALID_ARGUMENT, "--chunk-size takes " +
                                              formatByteSize(limits::CHUNK_SIZE_MIN) + " to " +
                                              formatByteSize(limits::CHUNK_SIZE_MAX));
    }
  }
  if (const auto text = verb.value("codec")) {
    if (*text != "zstd" && *text != "none") {
      return fail(Code::INVALID_ARGUMENT, "--codec takes zstd or none, not '" + *text + "'");
    }
    options.defaultCodec = false;
    options.codec = *text == "zstd" ? Codec::ZSTD : Codec::NONE;
  }
  if (const auto text = verb.value("zstd-level")) {
    if (verb.value("codec") == "none") {
      return fail(Code::INVALID_ARGUMENT, "--zstd-level means nothing with --codec none");
    }
    ASSIGN(const auto number, parseNumber("--zstd-level", *text, -5, 19));
    options.defaultCodec = false;
    options.zstdLevel = static_cast<std::int8_t>(number);
  }
  return {};
}

}  // namespace cairn::shell
