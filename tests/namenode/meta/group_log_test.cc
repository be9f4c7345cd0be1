// The log of groups: what is durable when, what a crash may take, and that damage is told from a
// torn end.
#include "namenode/meta/group_log.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/io/disk_ops.h"
#include "common/io/faulty_disk.h"
#include "common/io/memory_disk.h"
#include "tests/testkit/results.h"

namespace cairn::nn {
namespace {

constexpr ClusterId CLUSTER = {{1, 2, 3}};

class GroupLogTest : public ::testing::Test {
protected:
  // Opens it; `groups` holds what was replayed.
  Result<std::unique_ptr<GroupLog>> open() { return openOn(disk); }
  Result<std::unique_ptr<GroupLog>> openOn(io::Disk& on) {
    groups.clear();
    ++options.secret;
    return GroupLog::open(
        on, options,
        [this](TxId txid, ByteView payload) -> Result<void> {
          groups.push_back(std::to_string(txid.value) + ":" + std::string(asText(payload)));
          return {};
        },
        TxId(2));
  }
  static Result<void> add(GroupLog& log, std::string_view payload) {
    return log.append(TxId(log.last().value + 1), asBytes(payload));
  }
  // The bytes of a segment, up to the last that is not zero.
  std::string segment(const std::string& name) {
    auto bytes = io::readWholeFile(disk, name, 1 << 20).value();
    bytes.resize(bytes.find_last_not_of('\0') + 1);
    return bytes;
  }
  void flip(const std::string& name, std::uint64_t byte) {
    ASSERT_OK(disk.flipBit(name, byte * 8));
  }

