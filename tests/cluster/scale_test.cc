// One namenode with a million files (five with CAIRN_TEST_FULL), a million of them in one
// directory: killed while more are made, again while that directory is reclaimed, and asked for
// everything in between. Nothing acknowledged is lost, nothing is counted wrongly, and its memory
// does not grow with the number of files.
#include <gtest/gtest.h>
#include <kj/async-io.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "client/cairn/bench/calls.h"
#include "client/cairn/bench/namenode_caller.h"
#include "client/cairn/real_host.h"
#include "common/base/limits.h"
#include "common/base/units.h"
#include "common/rpc/client_pool.h"
#include "common/rpc/convert.h"
#include "tests/testkit/daemons.h"
#include "tests/testkit/memory_of.h"

namespace cairn::testkit {
namespace {

constexpr std::uint32_t IN_FLIGHT = 64;
// Below the limit of a directory's children.
constexpr std::uint64_t WIDE_FILES = 1'000'000;
static_assert(WIDE_FILES < limits::DIRECTORY_CHILDREN_MAX);
// In directories of a thousand.
constexpr std::uint64_t TREE_FILES = 20'000;
constexpr std::uint64_t TREE_FILES_FULL = 4'000'000;
constexpr std::uint64_t FILES_PER_DIRECTORY = 1000;
constexpr std::uint64_t MEMORY_MAX = 1_GiB;
// Of a namenode that has just started, whatever the number of files: less than a million entries
// would take, about 350 bytes each (namenode/meta/store.h). 55 MiB were measured.
constexpr std::uint64_t RESTART_MEMORY_MAX = 200_MiB;
// Between two looks at how much is left to be reclaimed: far fewer than it takes.
constexpr int CALLS_A_LOOK = 20;
// Of others that are answered while a million files are reclaimed, before the namenode is killed
// and after: far fewer than there is time for.
constexpr std::uint64_t CALLS_MEANWHILE_MIN = 500;
// Of the reclaiming of a million files; what takes longer hangs.
constexpr std::chrono::minutes RECLAIM_PATIENCE{5};

std::string userName() {
  const passwd* const user = ::getpwuid(::geteuid());
  return user == nullptr ? "root" : user->pw_name;
}

// Names of equal length: the order of their bytes is that of the numbers.
std::string numbered(std::uint64_t number) {
  std::string digits = std::to_string(number);
  return "file" + std::string(8 - digits.size(), '0') + digits;
}
std::string treeDirectory(std::uint64_t file) {
  return "/tree/d" + std::to_string(file / FILES_PER_DIRECTORY);
}
std::string treePath(std::uint64_t file) { return treeDirectory(file) + "/" + numbered(file); }

struct Summary {
  std::uint64_t files = 0;
  std::uint64_t directories = 0;
};

class ScaleTest : public ::testing::Test {
public:
  ~ScaleTest() noexcept override {}

protected:
  void connect() {
    caller_ = nullptr;
    namenode_ = nullptr;
    pool_ = std::make_unique<rpc::ClientPool>(host_.host(),
                                              rpc::ClientHello{.role = rpc::Role::CLIENT});
    auto client = pool_->get<wire::Namenode>(daemons_.addressOf("namenode")).wait(io_.waitScope);
    ASSERT_TRUE(client.has_value()) << client.error().toString();
    namenode_ = *client;
    caller_ = std::make_unique<app::NamenodeCaller>(namenode_, userName(), 2 * IN_FLIGHT,
                                                    host_.host().random);
  }
  void killNamenode() { daemons_.kill("namenode"); }
  void restartNamenode() {
    daemons_.start("namenode");
    connect();
  }
  void checkMemory(const char* when) {
    const auto most = memoryOf(daemons_.process("namenode").pid(), "VmHWM");
    EXPECT_LT(most, MEMORY_MAX) << when;
    RecordProperty(std::string("resident MiB ") + when, std::to_string(most >> 20));
  }
  template <typename T>
  T wait(kj::Promise<T>&& promise) {
    return promise.wait(io_.waitScope);
  }

