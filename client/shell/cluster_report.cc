#include "client/shell/cluster_report.h"

#include <algorithm>

#include "client/shell/json.h"
#include "client/shell/text.h"
#include "common/base/units.h"

namespace cairn::shell {
namespace {

std::string line(std::string_view label, const std::string& value) {
  std::string text(label);
  text += ':';
  text.resize(std::max<std::size_t>(text.size() + 1, 20), ' ');
  return text + value + "\n";
}

struct Space {
  std::uint64_t capacity = 0;
  std::uint64_t used = 0;
  std::uint64_t free = 0;
};

Space spaceOf(const DatanodeReport& node) {
  Space space;
  for (const auto& volume : node.volumes) {
    if (volume.failed) continue;
    space.capacity += volume.capacity;
    space.used += volume.used;
    space.free += volume.free;
  }
  return space;
}

std::string spaceText(const Space& space) {
  return "capacity " + formatByteSize(space.capacity) + ", used " + formatByteSize(space.used) +
         ", free " + formatByteSize(space.free);
}

std::string ageText(std::int64_t ms) {
  if (ms < 0) ms = 0;
  if (ms < 10'000) return std::to_string(ms / 1000) + "." + std::to_string(ms % 1000 / 100) + " s";
  if (ms < 120'000) return std::to_string(ms / 1000) + " s";
  if (ms < 7'200'000) return std::to_string(ms / 60'000) + " min";
  return std::to_string(ms / 3'600'000) + " h";
}

std::string describeNode(const DatanodeReport& node, std::int64_t nowMs) {
  std::string text = "\n  node " + std::to_string(node.address.node) + "  " + node.address.address +
                     "  " + node.address.rack + "  " + (node.live ? "live" : "DEAD") +
                     ", last heard of " + ageText(nowMs - node.lastHeartbeatMs) + " ago\n";
  text += "    " + std::to_string(node.replicas) + " replicas, " +
          std::to_string(node.quarantined) + " in quarantine, plain " +
          formatByteSize(node.plainBytes) + ", " + std::to_string(node.activeTransfers) +
          " transfers\n";
  for (const auto& volume : node.volumes) {
    text += "    " + escapeName(volume.path) + "  ";
    text += volume.failed ? "FAILED: " + volume.error
                          : spaceText({volume.capacity, volume.used, volume.free}) + ", " +
                                std::to_string(volume.replicas) + " replicas";
    text += '\n';
  }
  return text;
}

std::string volumeJson(const VolumeReport& volume) {
  JsonObject object;
  object.text("path", volume.path)
      .number("capacity", volume.capacity)
      .number("used", volume.used)
      .number("free", volume.free)
      .number("replicas", volume.replicas)
      .boolean("failed", volume.failed);
  if (volume.failed) object.text("error", volume.error);
  return object.str();
}

std::string nodeJson(const DatanodeReport& node) {
  JsonArray volumes;
  for (const auto& volume : node.volumes) volumes.add(volumeJson(volume));
  JsonObject object;
  object.number("node", node.address.node)
      .text("address", node.address.address)
      .text("rack", node.address.rack)
      .text("uuid", node.uuid)
      .boolean("live", node.live)
      .number("last_heartbeat_ms", node.lastHeartbeatMs)
      .number("replicas", node.replicas)
      .number("quarantined", node.quarantined)
      .number("plain_bytes", node.plainBytes)
      .number("active_transfers", node.activeTransfers)
      .raw("volumes", volumes.str());
  return object.str();
}

}  // namespace

std::string clusterJson(std::string_view namenode, const ClusterReport& report) {
  const auto& info = report.info;
  JsonArray nodes;
  for (const auto& node : report.datanodes) nodes.add(nodeJson(node));
  JsonObject object;
  object.text("cluster", info.cluster)
      .text("cluster_name", info.clusterName)
      .text("namenode", namenode)
      .text("version", info.version)
      .number("epoch", info.epoch)
      .number("now_ms", info.nowMs)
      .boolean("safe_mode", info.safeMode)
      .text("safe_mode_reason", report.safeModeText)
      .number("files", report.files)
      .number("directories", report.directories)
      .number("chunks", report.chunks)
      .number("under_replicated", report.underReplicated)
      .number("missing", report.missing)
      .number("corrupt_replicas", report.corruptReplicas)
      .number("pending_reclaims", report.pendingReclaims)
      .number("replication", info.replication)
      .number("chunk_size", info.chunkSize)
      .raw("datanodes", nodes.str());
  return object.str() + "\n";
}

std::string describeCluster(std::string_view namenode, const ClusterReport& report) {
  const auto& info = report.info;
  Space space;
  std::size_t live = 0;
  for (const auto& node : report.datanodes) {
    if (!node.live) continue;
    ++live;
    const auto of = spaceOf(node);
    space.capacity += of.capacity;
    space.used += of.used;
    space.free += of.free;
  }
  std::string text;
  text += line("Cluster", info.clusterName + " (" + info.cluster + ")");
  text += line("Namenode", std::string(namenode) + ", version " + info.version + ", epoch " +
                               std::to_string(info.epoch));
  text += line("Safe mode", info.safeMode ? "ON; " + report.safeModeText : "off");
  text += line("Space", spaceText(space));
  text += line("Files", std::to_string(report.files));
  text += line("Directories", std::to_string(report.directories));
  text += line("Chunks", std::to_string(report.chunks));
  text += line("Under-replicated", std::to_string(report.underReplicated));
  text += line("Missing", std::to_string(report.missing));
  text += line("Corrupt replicas", std::to_string(report.corruptReplicas));
  text += line("Being reclaimed", std::to_string(report.pendingReclaims));
  text += line("New files",
               std::to_string(info.replication) + " replicas, chunks of " +
                   formatByteSize(info.chunkSize) + ", " +
                   (info.codec == Codec::ZSTD ? "zstd level " + std::to_string(info.zstdLevel)
                                              : "not compressed"));
  text += line("Datanodes", std::to_string(live) + " live, " +
                                std::to_string(report.datanodes.size() - live) + " dead");
  for (const auto& node : report.datanodes) text += describeNode(node, info.nowMs);
  return text;
}

}  // namespace cairn::shell