  io::MemoryDisk disk;
  io::Random random{7};
  GroupLogOptions options{.cluster = CLUSTER, .secret = 1, .segmentBytes = 8192, .growBytes = 1024};
  std::vector<std::string> groups;
};

// Protects what was acknowledged: each group is there again, in order, over several openings.
TEST_F(GroupLogTest, GroupsAreReplayed) {
  {
    ASSERT_VALUE(const auto log, open());
    EXPECT_EQ(log->last(), TxId(1));
    ASSERT_OK(add(*log, "a"));
    ASSERT_OK(add(*log, std::string(9000, 'b')));  // longer than a segment
    ASSERT_OK(add(*log, ""));
  }
  {
    ASSERT_VALUE(const auto log, open());
    EXPECT_EQ(groups, (std::vector<std::string>{"2:a", "3:" + std::string(9000, 'b'), "4:"}));
    ASSERT_OK(add(*log, "d"));
  }
  ASSERT_VALUE(const auto log, open());
  EXPECT_EQ(log->last(), TxId(5));
  EXPECT_EQ(groups.size(), 4U);
  EXPECT_EQ(groups.back(), "5:d");
}

// Protects acknowledged groups from every power failure: whatever the disk kept of the one that was
// being written, those before it are there, and the log goes on.
TEST_F(GroupLogTest, AnyPowerFailureKeepsWhatWasAppended) {
  io::FaultyDisk faulty(disk);
  std::vector<std::string> expected;
  for (int life = 0; life < 200; ++life) {
    SCOPED_TRACE(life);
    ASSERT_VALUE(auto log, openOn(faulty));
    // At most the one that was torn is there besides, when it was whole after all.
    ASSERT_GE(groups.size(), expected.size());
    ASSERT_LE(groups.size(), expected.size() + 1);
    EXPECT_TRUE(std::equal(expected.begin(), expected.end(), groups.begin()));
    expected = groups;
    for (std::uint64_t i = random.below(4); i > 0; --i) {
      const std::string payload(random.below(3000), static_cast<char>('a' + i));
      ASSERT_OK(add(*log, payload));
      expected.push_back(std::to_string(log->last().value) + ":" + payload);
    }
    // Written, perhaps in part, and not synced.
    faulty.inject({.op = io::DiskOp::SYNC});
    EXPECT_CODE(Code::IO_ERROR, add(*log, std::string(random.below(3000), 'u')));
    faulty.heal();
    log = nullptr;
    disk.crash(life % 3 == 0   ? io::CrashLoss::NOTHING
               : life % 3 == 1 ? io::CrashLoss::ALL_UNSYNCED
                               : io::CrashLoss::RANDOM_SUFFIX,
               random);
  }
}

// Protects the last group's neighbours from its torn write: cut anywhere, it is not there, and
// nobody calls that damage.
TEST_F(GroupLogTest, ATornLastGroupIsNotThere) {
  {
    ASSERT_VALUE(const auto log, open());
    ASSERT_OK(add(*log, "first"));
    ASSERT_OK(add(*log, "second"));
  }
  const auto whole = segment("segment-1");
  const auto begin = SEGMENT_PAGE_BYTES + recordBytes(5);
  for (auto length = begin; length < whole.size(); ++length) {
    SCOPED_TRACE(length);
    io::MemoryDisk torn;
    ASSERT_OK(io::writeFileAtomically(torn, "segment-1", asBytes(whole.substr(0, length))));
    std::vector<std::uint64_t> seen;
    ASSERT_VALUE(const auto log, GroupLog::open(
                                     torn, options,
                                     [&](TxId txid, ByteView) -> Result<void> {
                                       seen.push_back(txid.value);
                                       return {};
                                     },
                                     TxId(2)));
    EXPECT_EQ(seen, std::vector<std::uint64_t>{2});
    EXPECT_EQ(log->last(), TxId(2));
  }
}

// Protects an operator from losing acknowledged groups without a word: damage before the end is
// refused, wherever it is, and names the file.
TEST_F(GroupLogTest, DamageBeforeTheEndIsRefused) {
  {
    ASSERT_VALUE(const auto log, open());
    ASSERT_OK(add(*log, "first"));
    ASSERT_OK(add(*log, "second"));
    ASSERT_OK(add(*log, "third"));
  }
  for (std::uint64_t byte = SEGMENT_PAGE_BYTES;
       byte < SEGMENT_PAGE_BYTES + recordBytes(5) + RECORD_HEAD_BYTES + 6; ++byte) {
    // What fills a record up to a multiple of 8 means nothing.
    const auto in = byte - SEGMENT_PAGE_BYTES;
    if (in >= RECORD_HEAD_BYTES + 5 && in < recordBytes(5)) continue;
    SCOPED_TRACE(byte);
    flip("segment-1", byte);
    const auto refused = open();
    EXPECT_CODE(Code::CORRUPT, refused);
    EXPECT_NE(testkit::messageOf(refused).find("segment-1"), std::string::npos);
    flip("segment-1", byte);
  }
  EXPECT_OK(open());
}

// Protects against half a log: a segment that is missing, of another cluster or of a newer program.
TEST_F(GroupLogTest, SegmentsThatDoNotFitAreRefused) {
  {
    ASSERT_VALUE(const auto log, open());
    for (int i = 0; i < 6; ++i) ASSERT_OK(add(*log, std::string(3000, 'x')));
    EXPECT_GE(log->heldSegments(), 3U);
  }
  const auto first = segment("segment-1");
  ASSERT_OK(disk.remove("segment-1"));
  EXPECT_CODE(Code::CORRUPT, open());
  ASSERT_OK(io::writeFileAtomically(disk, "segment-1", asBytes(first)));
  const auto second = segment("segment-2");
  ASSERT_OK(disk.remove("segment-2"));
  EXPECT_CODE(Code::CORRUPT, open());
  ASSERT_OK(io::writeFileAtomically(disk, "segment-2", asBytes(second)));
  // One of the two heads is enough; without both, nobody can tell what was in it.
  flip("segment-2", 40);
  EXPECT_OK(open());
  flip("segment-2", SEGMENT_SECOND_HEAD + 40);
  EXPECT_CODE(Code::CORRUPT, open());
  flip("segment-2", 40);
  options.cluster = {{9}};
  EXPECT_CODE(Code::WRONG_CLUSTER, open());
}

// Protects groups from a log that is lost or older than what is known of it: the newest segment
// that was ever begun has to be there. It is noted before a group goes into it, so no group is in a
// segment that nobody would miss.
TEST_F(GroupLogTest, ALogWithoutItsNewestSegmentIsRefused) {
  std::vector<std::uint64_t> noted;
  options.noteBegun = [&](std::uint64_t number) -> Result<void> {
    EXPECT_EQ(groups.size(), 0U);
    noted.push_back(number);
    return {};
  };
  {
    ASSERT_VALUE(const auto log, open());
    EXPECT_EQ(noted, std::vector<std::uint64_t>{1});
    for (int i = 0; i < 6; ++i) ASSERT_OK(add(*log, std::string(1500, 'x')));
    EXPECT_EQ(noted, (std::vector<std::uint64_t>{1, 2, 3}));
    EXPECT_EQ(log->heldSegments(), 3U);
  }
  options.knownSegment = noted.back();
  options.noteBegun = nullptr;
  const auto third = segment("segment-3");
  ASSERT_OK(disk.remove("segment-3"));
  const auto older = open();
  EXPECT_CODE(Code::CORRUPT, older);
  EXPECT_NE(testkit::messageOf(older).find("the newest is number 2"), std::string::npos);
  io::MemoryDisk empty;
  const auto lost = openOn(empty);
  EXPECT_CODE(Code::CORRUPT, lost);
  EXPECT_NE(testkit::messageOf(lost).find("there is none"), std::string::npos);
  ASSERT_VALUE(const auto written, empty.list(""));
  EXPECT_TRUE(written.empty());
  ASSERT_OK(io::writeFileAtomically(disk, "segment-3", asBytes(third)));
  ASSERT_OK(open());
  EXPECT_EQ(groups.size(), 6U);
}

// Protects groups that would be in a segment nobody would miss: where it cannot be noted, none is
// taken.
TEST_F(GroupLogTest, NothingIsTakenIntoASegmentThatCannotBeNoted) {
  bool fails = false;
  options.noteBegun = [&](std::uint64_t) -> Result<void> {
    if (fails) return fail(Code::DISK_FULL, "no room for the note");
    return {};
  };
  ASSERT_VALUE(const auto log, open());
  ASSERT_OK(add(*log, std::string(5000, 'x')));
  fails = true;
  EXPECT_CODE(Code::DISK_FULL, add(*log, std::string(5000, 'x')));
  EXPECT_CODE(Code::DISK_FULL, add(*log, "x"));
  EXPECT_CODE(Code::DISK_FULL, open());
  fails = false;
  EXPECT_OK(open());
  EXPECT_EQ(groups.size(), 1U);
}

// Protects against numbers that nobody has counted to, whatever the checksum says: they would wrap
// around.
TEST_F(GroupLogTest, AHeadWithImpossibleNumbersIsDamage) {
  const SegmentHead good{
      .cluster = CLUSTER, .sequence = 5, .mark = 1, .first = TxId(9), .replayFrom = 5};
  const auto decode = [](const SegmentHead& head) {
    return decodeSegmentPage(asBytes(encodeSegmentPage(head)));
  };
  EXPECT_OK(decode(good));
  for (const auto spoil : {+[](SegmentHead& head) { head.sequence = UINT64_MAX; },
                           +[](SegmentHead& head) { head.sequence = head.replayFrom = 0; },
                           +[](SegmentHead& head) { head.replayFrom = 6; },
                           +[](SegmentHead& head) { head.first = TxId(0); },
                           +[](SegmentHead& head) { head.first = TxId(UINT64_MAX); }}) {
    auto head = good;
    spoil(head);
    EXPECT_CODE(Code::CORRUPT, decode(head));
  }
}

// Protects the disk from a log without an end, and a reused file from its old content.
TEST_F(GroupLogTest, ReleasedSegmentsAreUsedAgain) {
  std::uint64_t appended = 1;
  {
    ASSERT_VALUE(const auto log, open());
    for (int i = 0; i < 100; ++i) {
      ASSERT_OK(add(*log, std::string(1500, 'x')));
      appended = log->last().value;
      if (const auto end = log->oldestEnd()) log->release(*end);
      EXPECT_LE(log->heldSegments(), 2U);
    }
  }
  EXPECT_LE(disk.list("").value().size(), 3U);
  ASSERT_VALUE(const auto log, open());
  EXPECT_EQ(log->last().value, appended);
  EXPECT_LE(groups.size(), 12U);
}

// Protects against a log that a user has written: bytes of a payload that look like a later record
// are not taken for one.
TEST_F(GroupLogTest, APayloadCannotPassForARecord) {
  std::string forged(RECORD_HEAD_BYTES, '\0');
  encodeRecordHead({.length = 0, .txid = TxId(99), .mark = 12345, .payloadCrc = 0}, forged.data());
  {
    ASSERT_VALUE(const auto log, open());
    ASSERT_OK(add(*log, "first"));
    ASSERT_OK(add(*log, forged));
  }
  // The last one torn.
  flip("segment-1", SEGMENT_PAGE_BYTES + recordBytes(5) + 4);
  ASSERT_VALUE(const auto log, open());
  EXPECT_EQ(groups, std::vector<std::string>{"2:first"});
}

// Protects the promise of append(): after a sync that failed nothing is taken any more.
TEST_F(GroupLogTest, NothingIsTakenAfterAFailedSync) {
  io::FaultyDisk faulty(disk);
  ASSERT_VALUE(
      const auto log,
      GroupLog::open(faulty, options, [](TxId, ByteView) -> Result<void> { return {}; }, TxId(2)));
  ASSERT_OK(add(*log, "a"));
  faulty.inject({.op = io::DiskOp::SYNC});
  EXPECT_CODE(Code::IO_ERROR, add(*log, "b"));
  EXPECT_CODE(Code::IO_ERROR, add(*log, "c"));
}

}  // namespace
}  // namespace cairn::nn