  // Makes files of the tree until `killAt` are acknowledged; the namenode dies then, with the calls
  // for others in flight.
  void makeTreeUntilKilled(std::uint64_t killAt) {
    auto loops = kj::heapArrayBuilder<kj::Promise<void>>(IN_FLIGHT);
    for (std::uint32_t i = 0; i < IN_FLIGHT; ++i) {
      loops.add(makeInTurn(killAt).catch_([](kj::Exception&&) {}));
    }
    wait(kj::joinPromises(loops.finish()));
  }
  kj::Promise<void> makeInTurn(std::uint64_t killAt) {
    while (acknowledged_.size() < killAt) {
      const std::uint64_t file = asked_++;
      co_await caller_->createClosed(treePath(file));
      acknowledged_.push_back(file);
      if (acknowledged_.size() != killAt) continue;
      checkMemory("when all was made");
      killNamenode();
    }
  }

  // The names in a directory, page by page, each checked by `check(number, name)`; how many.
  template <typename Check>
  std::uint64_t listAll(const std::string& path, Check check) {
    std::uint64_t count = 0;
    std::string last;
    while (true) {
      auto request = namenode_.listRequest();
      fill(request.initCall());
      request.setPath(path);
      request.setStartAfter(last);
      auto reply = request.send().wait(io_.waitScope);
      EXPECT_TRUE(rpc::fromWire(reply.getFault()).has_value());
      const auto entries = reply.getEntries();
      EXPECT_LE(entries.size(), limits::LIST_PAGE_MAX);
      for (const auto entry : entries) {
        last = entry.getName().cStr();
        if (!check(count++, last)) return count;
      }
      if (!reply.getMore() || entries.size() == 0) return count;
    }
  }
  // 0 when there is no such directory.
  std::uint64_t childrenOf(const std::string& path) {
    auto request = namenode_.statRequest();
    fill(request.initCall());
    request.setPath(path);
    auto reply = request.send().wait(io_.waitScope);
    return rpc::fromWire(reply.getFault()).has_value() ? reply.getEntry().getChildCount() : 0;
  }
  Summary summaryOf(const std::string& path) {
    auto request = namenode_.contentSummaryRequest();
    fill(request.initCall());
    request.setPath(path);
    auto reply = request.send().wait(io_.waitScope);
    EXPECT_TRUE(rpc::fromWire(reply.getFault()).has_value());
    return {reply.getSummary().getFiles(), reply.getSummary().getDirectories()};
  }
  std::uint64_t filesReported() {
    auto request = namenode_.reportRequest();
    fill(request.initCall());
    auto reply = request.send().wait(io_.waitScope);
    EXPECT_TRUE(rpc::fromWire(reply.getFault()).has_value());
    return reply.getReport().getFiles();
  }
  void fill(wire::CallInfo::Builder call) {
    call.setUser(userName());
    rpc::toWire(client_, call.initClient());
  }

  void checkWide();
  std::uint64_t checkTree();
  void reclaimWide();

