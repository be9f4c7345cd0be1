// The totals that are kept of directories, against a count of everything below them.
#include "namenode/meta/summaries.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/io/random.h"
#include "namenode/meta/draft.h"
#include "namenode/meta/records.h"
#include "tests/namenode/map_view.h"
#include "tests/testkit/results.h"

namespace cairn::nn {
namespace {

// Changes to a tree as operations make them, in groups as the store writes them.
class SummariesTest : public ::testing::Test {
protected:
  struct Place {
    InodeId parent;
    std::string name;
  };

  SummariesTest() {
    record::Dirent root;
    root.set_id(ROOT_INODE.value);
    root.set_kind(record::DIRECTORY);
    view.rows(Table::DIRENT)[std::string(direntKey(ROOT_PARENT, "").view())] =
        root.SerializeAsString();
    directories[ROOT_INODE] = {ROOT_PARENT, ""};
  }

  InodeId add(InodeId parent, record::Kind kind, std::uint64_t length = 0,
              std::uint32_t replication = 0) {
    const InodeId id(++lastId);
    const std::string name = "n" + std::to_string(id.value);
    change([&](Draft& draft) {
      record::Dirent entry;
      entry.set_id(id.value);
      entry.set_kind(kind);
      entry.set_length(length);
      entry.set_stored_length(length / 2);
      entry.set_replication(replication);
      draft.addEntry(parent, name, entry);
      record::Inode place;
      place.set_parent(parent.value);
      place.set_name(name);
      draft.insert(Table::INODE, inodeKey(id), place);
    });
    (kind == record::DIRECTORY ? directories : files)[id] = {parent, name};
    return id;
  }
  void resize(InodeId file, std::uint64_t length, std::uint32_t replication) {
    const Place at = files.at(file);
    change([&](Draft& draft) {
      const auto before = findDirent(draft, at.parent, at.name).value().value();
      auto after = before;
      after.set_length(length);
      after.set_stored_length(length / 3);
      after.set_replication(replication);
      draft.changeEntry(at.parent, at.name, before, after);
    });
  }
  void move(InodeId id, InodeId to) {
    Place& at = (files.contains(id) ? files : directories).at(id);
    change([&](Draft& draft) {
      auto entry = findDirent(draft, at.parent, at.name).value().value();
      draft.removeEntry(at.parent, at.name, entry);
      draft.addEntry(to, at.name, entry);
      record::Inode place;
      place.set_parent(to.value);
      place.set_name(at.name);
      draft.update(Table::INODE, inodeKey(id), place);
    });
    at.parent = to;
  }
  // As rm does, and reclaiming for what lies below something removed.
  void discard(InodeId parent, const std::string& name, InodeId id) {
    change([&](Draft& draft) {
      const auto entry = findDirent(draft, parent, name).value().value();
      draft.removeEntry(parent, name, entry);
      draft.erase(Table::INODE, inodeKey(id));
    });
  }
  void remove(InodeId id) {
    auto& all = files.contains(id) ? files : directories;
    const Place at = all.at(id);
    discard(at.parent, at.name, id);
    all.erase(id);
    if (&all == &directories) removed.push_back(id);
    // What lay below cannot be named any more.
    for (auto* map : {&files, &directories}) {
      std::erase_if(*map, [&](const auto& entry) { return !reaches(entry.first, *map); });
    }
  }
  bool reaches(InodeId id, const std::map<InodeId, Place>& from) const {
    for (InodeId at = from.at(id).parent; id != ROOT_INODE && at != ROOT_INODE;) {
      const auto above = directories.find(at);
      if (above == directories.end()) return false;
      at = above->second.parent;
    }
    return true;
  }
  // One step of reclaiming.
  void reclaim() {
    if (removed.empty()) return;
    const InodeId directory = removed.back();
    Draft draft({&pending, nullptr, &view}, TxId(1));
    const auto cursor = draft.scan(Table::DIRENT, direntPrefix(directory));
    if (!cursor->valid()) {
      removed.pop_back();
      return;
    }
    record::Dirent child;
    ASSERT_OK(parseRow(Table::DIRENT, cursor->key(), cursor->value(), child));
    const std::string name(nameInDirentKey(cursor->key()));
    if (isDirectory(child)) removed.push_back(InodeId(child.id()));
    discard(directory, name, InodeId(child.id()));
  }

  template <typename Change>
  void change(Change&& make) {
    Draft draft({&pending, nullptr, &view}, TxId(1));
    make(draft);
    pending.absorb(draft.takeChanges());
  }
  void closeGroup() {
    auto rows = foldSummaries(pending, view, TxId(1));
    ASSERT_OK(rows);
    view.apply(pending);
    view.apply(*rows);
    pending = Overlay();
  }

