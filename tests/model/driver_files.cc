// The driver's files: what their writers and the datanode do.
#include "tests/model/driver.h"
#include "tests/model/namespace_model.h"

namespace cairn::model {
namespace {

// In which the namenode looks twice for recoveries that are due.
constexpr std::int64_t HEARTBEAT_MS = 1000;
// As namenode/duty/recover_chunks.cc describes its gauge.
constexpr std::string_view RECOVERIES_HELP = "Files whose last chunk is being recovered";
// Well before the namenode gives an attempt up.
constexpr int HEARTBEATS_MAX = 8;

void refer(const nn::Placed& chunk, wire::ChunkRef::Builder to) {
  to.setId(chunk.chunk);
  to.setGeneration(chunk.generation);
}

}  // namespace

// --- The datanode ---

// It comes with the finished copies it has, as a datanode does after the namenode's restart.
void Driver::enrollDatanode() {
  auto& datanode = *datanodes.emplace_back(std::make_unique<nn::FakeDatanode>());
  datanode.uuid = uuid_;
  EXPECT_OK(enroll(datanode, "127.0.0.1:9001", false));
  std::map<std::uint64_t, std::vector<Replica>> ranges;
  std::vector<Replica> all;
  for (const auto& [chunk, copy] : copies_) {
    ranges[inventoryRangeOf(ChunkId(chunk))].push_back(copy);
    all.push_back(copy);
  }
  const auto unequal = compare(datanode, all);
  EXPECT_OK(unequal);
  for (const auto range : *unequal) EXPECT_OK(reportRange(datanode, range, ranges[range]));
}

void Driver::restartAs(bool crashing) {
  if (crashing) {
    crash();
    start();
  } else {
    restart();
  }
  enrollDatanode();
}

void Driver::noteCopy(const nn::Placed& chunk, std::uint64_t length) {
  copies_[chunk.chunk] = {.chunk = chunk, .length = length};
  known_.erase(chunk.chunk);
}

Result<void> Driver::touchNothing(const std::string& path) {
  auto request = namenode.setTimesRequest();
  fillFor(request, "root", 0);
  request.setPath(path);
  request.setMtime(-1);
  request.setAtime(-1);
  return faultOf(wait(request.send()));
}

Result<std::map<std::uint64_t, nn::OrderedRecovery>> Driver::awaitRecoveries() {
  nn::FakeDatanode& datanode = *datanodes.back();
  std::map<std::uint64_t, nn::OrderedRecovery> orders;
  std::size_t seen = datanode.recoveries.size();
  for (int i = 0; i < HEARTBEATS_MAX; ++i) {
    pass(HEARTBEAT_MS);
    // Orders go out when they are durable, as the answer to this does.
    TRY(touchNothing("/"));
    ASSIGN(const auto deletes, heartbeat(datanode));
    for (const auto chunk : deletes) copies_.erase(chunk);
    for (; seen < datanode.recoveries.size(); ++seen) {
      const auto& order = datanode.recoveries[seen];
      orders[order.chunk] = order;
    }
    const auto open = metrics.gauge("cairn_namenode_recoveries_open", RECOVERIES_HELP).value();
    if (orders.size() == static_cast<std::size_t>(open)) return orders;
  }
  return fail(Code::INTERNAL, "the namenode does not order all recoveries");
}

Result<std::string> Driver::finishRecoveries(const Operation& o) {
  ASSIGN(const auto orders, awaitRecoveries());
  // All outcomes at one moment, which is that of the model.
  for (const auto& [chunk, order] : orders) {
    const std::uint64_t length = order.cut ? order.length : recoveredLengthOf(o, known_[chunk]);
    TRY(commitRecovery(*datanodes.back(), order, length,
                       length == 0 ? std::vector<std::uint32_t>() : order.nodes));
    if (length > 0) noteCopy({chunk, order.newGeneration, order.nodes}, length);
  }
  return "";
}

// --- Writers ---

void Driver::takeSlot(const Operation& o, Slot slot) {
  std::erase_if(slots_, [&](const auto& other) {
    return other.second.file == slot.file && other.second.user == o.user;
  });
  slots_[o.slot] = std::move(slot);
}

void Driver::noteSealed(const Operation& o) {
  const Slot& slot = slots_[o.slot];
  if (slot.last.chunk != 0) noteCopy(slot.last, writtenLengthOf(o, slot.known));
}

Result<std::string> Driver::sendAddChunk(const Operation& o, std::uint64_t call) {
  if (!slots_.contains(o.slot)) return fail(Code::NOT_FOUND, "");
  const Slot& slot = slots_[o.slot];
  auto request = namenode.addChunkRequest();
  fillFor(request, slot.user, call);
  request.setFile(slot.file);
  if (slot.last.chunk != 0)
    commit(slot.last, writtenLengthOf(o, slot.known), request.initPrevious());
  auto reply = wait(request.send());
  TRY(faultOf(reply));
  auto ref = reply.getChunk().getChunk();
  nn::Placed placed{ref.getId(), ref.getGeneration(), {}};
  for (auto node : reply.getChunk().getReplicas()) placed.nodes.push_back(node.getNode());
  detail_ = " " + std::to_string(placed.chunk) + "." + std::to_string(placed.generation);
  after_ = [this, o, placed]() {
    noteSealed(o);
    slots_[o.slot].last = placed;
    slots_[o.slot].known = 0;
  };
  return "";
}
Result<std::string> Driver::sendAbandon(const Operation& o, std::uint64_t call) {
  if (!slots_.contains(o.slot)) return fail(Code::NOT_FOUND, "");
  const Slot& slot = slots_[o.slot];
  auto request = namenode.abandonChunkRequest();
  fillFor(request, slot.user, call);
  request.setFile(slot.file);
  refer(slot.last, request.initChunk());
  TRY(faultOf(wait(request.send())));
  after_ = [this, at = o.slot]() { slots_[at].last = {}; };
  return "";
}
Result<std::string> Driver::sendComplete(const Operation& o, std::uint64_t call) {
  if (!slots_.contains(o.slot)) return fail(Code::NOT_FOUND, "");
  const Slot& slot = slots_[o.slot];
  auto request = namenode.completeRequest();
  fillFor(request, slot.user, call);
  request.setFile(slot.file);
  if (slot.last.chunk != 0) commit(slot.last, writtenLengthOf(o, slot.known), request.initLast());
  TRY(faultOf(wait(request.send())));
  after_ = [this, o]() {
    noteSealed(o);
    slots_[o.slot].last = {};
  };
  return "";
}

Result<std::string> Driver::sendAppend(const Operation& o, std::uint64_t call) {
  auto request = namenode.appendRequest();
  fillFor(request, o.user, call);
  request.setPath(o.path);
  request.setNewChunk(o.force);
  auto reply = wait(request.send());
  TRY(faultOf(reply));
  const auto last = reply.getLast();
  Slot slot{.file = reply.getEntry().getId(),
            .user = o.user,
            .last = {last.getChunk().getId(), last.getChunk().getGeneration(), {}},
            .known = last.getLength()};
  for (auto node : last.getReplicas()) slot.last.nodes.push_back(node.getNode());
  detail_ = " " + std::to_string(slot.last.chunk) + "." + std::to_string(slot.last.generation);
  const std::uint64_t known = slot.known;
  after_ = [this, o, slot]() {
    known_[slot.last.chunk] = slot.known;
    takeSlot(o, slot);
  };
  return std::to_string(reply.getEntry().getLength()) + ", resumes at " + std::to_string(known);
}

Result<std::string> Driver::sendSync(const Operation& o, std::uint64_t call) {
  if (!slots_.contains(o.slot)) return fail(Code::NOT_FOUND, "");
  const Slot& slot = slots_[o.slot];
  const std::uint64_t length = writtenLengthOf(o, slot.known);
  auto request = namenode.syncFileRequest();
  fillFor(request, slot.user, call);
  request.setFile(slot.file);
  refer(slot.last, request.initChunk());
  request.setLength(length);
  TRY(faultOf(wait(request.send())));
  after_ = [this, at = o.slot, length]() {
    Slot& mine = slots_[at];
    mine.known = std::max(mine.known, length);
    known_[mine.last.chunk] = mine.known;
  };
  return "";
}

// --- Files without a writer ---

Result<std::string> Driver::sendTruncate(const Operation& o, std::uint64_t call) {
  auto request = namenode.truncateRequest();
  fillFor(request, o.user, call);
  request.setPath(o.path);
  request.setLength(o.length);
  auto reply = wait(request.send());
  TRY(faultOf(reply));
  return reply.getDone() ? "true" : "false";
}

Result<std::string> Driver::sendRecoverLease(const Operation& o, std::uint64_t call) {
  auto request = namenode.recoverLeaseRequest();
  fillFor(request, o.user, call);
  request.setPath(o.path);
  auto reply = wait(request.send());
  TRY(faultOf(reply));
  return reply.getClosed() ? "true" : "false";
}

}  // namespace cairn::model
