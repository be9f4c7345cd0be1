#include "namenode/ops/newer_history.h"

#include <algorithm>

namespace cairn::nn {
namespace {

void addSign(std::string& text, std::string_view what, std::uint64_t number) {
  if (number == 0) return;
  if (!text.empty()) text += ", ";
  text += std::string(what) + ' ' + std::to_string(number);
}

}  // namespace

NewerSigns newerIds(const IdAllocator& ids, std::span<const ReportedReplica> reports) {
  NewerSigns signs;
  for (const auto& report : reports) {
    if (ids.isAhead(report.chunk)) signs.chunk = std::max(signs.chunk, report.chunk);
    if (ids.isAhead(report.generation)) {
      signs.generation = std::max(signs.generation, report.generation);
    }
  }
  return signs;
}

bool mergeSigns(record::NewerHistory& known, const NewerSigns& signs, std::string_view toldBy) {
  const bool more = signs.epoch.value > known.epoch() || signs.group.value > known.group() ||
                    signs.chunk.value > known.chunk() ||
                    signs.generation.value > known.generation();
  if (!more) return false;
  if (!isOlderThanKnown(known)) known.set_told_by(std::string(toldBy));
  known.set_epoch(std::max(known.epoch(), signs.epoch.value));
  known.set_group(std::max(known.group(), signs.group.value));
  known.set_chunk(std::max(known.chunk(), signs.chunk.value));
  known.set_generation(std::max(known.generation(), signs.generation.value));
  return true;
}

bool isOlderThanKnown(const record::NewerHistory& known) {
  return known.epoch() != 0 || known.group() != 0 || known.chunk() != 0 || known.generation() != 0;
}

std::string describeNewer(const record::NewerHistory& known) {
  if (!isOlderThanKnown(known)) return {};
  std::string signs;
  addSign(signs, "epoch", known.epoch());
  addSign(signs, "group of changes", known.group());
  addSign(signs, "chunk", known.chunk());
  addSign(signs, "generation", known.generation());
  return "Datanodes know of what this namenode's directory has not got to (" + signs +
         "; first told by " + known.told_by() +
         "): the directory is older than it should be, a backup or the wrong disk. Stop the "
         "namenode and give it the newest directory there is. If this is the newest, 'cairn admin "
         "safemode leave --force' gives up what it does not know: files that were written since "
         "are lost, and datanodes delete their chunks.";
}

}  // namespace cairn::nn
