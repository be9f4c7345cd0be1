// The tables on RocksDB: format, refusals, groups, restarts.
#include "namenode/meta/store.h"

#include <gtest/gtest.h>
#include <rocksdb/env.h>
#include <rocksdb/perf_context.h>
#include <rocksdb/perf_level.h>

#include <map>
#include <string>

#include "common/io/disk_ops.h"
#include "common/io/memory_disk.h"
#include "namenode/meta/draft.h"
#include "namenode/meta/group_log.h"
#include "namenode/meta/records.h"
#include "tests/testkit/results.h"

namespace cairn::nn {
namespace {

class StoreTest : public ::testing::Test {
protected:
  StoreTest() {
    options.directory = "/data/nn";
    options.env = env.get();
    options.logDisk = &logDisk;
  }
  Result<void> format() {
    return Store::format(options, {.cluster = CLUSTER,
                                   .name = "test",
                                   .superuser = "root",
                                   .supergroup = "supergroup",
                                   .nowMs = 5});
  }
  static Result<record::Group> addFile(Store& store, const char* name, std::uint64_t txid) {
    Draft draft({nullptr, nullptr, &store.latest()}, TxId(txid));
    record::Dirent file;
    file.set_id(20000 + txid);
    draft.addEntry(ROOT_INODE, name, file);
    return store.commit(draft.changes(), {.txid = TxId(txid), .timeMs = 1});
  }
  const ClusterId CLUSTER = Uuid::fromHighLow(1, 2);
  std::unique_ptr<rocksdb::Env> env{rocksdb::NewMemEnv(rocksdb::Env::Default())};
  io::MemoryDisk logDisk;
  StoreOptions options;
};

// Protects a file system from being made, or served, where none or another one is.
TEST_F(StoreTest, RefusesWhatIsNotItsOwn) {
  EXPECT_CODE(Code::NOT_FORMATTED, Store::open(options));
  ASSERT_OK(format());
  EXPECT_CODE(Code::ALREADY_EXISTS, format());
  EXPECT_CODE(Code::WRONG_CLUSTER, Store::open(options, Uuid::fromHighLow(9, 9)));
  ASSERT_VALUE(const auto store, Store::open(options, CLUSTER));
  const auto second = Store::open(options);
  EXPECT_CODE(Code::IN_USE, second);
  EXPECT_NE(testkit::messageOf(second).find("/data/nn"), std::string::npos);
  EXPECT_CODE(Code::IN_USE, format());
}

// Protects totals from rows of before the last group, which the writer of groups keeps: each group
// counts on from the one before it, after a restart too.
TEST_F(StoreTest, EachGroupCountsOnFromTheOneBefore) {
  ASSERT_OK(format());
  std::uint64_t txid = 1;
  for (int life = 0; life < 2; ++life) {
    ASSERT_VALUE(const auto store, Store::open(options));
    for (int i = 0; i < 3; ++i) {
      ++txid;
      ASSERT_OK(addFile(*store, ("f" + std::to_string(txid)).c_str(), txid));
      ASSERT_VALUE(const auto total, findSummary(store->latest(), ROOT_INODE));
      ASSERT_TRUE(total.has_value());
      EXPECT_EQ(txid - 1, total->files());
    }
  }
}

// Protects an operator who names the wrong directory, and one whose first format was interrupted.
TEST_F(StoreTest, FormatsOnlyADirectoryOfItsOwn) {
  ASSERT_TRUE(env->CreateDirIfMissing("/data").ok());
  ASSERT_TRUE(env->CreateDirIfMissing("/data/nn").ok());
  ASSERT_TRUE(rocksdb::WriteStringToFile(env.get(), "x", "/data/nn/letter.txt").ok());
  const auto refused = format();
  EXPECT_CODE(Code::NOT_EMPTY, refused);
  EXPECT_NE(testkit::messageOf(refused).find("letter.txt"), std::string::npos);
  EXPECT_CODE(Code::NOT_FORMATTED, Store::open(options));
  ASSERT_TRUE(env->DeleteFile("/data/nn/letter.txt").ok());
  ASSERT_TRUE(rocksdb::WriteStringToFile(env.get(), "x", "/data/nn/000001.dbtmp").ok());
  EXPECT_OK(format());
}

// Protects groups over restarts: rows, counts, the running checksum, and the epoch that grows.
TEST_F(StoreTest, GroupsSurviveARestart) {
  ASSERT_OK(format());
  record::Group last;
  {
    ASSERT_VALUE(const auto store, Store::open(options));
    EXPECT_EQ(store->epoch(), Epoch(1));
    ASSERT_OK(addFile(*store, "a", 2));
    ASSERT_VALUE(last, addFile(*store, "b", 3));
    EXPECT_EQ(last.counts().files(), 2U);
    ASSERT_VALUE(const auto found, findDirent(store->latest(), ROOT_INODE, "a"));
    EXPECT_TRUE(found.has_value());
  }
  ASSERT_VALUE(const auto store, Store::open(options));
  EXPECT_EQ(store->epoch(), Epoch(2));
  EXPECT_EQ(store->openedAt().txid(), 3U);
  EXPECT_EQ(store->openedAt().checksum(), last.checksum());
  EXPECT_EQ(store->openedAt().counts().files(), 2U);
  ASSERT_VALUE(const auto found, findDirent(store->latest(), ROOT_INODE, "b"));
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->txid(), 3U);
}

// Protects two namenodes with unequal histories from being taken for equal.
TEST_F(StoreTest, TheChecksumTellsHistoriesApart) {
  const auto checksumAfter = [&](std::initializer_list<const char*> names) {
    std::unique_ptr<rocksdb::Env> fresh(rocksdb::NewMemEnv(rocksdb::Env::Default()));
    io::MemoryDisk freshDisk;
    options.env = fresh.get();
    options.logDisk = &freshDisk;
    EXPECT_OK(format());
    std::uint64_t checksum = 0;
    {
      auto store = Store::open(options).value();
      std::uint64_t txid = 1;
      for (const auto* name : names) checksum = addFile(*store, name, ++txid).value().checksum();
    }
    options.env = env.get();
    options.logDisk = &logDisk;
    return checksum;
  };
  EXPECT_EQ(checksumAfter({"a", "b"}), checksumAfter({"a", "b"}));
  EXPECT_NE(checksumAfter({"a", "b"}), checksumAfter({"b", "a"}));
  EXPECT_NE(checksumAfter({"a", "b"}), checksumAfter({"a", "c"}));
}

// Protects readers from rows of yesterday: a row that was read, and is therefore in memory, is read
// anew when it has changed or is gone.
TEST_F(StoreTest, AChangedEntryIsNotReadFromMemory) {
  ASSERT_OK(format());
  ASSERT_VALUE(const auto store, Store::open(options));
  const auto lengthOf = [&]() -> std::optional<std::uint64_t> {
    const auto row = findDirent(store->latest(), ROOT_INODE, "f").value();
    if (!row.has_value()) return std::nullopt;
    return row->length();
  };
  const Layers layers{.durable = &store->latest()};
  Draft make(layers, TxId(2));
  record::Dirent file;
  file.set_id(30000);
  file.set_kind(record::FILE);
  file.set_length(1);
  make.addEntry(ROOT_INODE, "f", file);
  ASSERT_OK(store->commit(make.changes(), {.txid = TxId(2)}));
  EXPECT_EQ(lengthOf(), 1U);
  EXPECT_EQ(lengthOf(), 1U);
  EXPECT_EQ(store->cachedEntries(), 1U);
  Draft change(layers, TxId(3));
  auto longer = file;
  longer.set_length(2);
  change.changeEntry(ROOT_INODE, "f", file, longer);
  ASSERT_OK(store->commit(change.changes(), {.txid = TxId(3)}));
  EXPECT_EQ(lengthOf(), 2U);
  Draft remove(layers, TxId(4));
  remove.removeEntry(ROOT_INODE, "f", longer);
  ASSERT_OK(store->commit(remove.changes(), {.txid = TxId(4)}));
  EXPECT_EQ(lengthOf(), std::nullopt);
}

// Protects readers from a path as it never was: a snapshot does not see later groups, and the
// directory cache forgets a directory whose rights change.
TEST_F(StoreTest, ReadsSeeOneMoment) {
  ASSERT_OK(format());
  ASSERT_VALUE(const auto store, Store::open(options));
  Draft make({nullptr, nullptr, &store->latest()}, TxId(2));
  record::Dirent directory;
  directory.set_id(30000);
  directory.set_kind(record::DIRECTORY);
  directory.set_mode(0755);
  make.addEntry(ROOT_INODE, "d", directory);
  ASSERT_OK(store->commit(make.changes(), {.txid = TxId(2)}));
  const auto modeOf = [](const MetaView& view) {
    return view.findNode(ROOT_INODE, "d").value()->mode;
  };
  const auto before = store->snapshot();
  EXPECT_EQ(store->readSnapshot(modeOf), 0755);
  EXPECT_EQ(store->cachedDirectories(), 1U);
  Draft change({nullptr, nullptr, &store->latest()}, TxId(3));
  ASSERT_VALUE(const auto row, findDirent(change, ROOT_INODE, "d"));
  auto after = *row;
  after.set_mode(0700);
  change.changeEntry(ROOT_INODE, "d", *row, after);
  ASSERT_OK(store->commit(change.changes(), {.txid = TxId(3)}));
  EXPECT_EQ(store->readSnapshot(modeOf), 0700);
  EXPECT_EQ(store->readEntry(modeOf), 0700);
  EXPECT_EQ(modeOf(*before), 0755);
}

// Protects every file from a log that was lost, or replaced by an older one, while the namenode was
// down: what is left is not taken for the whole, and with the right log all of it is back.
TEST_F(StoreTest, RefusesWithoutItsLog) {
  ASSERT_OK(format());
  const auto contents = [this]() {
    std::map<std::string, std::string> files;
    for (const auto& entry : logDisk.list("").value()) {
      files[entry.name] = io::readWholeFile(logDisk, entry.name, 16 << 20).value();
    }
    return files;
  };
  const auto replace = [this](const std::map<std::string, std::string>& by) {
    for (const auto& entry : logDisk.list("").value()) ASSERT_OK(logDisk.remove(entry.name));
    for (const auto& [name, bytes] : by) {
      ASSERT_OK(io::writeFileAtomically(logDisk, name, asBytes(bytes)));
    }
  };
  {
    ASSERT_VALUE(const auto store, Store::open(options));
    ASSERT_OK(addFile(*store, "a", 2));
  }
  const auto older = contents();
  {
    ASSERT_VALUE(const auto store, Store::open(options));
    ASSERT_OK(addFile(*store, "b", 3));
  }
  const auto whole = contents();
  for (const auto& wrong : {std::map<std::string, std::string>(), older}) {
    replace(wrong);
    const auto refused = Store::open(options);
    EXPECT_CODE(Code::CORRUPT, refused);
    EXPECT_NE(testkit::messageOf(refused).find("segment number 2"), std::string::npos)
        << testkit::messageOf(refused);
    EXPECT_EQ(contents(), wrong);
  }
  replace(whole);
  ASSERT_VALUE(const auto store, Store::open(options));
  for (const char* name : {"a", "b"}) {
    ASSERT_VALUE(const auto found, findDirent(store->latest(), ROOT_INODE, name));
    EXPECT_TRUE(found.has_value()) << name;
  }
}

// Protects the first start from its own check: a crash may come when the log has begun and nobody
// has noted it.
TEST_F(StoreTest, ALogThatWasBegunAndNotNotedIsNoReasonToRefuse) {
  ASSERT_OK(format());
  {
    ASSERT_OK(GroupLog::open(logDisk, {.cluster = CLUSTER, .secret = 1}, {}, TxId(2)));
  }
  ASSERT_VALUE(const auto store, Store::open(options));
  ASSERT_OK(addFile(*store, "a", 2));
}

// Protects the tables from a program that is older than they are: it refuses them and says so.
TEST_F(StoreTest, RefusesANewerLayout) {
  ASSERT_OK(format());
  {
    ASSERT_VALUE(const auto store, Store::open(options));
    ASSERT_VALUE(auto row, readRow<record::Cluster>(store->latest(), Table::SYS, SYS_CLUSTER));
    ASSERT_TRUE(row.has_value());
    row->set_layout(LAYOUT_VERSION + 1);
    Overlay changes;
    changes.put(Table::SYS, SYS_CLUSTER, row->SerializeAsString(), true);
    ASSERT_OK(store->commit(changes, {.txid = TxId(2)}));
  }
  const auto refused = Store::open(options);
  EXPECT_CODE(Code::UNSUPPORTED_VERSION, refused);
  EXPECT_NE(testkit::messageOf(refused).find("layout 2"), std::string::npos);
}

// Protects a restart within one process: a store that is closed lets go of its directory while
// somebody still holds the object, and answers nothing any more.
TEST_F(StoreTest, AClosedStoreLetsGo) {
  ASSERT_OK(format());
  ASSERT_VALUE(const auto store, Store::open(options));
  ASSERT_OK(addFile(*store, "a", 2));
  store->close();
  EXPECT_CODE(Code::UNAVAILABLE, findDirent(store->latest(), ROOT_INODE, "a"));
  EXPECT_CODE(Code::UNAVAILABLE, findDirent(*store->snapshot(), ROOT_INODE, "a"));
  EXPECT_CODE(Code::UNAVAILABLE, store->latest().scan(Table::DIRENT, {})->status());
  EXPECT_CODE(Code::UNAVAILABLE, store->commit(Overlay(), {.txid = TxId(3)}));
  EXPECT_EQ(store->diskBytes(), 0U);
  ASSERT_VALUE(const auto next, Store::open(options));
  ASSERT_VALUE(const auto found, findDirent(next->latest(), ROOT_INODE, "a"));
  EXPECT_TRUE(found.has_value());
}

// Protects an event loop from waiting for the disk: under MemoryOnly a look-up fails that would,
// and finds its row once it was fetched.
TEST_F(StoreTest, RowsThatAreNotInMemoryAreFetchedFirst) {
  ASSERT_OK(format());
  // Opens it until what was written first is in files: each opening begins a segment of the log,
  // and there may be so many.
  std::unique_ptr<Store> store;
  std::uint64_t files = 0;
  const auto isCold = [&]() {
    MemoryOnly memoryOnly;
    (void)findDirent(*store->snapshot(), ROOT_INODE, "f2");
    return MemoryOnly::hasMissed();
  };
  do {
    ASSERT_LT(files, 200U);
    store = nullptr;
    ASSERT_VALUE(store, Store::open(options));
    const auto txid = ++files + 1;
    ASSERT_OK(addFile(*store, ("f" + std::to_string(txid)).c_str(), txid));
  } while (!isCold());

  const auto view = store->snapshot();
  const auto walk = [&]() {
    std::size_t rows = 0;
    const auto cursor = view->scan(Table::DIRENT, direntPrefix(ROOT_INODE));
    for (; cursor->valid(); cursor->next()) ++rows;
    return rows;
  };
  std::vector<ColdRow> missed;
  {
    MemoryOnly memoryOnly;
    EXPECT_CODE(Code::INTERNAL, findDirent(*view, ROOT_INODE, "f2"));
    EXPECT_EQ(memoryOnly.missed().size(), 1U);
    EXPECT_LT(walk(), files);
    EXPECT_EQ(memoryOnly.missed().size(), 2U);
    MemoryOnly::end();
    EXPECT_FALSE(MemoryOnly::hasMissed());
    missed = memoryOnly.takeMissed();
  }
  for (int round = 0; round < 10 && !missed.empty(); ++round) {
    store->fetch(missed);
    MemoryOnly memoryOnly;
    (void)findDirent(*view, ROOT_INODE, "f2");
    (void)walk();
    missed = memoryOnly.takeMissed();
  }
  {
    const MemoryOnly memoryOnly;
    ASSERT_VALUE(const auto found, findDirent(*view, ROOT_INODE, "f2"));
    EXPECT_TRUE(found.has_value());
    EXPECT_EQ(walk(), files);
    EXPECT_FALSE(MemoryOnly::hasMissed());
  }
}

// Protects a fetch that comes too late, on another thread, for a store that is closed.
TEST_F(StoreTest, NothingIsFetchedFromAClosedStore) {
  ASSERT_OK(format());
  ASSERT_VALUE(const auto store, Store::open(options));
  const std::vector<ColdRow> rows{{.table = Table::DIRENT,
                                   .key = std::string(direntKey(ROOT_PARENT, "").view()),
                                   .prefix = {}}};
  store->fetch(rows);
  store->close();
  store->fetch(rows);
}

// Protects calls from a large rm -r under way: whoever begins behind removed rows does not walk
// over them. (Each step of the reclaiming did once, and a call took half a second meanwhile.)
TEST_F(StoreTest, AScanBeginsBehindRemovedRows) {
  constexpr std::uint32_t REMOVED = 500;
  options.backgroundWork = false;  // no compaction takes them away
  ASSERT_OK(format());
  ASSERT_VALUE(const auto store, Store::open(options));
  Overlay added;
  for (std::uint32_t i = 0; i <= REMOVED; ++i) {
    added.put(Table::FILE_CHUNK, fileChunkKey(InodeId(5), i), "row", false);
  }
  ASSERT_OK(store->commit(added, {.txid = TxId(2)}));
  Overlay removed;
  for (std::uint32_t i = 0; i < REMOVED; ++i) {
    removed.erase(Table::FILE_CHUNK, fileChunkKey(InodeId(5), i), true);
  }
  ASSERT_OK(store->commit(removed, {.txid = TxId(3)}));

  rocksdb::SetPerfLevel(rocksdb::PerfLevel::kEnableCount);
  const auto skippedBy = [&](std::string_view from) {
    rocksdb::get_perf_context()->Reset();
    const auto rows =
        store->latest().scanFrom(Table::FILE_CHUNK, fileChunkPrefix(InodeId(5)), from);
    EXPECT_TRUE(rows->valid());
    return rocksdb::get_perf_context()->internal_delete_skipped_count;
  };
  EXPECT_EQ(skippedBy(fileChunkPrefix(InodeId(5))), REMOVED);
  EXPECT_EQ(skippedBy(fileChunkKey(InodeId(5), REMOVED)), 0U);
  rocksdb::SetPerfLevel(rocksdb::PerfLevel::kDisable);
}

}  // namespace
}  // namespace cairn::nn
