// Replicas' files that rot, are cut or go astray on a datanode's disk, in every part that they
// have: no wrong byte is ever served, whichever way it is read; what is wrong outside of the frames
// costs none of them. The other replica is read, and the namenode learns that this one is damaged.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <string>
#include <vector>

#include "cairn/client.h"
#include "common/base/bytes.h"
#include "tests/testkit/daemons.h"
#include "tests/testkit/replica_files.h"
#include "tests/testkit/results.h"
#include "tests/testkit/sample.h"

namespace cairn::testkit {
namespace {

constexpr std::uint64_t HEADER = 64;  // sizes of common/format/FORMAT.md
constexpr std::uint64_t TRAILER = 64;
constexpr const char* REMOVED = "removed";  // the name of one kind of damage

// Compressed frames and raw ones.
std::string contentOf(std::uint64_t seed) {
  return sampleText(300'000, seed) + sampleNoise(300'000, seed);
}

// Where the parts of a replica's file are.
struct Parts {
  std::uint64_t size = 0;
  std::uint64_t footer = 0;
  std::uint64_t lastFrame = 0;

  explicit Parts(const std::string& path) {
    const auto bytes = readFile(path);
    const auto number = [&](std::uint64_t at, int width) {
      std::uint64_t value = 0;
      for (int i = width - 1; i >= 0; --i) {
        value = value << 8 | static_cast<unsigned char>(bytes.at(at + static_cast<unsigned>(i)));
      }
      return value;
    };
    size = bytes.size();
    footer = number(size - TRAILER + 8, 8);
    lastFrame = footer - number(size - TRAILER - 8, 4);
  }
};

struct Damage {
  std::string name;
  // In what a datanode reads anew each time; the rest it may have in memory.
  bool inFrames;
  // All frames are there, and no good header says that they are another chunk's.
  bool framesLeft;
  std::function<void(const std::string& path, const Parts& parts)> inflict;
};

Damage flipAt(std::string name, bool inFrames, std::function<std::uint64_t(const Parts&)> place,
              bool framesLeft) {
  return {std::move(name), inFrames, framesLeft,
          [place = std::move(place)](const std::string& path, const Parts& parts) {
            flipBit(path, place(parts));
          }};
}
Damage cutTo(std::string name, bool inFrames, std::function<std::uint64_t(const Parts&)> size) {
  return {std::move(name), inFrames, !inFrames,
          [size = std::move(size)](const std::string& path, const Parts& parts) {
            std::filesystem::resize_file(path, size(parts));
          }};
}

// The file of another replica of the same volume.
std::string anotherThan(const std::string& path) {
  const auto root = std::filesystem::path(path).parent_path().parent_path().parent_path();
  for (const auto& other : replicaFiles(root, "final")) {
    if (other != path) return other;
  }
  ADD_FAILURE() << "no other replica beside " << path;
  return path;
}

std::vector<Damage> damages() {
  std::vector<Damage> all;
  for (const std::uint64_t at : {0, 8, 12, 16, 32, 40, 50, 60}) {
    all.push_back(
        flipAt("header " + std::to_string(at), false, [at](const Parts&) { return at; }, true));
  }
  for (const std::uint64_t at : {0, 4, 8, 12, 14, 16, 20, 24}) {
    const auto name = "frame " + std::to_string(at);
    all.push_back(flipAt("first " + name, true, [at](const Parts&) { return HEADER + at; }, false));
    all.push_back(
        flipAt("last " + name, true, [at](const Parts& p) { return p.lastFrame + at; }, false));
  }
  all.push_back(
      flipAt("middle of frames", true, [](const Parts& p) { return p.footer / 2; }, false));
  all.push_back(flipAt("end of frames", true, [](const Parts& p) { return p.footer - 1; }, false));
  for (const std::uint64_t at : {0, 4, 8, 12}) {
    all.push_back(flipAt(
        "footer " + std::to_string(at), false, [at](const Parts& p) { return p.footer + at; },
        true));
  }
  all.push_back(
      flipAt("footer's sum", false, [](const Parts& p) { return p.size - TRAILER - 4; }, true));
  for (const std::uint64_t at : {0, 8, 16, 24, 28, 32, 48, 52, 56}) {
    all.push_back(flipAt(
        "trailer " + std::to_string(at), false,
        [at](const Parts& p) { return p.size - TRAILER + at; }, true));
  }
  all.push_back(cutTo("cut to nothing", true, [](const Parts&) { return 0; }));
  all.push_back(cutTo("cut in the header", true, [](const Parts&) { return HEADER / 2; }));
  all.push_back(cutTo("cut behind the header", true, [](const Parts&) { return HEADER; }));
  all.push_back(cutTo("cut in a frame", true, [](const Parts& p) { return p.footer / 2; }));
  all.push_back(cutTo("cut between frames", true, [](const Parts& p) { return p.lastFrame; }));
  all.push_back(cutTo("without footer", false, [](const Parts& p) { return p.footer; }));
  all.push_back(cutTo("without trailer", false, [](const Parts& p) { return p.size - TRAILER; }));
  all.push_back(cutTo("without the last byte", false, [](const Parts& p) { return p.size - 1; }));
  all.push_back(cutTo("longer", false, [](const Parts& p) { return p.size + 4096; }));
  // A block of the disk that reads as zeros, and a file that is a whole one of something else.
  all.push_back({"a block of zeros", true, false, [](const std::string& path, const Parts& parts) {
                   std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
                   file.seekp(static_cast<std::streamoff>(parts.footer / 2 / 4096 * 4096));
                   file << std::string(4096, '\0');
                 }});
  all.push_back({"another chunk's file", true, false, [](const std::string& path, const Parts&) {
                   std::filesystem::copy_file(anotherThan(path), path,
                                              std::filesystem::copy_options::overwrite_existing);
                 }});
  // A write that went astray: a whole frame, with the same number, of the same length.
  all.push_back(
      {"another chunk's frame", true, false, [](const std::string& path, const Parts& parts) {
         const auto other = anotherThan(path);
         const Parts others(other);
         const auto frame =
             readFile(other).substr(others.lastFrame, others.footer - others.lastFrame);
         ASSERT_EQ(frame.size(), parts.footer - parts.lastFrame);
         std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
         file.seekp(static_cast<std::streamoff>(parts.lastFrame));
         file << frame;
       }});
  all.push_back({REMOVED, false, false,
                 [](const std::string& path, const Parts&) { std::filesystem::remove(path); }});
  return all;
}

// How a file is read: in order over a socket, in order by a descriptor, at positions by one.
enum class Way { SOCKET, DESCRIPTOR, POSITIONS };

Result<std::string> readBy(Way way, Client& client, const std::string& path) {
  if (way != Way::POSITIONS) return client.readFile(path);
  auto file = client.open(path);
  if (!file.has_value()) return std::unexpected(file.error());
  std::string content(file->length(), '\0');
  constexpr std::size_t PIECE = 10'000;
  for (std::size_t at = 0; at < content.size(); at += PIECE) {
    const auto size = std::min(PIECE, content.size() - at);
    const auto got = file->pread(at, {reinterpret_cast<std::byte*>(content.data()) + at, size});
    if (!got.has_value()) return std::unexpected(got.error());
    if (*got != size) return std::unexpected(Status(Code::INTERNAL, "a short read"));
  }
  return content;
}

struct Case {
  Way way;
  bool whileItRuns;  // else the datanode is down when its files change
};
std::string nameOf(const Case& test) {
  const std::vector<std::string> ways{"Socket", "Descriptor", "Positions"};
  return ways[static_cast<std::size_t>(test.way)] +
         (test.whileItRuns ? "WhileItRuns" : "WhileItIsDown");
}
class DamagedReplicas : public ::testing::TestWithParam<Case> {
protected:
  DamagedReplicas() : cluster_({.datanodes = 2, .jobs = false, .settings = {}}) {}
  ~DamagedReplicas() override {
    if (HasFailure()) ADD_FAILURE() << cluster_.lastWords();
  }

