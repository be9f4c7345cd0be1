// Protects: 'cairn admin' as operators and their scripts use it: safe mode and what goes on in it
// in both grammars, files taken from their writers, storage policies, and --json of each. (Hadoop's
// words in safe mode: hadoop_sessions/safe_mode.txt.)
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/client/shell/shell_test.h"

namespace cairn::testkit {
namespace {

const std::string ON =
    "Safe mode is ON\nIt was turned on by an operator, who has to turn it off.\n";
const std::string OFF = "Safe mode is OFF\n";

class AdminTest : public ShellTest {
protected:
  // Whatever a test leaves, the next one may write.
  void TearDown() override {
    if (mini_->serving()) EXPECT_EQ(safeMode("leave"), "0 " + OFF + "|");
  }
  static std::string safeMode(const std::string& action) {
    return all({"admin", "safemode", action});
  }
  // What a verb says of a path in safe mode.
  std::string refused(const std::string& verb, const std::string& name) const {
    return "1 |cairn: " + verb + ": " + there(name) +
           ": the namenode is in safe mode ('cairn admin safemode get' says why)\n";
  }
};

TEST_F(AdminTest, SafeModeIsEnteredAndLeft) {
  EXPECT_EQ(safeMode("get"), "0 " + OFF + "|");
  EXPECT_EQ(safeMode("wait"), "0 " + OFF + "|");
  EXPECT_EQ(safeMode("enter"), "0 " + ON + "|");
  EXPECT_EQ(safeMode("enter"), "0 " + ON + "|");
  EXPECT_EQ(safeMode("get"), "0 " + ON + "|");
  EXPECT_NE(cairn({"admin", "report"}).out.find("ON; It was turned on by an operator"),
            std::string::npos);
  EXPECT_EQ(all({"admin", "safemode", "get", "--json"}),
            "0 {\"safe_mode\":true,\"safe_mode_reason\":\"It was turned on by an operator, who has "
            "to turn it off.\"}\n|");
  EXPECT_EQ(safeMode("leave"), "0 " + OFF + "|");
  EXPECT_EQ(safeMode("leave"), "0 " + OFF + "|");
  EXPECT_EQ(safeMode("enter"), "0 " + ON + "|");
  EXPECT_EQ(all({"admin", "safemode", "leave", "--force"}), "0 " + OFF + "|");
  EXPECT_EQ(all({"admin", "safemode", "--json", "wait"}),
            "0 {\"safe_mode\":false,\"safe_mode_reason\":\"\"}\n|");
}

TEST_F(AdminTest, SafeModeIsForTheSuperuser) {
  for (const char* action : {"enter", "leave"}) {
    const auto denied = cairn({"admin", "safemode", action, "--user", "bob"});
    EXPECT_EQ(denied.code, 1);
    EXPECT_EQ(denied.out, "");
    EXPECT_TRUE(denied.err.starts_with("cairn: admin: safemode: ")) << denied.err;
  }
  EXPECT_EQ(all({"admin", "safemode", "get", "--user", "bob"}), "0 " + OFF + "|");
  const std::string usage = "2 |cairn: admin: safemode takes get, enter, leave or wait";
  EXPECT_EQ(misuse({"admin", "safemode"}), usage);
  EXPECT_EQ(misuse({"admin", "safemode", "off"}), usage);
  EXPECT_EQ(misuse({"admin", "safemode", "get", "/"}), usage);
  const std::string force = "2 |cairn: admin: --force is for safemode leave";
  EXPECT_EQ(misuse({"admin", "safemode", "enter", "--force"}), force);
  EXPECT_EQ(misuse({"admin", "report", "--force"}), force);
}

TEST_F(AdminTest, WaitEndsWhenAnotherEndsSafeMode) {
  ASSERT_EQ(safeMode("enter"), "0 " + ON + "|");
  auto waits = mini_->begin({"admin", "safemode", "wait"}, "wait");
  auto ended = mini_->begin({"admin", "safemode", "wait"}, "ended");
  // Time enough for both to ask several times.
  for (int times = 0; times < 20; ++times) ASSERT_EQ(safeMode("get"), "0 " + ON + "|");
  EXPECT_TRUE(waits->running());
  EXPECT_EQ(waits->output(), "");
  EXPECT_TRUE(ended->running());
  ended->signal(SIGINT);
  EXPECT_EQ(ended->wait(), 128 + SIGINT);
  EXPECT_EQ(safeMode("leave"), "0 " + OFF + "|");
  EXPECT_EQ(waits->wait(), 0);
  EXPECT_EQ(waits->output() + "|" + waits->errors(), OFF + "|");
}

TEST_F(AdminTest, NothingIsChangedInSafeModeAndReadsGoOn) {
  have("f", "hello\n");
  have("d/g", "G");
  writeFile(here("new"), "new\n");
  ASSERT_EQ(safeMode("enter"), "0 " + ON + "|");

  EXPECT_EQ(all({"put", here("new"), there("new")}), refused("put", "new"));
  EXPECT_EQ(all({"put", "-f", here("new"), there("f")}), refused("put", "f"));
  EXPECT_EQ(all({"mkdir", there("x")}), refused("mkdir", "x"));
  EXPECT_EQ(all({"mkdir", "-p", there("x/y")}), refused("mkdir", "x/y"));
  EXPECT_EQ(all({"rm", there("f")}), refused("rm", "f"));
  EXPECT_EQ(all({"rm", "-r", there("d")}), refused("rm", "d"));
  EXPECT_EQ(all({"rm", "-r", "--fs.trash_interval_minutes=60", there("d")}), refused("rm", "d"));
  EXPECT_EQ(all({"setrep", "2", there("f")}), refused("setrep", "f"));
  EXPECT_EQ(all({"mv", there("f"), there("x")}), refused("mv", "f"));
  EXPECT_EQ(all({"append", here("new"), there("f")}), refused("append", "f"));
  EXPECT_EQ(all({"chmod", "600", there("f")}), refused("chmod", "f"));
  EXPECT_EQ(all({"touch", there("f")}), refused("touch", "f"));
  EXPECT_EQ(all({"setcodec", "none", there("d")}), refused("setcodec", "d"));
  EXPECT_EQ(all({"admin", "recover-lease", there("f")}), refused("admin", "f"));
  EXPECT_EQ(all({"admin", "storage-policy", "set", there("f"), "COLD"}), refused("admin", "f"));

  const auto hadoops = [&](const std::string& verb, const std::string& what) {
    return "1 |" + verb + ": Cannot " + what + ". Name node is in safe mode.\n";
  };
  EXPECT_EQ(all({"fs", "-put", here("new"), there("new")}),
            hadoops("put", "create file" + there("new") + "._COPYING_"));
  EXPECT_EQ(all({"fs", "-mkdir", there("x")}), hadoops("mkdir", "create directory " + there("x")));
  EXPECT_EQ(all({"fs", "-rm", there("f")}), hadoops("rm", "delete " + there("f")));
  EXPECT_EQ(all({"fs", "-setrep", "2", there("f")}),
            hadoops("setrep", "set replication for " + there("f")));

  EXPECT_EQ(all({"ls", there("")}), "0 d\nf\n|");
  EXPECT_EQ(all({"cat", there("f")}), "0 hello\n|");
  EXPECT_EQ(all({"get", there("f"), here("back")}), "0 |");
  EXPECT_EQ(readFile(here("back")), "hello\n");
  EXPECT_EQ(all({"test", "-e", there("d/g")}), "0 |");
  EXPECT_EQ(format("%s %r %a", "f"), "6 1 644\n");
  EXPECT_EQ(cairn({"fsck", remote_}).code, 0);
  EXPECT_EQ(all({"fs", "-cat", there("f")}), "0 hello\n|");

  ASSERT_EQ(safeMode("leave"), "0 " + OFF + "|");
  EXPECT_EQ(all({"put", here("new"), there("new")}), "0 |");
  EXPECT_EQ(all({"rm", "-r", there("d")}), "0 |");
}

TEST_F(AdminTest, RecoverLeaseTakesAFileFromItsWriter) {
  have("closed", "C");
  const auto recover = [&](const std::string& name, std::vector<std::string> more = {}) {
    std::vector<std::string> words{"admin", "recover-lease", there(name)};
    words.insert(words.end(), more.begin(), more.end());
    return all(words);
  };
  EXPECT_EQ(recover("closed"), "0 " + there("closed") + " is closed\n|");

  ASSERT_EQ(::mkfifo(here("pipe").c_str(), 0600), 0);
  have("open", "one\n");
  auto writer = mini_->begin({"append", here("pipe"), there("open")}, "writer");
  std::ofstream toWriter(here("pipe"), std::ios::binary);
  toWriter << "two\n" << std::flush;
  const auto isOpen = [&]() {
    return cairn({"stat", there("open")}).out.find("being written") != std::string::npos;
  };
  ASSERT_TRUE(eventually(isOpen));
  EXPECT_EQ(cairn({"admin", "recover-lease", there("open"), "--user", "bob"}).code, 1);
  EXPECT_TRUE(isOpen());
  EXPECT_EQ(recover("open", {"--json"}),
            "0 {\"path\":\"" + there("open") + "\",\"closed\":true}\n|");
  EXPECT_FALSE(isOpen());
  EXPECT_TRUE(cairn({"cat", there("open")}).out.starts_with("one\n"));
  writeFile(here("three"), "three\n");
  EXPECT_EQ(all({"append", here("three"), there("open")}), "0 |") << "others may write it";
  // The writer is told.
  toWriter << "more\n" << std::flush;
  toWriter.close();
  EXPECT_EQ(writer->wait(), 1);
  EXPECT_EQ(writer->errors(),
            "cairn: append: " + there("open") + ": " + there("open") +
                " was closed or taken over by another client while it was written; what this "
                "one has written last may not be in it\n");

  EXPECT_EQ(recover("no"), missing("admin", "no"));
  EXPECT_EQ(all({"admin", "recover-lease", remote_}),
            "1 |cairn: admin: " + remote_ + ": is a directory\n");
  EXPECT_EQ(misuse({"admin", "recover-lease"}), "2 |cairn: admin: recover-lease takes one path");
  EXPECT_EQ(misuse({"admin", "recover-lease", "--retries", "-1", there("closed")}),
            "2 |cairn: admin: --retries takes a number from 0 to 86400, not '-1'");
}

TEST_F(AdminTest, StoragePoliciesAreSetAndFound) {
  have("d/e/f", "F");
  const auto policy = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"admin", "storage-policy"});
    return all(words);
  };
  const auto list = policy({"list"});
  EXPECT_NE(list.find("COLD\n"), std::string::npos) << list;
  EXPECT_NE(list.find("ONE_SSD\n"), std::string::npos) << list;
  EXPECT_TRUE(list.starts_with("0 ")) << list;
  EXPECT_EQ(policy({"get", there("d/e/f")}), "0 " + there("d/e/f") + ": unspecified\n|");
  EXPECT_EQ(policy({"set", there("d"), "cold"}), "0 |");
  EXPECT_EQ(policy({"get", there("d")}), "0 " + there("d") + ": COLD\n|");
  EXPECT_EQ(policy({"get", there("d/e/f")}),
            "0 " + there("d/e/f") + ": COLD, by " + there("d") + "\n|");
  EXPECT_EQ(policy({"set", there("d/e/f"), "ONE_SSD"}), "0 |");
  EXPECT_EQ(policy({"get", there("d/e/f")}), "0 " + there("d/e/f") + ": ONE_SSD\n|");
  EXPECT_EQ(policy({"unset", there("d/e/f")}), "0 |");
  EXPECT_EQ(policy({"get", "--json", there("d/e/f")}), "0 {\"path\":\"" + there("d/e/f") +
                                                           "\",\"policy\":\"COLD\",\"set_on\":\"" +
                                                           there("d") + "\"}\n|");
  EXPECT_EQ(policy({"unset", there("d")}), "0 |");
  EXPECT_EQ(policy({"get", "--json", there("d/e/f")}),
            "0 {\"path\":\"" + there("d/e/f") + "\",\"policy\":null}\n|");
  const auto names = policy({"list", "--json"});
  EXPECT_TRUE(names.starts_with("0 [\n\"")) << names;
  EXPECT_NE(names.find("\"COLD\""), std::string::npos) << names;

  EXPECT_EQ(policy({"get", there("no")}), missing("admin", "no"));
  EXPECT_EQ(policy({"set", there("no"), "COLD"}), missing("admin", "no"));
  EXPECT_EQ(misuse({"admin", "storage-policy", "set", there("d"), "WARMISH"}),
            "2 |cairn: admin: there is no policy 'WARMISH'; 'cairn admin storage-policy list' "
            "names them");
  const std::string usage =
      "2 |cairn: admin: storage-policy takes list, get PATH, set PATH POLICY or unset PATH";
  EXPECT_EQ(misuse({"admin", "storage-policy"}), usage);
  EXPECT_EQ(misuse({"admin", "storage-policy", "set", there("d")}), usage);
  EXPECT_EQ(misuse({"admin", "storage-policy", "get"}), usage);
  EXPECT_EQ(misuse({"admin", "storage-policy", "list", there("d")}), usage);
  EXPECT_EQ(cairn({"admin", "storage-policy", "set", there("d"), "COLD", "--user", "bob"}).code, 1);
}

