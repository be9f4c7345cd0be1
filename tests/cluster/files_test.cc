// Files through the shell against a real cluster: every size and name comes back as it went in, and
// no bad node makes a wrong byte.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "tests/testkit/mini.h"
#include "tests/testkit/sample.h"

namespace cairn::testkit {
namespace {

constexpr std::size_t CHUNK = 1 << 20;  // small, so that files have several

class FilesTest : public ::testing::Test {
protected:
  static void SetUpTestSuite() { mini_ = new Mini({"--fs.chunk_size", "1MiB"}); }
  static void TearDownTestSuite() {
    EXPECT_EQ(mini_->stop(), 0) << mini_->process().errors();
    delete mini_;
  }
  void SetUp() override { ASSERT_TRUE(mini_->serving()); }

  static Mini& mini() { return *mini_; }
  static std::string local(const std::string& name) { return mini().scratch() / name; }

  // Puts the content and reads it back, by descriptor and over sockets.
  static void expectRoundTrip(const std::string& path, const std::string& content) {
    writeFile(local("in"), content);
    const auto put = mini().cairn({"put", "-f", local("in"), path});
    ASSERT_EQ(put.code, 0) << put.err;
    for (const std::string circuit : {"true", "false"}) {
      std::filesystem::remove(local("out"));
      const auto get =
          mini().cairn({"get", path, local("out")}, {"CAIRN_CLIENT_SHORT_CIRCUIT=" + circuit});
      ASSERT_EQ(get.code, 0) << get.err;
      EXPECT_TRUE(readFile(local("out")) == content) << "other bytes came back of " << path;
    }
  }

  static Mini* mini_;
};

Mini* FilesTest::mini_ = nullptr;

// Protects: the borders of frames and chunks.
TEST_F(FilesTest, EverySizeComesBack) {
  constexpr std::size_t FRAME = 128 << 10;
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, FRAME - 1, FRAME, FRAME + 1,
                                 CHUNK - 1, CHUNK, CHUNK + 1, 5 * CHUNK + 12'345}) {
    SCOPED_TRACE(size);
    expectRoundTrip("/size", sampleText(size));
  }
}

// Protects: bytes that do not compress are kept raw, and come back.
TEST_F(FilesTest, NoiseComesBack) { expectRoundTrip("/noise", sampleNoise(2 * CHUNK + 77)); }

// Protects: a name is bytes: spaces, newlines and UTF-8 are no special case.
TEST_F(FilesTest, OddNamesComeBack) {
  for (const std::string name : {"/two words", "/a\nnewline", "/Grüße-数据-🗻", "/-f", "/a*b?"}) {
    SCOPED_TRACE(name);
    expectRoundTrip(name, "content of " + name);
    const auto listed = mini().cairn({"ls", "/"});
    EXPECT_EQ(listed.code, 0);
    EXPECT_NE(listed.out.find(name.substr(1)), std::string::npos) << listed.out;
  }
}

// Protects: the name stays taken by whole files only: an existing target is kept without -f.
TEST_F(FilesTest, AnExistingTargetIsKeptWithoutForce) {
  expectRoundTrip("/kept", "first");
  writeFile(local("second"), "second");
  const auto put = mini().cairn({"put", local("second"), "/kept"});
  EXPECT_EQ(put.code, 1);
  EXPECT_NE(put.err.find("/kept"), std::string::npos) << put.err;
  EXPECT_EQ(mini().cairn({"cat", "/kept"}).out, "first");
}

// Protects: a tree goes in and comes out whole.
TEST_F(FilesTest, DirectoriesGoInAndComeOut) {
  std::filesystem::create_directories(local("tree/a/b"));
  writeFile(local("tree/one"), "1");
  writeFile(local("tree/a/two"), "22");
  writeFile(local("tree/a/b/three"), "333");
  ASSERT_EQ(mini().cairn({"put", "-r", local("tree"), "/tree"}).code, 0);
  ASSERT_EQ(mini().cairn({"get", "-r", "/tree", local("tree.back")}).code, 0);
  EXPECT_EQ(readFile(local("tree.back/one")), "1");
  EXPECT_EQ(readFile(local("tree.back/a/two")), "22");
  EXPECT_EQ(readFile(local("tree.back/a/b/three")), "333");
}

// Protects: mv and rm -r do what they say to names, and ls shows it.
TEST_F(FilesTest, NamesMoveAndGo) {
  ASSERT_EQ(mini().cairn({"mkdir", "-p", "/names/old"}).code, 0);
  expectRoundTrip("/names/old/file", "moved");
  ASSERT_EQ(mini().cairn({"mv", "/names/old", "/names/new"}).code, 0);
  EXPECT_EQ(mini().cairn({"cat", "/names/new/file"}).out, "moved");
  EXPECT_EQ(mini().cairn({"ls", "/names/old"}).code, 1);
  EXPECT_EQ(mini().cairn({"rm", "/names"}).code, 1) << "a directory needs -r";
  ASSERT_EQ(mini().cairn({"rm", "-r", "/names"}).code, 0);
  EXPECT_EQ(mini().cairn({"ls", "/names"}).code, 1);
}

// Finds the files of final replicas below a directory.
std::vector<std::filesystem::path> replicaFiles(const std::string& directory) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (entry.is_regular_file() && entry.path().string().find("/final/") != std::string::npos) {
      files.push_back(entry.path());
    }
  }
  return files;
}

