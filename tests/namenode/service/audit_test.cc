// What of a client's calls stands in the audit log.
#include "common/io/memory_disk.h"
#include "tests/namenode/service/fixture.h"

namespace cairn::nn {
namespace {

class AuditTest : public NamenodeTest {
protected:
  void SetUp() override {
    options.auditDisk = disk;
    NamenodeTest::SetUp();
  }
  // The lines' part from "allowed" to "dst".
  std::vector<std::string> lines() {
    stop();
    auto file = disk->open("namenode-audit.log", io::OpenMode::READ).value();
    std::string text(file->size().value(), '\0');
    EXPECT_OK(file->readAt(0, {reinterpret_cast<std::byte*>(text.data()), text.size()}));
    std::vector<std::string> all;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at);
      const std::string line = text.substr(at, end - at);
      const std::size_t from = line.find("allowed=");
      all.push_back(line.substr(from, line.find("\tperm=") - from));
      at = end + 1;
    }
    return all;
  }
  static std::string line(bool allowed, const std::string& user, const std::string& command,
                          const std::string& source, const std::string& target = "null") {
    return std::string("allowed=") + (allowed ? "true" : "false") + "\tugi=" + user +
           " (auth:SIMPLE)\tip=/127.0.0.1\tcmd=" + command + "\tsrc=" + source + "\tdst=" + target;
  }
  std::shared_ptr<io::MemoryDisk> disk = std::make_shared<io::MemoryDisk>();
};

// Protects who has to know who did what: each operation on a name has its line, with its caller,
// allowed or denied; what failed for other reasons, and calls that name no path, have none.
TEST_F(AuditTest, EachOperationHasItsLine) {
  addDatanode();
  ASSERT_OK(mkdirs("/d"));
  ASSERT_OK(writeFile("/d/f", 10));
  ASSERT_OK(statId("/d/f", "alice"));
  EXPECT_CODE(Code::NOT_FOUND, statId("/missing"));
  EXPECT_CODE(Code::PERMISSION_DENIED, mkdirs("/d/x", 0, "alice"));
  ASSERT_OK(locations("/d/f"));
  ASSERT_OK(names("/d"));
  ASSERT_OK(rename("/d/f", "/d/g"));
  ASSERT_OK(remove("/d/g"));
  const std::vector<std::string> expected{
      line(true, "root", "mkdirs", "/d"),           line(true, "root", "create", "/d/f"),
      line(true, "alice", "getfileinfo", "/d/f"),   line(false, "alice", "mkdirs", "/d/x"),
      line(true, "root", "open", "/d/f"),           line(true, "root", "listStatus", "/d"),
      line(true, "root", "rename", "/d/f", "/d/g"), line(true, "root", "delete", "/d/g")};
  EXPECT_EQ(lines(), expected);
}

// Protects the lines of attributes, and of files that are joined: all their names stand there.
TEST_F(AuditTest, AttributesHaveTheirLines) {
  addDatanode();
  for (const char* name : {"/t", "/a", "/b"}) ASSERT_OK(writeFile(name, 10));
  auto mode = namenode.setPermissionRequest();
  fill(mode, 0, "alice");
  mode.setPath("/t");
  EXPECT_CODE(Code::PERMISSION_DENIED, faultOf(wait(mode.send())));
  auto concat = namenode.concatRequest();
  fill(concat);
  concat.setTarget("/t");
  auto sources = concat.initSources(2);
  sources.set(0, "/a");
  sources.set(1, "/b");
  ASSERT_OK(faultOf(wait(concat.send())));
  const auto all = lines();
  ASSERT_EQ(all.size(), 5U);
  EXPECT_EQ(all[3], line(false, "alice", "setPermission", "/t"));
  EXPECT_EQ(all[4], line(true, "root", "concat", "[/a, /b]", "/t"));
}

// Protects the record of what only superusers may do, done or tried.
TEST_F(AuditTest, SafeModeHasItsLines) {
  EXPECT_CODE(Code::PERMISSION_DENIED, safeMode(wire::SafeModeAction::ENTER, "alice"));
  ASSERT_OK(safeMode(wire::SafeModeAction::ENTER));
  const std::vector<std::string> expected{line(false, "alice", "safemode_enter", "null"),
                                          line(true, "root", "safemode_enter", "null")};
  EXPECT_EQ(lines(), expected);
}

}  // namespace
}  // namespace cairn::nn
