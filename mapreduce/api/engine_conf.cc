#include "mapreduce/api/engine_conf.h"

#include <charconv>
#include <string_view>

namespace cairn::mr {
namespace {

std::unexpected<Status> invalid(std::string_view key, std::string_view value,
                                std::string_view expected) {
  return fail(Code::INVALID_ARGUMENT, std::string(key) + " = '" + std::string(value) +
                                          "': expected " + std::string(expected));
}

// Leaves `to` alone when the key is not there.
template <typename T>
Result<void> number(const JobConf& conf, std::string_view key, std::uint64_t least,
                    std::uint64_t most, std::uint64_t unit, T& to) {
  const auto text = conf.find(key);
  if (!text) return {};
  std::uint64_t value = 0;
  const auto* const end = text->data() + text->size();
  const auto [at, error] = std::from_chars(text->data(), end, value);
  if (error != std::errc() || at != end || value < least || value > most) {
    return invalid(key, *text,
                   "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  }
  to = static_cast<T>(value * unit);
  return {};
}

}  // namespace

Result<EngineConf> EngineConf::from(const JobConf& conf) {
  constexpr std::uint64_t MIB = 1 << 20;
  constexpr std::uint64_t SHUFFLE_BYTES_MAX = std::uint64_t{64} << 30;
  EngineConf engine;
  TRY(number(conf, "mapreduce.task.io.sort.mb", 1, 2047, MIB, engine.sortBufferBytes));
  TRY(number(conf, "mapreduce.task.io.sort.factor", 2, 4096, 1, engine.mergeFanIn));
  TRY(number(conf, "mapreduce.reduce.memory.totalbytes", 1, SHUFFLE_BYTES_MAX, 1,
             engine.shuffleMemoryBytes));
  TRY(number(conf, "mapreduce.input.linerecordreader.line.maxlength", 1, std::uint64_t{1} << 30, 1,
             engine.lineBytesMax));
  std::uint64_t trackers = 0;
  TRY(number(conf, "mapreduce.task.timeout", 0, UINT32_MAX, 1, trackers));
  for (const auto* memory : {"mapreduce.map.memory.mb", "mapreduce.reduce.memory.mb"}) {
    TRY(number(conf, memory, 0, std::uint64_t{1} << 24, 1, trackers));
  }
  engine.separator = conf.get("mapreduce.output.textoutputformat.separator", "\t");
  if (conf.getBool("mapreduce.map.output.compress", false)) {
    constexpr std::string_view KEY = "mapreduce.map.output.compress.codec";
    const auto codec = conf.get(KEY, "zstd");
    if (codec != "zstd" && !codec.ends_with("ZStandardCodec")) return invalid(KEY, codec, "zstd");
    engine.mapOutputCompression = Compression::ZSTD;
  }
  return engine;
}

}  // namespace cairn::mr
