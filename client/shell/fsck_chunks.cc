#include "client/shell/fsck_chunks.h"

#include <algorithm>
#include <charconv>
#include <ranges>
#include <utility>
#include <vector>

#include "client/shell/fsck_report.h"
#include "client/shell/json.h"
#include "client/shell/text.h"

namespace cairn::shell {
namespace {

std::string blockName(std::uint64_t chunk) { return "blk_" + std::to_string(chunk); }

struct FoundChunk {
  std::string path;
  Entry file;
  ChunkLocation chunk;
};

// Nothing: no file has it.
Result<std::optional<FoundChunk>> find(Client& client, std::uint64_t id) {
  auto owner = client.chunkOwner(id);
  if (!owner.has_value() && owner.error().code() == Code::NOT_FOUND) return std::nullopt;
  if (!owner.has_value()) return std::unexpected(std::move(owner).error());
  auto file = client.stat(owner->path);
  if (!file.has_value()) return std::unexpected(std::move(file).error());
  auto chunks = client.locations(owner->path, owner->offset, 1);
  if (!chunks.has_value()) return std::unexpected(std::move(chunks).error());
  const auto chunk = std::ranges::find(*chunks, id, &ChunkLocation::chunk);
  if (chunk == chunks->end()) {
    return std::unexpected(Status(Code::UNAVAILABLE, owner->path + " is being changed"));
  }
  return FoundChunk{
      .path = std::move(owner->path), .file = std::move(*file), .chunk = std::move(*chunk)};
}

}  // namespace

std::optional<std::uint64_t> chunkIdIn(std::string_view text) {
  constexpr std::string_view HDFS_PREFIX = "blk_";
  if (text.starts_with(HDFS_PREFIX)) text.remove_prefix(HDFS_PREFIX.size());
  const auto number = [](std::string_view digits) -> std::optional<std::uint64_t> {
    std::uint64_t value = 0;
    const char* const end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, value);
    if (error != std::errc() || stop != end) return std::nullopt;
    return value;
  };
  const auto generation = text.find('_');
  if (generation != std::string_view::npos && !number(text.substr(generation + 1))) {
    return std::nullopt;
  }
  return number(text.substr(0, generation));
}

std::string describeChunk(std::string_view path, const Entry& file, const ChunkLocation& chunk) {
  const auto line = [](std::string_view what, std::uint64_t count) {
    return "No. of " + std::string(what) + " Replica: " + std::to_string(count) + "\n";
  };
  const std::uint64_t replicas = chunk.replicas.size();
  const auto good = replicas - std::min<std::uint64_t>(chunk.suspects, replicas);
  const auto live = std::min<std::uint64_t>(good, file.replication);
  std::string text = "Block Id: " + blockName(chunk.chunk) + "\nBlock belongs to: ";
  text += std::string(path) + "\n";
  text += line("Expected", file.replication) + line("live", live) + line("excess", good - live);
  text += line("corrupted", replicas - good);
  for (const auto& replica : chunk.replicas) {
    const auto& suspects = chunk.suspectNodes;
    const bool suspect = std::ranges::find(suspects, replica.node) != suspects.end();
    text += "Block replica on datanode/rack: " + replica.address + replica.rack + " is ";
    text += !chunk.complete ? "being written\n" : suspect ? "CORRUPT\n" : "HEALTHY\n";
  }
  return text;
}

int checkChunks(Verb& verb, Client& client, std::string_view ids) {
  std::vector<std::uint64_t> chunks;
  for (const auto part : std::views::split(ids, ',')) {
    const std::string_view word(part);
    const auto id = chunkIdIn(word);
    if (!id) return verb.misuse("Incorrect blockId format: " + std::string(word));
    chunks.push_back(*id);
  }
  if (chunks.empty()) return verb.misuse("Incorrect blockId format: ");
  bool corrupt = false;
  JsonArray listed;
  std::string_view between;
  for (const auto id : chunks) {
    if (verb.over()) break;
    auto found = find(client, id);
    if (!found.has_value()) {
      verb.fail("chunk " + std::to_string(id), found.error());
      continue;
    }
    std::string text;
    if (!*found) {
      corrupt = true;
      text = "Block " + blockName(id) + " does not exist\n";
    } else {
      const auto& [path, file, chunk] = **found;
      const auto health = judge(file, {&chunk, 1});
      corrupt = corrupt || health.missing > 0 || health.damaged > 0;
      if (verb.has("json")) {
        const FsckDetail all{.files = true, .chunks = true, .locations = true, .racks = true};
        listed.add(fileJson(path, file, {&chunk, 1}, health, all).str());
      }
      text = describeChunk(nameFor(verb.console().outIsTerminal(), path), file, chunk);
    }
    if (verb.has("json")) continue;
    verb.console().print(std::string(std::exchange(between, "\n")) + text);
  }
  if (verb.has("json")) verb.console().print(JsonObject().raw("listed", listed.str()).str() + "\n");
  return corrupt ? EXIT_FAILED : verb.exitCode();
}

}  // namespace cairn::shell
