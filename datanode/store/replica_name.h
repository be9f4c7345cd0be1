// How replicas are named on a volume: chunk and generation stamp stand in the file's name, of a
// final one both lengths too. So a start-up is a listing of directories, without opening or even
// statting a file, and a new generation of a replica is a rename.
// Layer: datanode/store (pure).
//
//   rbw/CHUNK-GENERATION                              being written, or found unfinished
//   final/XX/CHUNK-GENERATION-LENGTH-STORED           sealed; XX spreads them over 256 directories
//   quarantine/WHATEVER-IT-WAS-CALLED                 put aside
//   tmp/                                              being copied; cleared at start
//
// All numbers are lower-case hex, CHUNK with 16 digits (byte order of the names is order of the
// ids), the others without leading zeros. LENGTH is in plain bytes, STORED is the file's size.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/ids.h"

namespace cairn::dn {

inline constexpr std::string_view TMP_DIR = "tmp";
inline constexpr std::string_view RBW_DIR = "rbw";
inline constexpr std::string_view FINAL_DIR = "final";
inline constexpr std::string_view QUARANTINE_DIR = "quarantine";
// Directories below FINAL_DIR. A directory of 4000 entries lists and syncs quickly; 256 of them
// hold the million replicas of a large disk.
inline constexpr unsigned FINAL_DIR_COUNT = 256;

// One version of a chunk. Ordered by chunk, then by generation.
struct ReplicaKey {
  ChunkId chunk;
  GenerationStamp generation;

  auto operator<=>(const ReplicaKey&) const = default;
  // "chunk 4096 generation 7", for messages.
  std::string toString() const;
};

// What the name of a final replica tells.
struct FinalName {
  ReplicaKey key;
  std::uint64_t length = 0;        // plain bytes
  std::uint64_t storedLength = 0;  // bytes of the file

  bool operator==(const FinalName&) const = default;
};

std::string rbwNameOf(const ReplicaKey& key);
std::string finalNameOf(const FinalName& name);
// nullopt for anything that rbwNameOf() or finalNameOf() does not write.
std::optional<ReplicaKey> parseRbwName(std::string_view name);
std::optional<FinalName> parseFinalName(std::string_view name);

// "final/3f": the directory of the chunk's final replicas. 256 consecutive chunks share one.
std::string finalDirOf(ChunkId chunk);
// "final/00" to "final/ff".
std::string finalDirAt(unsigned index);
std::string rbwPathOf(const ReplicaKey& key);
std::string finalPathOf(const FinalName& name);

}  // namespace cairn::dn
