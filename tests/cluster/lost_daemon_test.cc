// Each daemon killed with -9 during a put, a get and a job: what was acknowledged stays, what
// failed says why and leaves nothing half done under a final name, and the cluster is of use again.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "tests/testkit/daemons.h"
#include "tests/testkit/sample.h"

namespace cairn::testkit {
namespace {

const DaemonsOptions FILES_ONLY{.jobs = false, .settings = "[fs]\nchunk_size = \"1MiB\"\n"};

// Has written `content` to `path` in the cluster, acknowledged.
void putWhole(Daemons& cluster, const std::string& content, const std::string& path) {
  writeFile(cluster.scratch() / "whole", content);
  const auto put = cluster.cairn({"put", cluster.scratch() / "whole", path});
  ASSERT_EQ(put.code, 0) << put.err;
}

void expectContent(Daemons& cluster, const std::string& path, const std::string& content) {
  const auto read = cluster.cairn({"cat", path}, {"CAIRN_CLIENT_SHORT_CIRCUIT=false"});
  EXPECT_EQ(read.code, 0) << read.err;
  EXPECT_TRUE(read.out == content) << "other bytes came back of " << path;
}

// A put that is fed by a pipe, so that it is surely under way when something happens to it.
class SlowPut {
public:
  SlowPut(Daemons& cluster, const std::string& path) {
    const auto pipe = cluster.scratch() / "pipe";
    ::unlink(pipe.c_str());
    EXPECT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    put_ = cluster.begin({"put", "-f", pipe, path}, "slow");
    pipe_.open(pipe, std::ios::binary);
  }
  void feed(const std::string& bytes) { pipe_ << bytes << std::flush; }
  int finish() {
    pipe_.close();
    return put_->wait().value_or(-1);
  }
  std::string errors() { return put_->errors(); }

private:
  std::unique_ptr<Process> put_;
  std::ofstream pipe_;
};

// Protects: the namenode acknowledges nothing it could forget.
TEST(LostNamenodeTest, KilledDuringAPut) {
  ::signal(SIGPIPE, SIG_IGN);
  Daemons cluster(FILES_ONLY);
  const auto before = sampleText(3 << 20);
  putWhole(cluster, before, "/before");
  SlowPut put(cluster, "/during");
  const auto during = sampleText(6 << 20, 2);
  put.feed(during.substr(0, during.size() / 2));
  cluster.kill("namenode");
  cluster.start("namenode");
  put.feed(during.substr(during.size() / 2));
  // The client tries again until the namenode is back: the put succeeds.
  EXPECT_EQ(put.finish(), 0) << put.errors();
  expectContent(cluster, "/before", before);
  expectContent(cluster, "/during", during);
}

// Protects: a put outlives a datanode that dies under it, and so does what was there before.
TEST(LostDatanodeTest, KilledDuringAPut) {
  ::signal(SIGPIPE, SIG_IGN);
  Daemons cluster(FILES_ONLY);
  const auto before = sampleText(3 << 20);
  putWhole(cluster, before, "/before");
  SlowPut put(cluster, "/during");
  const auto during = sampleText(6 << 20, 2);
  put.feed(during.substr(0, during.size() / 2));
  cluster.kill("datanode2");
  put.feed(during.substr(during.size() / 2));
  EXPECT_EQ(put.finish(), 0) << put.errors();
  expectContent(cluster, "/during", during);
  expectContent(cluster, "/before", before);
  cluster.start("datanode2");
  putWhole(cluster, during, "/after");
  expectContent(cluster, "/after", during);
}

// Protects: replicas that were acknowledged survive the death of every process at once.
TEST(LostDatanodeTest, AllKilledAfterAPut) {
  Daemons cluster(FILES_ONLY);
  const auto content = sampleText(5 << 20);
  putWhole(cluster, content, "/kept");
  for (const std::string name : {"datanode1", "datanode2", "datanode3", "namenode"}) {
    cluster.kill(name);
  }
  cluster.start("namenode");
  for (const std::string name : {"datanode1", "datanode2", "datanode3"}) cluster.start(name);
  expectContent(cluster, "/kept", content);
}

// Protects: a get goes on at another replica when the node it reads from dies under it.
TEST(LostDatanodeTest, KilledDuringAGet) {
  Daemons cluster(FILES_ONLY);
  const auto content = sampleText(24 << 20);
  putWhole(cluster, content, "/file");
  for (const std::string name : {"datanode1", "datanode2"}) {
    auto get = cluster.begin({"get", "-f", "/file", cluster.scratch() / "out"}, "get",
                             {"CAIRN_CLIENT_SHORT_CIRCUIT=false"});
    cluster.kill(name);
    EXPECT_EQ(get->wait(), 0) << get->errors();
    EXPECT_TRUE(readFile(cluster.scratch() / "out") == content) << "other bytes came back";
    cluster.start(name);
  }
}

// Protects the replicas on a datanode's other disks: one whose directory cannot even be opened
// (here a link to itself) is out of service, and not the datanode.
TEST(LostDiskTest, TheDatanodeGoesOnWithItsOthers) {
  Daemons cluster({.datanodes = 1, .jobs = false});
  const auto content = sampleText(100'000);
  putWhole(cluster, content, "/file");
  EXPECT_EQ(cluster.stop("datanode1"), 0);
  const auto broken = cluster.scratch() / "broken";
  ASSERT_EQ(::symlink(broken.c_str(), broken.c_str()), 0);
  cluster.start("datanode1", true,
                {"CAIRN_DATANODE_DIRS=" + broken + "," + cluster.directoryOf("datanode1")});
  expectContent(cluster, "/file", content);
  const auto report = cluster.cairn({"admin", "report"});
  EXPECT_EQ(report.code, 0) << report.err;
  EXPECT_NE(report.out.find(broken), std::string::npos) << report.out;
}

// Protects: a directory of another cluster is refused with the reason, and not touched.
TEST(ForeignDirectoryTest, IsRefused) {
  Daemons cluster(FILES_ONLY);
  Daemons other(FILES_ONLY);
  cluster.kill("datanode1");
  auto stray = cluster.begin({"datanode", "--config", cluster.scratch() / "datanode1.toml",
                              "--client.namenode", other.addressOf("namenode")},
                             "stray");
  const auto code = stray->wait();
  EXPECT_EQ(code, 1) << stray->errors();
  EXPECT_NE(stray->errors().find("cluster"), std::string::npos) << stray->errors();
  cluster.start("datanode1");
}

// Protects: the namenode formats nothing that is there, and starts on nothing that is not.
TEST(FormatTest, NothingFormatsByItself) {
  ScratchDir scratch;
  const auto flags = std::vector<std::string>{"--namenode.dir",          scratch / "nn",
                                              "--namenode.address",      freeAddress(),
                                              "--namenode.http_address", "none"};
  auto command = std::vector<std::string>{cairnBinary(), "namenode"};
  command.insert(command.end(), flags.begin(), flags.end());
  const auto unformatted = run(command);
  EXPECT_EQ(unformatted.code, 1);
  EXPECT_NE(unformatted.err.find("--format"), std::string::npos) << unformatted.err;
  command.push_back("--format");
  EXPECT_EQ(run(command).code, 0);
  const auto twice = run(command);
  EXPECT_EQ(twice.code, 1);
  EXPECT_NE(twice.err.find(scratch / "nn"), std::string::npos) << twice.err;
}

}  // namespace
}  // namespace cairn::testkit
