#include "namenode/meta/row_memory.h"

#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>

#include "namenode/meta/finger_list.h"
#include "namenode/meta/rocks.h"

namespace cairn::nn {
namespace {

// Memory of one of RocksDB's allocators, which is freed with that. Its class is not public; a
// memtable may have it through its base.
class Memory : public rocksdb::MemTableRep {
public:
  explicit Memory(rocksdb::Allocator* allocator) : MemTableRep(allocator) {}

  void* take(std::size_t bytes, std::size_t alignment) {
    char* begin = nullptr;
    MemTableRep::Allocate(bytes + alignment - 1, &begin);
    const auto address = reinterpret_cast<std::uintptr_t>(begin);
    return begin + (alignment - address % alignment) % alignment;
  }
};

// An allocator alone.
class ArenaMemory final : public Memory {
public:
  // An arena is an Allocator, its only base; that is not public either.
  explicit ArenaMemory(rocksdb::Arena* arena)
      : Memory(reinterpret_cast<rocksdb::Allocator*>(arena)) {}
  void Insert(rocksdb::KeyHandle) override {}
  bool Contains(const char*) const override { return false; }
  std::size_t ApproximateMemoryUsage() override { return 0; }
  Iterator* GetIterator(rocksdb::Arena*) override { return nullptr; }
};

class RowCursor final : public rocksdb::MemTableRep::Iterator {
public:
  explicit RowCursor(const FingerList& rows) : rows_(rows) {}

  bool Valid() const override { return at_ != nullptr; }
  const char* key() const override { return at_->entry(); }
  void Next() override { at_ = at_->next(); }
  void Prev() override { at_ = rows_.lastBefore(at_->key()); }
  void Seek(const rocksdb::Slice& key, const char*) override {
    at_ = rows_.atOrAfter(EntryKey::of(toView(key)));
  }
  void SeekForPrev(const rocksdb::Slice& key, const char*) override {
    const auto wanted = EntryKey::of(toView(key));
    at_ = rows_.atOrAfter(wanted);
    if (at_ == nullptr || wanted.before(at_->key())) at_ = rows_.lastBefore(wanted);
  }
  void SeekToFirst() override { at_ = rows_.first(); }
  void SeekToLast() override { at_ = rows_.last(); }

private:
  const FingerList& rows_;
  const FingerList::Node* at_ = nullptr;
};

class RowMemory final : public Memory {
public:
  explicit RowMemory(rocksdb::Allocator* allocator)
      : Memory(allocator), rows_(take(FingerList::HEAD_BYTES, FingerList::NODE_ALIGNMENT)) {}

  rocksdb::KeyHandle Allocate(std::size_t bytes, char** entry) override {
    const int height = rows_.chooseHeight();
    auto* const node = FingerList::makeNode(
        take(FingerList::nodeBytes(height, bytes), FingerList::NODE_ALIGNMENT), height);
    *entry = node->entry();
    return node;
  }
  void Insert(rocksdb::KeyHandle node) override {
    rows_.insert(static_cast<FingerList::Node*>(node));
  }
  bool Contains(const char* entry) const override {
    const auto key = EntryKey::ofEntry(entry);
    const auto* const found = rows_.atOrAfter(key);
    return found != nullptr && !key.before(found->key());
  }
  std::size_t ApproximateMemoryUsage() override { return 0; }  // all of it is the allocator's

  Iterator* GetIterator(rocksdb::Arena* arena) override {
    if (arena == nullptr) return new RowCursor(rows_);
    return new (ArenaMemory(arena).take(sizeof(RowCursor), alignof(RowCursor))) RowCursor(rows_);
  }
  // What is to be looked for is known to the base class alone: that asks for a cursor, and forgets
  // to free it.
  void Get(const rocksdb::LookupKey& key, void* to,
           bool (*visit)(void* to, const char* entry)) override {
    RowCursor cursor(rows_);
    getting_ = &cursor;
    MemTableRep::Get(key, to, visit);
  }
  Iterator* GetDynamicPrefixIterator(rocksdb::Arena* arena) override {
    if (RowCursor* const cursor = std::exchange(getting_, nullptr)) return cursor;
    return GetIterator(arena);
  }

private:
  // Of the Get that is about to ask.
  static thread_local RowCursor* getting_;
  FingerList rows_;
};

thread_local RowCursor* RowMemory::getting_ = nullptr;

}  // namespace

rocksdb::MemTableRep* RowMemoryFactory::CreateMemTableRep(
    const rocksdb::MemTableRep::KeyComparator&, rocksdb::Allocator* allocator,
    const rocksdb::SliceTransform*, rocksdb::Logger*) {
  return new RowMemory(allocator);
}

}  // namespace cairn::nn
