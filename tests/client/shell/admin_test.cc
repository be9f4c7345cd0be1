// Protects: 'cairn admin' as operators and their scripts use it: files taken from their writers,
// storage policies, --json, and flags that do not belong.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/client/shell/shell_test.h"

namespace cairn::testkit {
namespace {

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
};

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
  EXPECT_EQ(writer->errors(), "cairn: append: " + there("open") + ": " + there("open") +
                                  " was removed or replaced while it was written\n");

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
