// Which groups of changes are in RocksDB's files in every table: those need no log any more.
// Tables are flushed one by one, each when its memory is full, so the answer is the oldest of all.
// Layer: meta (std only).  Threads: one.  Cost: a few words for each MARK_EVERY_GROUPS groups.
#pragma once

#include <array>
#include <cstdint>
#include <deque>

#include "common/base/ids.h"
#include "namenode/meta/table.h"

namespace cairn::nn {

class Checkpoints {
public:
  // RocksDB's sequence numbers by table.
  using Sequences = std::array<std::uint64_t, TABLE_COUNT>;
  static constexpr std::uint64_t MARK_EVERY_GROUPS = 64;

  // The group has been put into the tables; in those where it has rows, these are the numbers of
  // its last ones, 0 in the others.
  void applied(TxId txid, const Sequences& last) {
    for (std::size_t i = 0; i < TABLE_COUNT; ++i) {
      if (last[i] != 0) newest_[i] = last[i];
    }
    if (marks_.empty() || sealed_ || txid.value % MARK_EVERY_GROUPS == 0) {
      marks_.push_back({txid, newest_});
      sealed_ = false;
    } else {
      marks_.back() = {txid, newest_};
    }
  }

  // The groups so far are told apart from later ones: covered() will say so when just these are in
  // files. For a flush, which takes no more than what is there.
  void seal() { sealed_ = true; }

  // The last group such that it and all before it are in files, given how far each table is.
  TxId covered(const Sequences& flushed) {
    while (!marks_.empty() && isCovered(marks_.front().last, flushed)) {
      covered_ = marks_.front().txid;
      marks_.pop_front();
    }
    return covered_;
  }

  // Whether the table has rows in memory alone.
  bool isBehind(Table table, const Sequences& flushed) const {
    return newest_[indexOf(table)] > flushed[indexOf(table)];
  }

private:
  struct Mark {
    TxId txid;
    Sequences last;
  };
  static bool isCovered(const Sequences& last, const Sequences& flushed) {
    for (std::size_t i = 0; i < TABLE_COUNT; ++i) {
      if (last[i] > flushed[i]) return false;
    }
    return true;
  }

  Sequences newest_{};
  std::deque<Mark> marks_;
  TxId covered_;
  bool sealed_ = false;  // the last mark takes no more groups
};

}  // namespace cairn::nn
