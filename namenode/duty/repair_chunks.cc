#include <algorithm>
#include <utility>

#include "common/log/log.h"
#include "namenode/duty/duty.h"
#include "namenode/meta/records.h"
#include "namenode/state/chunk_copies.h"

namespace cairn::nn {
namespace {

constexpr std::uint32_t LOOK_MS = 250;       // a twelfth of a heartbeat, with which orders go
constexpr std::uint32_t SLICE_PAUSE_MS = 8;  // with slices of two: a fifth of the loop at most
constexpr std::int64_t SLICE_MS = 2;
constexpr std::size_t CHUNKS_A_SLICE = 100;
constexpr std::size_t FILE_CHUNKS_A_SLICE = 500;
// Of so many chunks one is of those that have enough copies, however many have too few.
constexpr std::size_t ENOUGH_COPIES_EVERY = 4;
constexpr std::int64_t CONFIRM_MS = 5'000;  // more than a heartbeat
constexpr std::int64_t DELETE_MS = 5'000;   // likewise: until it is ordered, done and told
constexpr std::int64_t BUSY_MS = 1'000;     // for a datanode that has enough to do
constexpr std::size_t CHECKS_MAX = 1000;    // ordered of one datanode
// A datanode that is to make a copy tries so many others.
constexpr std::size_t SOURCES_MAX = 3;

// What one slice works with. The candidates hold while no datanode comes or goes: a slice.
class Repair {
public:
  Repair(State& state, metrics::Counter& copies, metrics::Counter& deletes)
      : state_(state),
        copies_(copies),
        deletes_(deletes),
        candidates_(state.datanodes.candidates(state.awakeMs())) {
    for (const auto& candidate : candidates_) {
      if (!candidate.unfit.empty() || candidate.freeBytes == 0) continue;
      if (std::ranges::find(racks_, candidate.rack) == racks_.end()) {
        racks_.push_back(candidate.rack);
      }
      if (state.repairs.isBusy(candidate.node)) {
        anyBusy_ = true;
      } else {
        free_.push_back(candidate);
      }
    }
  }

  // Whether any datanode may get another copy to make.
  bool anyFree() const { return !free_.empty(); }

  // Looks at one chunk and orders what has to be done. One that has to wait for a datanode that has
  // enough to do is looked at again soon.
  Result<void> look(ChunkId chunk, RepairNeed need) {
    ASSIGN(const auto known, copiesOf(state_, state_.commits.draft(), chunk));
    if (!known.has_value()) return {};
    const auto underWay = state_.repairs.targetsOf(chunk);
    const auto plan =
        planRepair(known->copies, known->wanted, static_cast<unsigned>(underWay.size()), racks_);
    const GenerationStamp generation(known->chunk.generation());
    for (const NodeId node : plan.surplus) {
      LOG(INFO) << "chunk " << chunk.value << " has more than " << known->wanted
                << " copies: datanode " << node.value << " is to delete its own";
      state_.datanodes.orderDelete(node, chunk, generation, true);
      deletes_.add();
    }
    if (plan.more && plan.missing == 0) state_.repairs.review(chunk, RepairNeed::UNSURE);
    if (plan.unsure) {
      // Datanodes tell of new copies by themselves; but not again of those that they had told of
      // before the writer or a recovery did.
      if (need == RepairNeed::UNCONFIRMED) askFor(chunk, generation, known->copies);
      state_.repairs.reviewLater(chunk, RepairNeed::UNCONFIRMED, state_.monotonicMs(), CONFIRM_MS);
    }
    if (plan.missing > 0) order(chunk, need, *known, plan, underWay);
    return {};
  }

private:
  // Has the datanodes read and report the copies that they have not confirmed.
  void askFor(ChunkId chunk, GenerationStamp generation, const std::vector<ChunkCopy>& copies) {
    for (const auto& copy : copies) {
      if (copy.where != ChunkCopy::Where::HERE || copy.confirmed) continue;
      Datanode* const datanode = state_.datanodes.find(copy.node);
      if (datanode == nullptr || datanode->checks.size() >= CHECKS_MAX) continue;
      datanode->checks.insert_or_assign(chunk, generation);
    }
  }

  void order(ChunkId chunk, RepairNeed need, const ChunkCopies& known, const RepairPlan& plan,
             const std::vector<NodeId>& underWay) {
    need = plan.awayFrom.empty() ? std::min(need, RepairNeed::SHORT) : RepairNeed::ONE_RACK;
    // Those that are to stay count for racks. Others are no place for a copy all the same, nor are
    // those that are to delete one.
    std::vector<NodeId> existing = underWay;
    std::vector<NodeId> excluded;
    for (const NodeId node : known.holders) {
      const auto copy = std::ranges::find(known.copies, node, &ChunkCopy::node);
      const bool stays = copy != known.copies.end() && counts(*copy);
      (stays ? existing : excluded).push_back(node);
    }
    std::vector<Candidate> places = free_;
    bool anyDeletes = false;
    for (const auto& candidate : free_) {
      const Datanode* const datanode = state_.datanodes.find(candidate.node);
      const bool deletes = datanode != nullptr && datanode->deletes.contains(chunk);
      if (datanode == nullptr || deletes) excluded.push_back(candidate.node);
      anyDeletes |= deletes;
    }
    if (!plan.awayFrom.empty()) {
      std::erase_if(places, [&](const Candidate& place) { return place.rack == plan.awayFrom; });
    }
    for (const NodeId node : existing) {
      const auto candidate = std::ranges::find(candidates_, node, &Candidate::node);
      if (candidate == candidates_.end()) continue;
      if (std::ranges::find(places, node, &Candidate::node) == places.end()) {
        places.push_back(*candidate);
      }
    }
    const auto targets = choosePipeline(places,
                                        {.replicas = plan.missing,
                                         .localNode = {},
                                         .machine = {},
                                         .excluded = excluded,
                                         .existing = existing,
                                         .chunkBytes = known.chunk.stored_length()},
                                        state_.dice());
    if (targets.has_value()) {
      for (const NodeId target : *targets) begin(chunk, known.chunk, plan.sources, target);
      if (targets->size() == plan.missing) {
        if (plan.more) state_.repairs.review(chunk, need);
        return;
      }
    }
    if (anyBusy_) {
      state_.repairs.reviewLater(chunk, need, state_.monotonicMs(), BUSY_MS);
      return;
    }
    // No other datanode fits: found again by the census when one does, or when it has deleted what
    // it had.
    if (anyDeletes) {
      state_.repairs.reviewLater(chunk, need, state_.monotonicMs(), DELETE_MS);
    }
  }

