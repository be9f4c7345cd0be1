#include "client/shell/fsck_report.h"

#include <algorithm>

#include "client/shell/json.h"
#include "client/shell/text.h"
#include "common/base/units.h"

namespace cairn::shell {
namespace {

std::string counted(std::uint64_t n, std::string_view what) {
  return std::to_string(n) + " " + std::string(what) + (n == 1 ? "" : "s");
}

std::string verdict(const FileHealth& health) {
  std::string text;
  const auto say = [&](std::uint64_t n, std::string_view what) {
    if (n > 0) text += (text.empty() ? "" : ", ") + std::to_string(n) + " " + std::string(what);
  };
  say(health.missing, "MISSING");
  say(health.damaged, "CORRUPT");
  say(health.underReplicated, "under-replicated");
  say(health.overReplicated, "over-replicated");
  say(health.open, "being written");
  return text.empty() ? "OK" : text;
}

std::string line(std::string_view label, const std::string& value) {
  std::string text = " " + std::string(label) + ":";
  text.resize(19, ' ');
  return text + value + "\n";
}

std::string idOf(const ChunkLocation& chunk) {
  return std::to_string(chunk.chunk) + "_" + std::to_string(chunk.generation);
}

// "0-99": the first and the last. REQUIRES: length > 0.
std::string range(std::uint64_t offset, std::uint64_t length) {
  return std::to_string(offset) + "-" + std::to_string(offset + length - 1);
}

std::string sized(std::uint64_t bytes) {
  return std::to_string(bytes) + " (" + formatByteSize(bytes) + ")";
}

}  // namespace

FileHealth judge(const Entry& file, std::span<const ChunkLocation> chunks) {
  FileHealth health;
  for (const auto& chunk : chunks) {
    const std::uint64_t replicas = chunk.replicas.size();
    // Damage that another replica makes up for is one replica less, as in HDFS.
    const auto good = replicas - std::min<std::uint64_t>(chunk.suspects, replicas);
    health.storedReplicated += chunk.storedLength * replicas;
    if (chunk.complete) health.suspects += replicas - good;
    if (!chunk.complete) {
      ++health.open;
    } else if (replicas == 0) {
      ++health.missing;
    } else if (chunk.damaged) {
      ++health.damaged;
    } else if (good < file.replication) {
      ++health.underReplicated;
    } else if (good > file.replication) {
      ++health.overReplicated;
    }
  }
  return health;
}

void FsckTotals::add(const Entry& file, const FileHealth& health) {
  ++files;
  if (file.underConstruction) ++openFiles;
  chunks += file.chunkCount;
  plain += file.length;
  stored += file.storedLength;
  storedReplicated += health.storedReplicated;
  missing += health.missing;
  damaged += health.damaged;
  underReplicated += health.underReplicated;
  overReplicated += health.overReplicated;
  suspects += health.suspects;
}

void FsckTotals::leaveOut(const Entry& file) {
  ++openFiles;
  ++leftOut;
  leftOutChunks += file.chunkCount;
  leftOutLength += file.length;
}

std::string FsckTotals::summary(std::string_view path) const {
  const std::string state = corrupt() ? "CORRUPT" : notLookedInto > 0 ? "INCOMPLETE" : "HEALTHY";
  std::string text = "\nStatus: " + state + "\n";
  text += line("directories", std::to_string(directories));
  const auto written = openFiles - leftOut;
  text += line("files", std::to_string(files) +
                            (written > 0 ? ", " + std::to_string(written) + " being written"
                                         : std::string()));
  if (leftOut > 0) {
    text += line("left out", counted(leftOut, "file") +
                                 " being written: " + counted(leftOutLength, "byte") + " in " +
                                 counted(leftOutChunks, "chunk") + " (--open-for-write)");
  }
  if (unreadable > 0) {
    text += line("unreadable", counted(unreadable, "file") + " being written");
  }
  text += line("plain bytes", sized(plain));
  text += line("stored bytes", sized(stored) + ", all replicas " + sized(storedReplicated));
  text += line("chunks", std::to_string(chunks));
  text += line("missing", std::to_string(missing));
  text += line("corrupt", std::to_string(damaged));
  if (suspects > 0) text += line("corrupt replicas", std::to_string(suspects));
  text += line("under-replicated", std::to_string(underReplicated));
  text += line("over-replicated", std::to_string(overReplicated));
  if (notLookedInto > 0) text += line("not looked into", std::to_string(notLookedInto));
  return text + "\nThe filesystem under path '" + std::string(path) + "' is " + state + "\n";
}

std::string describeFile(std::string_view name, const Entry& file,
                         std::span<const ChunkLocation> chunks, const FileHealth& health,
                         const FsckDetail& detail) {
  std::string text = std::string(name) + "  " + counted(file.length, "byte") + ", " +
                     counted(file.chunkCount, "chunk") + ", replication " +
                     std::to_string(file.replication) +
                     (file.underConstruction ? ", OPENFORWRITE: " : ": ") + verdict(health) + "\n";
  if (!detail.chunks) return text;
  std::size_t index = 0;
  for (const auto& chunk : chunks) {
    text += "  " + std::to_string(index++) + ". chunk " + idOf(chunk) + "  plain " +
            std::to_string(chunk.length) + "  stored " + std::to_string(chunk.storedLength) +
            "  replicas " + std::to_string(chunk.replicas.size());
    if (!chunk.complete) {
      text += "  being written";
    } else if (chunk.replicas.empty()) {
      text += "  MISSING";
    } else if (chunk.damaged) {
      text += "  CORRUPT";
    } else if (chunk.suspects > 0) {
      text += "  " + std::to_string(chunk.suspects) + " of them corrupt";
    }
    if (detail.locations && !chunk.replicas.empty()) {
      text += "  on";
      const char* separator = " ";
      for (const auto& replica : chunk.replicas) {
        text += separator + (detail.racks ? replica.rack + "/" : std::string()) +
                std::to_string(replica.node) + "@" + replica.address;
        separator = ", ";
      }
    }
    text += '\n';
  }
  return text;
}

std::string describeUnreadable(std::string_view name, const Entry& file, std::string_view why) {
  return std::string(name) + "  " + counted(file.length, "byte") +
         ", OPENFORWRITE: UNREADABLE: " + std::string(why) +
         "\n  It stays open until a datanode is back that has these bytes: start those that are "
         "down."
         "\n  To give them up, copy what can be read (cairn cat) and remove the file (cairn rm).\n";
}

std::string corruptChunks(std::string_view name, std::span<const ChunkLocation> chunks) {
  std::string text;
  for (const auto& chunk : chunks) {
    const bool corrupt = chunk.complete && (chunk.replicas.empty() || chunk.damaged);
    if (corrupt) text += idOf(chunk) + "\t" + std::string(name) + "\n";
  }
  return text;
}

std::string corruptSummary(std::string_view path, const FsckTotals& totals) {
  return "The filesystem under path '" + std::string(path) + "' has " +
         std::to_string(totals.missing + totals.damaged) + " CORRUPT chunks\n";
}

std::string FsckTotals::json(std::string_view path, std::string_view listedFiles) const {
  JsonObject object;
  object.text("path", path)
      .boolean("healthy", !corrupt() && notLookedInto == 0)
      .number("directories", directories)
      .number("files", files)
      .number("open_files", openFiles)
      .number("left_out", leftOut)
      .number("left_out_chunks", leftOutChunks)
      .number("left_out_length", leftOutLength)
      .number("unreadable", unreadable)
      .number("chunks", chunks)
      .number("length", plain)
      .number("stored_length", stored)
      .number("stored_consumed", storedReplicated)
      .number("missing", missing)
      .number("corrupt", damaged)
      .number("corrupt_replicas", suspects)
      .number("under_replicated", underReplicated)
      .number("over_replicated", overReplicated)
      .number("not_looked_into", notLookedInto)
      .raw("listed", listedFiles);
  return object.str() + "\n";
}

std::string describe(const GivenUp& file, bool terminal) {
  std::string text;
  for (const auto& piece : file.salvage.pieces) {
    text += "  copied bytes " + range(piece.offset, piece.length) + " to " +
            nameFor(terminal, piece.path) + "\n";
  }
  for (const auto& gap : file.salvage.unreadable) {
    text += (gap.certain ? "  lost bytes " : "  unread bytes ") + range(gap.offset, gap.length) +
            ": " + nameFor(terminal, gap.why.message()) + "\n";
  }
  if (file.whole) text += "  all of it can be read: not removed\n";
  if (file.removed) text += "  removed\n";
  return text;
}

void tell(JsonObject& file, const GivenUp& what) {
  JsonArray copied;
  for (const auto& piece : what.salvage.pieces) {
    JsonObject one;
    one.text("path", piece.path).number("offset", piece.offset).number("length", piece.length);
    copied.add(one.str());
  }
  JsonArray lost;
  for (const auto& gap : what.salvage.unreadable) {
    JsonObject one;
    one.number("offset", gap.offset)
        .number("length", gap.length)
        .boolean("certain", gap.certain)
        .text("why", gap.why.message());
    lost.add(one.str());
  }
  file.raw("copied", copied.str())
      .raw("lost", lost.str())
      .boolean("removed", what.removed)
      .boolean("reads_whole", what.whole);
}

JsonObject fileJson(std::string_view name, const Entry& file, std::span<const ChunkLocation> chunks,
                    const FileHealth& health, const FsckDetail& detail) {
  JsonObject object;
  object.text("path", name)
      .number("length", file.length)
      .number("replication", file.replication)
      .boolean("under_construction", file.underConstruction)
      .number("missing", health.missing)
      .number("corrupt", health.damaged)
      .number("corrupt_replicas", health.suspects)
      .number("under_replicated", health.underReplicated)
      .number("over_replicated", health.overReplicated);
  if (!detail.chunks) return object;
  JsonArray list;
  for (const auto& chunk : chunks) {
    JsonObject one;
    one.number("chunk", chunk.chunk)
        .number("generation", chunk.generation)
        .number("offset", chunk.offset)
        .number("length", chunk.length)
        .number("stored_length", chunk.storedLength)
        .boolean("complete", chunk.complete)
        .boolean("corrupt", chunk.damaged)
        .number("replicas", chunk.replicas.size())
        .number("corrupt_replicas", chunk.suspects);
    if (detail.locations) {
      JsonArray nodes;
      for (const auto& replica : chunk.replicas) {
        JsonObject node;
        node.number("node", replica.node)
            .text("address", replica.address)
            .text("rack", replica.rack);
        nodes.add(node.str());
      }
      one.raw("locations", nodes.str());
    }
    list.add(one.str());
  }
  object.raw("chunks", list.str());
  return object;
}

}  // namespace cairn::shell
