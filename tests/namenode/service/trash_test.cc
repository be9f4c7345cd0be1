// Trash that the namenode empties by itself, with time passing.
#include "common/base/trash_checkpoint.h"
#include "common/io/memory_disk.h"
#include "tests/namenode/service/fixture.h"

namespace cairn::nn {
namespace {

using Names = std::vector<std::string>;
constexpr std::int64_t MINUTE_MS = 60'000;
const std::string TRASH = "/user/ann/.Trash";

class TrashTest : public NamenodeTest {
protected:
  void SetUp() override {
    options.config.trashIntervalMs = 2 * MINUTE_MS;
    options.config.trashCheckpointIntervalMs = MINUTE_MS;
    NamenodeTest::SetUp();
    begin_ = clock.nowMs();
  }
  // Of a checkpoint that is made so many minutes after the begin.
  std::string checkpoint(int minute, int taken = 0) const {
    return trashCheckpointName(begin_ + minute * MINUTE_MS, taken);
  }
  // Until just after so many minutes since the begin.
  void passUntil(int minute) { pass(begin_ + minute * MINUTE_MS + 1000 - clock.nowMs()); }
  Names trash() { return names(TRASH).value_or(Names{"cannot be listed"}); }
  // Without time passing: what is due has begun, and waits for the journal's thread.
  void expectSoon(const std::string& path, const Names& wanted) {
    constexpr int ASKED_MAX = 100'000;
    Names is{"not asked"};
    for (int i = 0; i < ASKED_MAX && is != wanted; ++i) is = names(path).value_or(Names{"none"});
    EXPECT_EQ(is, wanted) << path;
  }

  UnixMillis begin_ = 0;
};

// Protects users of full trashes, and what they removed by mistake: it is there until it is older
// than the interval, under a name of its own, and gone after; nothing else in a trash is touched.
TEST_F(TrashTest, CheckpointsAreMadeAndGo) {
  ASSERT_OK(mkdirs(TRASH + "/Current/dir"));
  ASSERT_OK(mkdirs(TRASH + "/mine"));
  ASSERT_OK(mkdirs("/user/ben"));         // has no trash
  ASSERT_OK(create("/user/cid"));         // is none
  ASSERT_OK(create("/user/dan/.Trash"));  // keeps a file there
  ASSERT_OK(mkdirs("/user/eve/.Trash/Current"));
  ASSERT_OK(mkdirs("/other/.Trash/Current"));
  ASSERT_OK(mkdirs("/user/zoe/.Trash/Current"));  // the last that is looked at
  EXPECT_EQ(trash(), (Names{"Current", "mine"}));
  passUntil(1);
  expectSoon("/user/zoe/.Trash", {checkpoint(1)});
  EXPECT_EQ(trash(), (Names{checkpoint(1), "mine"}));
  expectSoon(TRASH + "/" + checkpoint(1), {"dir"});
  expectSoon("/user/eve/.Trash", {checkpoint(1)});
  expectSoon("/other/.Trash", {"Current"});

  ASSERT_OK(mkdirs(TRASH + "/Current"));
  ASSERT_OK(mkdirs(TRASH + "/" + checkpoint(2)));
  passUntil(2);
  expectSoon(TRASH, {checkpoint(1), checkpoint(2), checkpoint(2, 1), "mine"});
  ASSERT_OK(mkdirs("/user/zoe/.Trash/Current"));
  passUntil(3);
  expectSoon("/user/zoe/.Trash", {checkpoint(1), checkpoint(3)});
  EXPECT_EQ(trash(), (Names{checkpoint(1), checkpoint(2), checkpoint(2, 1), "mine"}));
  passUntil(4);
  expectSoon("/user/zoe/.Trash", {checkpoint(3)});  // done with all: one at work takes no new turn
  EXPECT_EQ(trash(), (Names{checkpoint(2), checkpoint(2, 1), "mine"}));
  passUntil(5);
  expectSoon(TRASH, {"mine"});
  expectSoon("/user/eve/.Trash", {});
  restart();
  EXPECT_EQ(trash(), Names{"mine"});
}

// Protects who has to know where files went: what the namenode removes and moves by itself has its
// lines in the audit log, as its own user's.
TEST_F(TrashTest, IsAudited) {
  const auto disk = std::make_shared<io::MemoryDisk>();
  options.auditDisk = disk;
  restart();
  const auto old = TRASH + "/" + checkpoint(-10);
  ASSERT_OK(mkdirs(old));
  ASSERT_OK(mkdirs(TRASH + "/Current/dir"));
  passUntil(1);
  expectSoon(TRASH, {checkpoint(1)});
  stop();
  auto file = disk->open("namenode-audit.log", io::OpenMode::READ).value();
  std::string text(file->size().value(), '\0');
  ASSERT_OK(file->readAt(0, {reinterpret_cast<std::byte*>(text.data()), text.size()}));
  std::string changes;  // not those of the test
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
    const auto line = text.substr(at, text.find('\n', at) - at);
    if (line.find("\tip=null\t") == std::string::npos) continue;
    changes += line.substr(line.find("allowed=")) + "\n";
  }
  const std::string head = "allowed=true\tugi=root (auth:SIMPLE)\tip=null\tcmd=";
  const std::string end = "\tperm=null\tproto=rpc\n";
  EXPECT_EQ(changes, head + "delete\tsrc=" + old + "\tdst=null" + end + head + "rename\tsrc=" +
                         TRASH + "/Current\tdst=" + TRASH + "/" + checkpoint(1) + end);
}

// Protects more users, and more checkpoints, than one slice takes.
TEST_F(TrashTest, AllTrashesAreEmptied) {
  constexpr int MANY = 230;
  for (int i = 0; i < MANY; ++i) {
    ASSERT_OK(mkdirs("/user/u" + std::to_string(i) + "/.Trash/Current"));
    ASSERT_OK(mkdirs(TRASH + "/" + trashCheckpointName(begin_ - (i + 10) * MINUTE_MS)));
  }
  passUntil(1);
  for (int i = 0; i < MANY && !HasFailure(); ++i) {
    expectSoon("/user/u" + std::to_string(i) + "/.Trash", {checkpoint(1)});
  }
  EXPECT_EQ(trash(), Names{});
}

// Protects a namespace in safe mode: nothing in it changes, the trash is emptied the next time.
TEST_F(TrashTest, NotInSafeMode) {
  ASSERT_OK(mkdirs(TRASH + "/Current"));
  ASSERT_OK(safeMode(wire::SafeModeAction::ENTER));
  passUntil(1);
  EXPECT_EQ(trash(), Names{"Current"});
  ASSERT_OK(safeMode(wire::SafeModeAction::LEAVE));
  passUntil(2);
  expectSoon(TRASH, {checkpoint(2)});
}

// Protects clusters without a trash: what stands there is the users' own.
TEST_F(TrashTest, WithoutAnIntervalNothingIsEmptied) {
  options.config.trashIntervalMs = options.config.trashCheckpointIntervalMs = 0;
  restart();
  ASSERT_OK(mkdirs(TRASH + "/Current"));
  ASSERT_OK(mkdirs(TRASH + "/" + trashCheckpointName(begin_ - 10 * MINUTE_MS)));
  passUntil(2);
  EXPECT_EQ(trash().size(), 2U);
}

}  // namespace
}  // namespace cairn::nn