// Protects: a flipped byte in a replica is never served; another replica is read. Every byte
// position class is hit: header, frame header, payload, footer.
TEST(DamageTest, AFlippedByteIsNeverServed) {
  Mini mini({"--datanodes", "2"});
  ASSERT_TRUE(mini.serving());
  const auto content = sampleText(700'000);
  writeFile(mini.scratch() / "in", content);
  ASSERT_EQ(mini.cairn({"put", mini.scratch() / "in", "/damaged"}).code, 0);
  const auto files = replicaFiles(mini.directory() + "/datanode1");
  ASSERT_EQ(files.size(), 1u);
  const auto size = std::filesystem::file_size(files[0]);
  for (const auto at : {std::uintmax_t{5}, std::uintmax_t{70}, size / 2, size - 100, size - 3}) {
    SCOPED_TRACE(at);
    if (!std::filesystem::exists(files[0])) break;  // put aside already, which is right
    const auto flip = [&]() {
      std::fstream file(files[0], std::ios::binary | std::ios::in | std::ios::out);
      file.seekg(static_cast<std::streamoff>(at));
      const char byte = static_cast<char>(file.get());
      file.seekp(static_cast<std::streamoff>(at));
      file.put(static_cast<char>(byte ^ 0x10));
    };
    flip();
    for (const std::string circuit : {"true", "false"}) {
      const auto read = mini.cairn({"cat", "/damaged"}, {"CAIRN_CLIENT_SHORT_CIRCUIT=" + circuit});
      EXPECT_EQ(read.code, 0) << read.err;
      EXPECT_TRUE(read.out == content) << "other bytes came back";
    }
    if (std::filesystem::exists(files[0])) flip();
  }
}

// Protects: a dead datanode costs time, not data, for files put before it died.
TEST(DamageTest, ALostDatanodeIsReadAround) {
  Mini mini({"--fs.chunk_size", "1MiB"});
  ASSERT_TRUE(mini.serving());
  const auto content = sampleText(6 << 20);
  writeFile(mini.scratch() / "in", content);
  ASSERT_EQ(mini.cairn({"put", "--replication", "2", mini.scratch() / "in", "/file"}).code, 0);
  mini.stopDatanode(1);
  const auto read = mini.cairn({"cat", "/file"}, {"CAIRN_CLIENT_SHORT_CIRCUIT=false"});
  EXPECT_EQ(read.code, 0) << read.err;
  EXPECT_TRUE(read.out == content) << "other bytes came back";
  // And a put goes on with the nodes that are left.
  EXPECT_EQ(mini.cairn({"put", "--replication", "2", mini.scratch() / "in", "/again"}).code, 0);
}

}  // namespace
}  // namespace cairn::testkit
