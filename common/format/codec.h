// How the payload of a frame is stored, and what a chunk's writer aims for.
// Layer: format.  The numbers stand in files and frames (FORMAT.md): never renumber, never reuse.
// The wire's Codec (common/schema/namenode.capnp) and the client's have the same ones.
#pragma once

#include <cstdint>
#include <optional>

namespace cairn::format {

enum class Codec : std::uint8_t {
  RAW = 0,   // the plain bytes themselves
  ZSTD = 1,  // one zstd frame (RFC 8878) without dictionary
};

// nullopt for a number this program does not know.
constexpr std::optional<Codec> codecFromNumber(std::uint32_t number) {
  if (number > static_cast<std::uint32_t>(Codec::ZSTD)) return std::nullopt;
  return static_cast<Codec>(number);
}

}  // namespace cairn::format