  void begin(ChunkId chunk, const record::Chunk& row, const std::vector<NodeId>& sources,
             NodeId target) {
    Datanode* const datanode = state_.datanodes.find(target);
    if (datanode == nullptr) return;
    CopyOrder order{.chunk = chunk,
                    .generation = GenerationStamp(row.generation()),
                    .length = row.length(),
                    .sources = sources};
    if (order.sources.size() > SOURCES_MAX) order.sources.resize(SOURCES_MAX);
    LOG(INFO) << "datanode " << target.value << " is to copy chunk " << chunk.value
              << " from datanode " << order.sources.front().value;
    if (Datanode* const source = state_.datanodes.find(order.sources.front())) ++source->assigned;
    datanode->copies.insert_or_assign(chunk, std::move(order));
    state_.repairs.begin(chunk, target, row.stored_length(), state_.monotonicMs());
    copies_.add();
    const auto place = std::ranges::find(free_, target, &Candidate::node);
    if (place == free_.end()) return;
    ++place->load;
    if (!state_.repairs.isBusy(target)) return;
    free_.erase(place);
    anyBusy_ = true;
  }

  State& state_;
  metrics::Counter& copies_;
  metrics::Counter& deletes_;
  const std::vector<Candidate> candidates_;
  std::vector<Candidate> free_;          // those of them that may get another copy to make
  std::vector<std::string_view> racks_;  // on which any may, now or when it has less to do
  bool anyBusy_ = false;                 // others would fit, but have enough to do
};

// The chunks of files that want another number of copies now.
Result<void> reviewFiles(State& state) {
  std::size_t budget = FILE_CHUNKS_A_SLICE;
  const MetaView& view = state.store->latest();
  while (budget > 0) {
    const auto next = state.repairs.nextFile();
    if (!next.has_value()) return {};
    --budget;
    const auto links = view.scanFrom(Table::FILE_CHUNK, fileChunkPrefix(next->file),
                                     fileChunkKey(next->file, next->index));
    for (auto index = next->index; links->valid(); links->next(), ++index, --budget) {
      if (budget == 0) {
        state.repairs.putBack({.file = next->file, .index = index});
        return {};
      }
      record::FileChunk link;
      TRY(parseRow(Table::FILE_CHUNK, links->key(), links->value(), link));
      state.repairs.review(ChunkId(link.chunk()), RepairNeed::UNSURE);
    }
    TRY(links->status());
  }
  return {};
}

// A slice. False when there is nothing to be done now.
bool repairSome(State& state, Repair repair) {
  const std::int64_t nowMs = state.monotonicMs();
  for (std::size_t i = 0; i < CHUNKS_A_SLICE && state.monotonicMs() - nowMs < SLICE_MS; ++i) {
    const bool enoughCopies = i % ENOUGH_COPIES_EVERY == 0;
    auto next = state.repairs.next(nowMs, enoughCopies || !repair.anyFree());
    if (!next.has_value() && enoughCopies && repair.anyFree()) next = state.repairs.next(nowMs);
    if (!next.has_value()) return false;
    const auto [chunk, need] = *next;
    const auto done = repair.look(chunk, need);
    if (!done.has_value()) {
      LOG_EVERY_N(ERROR, 100) << "cannot repair chunk " << chunk.value << ": "
                              << done.error().message();
    }
  }
  return true;
}

}  // namespace

kj::Promise<void> repairChunks(State& state) {
  auto& waiting = state.host.metrics.gauge("cairn_namenode_repairs_waiting",
                                           "Chunks and files whose replicas are to be counted");
  auto& underWay = state.host.metrics.gauge("cairn_namenode_copies_open",
                                            "Replicas that datanodes are making of others'");
  auto& copies =
      state.host.metrics.counter("cairn_namenode_copies_ordered_total",
                                 "Replicas ordered because a chunk had too few, or all on "
                                 "one rack");
  auto& deletes = state.host.metrics.counter("cairn_namenode_surplus_ordered_total",
                                             "Deletes ordered because a chunk had too many");
  auto& failed = state.host.metrics.counter("cairn_namenode_copies_failed_total",
                                            "Replicas ordered that were not made");
  bool more = false;
  while (true) {
    co_await pause(state, more ? SLICE_PAUSE_MS : LOOK_MS);
    more = false;
    waiting.set(static_cast<std::int64_t>(state.repairs.waiting()));
    underWay.set(static_cast<std::int64_t>(state.repairs.copies()));
    failed.add(state.repairs.lost() - failed.value());
    if (state.safeMode.on()) continue;
    state.repairs.endOverdue(state.monotonicMs());
    if (auto reviewed = reviewFiles(state); !reviewed.has_value()) {
      LOG_EVERY_N(ERROR, 100) << "cannot look at a file's replicas: " << reviewed.error().message();
    }
    more = repairSome(state, Repair(state, copies, deletes));
  }
}

}  // namespace cairn::nn
