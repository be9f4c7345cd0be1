// Drafts over two groups over the tables: what an operation sees, and what it must wait for.
#include "namenode/meta/draft.h"

#include <gtest/gtest.h>

#include "namenode/meta/id_allocator.h"
#include "namenode/meta/records.h"
#include "tests/namenode/map_view.h"
#include "tests/testkit/results.h"

namespace cairn::nn {
namespace {

constexpr InodeId PARENT{100};

record::Dirent entry(std::uint64_t id, record::Kind kind = record::FILE) {
  record::Dirent dirent;
  dirent.set_id(id);
  dirent.set_kind(kind);
  return dirent;
}

class DraftTest : public ::testing::Test {
protected:
  Draft draft() { return Draft({&pending, &inFlight, &durable}, TxId(9)); }
  static std::string names(const MetaView& view) {
    std::string all;
    const auto cursor = view.scan(Table::DIRENT, direntPrefix(PARENT));
    for (; cursor->valid(); cursor->next())
      all += std::string(nameInDirentKey(cursor->key())) + " ";
    return all;
  }
  // Adds entries to a layer by way of a draft, as operations do.
  void add(Overlay& layer, std::initializer_list<const char*> added,
           std::initializer_list<const char*> removed = {}) {
    Draft work({nullptr, nullptr, &durable}, TxId(1));
    for (const auto* name : added) work.addEntry(PARENT, name, entry(++nextId));
    for (const auto* name : removed) work.removeEntry(PARENT, name, entry(1));
    layer.absorb(work.takeChanges());
  }
  MapView durable;
  Overlay inFlight;
  Overlay pending;
  std::uint64_t nextId = 200;
};

// Protects that an operation sees what was accepted before it, in order, and not what was removed.
TEST_F(DraftTest, ScansMergeAllLayers) {
  Overlay old;
  add(old, {"a", "c", "e", "g"});
  durable.apply(old);
  add(inFlight, {"b"}, {"c"});
  add(pending, {"d", "c"}, {"e"});
  Draft work = draft();
  work.addEntry(PARENT, "f", entry(1));
  work.removeEntry(PARENT, "g", entry(1));
  EXPECT_EQ(names(work), "a b c d f ");
  const auto cursor = work.scan(Table::DIRENT, direntPrefix(PARENT));
  cursor->seek(direntKey(PARENT, "c"));
  EXPECT_EQ(nameInDirentKey(cursor->key()), "c");
  cursor->seek(direntKey(PARENT, "e"));
  EXPECT_EQ(nameInDirentKey(cursor->key()), "f");
  const auto from = work.scanFrom(Table::DIRENT, direntPrefix(PARENT), direntKey(PARENT, "e"));
  ASSERT_TRUE(from->valid());
  EXPECT_EQ(nameInDirentKey(from->key()), "f");
  from->seek(direntKey(PARENT, "a"));
  EXPECT_EQ(nameInDirentKey(from->key()), "a");
}

// Protects the rule that nothing is told that rests on what is not durable: the draft remembers the
// newest layer that had a say, for rows that are there and for rows that were removed.
TEST_F(DraftTest, RemembersWhatItRestsOn) {
  Overlay old;
  add(old, {"a", "b"});
  durable.apply(old);
  add(inFlight, {"c"}, {"a"});
  add(pending, {"d"});
  const auto rests = [&](const char* name) {
    Draft work = draft();
    EXPECT_OK(findDirent(work, PARENT, name));
    return work.restsOn();
  };
  EXPECT_EQ(rests("b"), RestsOn::DURABLE);
  EXPECT_EQ(rests("a"), RestsOn::IN_FLIGHT);
  EXPECT_EQ(rests("c"), RestsOn::IN_FLIGHT);
  EXPECT_EQ(rests("d"), RestsOn::PENDING);
  Draft lists = draft();
  names(lists);
  EXPECT_EQ(lists.restsOn(), RestsOn::PENDING);
}

// Protects the tables from deletes of rows that were never there, which every later scan would pay
// for.
TEST_F(DraftTest, ARowMadeAndRemovedLeavesNothing) {
  add(pending, {"a"});
  Draft work = draft();
  work.removeEntry(PARENT, "a", entry(1));
  work.insert(Table::INODE, inodeKey(PARENT), record::Inode());
  pending.absorb(work.takeChanges());
  EXPECT_EQ(pending.find(Table::DIRENT, direntKey(PARENT, "a")), nullptr);
  EXPECT_EQ(pending.rowCount(), 1U);
  EXPECT_EQ(pending.counts().files, 0);
}

// Protects the walk along a path, which passes over a directory's rows that say nothing new to it:
// rights that changed are seen at once, however the directory is touched before and afterwards.
TEST_F(DraftTest, AWalkSeesRightsAndPassesOverTouches) {
  const auto directory = [](std::uint32_t mode, std::int64_t mtimeMs) {
    auto dirent = entry(5, record::DIRECTORY);
    dirent.set_mode(mode);
    dirent.set_mtime_ms(mtimeMs);
    return dirent;
  };
  const auto change = [&](Overlay& layer, const record::Dirent& before, record::Dirent after) {
    Draft work = draft();
    work.changeEntry(PARENT, "d", before, std::move(after));
    layer.absorb(work.takeChanges());
  };
  const auto walk = [&](RestsOn expected) {
    const Draft work = draft();
    const auto mode = work.findNode(PARENT, "d").value()->mode;
    EXPECT_EQ(work.restsOn(), expected);
    return mode;
  };
  Overlay old;
  Draft make = draft();
  make.addEntry(PARENT, "d", directory(0755, 1));
  old.absorb(make.takeChanges());
  durable.apply(old);

  change(inFlight, directory(0755, 1), directory(0755, 2));
  EXPECT_EQ(walk(RestsOn::DURABLE), 0755);
  change(inFlight, directory(0755, 2), directory(0700, 3));
  change(inFlight, directory(0700, 3), directory(0700, 4));
  change(pending, directory(0700, 4), directory(0700, 5));
  EXPECT_EQ(walk(RestsOn::IN_FLIGHT), 0700);
  change(pending, directory(0700, 5), directory(0711, 6));
  change(pending, directory(0711, 6), directory(0711, 7));
  EXPECT_EQ(walk(RestsOn::PENDING), 0711);

  Draft remove = draft();
  remove.removeEntry(PARENT, "d", directory(0711, 7));
  pending.absorb(remove.takeChanges());
  EXPECT_EQ(draft().findNode(PARENT, "d").value(), nullptr);
  Draft again = draft();
  again.addEntry(PARENT, "d", directory(0500, 8));
  pending.absorb(again.takeChanges());
  EXPECT_EQ(walk(RestsOn::PENDING), 0500);
}

// Protects readers' directory cache: whatever changes what a path goes through is named.
TEST_F(DraftTest, NotesDirectoriesThatChanged) {
  Draft work = draft();
  auto directory = entry(5, record::DIRECTORY);
  work.addEntry(PARENT, "new", directory);
  EXPECT_TRUE(work.changes().changedDirectories().empty());
  auto other = directory;
  other.set_mtime_ms(7);
  work.changeEntry(PARENT, "d", directory, other);
  EXPECT_TRUE(work.changes().changedDirectories().empty());
  other.set_mode(0700);
  work.changeEntry(PARENT, "d", directory, other);
  work.removeEntry(PARENT, "gone", directory);
  EXPECT_EQ(work.changes().changedDirectories().size(), 2U);
}

// Protects against an id that is handed out twice: a crash skips the rest of a batch, never repeats
// it.
TEST(IdAllocatorTest, ACrashSkipsIds) {
  IdAllocator ids{record::Reservations()};
  const auto first = ids.nextChunk();
  const auto marks = ids.takeReservations();
  ASSERT_TRUE(marks.has_value());
  EXPECT_FALSE(ids.takeReservations().has_value());
  const auto second = ids.nextChunk();
  EXPECT_EQ(second.value, first.value + 16);
  EXPECT_EQ(first.value % 16, 0U);
  EXPECT_FALSE(ids.takeReservations().has_value());
  IdAllocator afterCrash(*marks);
  EXPECT_GT(afterCrash.nextChunk(), second);
  EXPECT_TRUE(afterCrash.wasHandedOut(second));
  EXPECT_FALSE(ids.wasHandedOut(ChunkId(second.value + 16)));
  EXPECT_FALSE(ids.wasHandedOut(ChunkId(second.value + 1)));
}

// Protects ids that an older directory has not got to: they are known for what they are, and none
// up to them is handed out, in this life or the next.
TEST(IdAllocatorTest, RaisedAboveWhatOthersHave) {
  IdAllocator ids{record::Reservations()};
  const ChunkId first = ids.nextChunk();
  const GenerationStamp generation = ids.nextGeneration();
  EXPECT_FALSE(ids.isAhead(first));
  EXPECT_FALSE(ids.isAhead(generation));
  const ChunkId chunk(first.value + 16 * 50'000);
  const GenerationStamp stamp(generation.value + 50'000);
  EXPECT_TRUE(ids.isAhead(chunk));
  EXPECT_TRUE(ids.isAhead(stamp));
  EXPECT_FALSE(ids.isAhead(ChunkId(chunk.value + 1)));
  (void)ids.takeReservations();
  ids.leap(chunk, stamp);
  EXPECT_FALSE(ids.isAhead(chunk));
  EXPECT_FALSE(ids.isAhead(stamp));
  const auto marks = ids.takeReservations();
  ASSERT_TRUE(marks.has_value());
  IdAllocator later(*marks);
  for (IdAllocator* one : {&ids, &later}) {
    EXPECT_GT(one->nextChunk(), chunk);
    EXPECT_GT(one->nextGeneration(), stamp);
  }
  // Also above those that nobody has told of.
  const ChunkId next = ids.nextChunk();
  const GenerationStamp nextStamp = ids.nextGeneration();
  const InodeId inode = ids.nextInode();
  ids.leap(ChunkId(), GenerationStamp());
  EXPECT_GT(ids.nextChunk().value, next.value + 16 * 1'000'000'000ULL);
  EXPECT_GT(ids.nextGeneration().value, nextStamp.value + 1'000'000'000ULL);
  EXPECT_GT(ids.nextInode().value, inode.value + 1'000'000'000ULL);
}

}  // namespace
}  // namespace cairn::nn
