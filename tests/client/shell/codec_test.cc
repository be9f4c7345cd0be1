// Protects: how one says that data is to be compressed: 'setcodec' of directories and files, and
// the flags of put, cp and append, by the bytes that are stored then.
#include <gtest/gtest.h>

#include "tests/client/shell/shell_test.h"
#include "tests/testkit/sample.h"

namespace cairn::testkit {
namespace {

constexpr std::size_t BYTES = 300'000;

class CodecTest : public ShellTest {
protected:
  void SetUp() override {
    ShellTest::SetUp();
    if (HasFatalFailure()) return;
    writeFile(here("words"), sampleText(BYTES));
  }
  std::uint64_t storedOf(const std::string& name) const { return std::stoull(format("%S", name)); }
  // What 'ls --json' says of new data: "zstd 9", "none", "".
  std::string codecOf(const std::string& name) const {
    const auto json = cairn({"ls", "-d", "--json", there(name)}).out;
    const auto valueOf = [&](const std::string& key) {
      const auto at = json.find("\"" + key + "\":");
      if (at == std::string::npos) return std::string();
      const auto begin = at + key.size() + 3;
      return json.substr(begin, json.find_first_of(",}", begin) - begin);
    };
    auto codec = valueOf("codec");
    if (codec.size() > 1) codec = codec.substr(1, codec.size() - 2);
    const auto level = valueOf("zstd_level");
    return level.empty() ? codec : codec + " " + level;
  }
};

TEST_F(CodecTest, PutAndCpTakeACodecAndALevel) {
  EXPECT_EQ(all({"put", "--codec", "none", here("words"), there("plain")}), "0 |");
  EXPECT_EQ(all({"put", "--codec", "zstd", here("words"), there("packed")}), "0 |");
  EXPECT_EQ(all({"put", "--zstd-level", "19", here("words"), there("small")}), "0 |");
  EXPECT_EQ(codecOf("plain"), "none");
  EXPECT_EQ(codecOf("packed"), "zstd 1");
  EXPECT_EQ(codecOf("small"), "zstd 19");
  EXPECT_GE(storedOf("plain"), BYTES) << "frames have headers";
  EXPECT_LT(storedOf("packed"), BYTES / 2);
  EXPECT_LT(storedOf("small"), storedOf("packed"));

  EXPECT_EQ(all({"cp", "--codec", "none", there("packed"), there("unpacked")}), "0 |");
  EXPECT_EQ(all({"cp", "--zstd-level", "19", there("plain"), there("squeezed")}), "0 |");
  EXPECT_EQ(storedOf("unpacked"), storedOf("plain"));
  EXPECT_EQ(storedOf("squeezed"), storedOf("small"));
  EXPECT_EQ(cairn({"cat", there("squeezed")}).out, readFile(here("words")));

  for (const char* verb : {"put", "cp"}) {
    const std::string start = "2 |cairn: " + std::string(verb) + ": ";
    EXPECT_EQ(misuse({verb, "--codec", "lz4", here("words"), there("x")}),
              start + "--codec takes zstd or none, not 'lz4'");
    EXPECT_EQ(misuse({verb, "--zstd-level", "20", here("words"), there("x")}),
              start + "--zstd-level takes a number from -5 to 19, not '20'");
    EXPECT_EQ(misuse({verb, "--codec=none", "--zstd-level=3", here("words"), there("x")}),
              start + "--zstd-level means nothing with --codec none");
  }
  EXPECT_EQ(cairn({"test", "-e", there("x")}).code, 1);
}

TEST_F(CodecTest, SetcodecOfADirectoryIsForWhatComesIntoIt) {
  ASSERT_EQ(cairn({"mkdir", "-p", there("d/e")}).code, 0);
  ASSERT_EQ(all({"put", here("words"), there("d/before")}), "0 |");
  EXPECT_EQ(all({"setcodec", "none", there("d")}), "0 |");
  EXPECT_EQ(codecOf("d"), "none");
  ASSERT_EQ(all({"put", here("words"), there("d/e/after")}), "0 |");
  EXPECT_EQ(codecOf("d/e/after"), "none");
  EXPECT_GE(storedOf("d/e/after"), BYTES);
  EXPECT_LT(storedOf("d/before"), BYTES / 2) << "what is stored keeps its bytes";
  ASSERT_EQ(all({"put", "--codec", "zstd", here("words"), there("d/asked")}), "0 |");
  EXPECT_LT(storedOf("d/asked"), BYTES / 2) << "its writer says otherwise";

  EXPECT_EQ(all({"setcodec", "--zstd-level", "19", "zstd", there("d/e")}), "0 |");
  EXPECT_EQ(codecOf("d/e"), "zstd 19");
  ASSERT_EQ(all({"put", here("words"), there("d/e/nearer")}), "0 |");
  EXPECT_EQ(codecOf("d/e/nearer"), "zstd 19");

  EXPECT_EQ(all({"setcodec", "inherit", there("d"), there("d/e")}), "0 |");
  EXPECT_EQ(codecOf("d") + codecOf("d/e"), "");
  ASSERT_EQ(all({"put", here("words"), there("d/e/last")}), "0 |");
  EXPECT_EQ(codecOf("d/e/last"), "zstd 1") << "the cluster's default";
}

TEST_F(CodecTest, SetcodecOfAFileIsForNewChunks) {
  ASSERT_EQ(all({"put", "--codec", "zstd", here("words"), there("f")}), "0 |");
  const auto packed = storedOf("f");
  EXPECT_EQ(all({"setcodec", "none", there("f")}), "0 |");
  EXPECT_EQ(storedOf("f"), packed);
  EXPECT_EQ(all({"append", "--new-chunk", here("words"), there("f")}), "0 |");
  EXPECT_GE(storedOf("f"), packed + BYTES);
  EXPECT_EQ(format("%c %s", "f"), "2 " + std::to_string(2 * BYTES) + "\n");
}

TEST_F(CodecTest, SetcodecRefuses) {
  ASSERT_EQ(all({"put", here("words"), there("f")}), "0 |");
  const std::string start = "2 |cairn: setcodec: ";
  EXPECT_EQ(misuse({"setcodec"}), start + "zstd, none or inherit?");
  EXPECT_EQ(misuse({"setcodec", "none"}), start + "a path is missing");
  EXPECT_EQ(misuse({"setcodec", "lz4", there("f")}),
            start + "zstd, none or inherit comes first, not 'lz4'");
  EXPECT_EQ(misuse({"setcodec", "--zstd-level", "3", "none", there("f")}),
            start + "--zstd-level means nothing with 'none'");
  EXPECT_EQ(all({"setcodec", "none", there("no")}), missing("setcodec", "no"));
  EXPECT_EQ(
      all({"setcodec", "inherit", there("f")}),
      "1 |cairn: setcodec: " + there("f") + ": is a file, which inherits nothing: zstd or none?\n");
  EXPECT_EQ(cairn({"setcodec", "none", there("f"), "--user", "bob"}).code, 1);
  EXPECT_EQ(codecOf("f"), "zstd 1");
}

TEST_F(CodecTest, AppendBeginsAChunkOfItsOwn) {
  have("f", "one\n");
  writeFile(here("two"), "two\n");
  EXPECT_EQ(all({"append", here("two"), there("f")}), "0 |");
  EXPECT_EQ(format("%c", "f"), "1\n");
  EXPECT_EQ(all({"append", "--new-chunk", here("two"), there("f")}), "0 |");
  EXPECT_EQ(format("%c", "f"), "2\n");
  EXPECT_EQ(cairn({"cat", there("f")}).out, "one\ntwo\ntwo\n");
  EXPECT_EQ(all({"append", "--new-chunk", here("no"), there("f")}),
            "1 |cairn: append: " + here("no") + ": no such file or directory\n");
}

}  // namespace
}  // namespace cairn::testkit
