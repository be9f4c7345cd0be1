// Entries of a RocksDB memtable in the order of their keys: a skip list that goes on from where it
// inserted last. A group of changes is sorted and ids grow, so the next entry nearly always follows
// the last one: two comparisons then, where a search from the head takes thirty. Layer: meta (std
// only).  Threads: one inserts at a time; any number read meanwhile, without a lock. Cost: 16 to 24
// bytes an entry beside its own; an insertion O(log d), d the entries between this place and the
// last one; a search O(log n). Nothing is ever removed.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "common/base/bytes.h"

namespace cairn::nn {

// RocksDB's key of an entry: the row's key, then 8 bytes that are greater the newer the entry is.
// Rows stand in byte order, of one row the newest entry comes first.
struct EntryKey {
  static constexpr std::size_t AGE_BYTES = 8;

  std::string_view row;
  std::uint64_t age = 0;

  // REQUIRES: AGE_BYTES at least.
  static EntryKey of(std::string_view bytes) {
    const auto row = bytes.substr(0, bytes.size() - AGE_BYTES);
    return {row, loadLittle<std::uint64_t>(row.data() + row.size())};
  }
  // Of an entry as the memtable writes it: the key's length as a varint, the key, and more.
  static EntryKey ofEntry(const char* entry) {
    std::uint32_t length = 0;
    unsigned shift = 0;
    for (;; shift += 7) {
      const auto byte = static_cast<unsigned char>(*entry++);
      length |= static_cast<std::uint32_t>(byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    return of({entry, length});
  }

  bool before(const EntryKey& other) const {
    const int order = row.compare(other.row);
    return order != 0 ? order < 0 : age > other.age;
  }
};

class FingerList {
public:
  static constexpr int HEIGHT_MAX = 12;  // a quarter of a level's nodes reach the next: 16 million

  // One entry: the node's links, then the entry's own bytes.
  class Node {
  public:
    const char* entry() const { return reinterpret_cast<const char*>(links() + height_); }
    char* entry() { return reinterpret_cast<char*>(links() + height_); }
    EntryKey key() const { return EntryKey::ofEntry(entry()); }
    const Node* next() const { return link(0).load(std::memory_order_acquire); }

  private:
    friend class FingerList;
    using Link = std::atomic<Node*>;
    explicit Node(int height) : height_(height) {
      for (int level = 0; level < height; ++level) new (links() + level) Link(nullptr);
    }
    Link* links() { return reinterpret_cast<Link*>(this + 1); }
    const Link* links() const { return reinterpret_cast<const Link*>(this + 1); }
    Link& link(int level) { return links()[level]; }
    const Link& link(int level) const { return links()[level]; }

    std::int64_t height_;
  };

  // `headMemory`: HEAD_BYTES, aligned as NODE_ALIGNMENT says; outlives the list, as that of every
  // node does.
  explicit FingerList(void* headMemory) : head_(new(headMemory) Node(HEIGHT_MAX)) {
    finger_.fill(head_);
  }
  FingerList(const FingerList&) = delete;
  FingerList& operator=(const FingerList&) = delete;

  // --- The writer ---
  static constexpr std::size_t NODE_ALIGNMENT = alignof(Node);
  static constexpr std::size_t HEAD_BYTES = sizeof(Node) + HEIGHT_MAX * sizeof(void*);
  // Of a node of this height for an entry of so many bytes.
  static std::size_t nodeBytes(int height, std::size_t entryBytes) {
    return sizeof(Node) + static_cast<std::size_t>(height) * sizeof(void*) + entryBytes;
  }
  int chooseHeight();
  static Node* makeNode(void* memory, int height) { return new (memory) Node(height); }
  // REQUIRES: the entry's bytes are filled in, and its key is not there yet.
  void insert(Node* node);
  // Of keys, in all insertions so far; for tests.
  std::uint64_t comparisons() const { return comparisons_; }

  // --- Readers ---
  const Node* first() const { return head_->next(); }
  // Null for none, of all below. The first that is not before `key`.
  const Node* atOrAfter(const EntryKey& key) const;
  // The last one before `key`.
  const Node* lastBefore(const EntryKey& key) const;
  const Node* last() const;

private:
  bool precedes(const EntryKey& a, const EntryKey& b) {
    ++comparisons_;
    return a.before(b);
  }
  // The last node before `key`, perhaps the head; `after` is what follows it.
  const Node* search(const EntryKey& key, const Node*& after) const;

  Node* const head_;
  std::atomic<int> height_{1};  // of the highest node
  // The writer's: on each level the last node that is not behind the entry inserted last.
  std::array<Node*, HEIGHT_MAX> finger_{};
  std::uint64_t comparisons_ = 0;
  std::uint32_t dice_ = 0x9e3779b9;
};

}  // namespace cairn::nn
