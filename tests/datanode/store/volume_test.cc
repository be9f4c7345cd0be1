// Protects foreign data and the states' durability: what directories are taken, what survives a
// crash at any call of the disk, and that a volume whose sync failed takes nothing any more.
#include "datanode/store/volume.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "common/io/disk_ops.h"
#include "common/io/faulty_disk.h"
#include "common/io/memory_disk.h"
#include "tests/testkit/results.h"

namespace cairn::dn {
namespace {

const VolumeIdentity IDENTITY{.cluster = Uuid::fromHighLow(1, 2),
                              .datanode = Uuid::fromHighLow(3, 4),
                              .volume = Uuid::fromHighLow(5, 6),
                              .node = NodeId(7)};
const ReplicaKey KEY{ChunkId(160), GenerationStamp(3)};
const FinalName NAME{KEY, 5, 5};

Result<void> put(io::Disk& disk, const std::string& path, std::string_view text) {
  ASSIGN(auto file, disk.open(path, io::OpenMode::CREATE));
  TRY(file->append(asBytes(text)));
  return file->sync();
}

class VolumeTest : public ::testing::Test {
protected:
  Result<std::unique_ptr<Volume>> formatted() {
    ASSIGN(auto volume, Volume::open(disk, {}));
    if (!volume->identity()) TRY(volume->format(IDENTITY));
    TRY(volume->load());
    return volume;
  }

