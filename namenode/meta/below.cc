#include "namenode/meta/below.h"

namespace cairn::nn {

void Totals::add(const Totals& other) {
  files += other.files;
  directories += other.directories;
  length += other.length;
  spaceConsumed += other.spaceConsumed;
  storedLength += other.storedLength;
  storedConsumed += other.storedConsumed;
}

void Totals::subtract(const Totals& other) {
  files -= other.files;
  directories -= other.directories;
  length -= other.length;
  spaceConsumed -= other.spaceConsumed;
  storedLength -= other.storedLength;
  storedConsumed -= other.storedConsumed;
}

Totals totalsOf(const record::Dirent& entry) {
  if (entry.kind() == record::DIRECTORY) return {.directories = 1};
  return {.files = 1,
          .length = entry.length(),
          .spaceConsumed = entry.length() * entry.replication(),
          .storedLength = entry.stored_length(),
          .storedConsumed = entry.stored_length() * entry.replication()};
}

Totals totalsOf(const record::Summary& summary) {
  return {.files = summary.files(),
          .directories = summary.directories(),
          .length = summary.length(),
          .spaceConsumed = summary.space_consumed(),
          .storedLength = summary.stored_length(),
          .storedConsumed = summary.stored_consumed()};
}

void toRecord(const Totals& totals, record::Summary& to) {
  to.set_files(totals.files);
  to.set_directories(totals.directories);
  to.set_length(totals.length);
  to.set_space_consumed(totals.spaceConsumed);
  to.set_stored_length(totals.storedLength);
  to.set_stored_consumed(totals.storedConsumed);
}

void BelowChanges::note(InodeId directory, const Totals& more) {
  if (notes_.empty() || notes_.back().directory != directory) {
    notes_.push_back({directory, more});
  } else {
    notes_.back().more.add(more);
  }
}

void BelowChanges::entered(InodeId parent, const record::Dirent& entry) {
  note(parent, totalsOf(entry));
  if (entry.kind() == record::DIRECTORY) moves_.push_back({InodeId(entry.id()), parent, true});
}

void BelowChanges::left(InodeId parent, const record::Dirent& entry) {
  Totals less;
  less.subtract(totalsOf(entry));
  note(parent, less);
  if (entry.kind() == record::DIRECTORY) moves_.push_back({InodeId(entry.id()), parent, false});
}

void BelowChanges::changed(InodeId parent, const record::Dirent& before,
                           const record::Dirent& after) {
  if (before.length() == after.length() && before.stored_length() == after.stored_length() &&
      before.replication() == after.replication()) {
    return;
  }
  Totals more = totalsOf(after);
  more.subtract(totalsOf(before));
  note(parent, more);
}

void BelowChanges::absorb(BelowChanges&& newer) {
  for (const auto& one : newer.notes_) note(one.directory, one.more);
  moves_.insert(moves_.end(), newer.moves_.begin(), newer.moves_.end());
  newer = BelowChanges();
}

}  // namespace cairn::nn
