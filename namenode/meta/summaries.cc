#include "namenode/meta/summaries.h"

#include <algorithm>
#include <functional>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "namenode/meta/records.h"

namespace cairn::nn {
namespace {

constexpr std::uint32_t UNREACHABLE = UINT32_MAX;

class Folding {
public:
  Folding(const Overlay& group, const MetaView& before) : group_(group), before_(before) {}

  Result<Overlay> run(TxId txid) {
    for (const auto& note : group_.below().notes()) more_[note.directory].add(note.more);
    for (const auto& move : group_.below().moves()) TRY(carry(move));
    for (const auto& [directory, more] : more_) {
      if (more != Totals()) TRY(place(directory));
    }
    runUp();
    Overlay rows;
    for (const auto& [directory, place] : places_) {
      if (place.depth != UNREACHABLE && place.more != Totals()) {
        TRY(write(rows, directory, place.more, txid));
      }
    }
    for (const InodeId directory : gone_) rows.erase(Table::SUMMARY, summaryKey(directory), true);
    return rows;
  }

private:
  struct Place {
    InodeId parent;
    std::uint32_t depth = 0;  // levels below the root
    Totals more;
  };

  // What lay below a directory before the group.
  Result<Totals> totalsBefore(InodeId directory) {
    const auto* row = group_.find(Table::INODE, inodeKey(directory));
    if (row != nullptr && !row->existsBelow) return Totals();  // it is new
    ASSIGN(const auto summary, findSummary(before_, directory));
    return summary.has_value() ? totalsOf(*summary) : Totals();
  }

  Result<void> carry(const BelowChanges::Move& move) {
    ASSIGN(const Totals carried, totalsBefore(move.directory));
    if (move.in) {
      more_[move.parent].add(carried);
      gone_.erase(move.directory);
    } else {
      more_[move.parent].subtract(carried);
      if (carried != Totals()) gone_.insert(move.directory);
    }
    return {};
  }

  // The directory that this one hangs below after the group; nil: it, or its row, is gone.
  Result<InodeId> parentOf(InodeId directory) {
    if (const auto* row = group_.find(Table::INODE, inodeKey(directory))) {
      if (!row->value.has_value()) return InodeId();
      record::Inode place;
      TRY(parseRow(Table::INODE, inodeKey(directory), *row->value, place));
      return InodeId(place.parent());
    }
    ASSIGN(const auto place, findInode(before_, directory));
    return place.has_value() ? InodeId(place->parent()) : InodeId();
  }

  // Finds the directory's place in the tree, and those of all above it.
  Result<void> place(InodeId directory) {
    std::vector<InodeId> way;
    std::uint32_t depth = UNREACHABLE;
    for (InodeId at = directory;;) {
      if (const auto known = places_.find(at); known != places_.end()) {
        depth = known->second.depth;
        break;
      }
      InodeId parent;
      if (at != ROOT_INODE) {
        ASSIGN(parent, parentOf(at));
      }
      way.push_back(at);
      places_[at].parent = parent;
      places_[at].depth = UNREACHABLE;  // until its way is known, and for good in a ring
      if (at == ROOT_INODE) {
        depth = 0;
        places_[at].depth = 0;
        way.pop_back();
        break;
      }
      if (!parent) break;
      at = parent;
    }
    for (auto at = way.rbegin(); at != way.rend(); ++at) {
      places_[*at].depth = depth == UNREACHABLE ? UNREACHABLE : ++depth;
    }
    return {};
  }

  void runUp() {
    std::vector<std::pair<std::uint32_t, InodeId>> deepestFirst;
    for (auto& [directory, place] : places_) {
      if (place.depth == UNREACHABLE) continue;
      if (const auto more = more_.find(directory); more != more_.end()) place.more = more->second;
      deepestFirst.emplace_back(place.depth, directory);
    }
    std::ranges::sort(deepestFirst, std::greater<>());
    for (const auto& [depth, directory] : deepestFirst) {
      const Place& place = places_.at(directory);
      if (depth > 0) places_.at(place.parent).more.add(place.more);
    }
  }

  Result<void> write(Overlay& rows, InodeId directory, const Totals& more, TxId txid) {
    const Key key = summaryKey(directory);
    ASSIGN(auto row, findSummary(before_, directory));
    Totals totals = row.has_value() ? totalsOf(*row) : Totals();
    totals.add(more);
    if (totals == Totals()) {
      if (row.has_value()) rows.erase(Table::SUMMARY, key, true);
      return {};
    }
    record::Summary after;
    after.set_txid(txid.value);
    toRecord(totals, after);
    rows.put(Table::SUMMARY, key, after.SerializeAsString(), row.has_value());
    return {};
  }

  const Overlay& group_;
  const MetaView& before_;
  std::unordered_map<InodeId, Totals> more_;
  std::unordered_map<InodeId, Place> places_;
  // Taken from their parent and not hung elsewhere; those with a row. (Where nothing lies below
  // there is none.)
  std::unordered_set<InodeId> gone_;
};

}  // namespace

Result<Overlay> foldSummaries(const Overlay& group, const MetaView& before, TxId txid) {
  if (group.below().notes().empty() && group.below().moves().empty()) return Overlay();
  return Folding(group, before).run(txid);
}

}  // namespace cairn::nn