  // Counts everything below, and checks the directory's row on the way back.
  Totals count(InodeId directory, std::size_t& rowsSeen) {
    Totals totals;
    const auto cursor = view.scan(Table::DIRENT, direntPrefix(directory));
    std::vector<record::Dirent> children;
    for (; cursor->valid(); cursor->next()) {
      EXPECT_OK(parseRow(Table::DIRENT, cursor->key(), cursor->value(), children.emplace_back()));
    }
    for (const auto& child : children) {
      totals.add(totalsOf(child));
      if (isDirectory(child)) totals.add(count(InodeId(child.id()), rowsSeen));
    }
    const auto row = findSummary(view, directory).value();
    rowsSeen += row.has_value();
    EXPECT_EQ(row.has_value(), totals != Totals()) << "directory " << directory.value;
    if (row.has_value()) EXPECT_TRUE(totalsOf(*row) == totals) << "directory " << directory.value;
    return totals;
  }
  // `nothingRemoved`: no removed directory waits for reclaiming, so no row may be left over.
  void check(bool nothingRemoved) {
    std::size_t rowsSeen = 0;
    count(ROOT_INODE, rowsSeen);
    if (nothingRemoved) EXPECT_EQ(view.rows(Table::SUMMARY).size(), rowsSeen);
  }

  MapView view;
  Overlay pending;
  std::map<InodeId, Place> directories;
  std::map<InodeId, Place> files;
  std::vector<InodeId> removed;
  std::uint64_t lastId = ROOT_INODE.value;
};

// Protects du and count: a file shows in every directory above it, with its replicas.
TEST_F(SummariesTest, AFileCountsInEveryDirectoryAboveIt) {
  const auto a = add(ROOT_INODE, record::DIRECTORY);
  const auto b = add(a, record::DIRECTORY);
  closeGroup();
  const auto file = add(b, record::FILE, 100, 3);
  closeGroup();
  EXPECT_TRUE(totalsOf(*findSummary(view, a).value()) == (Totals{.files = 1,
                                                                 .directories = 1,
                                                                 .length = 100,
                                                                 .spaceConsumed = 300,
                                                                 .storedLength = 50,
                                                                 .storedConsumed = 150}));
  resize(file, 10, 2);
  closeGroup();
  EXPECT_EQ(totalsOf(*findSummary(view, ROOT_INODE).value()).spaceConsumed, 20U);
  check(true);
}

// Protects trees that move while they change: in one group something is written below a directory,
// the directory is moved, its own parent is moved, and one of its children leaves it; the totals
// must not depend on the order.
TEST_F(SummariesTest, AGroupMayMoveTreesThatItChanges) {
  const auto from = add(ROOT_INODE, record::DIRECTORY);
  const auto to = add(ROOT_INODE, record::DIRECTORY);
  const auto tree = add(from, record::DIRECTORY);
  const auto inner = add(tree, record::DIRECTORY);
  add(inner, record::FILE, 1000, 1);
  closeGroup();
  add(inner, record::FILE, 1, 1);
  move(tree, to);
  add(inner, record::FILE, 10, 1);
  move(inner, from);
  move(from, to);
  add(tree, record::FILE, 100, 1);
  closeGroup();
  check(true);
  EXPECT_EQ(findSummary(view, to).value()->length(), 1111U);
}

// Protects reclaiming: what is removed is taken off once, at once; taking its rows apart changes
// nothing above, and leaves no row behind.
TEST_F(SummariesTest, RemovedTreesAreTakenOffOnce) {
  const auto top = add(ROOT_INODE, record::DIRECTORY);
  const auto tree = add(top, record::DIRECTORY);
  const auto inner = add(tree, record::DIRECTORY);
  for (int i = 0; i < 5; ++i) add(inner, record::FILE, 7, 1);
  closeGroup();
  remove(tree);
  closeGroup();
  check(false);
  EXPECT_FALSE(findSummary(view, top).value().has_value());
  EXPECT_TRUE(findSummary(view, inner).value().has_value());
  while (!removed.empty()) {
    reclaim();
    closeGroup();
    check(removed.empty());
  }
}

// Protects the totals against every mix of changes in one group, and groups of any size.
TEST_F(SummariesTest, RandomChangesInRandomGroups) {
  io::Random random(7);
  const auto any = [&](const std::map<InodeId, Place>& all) {
    auto it = all.begin();
    std::advance(it, static_cast<long>(random.below(all.size())));
    return it->first;
  };
  const auto liesBelow = [&](InodeId id, InodeId top) {
    for (; id != ROOT_INODE; id = directories.at(id).parent) {
      if (id == top) return true;
    }
    return false;
  };
  for (int step = 0; step < 4000 && !HasFailure(); ++step) {
    const InodeId parent = any(directories);
    switch (random.below(10)) {
      case 0:
      case 1: add(parent, record::DIRECTORY); break;
      case 2:
      case 3: add(parent, record::FILE, random.below(1000), 3); break;
      case 4:
        if (!files.empty()) resize(any(files), random.below(1000), 2);
        break;
      case 5:
        if (!files.empty()) move(any(files), parent);
        break;
      case 6:
      case 7: {
        const InodeId what = any(directories);
        if (what != ROOT_INODE && !liesBelow(parent, what)) move(what, parent);
        break;
      }
      case 8: {
        const InodeId what = random.chance(0.3) || files.empty() ? any(directories) : any(files);
        if (what != ROOT_INODE) remove(what);
        break;
      }
      default: reclaim(); break;
    }
    if (random.chance(0.15)) {
      closeGroup();
      check(removed.empty());
    }
  }
  while (!removed.empty()) reclaim();
  closeGroup();
  check(true);
}

}  // namespace
}  // namespace cairn::nn
