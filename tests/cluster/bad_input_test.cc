// What users and strangers get wrong: a clear error, the right exit code, and a cluster that goes
// on.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/testkit/daemons.h"
#include "tests/testkit/mini.h"
#include "tests/testkit/sample.h"
#include "tests/testkit/tcp.h"

namespace cairn::testkit {
namespace {

class BadInputTest : public ::testing::Test {
protected:
  static void SetUpTestSuite() { mini_ = new Mini; }
  static void TearDownTestSuite() {
    EXPECT_EQ(mini_->stop(), 0) << mini_->process().errors();
    delete mini_;
  }
  void SetUp() override { ASSERT_TRUE(mini_->serving()); }

  static Mini& mini() { return *mini_; }
  static std::string local(const std::string& name) { return mini().scratch() / name; }

  // The command fails with `code`, and its message holds `words`.
  static void expectRefusal(std::vector<std::string> command, int code, const std::string& words,
                            std::vector<std::string> environment = {}) {
    const auto outcome = mini().cairn(command, std::move(environment));
    EXPECT_EQ(outcome.code, code) << command[0] << ": " << outcome.err;
    EXPECT_NE(outcome.err.find(words), std::string::npos)
        << "not said: " << words << "\nsaid: " << outcome.err;
  }

  static Mini* mini_;
};

Mini* BadInputTest::mini_ = nullptr;

// Protects: each mistake is named together with the path it is about.
TEST_F(BadInputTest, FilesThatAreNotWhatIsMeant) {
  writeFile(local("file"), "x");
  ASSERT_EQ(mini().cairn({"put", local("file"), "/file"}).code, 0);
  ASSERT_EQ(mini().cairn({"mkdir", "/dir"}).code, 0);
  expectRefusal({"put", local("missing"), "/there"}, 1, local("missing"));
  expectRefusal({"get", "/missing", local("out")}, 1, "/missing");
  expectRefusal({"cat", "/dir"}, 1, "/dir");
  expectRefusal({"get", "/dir", local("out")}, 1, "/dir");
  expectRefusal({"put", local("file"), "/file/below"}, 1, "/file");
  expectRefusal({"ls", "/missing"}, 1, "/missing");
  expectRefusal({"rm", "/dir"}, 1, "/dir");
  expectRefusal({"mkdir", "/dir"}, 1, "/dir");
  expectRefusal({"mkdir", "/no/such/parent"}, 1, "/no/such");
  expectRefusal({"mv", "/missing", "/there"}, 1, "/missing");
  EXPECT_FALSE(std::filesystem::exists(local("out")));
  EXPECT_EQ(mini().cairn({"ls", "/there"}).code, 1);
}

// Protects: usage errors have an exit code of their own and name what was not understood.
TEST_F(BadInputTest, CommandLinesThatAreWrong) {
  expectRefusal({"putt"}, 2, "did you mean 'put'");
  expectRefusal({"--user", "me", "ls", "/"}, 2, "options stand behind");
  expectRefusal({"put"}, 2, "put");
  expectRefusal({"ls", "--colour", "/"}, 2, "--colour");
  expectRefusal({"put", "--replication", "many", local("file"), "/x"}, 2, "many");
  expectRefusal({"ls", "--fs.replicatoin=2", "/"}, 2, "fs.replication");
  expectRefusal({"ls", "/"}, 2, "CAIRN_FS_REPLICATOIN", {"CAIRN_FS_REPLICATOIN=2"});
}

// Protects: a file of configuration with an unknown key names key, line and the nearest right one.
TEST_F(BadInputTest, ConfigurationThatIsWrong) {
  writeFile(local("wrong.toml"), "[client]\nnamenod = \"127.0.0.1:1\"\n");
  expectRefusal({"ls", "--config", local("wrong.toml"), "/"}, 2, "client.namenode");
  expectRefusal({"ls", "--config", local("none.toml"), "/"}, 2, "none.toml");
}

// Protects: --config names the only file that is read: what CAIRN_CONFIG names may be wrong then.
TEST_F(BadInputTest, TheConfigurationThatIsNamedIsTheOnlyOne) {
  const auto usual = readFile(local("cairn.toml"));
  writeFile(local("cairn.toml"), "[client]\nnamenod = \"127.0.0.1:1\"\n");
  writeFile(local("right.toml"), "[client]\nretry_budget_ms = \"1s\"\n");
  expectRefusal({"ls", "/"}, 2, "client.namenode");
  const auto listed = mini().cairn({"ls", "--config", local("right.toml"), "/"});
  EXPECT_EQ(listed.code, 0) << listed.err;
  // A job's program reads it in another way.
  expectRefusal({"mr", "wordcount", "--config", local("right.toml"), "/none", "/counts"}, 1,
                "/none");
  writeFile(local("cairn.toml"), usual);
}

// Protects: permissions hold in the first form: others cannot write in a 0755 directory.
TEST_F(BadInputTest, NoPermission) {
  ASSERT_EQ(mini().cairn({"mkdir", "/mine"}).code, 0);
  writeFile(local("file"), "x");
  expectRefusal({"put", "--user", "stranger", local("file"), "/mine/theirs"}, 1, "/mine");
  expectRefusal({"rm", "-r", "--user", "stranger", "/mine"}, 1, "ermission");
  EXPECT_EQ(mini().cairn({"ls", "/mine"}).code, 0);
}

// Protects: a namenode that is down is said while it is tried again, and ends in exit code 1.
TEST_F(BadInputTest, NobodyAtTheNamenodesAddress) {
  const auto nobody = freeAddress();
  expectRefusal({"ls", "--namenode", nobody, "--client.retry_budget_ms=300ms", "/"}, 1, nobody);
  expectRefusal({"ls", "--namenode", "no-port", "/"}, 2, "no-port");
}

// Protects: whatever a stranger sends to a port or a socket's path, the daemon lives and serves
// others. Of a mini cluster: namenode, job tracker, datanodes and task trackers, which have one
// each.
TEST_F(BadInputTest, GarbageAtEveryDoor) {
  const std::vector<std::string> messages{"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
                                          "hrpc\x09",
                                          sampleNoise(100'000),
                                          std::string(64, '\0'),
                                          std::string("CAIRNRPC") + sampleNoise(5000, 2),
                                          "stop-datanode 18446744073709551617\n",
                                          "stop-datanode\n",
                                          std::string(10'000, '1')};
  const auto ports = listeningPorts(mini().process().pid());
  const auto datanodes = mini().datanodes().size();
  // All but the task trackers show pages on another one.
  EXPECT_GE(ports.size(), 2 + 2 * datanodes + mini().pages().size());
  std::vector<std::string> doors{mini().directory() + "/control.sock"};
  for (const auto port : ports) doors.push_back("127.0.0.1:" + std::to_string(port));
  for (std::size_t i = 1; i <= datanodes; ++i) {
    doors.push_back(mini().directory() + "/datanode" + std::to_string(i) + "/datanode.sock");
  }
  for (const auto& door : doors) {
    for (const auto& message : messages) RawPeer(door).send(message);
  }
  ASSERT_TRUE(mini().process().running());
  for (const auto& address : mini().pages()) {
    EXPECT_EQ(httpGet(address, "/healthz").status, 200) << address;
  }
  writeFile(local("after"), "still here");
  ASSERT_EQ(mini().cairn({"put", "-f", local("after"), "/after"}).code, 0);
  EXPECT_EQ(mini().cairn({"cat", "/after"}).out, "still here");
  EXPECT_EQ(mini().cairn({"cat", "--no-short-circuit", "/after"}).out, "still here");
  EXPECT_EQ(mini().cairn({"job", "list"}).code, 0);
  const auto counted = mini().cairn({"mr", "wordcount", "/after", "/after-counts"});
  EXPECT_EQ(counted.code, 0) << counted.err;
  // The control socket answers, and no datanode was stopped.
  expectRefusal({"mini", "--dir", mini().directory(), "--stop-datanode", "60"}, 1,
                "there is no datanode 60");
  EXPECT_EQ(listeningPorts(mini().process().pid()), ports);
}

// Protects: Ctrl-C in a put leaves nothing under the final name, and nothing beside it.
TEST_F(BadInputTest, CtrlCInAPut) {
  // Standard input that never ends: the put is surely under way when it is interrupted.
  ASSERT_EQ(mini().cairn({"mkdir", "/broken"}).code, 0);
  ASSERT_EQ(::mkfifo(local("pipe").c_str(), 0600), 0);
  auto put = mini().begin({"put", local("pipe"), "/broken/off"}, "put");
  std::ofstream pipe(local("pipe"), std::ios::binary);  // blocks until the put has opened it
  const auto text = sampleText(4 << 20);
  pipe << text << std::flush;
  ASSERT_TRUE(eventually([&]() {
    return mini().cairn({"ls", "/broken"}).out.find("off._COPYING_") != std::string::npos;
  }));
  put->signal(SIGINT);
  EXPECT_EQ(put->wait(), 130) << put->errors();
  const auto listed = mini().cairn({"ls", "/broken"});
  EXPECT_EQ(listed.code, 0);
  EXPECT_EQ(listed.out, "");
}

}  // namespace
}  // namespace cairn::testkit