  io::Random random{1};
  io::MemoryDisk memory{"/disk1"};
  io::FaultyDisk disk{memory};
};

TEST_F(VolumeTest, IdentityIsReadBackAsWritten) {
  EXPECT_EQ(decodeIdentity(encode(IDENTITY)).value(), IDENTITY);
  auto text = encode(IDENTITY);
  for (std::size_t i = 0; i < text.size(); ++i) EXPECT_FALSE(decodeIdentity(text.substr(0, i)));
  EXPECT_CODE(Code::CORRUPT, decodeIdentity(text + "x"));
  text.replace(text.find(" 1\n"), 3, " 2\n");
  EXPECT_CODE(Code::UNSUPPORTED_VERSION, decodeIdentity(text));
}

TEST_F(VolumeTest, AForeignDirectoryIsRefusedAndLeftAsItIs) {
  ASSERT_OK(put(disk, "thesis.txt", "years of work"));
  EXPECT_CODE(Code::INVALID_ARGUMENT, Volume::open(disk, {}));
  EXPECT_EQ(disk.list("").value().size(), 1U);
}

TEST_F(VolumeTest, FilesInStateDirectoriesWithoutAnIdentityAreForeignToo) {
  ASSERT_OK(disk.makeDirs("final/00"));
  EXPECT_OK(Volume::open(disk, {}));  // an interrupted format leaves that
  ASSERT_OK(put(disk, "final/00/something", "x"));
  EXPECT_CODE(Code::INVALID_ARGUMENT, Volume::open(disk, {}));
}

TEST_F(VolumeTest, ADirectoryInUseIsRefused) {
  ASSERT_VALUE(auto volume, formatted());
  EXPECT_CODE(Code::IN_USE, Volume::open(disk, {}));
  volume = nullptr;
  EXPECT_OK(Volume::open(disk, {}));
}

TEST_F(VolumeTest, ADamagedIdentityIsRefused) {
  ASSERT_VALUE(auto volume, formatted());
  volume = nullptr;
  ASSERT_OK(memory.flipBit("identity", 100));
  EXPECT_FALSE(Volume::open(disk, {}).has_value());
}

// A crash at any call of format() leaves a volume or an empty directory.
TEST_F(VolumeTest, FormatSurvivesACrashAtAnyCall) {
  for (std::uint64_t nth = 1;; nth += 17) {
    io::MemoryDisk fresh("/disk2");
    io::FaultyDisk failing(fresh);
    failing.inject({.op = io::DiskOp::MAKE_DIRS, .nth = nth, .forever = true});
    auto volume = Volume::open(failing, {}).value();
    const bool formatted = volume->format(IDENTITY).has_value();
    volume = nullptr;
    failing.heal();
    fresh.crash(io::CrashLoss::RANDOM_SUFFIX, random);
    ASSERT_VALUE(auto again, Volume::open(failing, {}));
    if (!again->identity()) ASSERT_OK(again->format(IDENTITY));
    EXPECT_OK(again->load());
    if (formatted) break;
  }
}

TEST_F(VolumeTest, APublishedReplicaSurvivesACrashAndAnUnpublishedOneDoesNotAppear) {
  ASSERT_VALUE(auto volume, formatted());
  ASSERT_VALUE(auto file, volume->createUnfinished(KEY));
  ASSERT_OK(file->append(asBytes("bytes")));
  memory.crash(io::CrashLoss::ALL_UNSYNCED, random);
  volume = nullptr;
  ASSERT_VALUE(volume, formatted());
  EXPECT_TRUE(volume->load().value().unfinished.empty());

  ASSERT_VALUE(file, volume->createUnfinished(KEY));
  ASSERT_OK(file->append(asBytes("bytes")));
  ASSERT_OK(volume->publish(*file, NAME));
  memory.crash(io::CrashLoss::ALL_UNSYNCED, random);
  volume = nullptr;
  ASSERT_VALUE(volume, formatted());
  ASSERT_VALUE(auto contents, volume->load());
  EXPECT_EQ(contents.finals, std::vector<FinalName>{NAME});
  EXPECT_TRUE(contents.unfinished.empty());
  EXPECT_EQ(io::readWholeFile(disk, finalPathOf(NAME), 100).value(), "bytes");
}

// Each sync that a publication needs, failing in turn: no error is swallowed, and the volume is out
// of service from then on, whatever the disk says later.
TEST_F(VolumeTest, AFailedSyncTakesTheVolumeOutOfServiceForGood) {
  for (auto op : {io::DiskOp::SYNC, io::DiskOp::SYNC_DIR}) {
    for (std::uint64_t nth = 1; nth <= (op == io::DiskOp::SYNC ? 1 : 2); ++nth) {
      io::MemoryDisk fresh("/disk3");
      io::FaultyDisk failing(fresh);
      auto volume = Volume::open(failing, {}).value();
      ASSERT_OK(volume->format(IDENTITY));
      ASSERT_VALUE(auto file, volume->createUnfinished(KEY));
      failing.inject({.op = op, .nth = nth, .errnum = EIO});
      EXPECT_CODE(Code::IO_ERROR, volume->publish(*file, NAME));
      EXPECT_TRUE(volume->failed());
      failing.heal();
      EXPECT_CODE(Code::IO_ERROR, volume->createUnfinished(KEY));
      EXPECT_CODE(Code::IO_ERROR, volume->space());
    }
  }
}

TEST_F(VolumeTest, StrangeNamesArePutAsideAndNothingIsLost) {
  ASSERT_VALUE(auto volume, formatted());
  ASSERT_OK(put(disk, "rbw/strange", "1"));
  ASSERT_OK(put(disk, "final/00/strange", "2"));
  // A right name in a wrong directory would never be found by a reader.
  ASSERT_OK(put(disk, "final/01/" + finalNameOf(NAME), "3"));
  ASSERT_OK(put(disk, "tmp/half", "4"));
  ASSERT_VALUE(auto contents, volume->load());
  EXPECT_TRUE(contents.finals.empty());
  EXPECT_EQ(contents.quarantined, 3U);
  EXPECT_EQ(disk.list("quarantine").value().size(), 3U);
  EXPECT_TRUE(disk.list("tmp").value().empty());
  EXPECT_EQ(volume->load().value().quarantined, 3U);
}

TEST_F(VolumeTest, OnceHaltedNothingIsWritten) {
  ASSERT_VALUE(auto volume, formatted());
  ASSERT_VALUE(auto file, volume->createUnfinished(KEY));
  volume->halt();
  EXPECT_CODE(Code::CANCELLED, volume->publish(*file, NAME));
  EXPECT_CODE(Code::CANCELLED, volume->remove(rbwPathOf(KEY)));
  EXPECT_TRUE(disk.exists(rbwPathOf(KEY)).value());
}

}  // namespace
}  // namespace cairn::dn
