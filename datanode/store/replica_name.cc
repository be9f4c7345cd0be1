#include "datanode/store/replica_name.h"

#include <array>
#include <charconv>

#include "common/io/disk.h"

namespace cairn::dn {
namespace {

// Ids count in steps of 16 (common/base/ids.h); 256 consecutive ones share a directory.
constexpr unsigned DIR_SHIFT = 12;

void appendHex(std::string& to, std::uint64_t value, std::size_t digitsMin) {
  std::array<char, 16> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, 16).ptr;
  const auto digits = static_cast<std::size_t>(end - text.data());
  if (digits < digitsMin) to.append(digitsMin - digits, '0');
  to.append(text.data(), digits);
}

// Takes the number up to the next '-' or the end, and the '-'.
std::optional<std::uint64_t> takeHex(std::string_view& text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (!text.empty()) {
    if (text.front() != '-') return std::nullopt;
    text.remove_prefix(1);
  }
  return value;
}

}  // namespace

std::string ReplicaKey::toString() const {
  return "chunk " + std::to_string(chunk.value) + " generation " + std::to_string(generation.value);
}

std::string rbwNameOf(const ReplicaKey& key) {
  std::string name;
  appendHex(name, key.chunk.value, 16);
  name += '-';
  appendHex(name, key.generation.value, 1);
  return name;
}

std::string finalNameOf(const FinalName& name) {
  auto text = rbwNameOf(name.key);
  text += '-';
  appendHex(text, name.length, 1);
  text += '-';
  appendHex(text, name.storedLength, 1);
  return text;
}

std::optional<ReplicaKey> parseRbwName(std::string_view name) {
  auto rest = name;
  const auto chunk = takeHex(rest);
  const auto generation = takeHex(rest);
  if (!chunk || !generation) return std::nullopt;
  const ReplicaKey key{ChunkId(*chunk), GenerationStamp(*generation)};
  // Only what we would write ourselves: no upper case, no other number of zeros, nothing behind.
  if (rbwNameOf(key) != name) return std::nullopt;
  return key;
}

std::optional<FinalName> parseFinalName(std::string_view name) {
  auto rest = name;
  const auto chunk = takeHex(rest);
  const auto generation = takeHex(rest);
  const auto length = takeHex(rest);
  const auto stored = takeHex(rest);
  if (!chunk || !generation || !length || !stored) return std::nullopt;
  const FinalName parsed{{ChunkId(*chunk), GenerationStamp(*generation)}, *length, *stored};
  if (finalNameOf(parsed) != name) return std::nullopt;
  return parsed;
}

std::string finalDirAt(unsigned index) {
  std::string dir(FINAL_DIR);
  dir += '/';
  appendHex(dir, index, 2);
  return dir;
}

std::string finalDirOf(ChunkId chunk) {
  return finalDirAt(static_cast<unsigned>(chunk.value >> DIR_SHIFT) % FINAL_DIR_COUNT);
}

std::string rbwPathOf(const ReplicaKey& key) { return io::joinPath(RBW_DIR, rbwNameOf(key)); }

std::string finalPathOf(const FinalName& name) {
  return io::joinPath(finalDirOf(name.key.chunk), finalNameOf(name));
}

}  // namespace cairn::dn