// Protects from flags that are taken and mean nothing.
TEST_F(AdminTest, FlagsBelongToTheirActions) {
  const std::string retries = "2 |cairn: admin: --retries is for recover-lease";
  EXPECT_EQ(misuse({"admin", "report", "--retries", "1"}), retries);
  EXPECT_EQ(misuse({"admin", "safemode", "get", "--retries", "1"}), retries);
  EXPECT_EQ(misuse({"admin", "storage-policy", "list", "--retries", "1"}), retries);
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"set", "/", "COLD"}, {"unset", "/"}}) {
    std::vector<std::string> all{"admin", "storage-policy", "--json"};
    all.insert(all.end(), words.begin(), words.end());
    EXPECT_EQ(misuse(all),
              "2 |cairn: admin: storage-policy " + words[0] + " prints nothing: without --json");
  }
  EXPECT_EQ(misuse({"admin"}),
            "2 |cairn: admin: report, safemode, recover-lease or storage-policy?");
  EXPECT_EQ(misuse({"admin", "report", "/"}), "2 |cairn: admin: report takes nothing");
  EXPECT_EQ(misuse({"admin", "reboot"}), "2 |cairn: admin: there is no 'admin reboot'");
  EXPECT_EQ(misuse({"admin", "report", "--force"}).substr(0, 2), "2 ");
}

}  // namespace
}  // namespace cairn::testkit
