// The audit log: its lines, its files, and what happens when the disk cannot keep up.
#include <gtest/gtest.h>
#include <kj/async-io.h>
#include <kj/timer.h>

#include <algorithm>
#include <regex>

#include "common/io/clock.h"
#include "common/io/memory_disk.h"
#include "common/io/random.h"
#include "namenode/audit/audit_log.h"
#include "tests/namenode/held_pool.h"
#include "tests/testkit/results.h"

namespace cairn::nn {
namespace {

std::string lineOf(const AuditEvent& event, UnixMillis nowMs = 1'700'000'000'042) {
  std::string text;
  AuditLines().append(text, nowMs, event);
  return text;
}

std::string contentOf(io::Disk& disk, const std::string& name) {
  auto file = disk.open(name, io::OpenMode::READ);
  if (!file.has_value()) return "";
  std::string text((*file)->size().value(), '\0');
  (void)(*file)->readAt(0, {reinterpret_cast<std::byte*>(text.data()), text.size()});
  return text;
}

// Protects the format that parsers of HDFS's audit log depend on.
TEST(AuditLinesTest, AreHdfss) {
  const std::string line = lineOf({.allowed = true,
                                   .user = "alice",
                                   .host = "10.1.2.3",
                                   .command = "rename",
                                   .source = "/a",
                                   .target = "/b"});
  const std::regex form(
      "\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d,042 INFO FSNamesystem\\.audit: "
      "allowed=true\tugi=alice \\(auth:SIMPLE\\)\tip=/10\\.1\\.2\\.3\tcmd=rename\tsrc=/a\tdst=/b\t"
      "perm=null\tproto=rpc\n");
  EXPECT_TRUE(std::regex_match(line, form)) << line;
  const std::string denied = lineOf({.allowed = false, .user = "bob", .command = "mkdirs"});
  EXPECT_NE(
      denied.find("allowed=false\tugi=bob (auth:SIMPLE)\tip=null\tcmd=mkdirs\tsrc=null\tdst=null"),
      std::string::npos)
      << denied;
}

// Protects the log from names that would forge lines of their own.
TEST(AuditLinesTest, APathIsOneFieldWhateverItHolds) {
  const std::string line = lineOf(
      {.user = "eve", .command = "create", .source = "/a\nallowed=true\tugi=root\\\x7f\xc3\xa9"});
  EXPECT_EQ(std::ranges::count(line, '\n'), 1);
  EXPECT_NE(line.find("src=/a\\nallowed=true\\tugi=root\\\\\\u007F\xc3\xa9\tdst="),
            std::string::npos)
      << line;
}

// Protects the time of lines around a change of the second.
TEST(AuditLinesTest, TheTimeFollowsTheClock) {
  AuditLines lines;
  std::string text;
  for (const UnixMillis now : {999LL, 1000LL, 1007LL, 500LL}) {
    lines.append(text, now, {.user = "u", .command = "open"});
  }
  const std::regex form(".*:00,999 .*\n.*:01,000 .*\n.*:01,007 .*\n.*:00,500 .*\n");
  EXPECT_TRUE(std::regex_match(text, form)) << text;
}

// Protects the disk from a log without end, and lines from being lost at a turn.
TEST(AuditFileTest, TurnsOverAndKeepsSoMany) {
  io::MemoryDisk disk;
  const std::string block(AuditFile::FILE_BYTES / 4, 'x');
  {
    AuditFile file(disk);
    for (unsigned i = 0; i < 4; ++i) ASSERT_OK(file.append(block));
    ASSERT_OK(file.append("second\n"));
  }
  EXPECT_EQ(contentOf(disk, "namenode-audit.log"), "second\n");
  EXPECT_EQ(contentOf(disk, "namenode-audit.log.1").size(), AuditFile::FILE_BYTES);
  // Another life goes on behind what is there.
  AuditFile again(disk);
  ASSERT_OK(again.append("third\n"));
  EXPECT_EQ(contentOf(disk, "namenode-audit.log"), "second\nthird\n");
}

class NoNetwork final : public rpc::Network {
public:
  kj::Promise<kj::Own<kj::AsyncIoStream>> connect(std::string) override { return kj::NEVER_DONE; }
  kj::Promise<Result<kj::Own<rpc::Listener>>> listen(std::string) override {
    return kj::NEVER_DONE;
  }
};

class AuditLogTest : public ::testing::Test {
public:
  ~AuditLogTest() noexcept override {}

protected:
  void turn() {
    for (int i = 0; i < 20; ++i) kj::evalLater([]() {}).wait(scope);
  }
  std::size_t written() {
    const std::string text = contentOf(*disk, std::string(AuditFile::NAME));
    return static_cast<std::size_t>(std::ranges::count(text, '\n'));
  }
  void add() { log.add({.user = "u", .command = "open", .source = std::string(1000, 'p')}); }

  kj::EventLoop loop;
  kj::WaitScope scope{loop};
  kj::TimerImpl timer{kj::origin<kj::TimePoint>()};
  io::ManualClock clock;
  io::Random random{1};
  NoNetwork network;
  HeldPool pool;
  metrics::Registry metrics;
  rpc::Host host{timer, clock, random, network, pool, metrics};
  std::shared_ptr<io::MemoryDisk> disk = std::make_shared<io::MemoryDisk>();
  AuditLog log{host, disk};
};

// Protects the disk from a write a line, and a line from waiting for ever.
TEST_F(AuditLogTest, LinesAreWrittenTogetherAfterAMoment) {
  add();
  add();
  turn();
  EXPECT_EQ(pool.waiting(), 0U);
  timer.advanceTo(timer.now() + AuditLog::WRITE_DELAY_MS * kj::MILLISECONDS);
  turn();
  ASSERT_EQ(pool.waiting(), 1U);
  add();  // while the others are being written
  pool.runAll();
  turn();
  EXPECT_EQ(written(), 2U);
  auto flushed = log.flush();
  turn();
  pool.runAll();
  flushed.wait(scope);
  EXPECT_EQ(written(), 3U);
}

// Protects the namenode's memory from a disk that hangs: what does not fit is counted as lost.
TEST_F(AuditLogTest, AHangingDiskCostsLinesNotMemory) {
  const std::size_t many = AuditLog::PENDING_BYTES_MAX / 1000 + 1000;
  for (std::size_t i = 0; i < many; ++i) {
    add();
    if (i == 100) turn();
  }
  auto& lost = metrics.counter("cairn_namenode_audit_lost_total",
                               "Lines of the audit log that could not be written");
  EXPECT_GT(lost.value(), 0U);
  auto flushed = log.flush();
  while (!flushed.poll(scope)) {
    turn();
    pool.runAll();
  }
  EXPECT_EQ(written() + lost.value(), many);
}

// Protects the log from a disk that fails for a while: it goes on when the disk does.
TEST_F(AuditLogTest, GoesOnAfterAFailure) {
  disk->setCapacity(10);
  add();
  auto flushed = log.flush();
  turn();
  pool.runAll();
  flushed.wait(scope);
  disk->setCapacity(io::MemoryDisk::UNLIMITED);
  add();
  flushed = log.flush();
  turn();
  pool.runAll();
  flushed.wait(scope);
  EXPECT_EQ(written(), 1U);
}

}  // namespace
}  // namespace cairn::nn