  Client connect(bool shortCircuit) {
    ClientOptions options;
    options.namenode = cluster_.addressOf("namenode");
    options.shortCircuit = shortCircuit;
    return Client::connect(std::move(options)).value();
  }
  // Of every file, in the order of `damages_`; several at a time.
  std::vector<Result<std::string>> readAll() {
    auto client = connect(GetParam().way != Way::SOCKET);
    std::vector<std::future<Result<std::string>>> reads;
    std::vector<Result<std::string>> results;
    for (std::size_t i = 0; i < damages_.size(); ++i) {
      reads.push_back(std::async(std::launch::async,
                                 [&, i]() { return readBy(GetParam().way, client, pathOf(i)); }));
    }
    for (auto& read : reads) results.push_back(read.get());
    return results;
  }
  static std::string pathOf(std::size_t i) { return "/file" + std::to_string(i); }

  Daemons cluster_;
  const std::vector<Damage> damages_ = damages();
};
INSTANTIATE_TEST_SUITE_P(Ways, DamagedReplicas,
                         ::testing::Values(Case{Way::SOCKET, true}, Case{Way::SOCKET, false},
                                           Case{Way::DESCRIPTOR, true},
                                           Case{Way::DESCRIPTOR, false}, Case{Way::POSITIONS, true},
                                           Case{Way::POSITIONS, false}),
                         [](const auto& test) { return nameOf(test.param); });

// Protects: what a disk has changed is found before a byte of it leaves the datanode or reaches the
// caller; a reader finds the good replica by itself, and is told of all of them when there is none.
TEST_P(DamagedReplicas, AreNeverServed) {
  auto client = connect(false);
  std::vector<std::string> contents;
  std::vector<std::string> checksums;
  std::vector<std::uint64_t> chunks;
  for (std::size_t i = 0; i < damages_.size(); ++i) {
    contents.push_back(contentOf(i + 1));
    ASSERT_OK(client.writeFile(pathOf(i), contents[i]));
    ASSERT_VALUE(const auto sum, client.checksum(pathOf(i)));
    checksums.push_back(sum.md5);
    ASSERT_VALUE(const auto located, client.locations(pathOf(i)));
    ASSERT_EQ(located.size(), 1U);
    chunks.push_back(located[0].chunk);
  }
  if (!GetParam().whileItRuns) cluster_.kill("datanode1");
  cluster_.kill("datanode2");
  for (std::size_t i = 0; i < damages_.size(); ++i) {
    const auto files = replicaFiles(cluster_.directoryOf("datanode1"), "final", chunks[i]);
    ASSERT_EQ(files.size(), 1U);
    damages_[i].inflict(files[0], Parts(files[0]));
  }
  if (!GetParam().whileItRuns) cluster_.start("datanode1");

  // The damaged ones are all there is.
  auto results = readAll();
  std::vector<bool> noticed;
  for (std::size_t i = 0; i < damages_.size(); ++i) {
    SCOPED_TRACE(damages_[i].name);
    noticed.push_back(!results[i].has_value() ||
                      (damages_[i].framesLeft && !GetParam().whileItRuns));
    if (!results[i].has_value()) {
      EXPECT_FALSE(damages_[i].framesLeft) << messageOf(results[i]);
      // Of one that is gone the namenode may have been told before the reader asked.
      if (damages_[i].name == REMOVED) continue;
      EXPECT_NE(messageOf(results[i]).find(cluster_.addressOf("datanode1")), std::string::npos)
          << messageOf(results[i]);
    } else {
      EXPECT_TRUE(*results[i] == contents[i]) << "other bytes were served";
      EXPECT_TRUE(damages_[i].framesLeft || (GetParam().whileItRuns && !damages_[i].inFrames))
          << "it was not noticed";
    }
  }

  cluster_.start("datanode2");
  results = readAll();
  for (std::size_t i = 0; i < damages_.size(); ++i) {
    SCOPED_TRACE(damages_[i].name);
    EXPECT_OK(results[i]);
    EXPECT_TRUE(results[i].value_or("") == contents[i]) << "other bytes were served";
    const auto sum = client.checksum(pathOf(i));
    EXPECT_OK(sum);
    EXPECT_EQ(sum.has_value() ? sum->md5 : "", checksums[i]);
  }
  // Readers are sent there last. It stays: its other frames may be needed, as there is but one
  // other. One that is gone is made anew, and is as good as any.
  for (std::size_t i = 0; i < damages_.size(); ++i) {
    if (!noticed[i]) continue;
    SCOPED_TRACE(damages_[i].name);
    const bool removed = damages_[i].name == REMOVED;
    EXPECT_TRUE(eventually([&]() {
      const auto located = client.locations(pathOf(i));
      if (!located.has_value() || located->front().replicas.size() != 2U) return false;
      return removed || located->front().replicas[0].address == cluster_.addressOf("datanode2");
    }));
    const auto directory = cluster_.directoryOf("datanode1");
    EXPECT_EQ(replicaFiles(directory, "final", chunks[i]).size(), 1U);
    EXPECT_TRUE(replicaFiles(directory, "quarantine", chunks[i]).empty());
  }
  cluster_.kill("datanode2");
  for (std::size_t i = 0; i < damages_.size(); ++i) {
    if (!noticed[i] || damages_[i].name != REMOVED) continue;
    const auto again = readBy(GetParam().way, client, pathOf(i));
    EXPECT_OK(again);
    EXPECT_TRUE(again.value_or("") == contents[i]) << "other bytes were made anew";
  }
}

}  // namespace
}  // namespace cairn::testkit
