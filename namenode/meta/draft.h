// The changes that one operation wants to make, on top of the state it sees: the one gateway
// through which the namenode's tables are changed. An operation reads its own changes back. When it
// fails, the draft is dropped and nothing has happened.
// Layer: meta.  Threads: one.  Ownership: the layers outlive the draft.
//
// Every change passes here with the row before and the row after it; what derives from changes
// (counts, the directory cache; later quotas, snapshots, watchers) hangs here and nowhere else.
#pragma once

#include <string>
#include <string_view>

#include "common/base/ids.h"
#include "common/schema/namenode.pb.h"
#include "namenode/meta/keys.h"
#include "namenode/meta/meta_view.h"
#include "namenode/meta/overlay.h"

namespace cairn::nn {

// What a draft stands on, newest first. `pending` and `inFlight` may be null.
struct Layers {
  const Overlay* pending = nullptr;   // the group that is being filled
  const Overlay* inFlight = nullptr;  // the group that is being made durable
  const MetaView* durable = nullptr;
};

// The newest layer that had a say in what a draft has read. What rests on a group must not be told
// to anyone before that group is durable.
enum class RestsOn : std::uint8_t { DURABLE, IN_FLIGHT, PENDING };

class Draft final : public MetaView {
public:
  // `txid`: of the group that the changes would join; stands in every record they write.
  Draft(Layers below, TxId txid) : below_(below), txid_(txid) {}

  // --- Reads: this draft's changes, then the layers ---
  Result<bool> get(Table table, std::string_view key, std::string& value) const override;
  std::unique_ptr<Cursor> scanFrom(Table table, std::string_view prefix,
                                   std::string_view from) const override;
  Result<std::shared_ptr<const PathNode>> findNode(InodeId parent,
                                                   std::string_view name) const override;
  RestsOn restsOn() const { return restsOn_; }
  TxId txid() const { return txid_; }

  // --- Entries of directories. REQUIRES, of all: the caller has read the row in this draft. ---
  // A name that is free so far. Counts. Sets the entry's txid.
  void addEntry(InodeId parent, std::string_view name, record::Dirent& entry);
  void addEntry(InodeId parent, std::string_view name, record::Dirent&& entry) {
    addEntry(parent, name, entry);
  }
  void changeEntry(InodeId parent, std::string_view name, const record::Dirent& before,
                   record::Dirent after);
  // The entry of a directory that has other times or another number of children, and else what it
  // had: what each change below it does. Sets the entry's txid.
  void touchEntry(InodeId parent, std::string_view name, record::Dirent& directory);
  void removeEntry(InodeId parent, std::string_view name, const record::Dirent& before);

  // Overlay::noteNewDirectory. REQUIRES: its entry is made in this draft, without children.
  void noteNewDirectory(InodeId directory) { changes_.noteNewDirectory(directory); }
  // Overlay::noteHolder. REQUIRES: the file's row of table lease is written in this draft.
  void noteHolder(InodeId file, const ClientId& client) { changes_.noteHolder(file, client); }

  // --- Other rows. The record gets the draft's txid. ---
  // REQUIRES: the row does not exist.
  template <typename Record>
  void insert(Table table, std::string_view key, Record record) {
    put(table, key, record, false);
  }
  // REQUIRES: the row exists.
  template <typename Record>
  void update(Table table, std::string_view key, Record record) {
    put(table, key, record, true);
  }
  // The row may exist or not; costs a look-up.
  template <typename Record>
  Result<void> upsert(Table table, std::string_view key, Record record) {
    std::string old;
    auto exists = get(table, key, old);
    if (!exists.has_value()) return std::unexpected(std::move(exists).error());
    put(table, key, record, *exists);
    return {};
  }
  // REQUIRES: the row does not exist.
  void insertMark(Table table, std::string_view key) { changes_.put(table, key, {}, false); }
  // REQUIRES: the row exists.
  void erase(Table table, std::string_view key) { changes_.erase(table, key, true); }

  CountChanges& counts() { return changes_.counts(); }

  // Overlay::recordCall.
  void recordCall(std::string_view bytes) { changes_.recordCall(bytes); }
  // Those of the group that is being filled.
  std::string_view pendingCalls() const {
    if (below_.pending == nullptr || below_.pending->recordedCalls().empty()) return {};
    rest(RestsOn::PENDING);
    return below_.pending->recordedCalls();
  }

  // A change worth a sync of its own; false: it may ride with the next group, or be lost in a
  // crash, for reports bring it again.
  void markSoft() { soft_ = true; }
  bool soft() const { return soft_; }

  bool empty() const { return changes_.empty(); }
  const Overlay& changes() const { return changes_; }
  Overlay&& takeChanges() { return std::move(changes_); }

private:
  template <typename Record>
  void put(Table table, std::string_view key, Record& record, bool exists,
           bool sameForPaths = false) {
    record.set_txid(txid_.value);
    changes_.put(table, key, record.SerializeAsString(), exists, sameForPaths);
  }
  // `forPaths`: rows that are what lies below them, for paths, are passed over.
  const Overlay::Row* findInLayers(Table table, std::string_view key, bool forPaths = false) const;
  void rest(RestsOn on) const {
    if (on > restsOn_) restsOn_ = on;
  }

  Layers below_;
  TxId txid_;
  Overlay changes_;
  bool soft_ = false;
  mutable RestsOn restsOn_ = RestsOn::DURABLE;  // bookkeeping of reads
};

}  // namespace cairn::nn