  Daemons daemons_{{.datanodes = 0, .jobs = false, .settings = ""}};
  kj::AsyncIoContext io_ = kj::setupAsyncIo();
  app::RealHost host_{io_, "scale-test", 1};
  const Uuid client_ = host_.host().random.uuid();
  std::unique_ptr<rpc::ClientPool> pool_;
  wire::Namenode::Client namenode_ = nullptr;
  std::unique_ptr<app::NamenodeCaller> caller_;
  std::uint64_t asked_ = 0;                  // files of the tree
  std::vector<std::uint64_t> acknowledged_;  // of them, by number
  std::uint64_t othersFiles_ = 0;
};

// Every file of the wide directory, once, in order.
void ScaleTest::checkWide() {
  EXPECT_EQ(childrenOf("/wide"), WIDE_FILES);
  std::uint64_t wrong = 0;
  const auto listed = listAll("/wide", [&](std::uint64_t number, const std::string& name) {
    if (name != numbered(number)) ++wrong;
    return wrong == 0;
  });
  EXPECT_EQ(listed, WIDE_FILES);
  EXPECT_EQ(wrong, 0U);
  EXPECT_EQ(summaryOf("/wide").files, WIDE_FILES);
}

// Every file of the tree that was acknowledged, and none that was not asked for; how many.
std::uint64_t ScaleTest::checkTree() {
  std::vector<bool> found(asked_, false);
  std::uint64_t files = 0;
  std::uint64_t directories = 0;
  for (std::uint64_t first = 0; first < asked_; first += FILES_PER_DIRECTORY) {
    const std::string directory = treeDirectory(first);
    const auto children = childrenOf(directory);
    if (children == 0) continue;  // asked for, not made
    ++directories;
    const auto listed = listAll(directory, [&](std::uint64_t, const std::string& name) {
      const std::uint64_t file = std::stoull(name.substr(4));
      if (file >= asked_ || found[file]) {
        ADD_FAILURE() << name << " in " << directory;
      } else {
        found[file] = true;
      }
      return true;
    });
    EXPECT_EQ(listed, children) << directory;
    files += listed;
  }
  const auto lost = std::ranges::count_if(acknowledged_, [&](auto file) { return !found[file]; });
  EXPECT_EQ(lost, 0);
  const Summary summary = summaryOf("/tree");
  EXPECT_EQ(summary.files, files);
  EXPECT_EQ(summary.directories, directories + 1);
  return files;
}

// Removes the wide directory, and goes on with other calls until all of it is reclaimed; kills the
// namenode once in between.
void ScaleTest::reclaimWide() {
  wait(caller_->remove("/wide", true));
  EXPECT_GT(wait(caller_->pendingReclaims()), 0U);
  bool killed = false;
  std::uint64_t meanwhile = 0;
  const auto end = std::chrono::steady_clock::now() + RECLAIM_PATIENCE;
  while (wait(caller_->pendingReclaims()) > 0) {
    ASSERT_LT(std::chrono::steady_clock::now(), end) << "not reclaimed";
    for (int i = 0; i < CALLS_A_LOOK; ++i, ++othersFiles_) {
      const std::string path = "/others/" + numbered(othersFiles_);
      wait(caller_->createClosed(path));
      wait(caller_->stat(path));
    }
    // The answers came while it was under way, not all of them when it was over.
    if (wait(caller_->pendingReclaims()) > 0) meanwhile += 2 * CALLS_A_LOOK;
    if (!killed && meanwhile > CALLS_MEANWHILE_MIN / 2) {
      killed = true;
      killNamenode();
      restartNamenode();
      EXPECT_GT(wait(caller_->pendingReclaims()), 0U);
    }
  }
  EXPECT_TRUE(killed);
  EXPECT_GE(meanwhile, CALLS_MEANWHILE_MIN);
  RecordProperty("others' calls while files were reclaimed", std::to_string(meanwhile));
}

// Protects the namenode with as many files as it is made for: what a kill at a bad moment may cost,
// pages and sums over a large directory, and everybody else while it is reclaimed.
TEST_F(ScaleTest, AMillionFiles) {
  const auto tree = std::getenv("CAIRN_TEST_FULL") != nullptr ? TREE_FILES_FULL : TREE_FILES;
  connect();
  wait(caller_->mkdirs("/wide"));
  app::callsPerSecond(io_.waitScope, WIDE_FILES, IN_FLIGHT, [&](std::uint64_t file) {
    return caller_->createClosed("/wide/" + numbered(file));
  });
  makeTreeUntilKilled(tree);
  ASSERT_GE(acknowledged_.size(), tree);
  ASSERT_GT(asked_, acknowledged_.size());

  restartNamenode();
  wait(caller_->stat("/wide/" + numbered(WIDE_FILES - 1)));
  // It has what of the log is to be replayed in memory, and no entries beyond.
  EXPECT_LT(memoryOf(daemons_.process("namenode").pid(), "VmRSS"), RESTART_MEMORY_MAX);
  checkMemory("after the restart");
  checkWide();
  const auto files = checkTree();
  EXPECT_EQ(summaryOf("/").files, WIDE_FILES + files);
  EXPECT_EQ(filesReported(), WIDE_FILES + files);
  checkMemory("after all was listed");

  reclaimWide();
  checkMemory("after a million files were reclaimed");
  EXPECT_EQ(childrenOf("/wide"), 0U);
  EXPECT_EQ(childrenOf("/others"), othersFiles_);
  EXPECT_EQ(checkTree(), files);
  EXPECT_EQ(summaryOf("/").files, files + othersFiles_);
  EXPECT_EQ(filesReported(), files + othersFiles_);
}

}  // namespace
}  // namespace cairn::testkit
