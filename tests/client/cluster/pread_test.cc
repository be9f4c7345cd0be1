// Protects positional reads from many threads of one open file against a real cluster: what comes
// is what was written, past the event loop or over it, whoever writes, dies or rots meanwhile.
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

#include "common/io/random.h"
#include "tests/client/cluster/real_cluster.h"
#include "tests/testkit/results.h"
#include "tests/testkit/sample.h"

namespace cairn::client {
namespace {

using testkit::sampleNoise;
using testkit::sampleText;

constexpr std::size_t CHUNK = 1 << 20;
constexpr unsigned THREADS = 8;
constexpr unsigned READS = 1500;  // of each thread

// Chunks of text and of noise by turns: packed frames and raw ones.
std::string mixed(std::size_t chunks) {
  std::string all;
  for (std::size_t i = 0; i < chunks; ++i)
    all += i % 2 == 0 ? sampleText(CHUNK) : sampleNoise(CHUNK);
  return all;
}

// Reads random ranges of `file` from THREADS threads, each READS times; the first thing that was
// wrong, or "". `meanwhile` runs beside them.
std::string readByThreads(InputFile& file, std::string_view model,
                          const std::function<void()>& meanwhile = {}) {
  std::atomic<bool> wrong{false};
  std::string what;
  {
    std::vector<std::jthread> threads;
    for (unsigned thread = 0; thread < THREADS; ++thread) {
      threads.emplace_back([&, thread]() {
        io::Random random(thread + 1);
        for (unsigned i = 0; i < READS && !wrong.load(); ++i) {
          const auto offset = random.below(model.size() + 100);
          std::string to(random.below(i % 50 == 0 ? 600'000 : 6'000), '\1');
          const auto got = file.pread(offset, std::as_writable_bytes(std::span(to)));
          const auto expected = offset < model.size() ? model.substr(offset, to.size()) : "";
          std::string mine;
          if (!got.has_value()) {
            mine = got.error().toString();
          } else if (std::string_view(to).substr(0, *got) != expected) {
            mine = std::to_string(*got) + " other bytes at " + std::to_string(offset);
          }
          if (!mine.empty() && !wrong.exchange(true)) what = mine;
        }
      });
    }
    if (meanwhile) meanwhile();
  }
  return what;
}

TEST(Pread, ThreadsReadWhatWasWrittenWhileTheFileGrows) {
  RealCluster cluster({});
  const auto contents = mixed(5) + sampleText(12'345);
  auto writer = cluster.connect();
  ASSERT_OK(writer.writeFile("/f", contents));
  for (const bool byDescriptor : {true, false}) {
    auto reader = cluster.connect(byDescriptor);
    ASSERT_VALUE(auto file, reader.open("/f"));
    ASSERT_EQ(readByThreads(file, contents), "");
  }
  // It is appended to: the reader goes on with what it opened, and sees the rest when it looks.
  auto reader = cluster.connect();
  ASSERT_VALUE(auto file, reader.open("/f"));
  const auto more = mixed(2);
  ASSERT_EQ(readByThreads(file, contents,
                          [&]() {
                            auto output = writer.append("/f").value();
                            for (std::size_t at = 0; at < more.size(); at += CHUNK / 8) {
                              ASSERT_OK(output.write(std::string_view(more).substr(at, CHUNK / 8)));
                              ASSERT_OK(output.hflush());
                            }
                            ASSERT_OK(output.close());
                          }),
            "");
  ASSERT_VALUE(const auto length, file.refresh());
  EXPECT_EQ(length, contents.size() + more.size());
  EXPECT_EQ(readByThreads(file, contents + more), "");
}

// By descriptor and over sockets: no read fails while a copy is left.
TEST(Pread, ThreadsReadOnWhenDatanodesDie) {
  RealCluster cluster({});
  const auto contents = mixed(6);
  ASSERT_OK(cluster.connect().writeFile("/f", contents));
  auto local = cluster.connect();
  auto remote = cluster.connect(false);
  ASSERT_VALUE(auto byDescriptor, local.open("/f"));
  ASSERT_VALUE(auto bySocket, remote.open("/f"));
  EXPECT_EQ(readByThreads(byDescriptor, contents, [&]() { cluster.dropDead(1); }), "");
  EXPECT_EQ(readByThreads(bySocket, contents, [&]() { cluster.dropDead(2); }), "");
  EXPECT_EQ(readByThreads(byDescriptor, contents), "");
}

// Two of three copies of every chunk have a frame that rotted: it is never served, and never makes
// a read fail.
TEST(Pread, DamageIsNeverServed) {
  RealCluster cluster({});
  const auto contents = mixed(6);
  auto client = cluster.connect();
  ASSERT_OK(client.writeFile("/f", contents));
  io::Random random(11);
  for (unsigned node : {1u, 2u}) {
    for (const auto& path : cluster.replicasOn(node)) {
      std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
      const auto at =
          static_cast<std::streamoff>(64 + random.below(std::filesystem::file_size(path) - 1000));
      file.seekg(at);
      const auto byte = static_cast<char>(file.get());
      file.seekp(at);
      file.put(static_cast<char>(byte ^ 0x10));
    }
  }
  ASSERT_VALUE(auto file, client.open("/f"));
  EXPECT_EQ(readByThreads(file, contents), "");
}

// Protects a reader from the descriptors of chunks that the file has lost.
TEST(Pread, ARefreshForgetsWhatWasCut) {
  RealCluster cluster({.datanodes = 1, .replication = 1});
  auto client = cluster.connect();
  const auto before = mixed(2);
  const auto after = before.substr(0, CHUNK) + sampleNoise(CHUNK, 77);
  ASSERT_OK(client.writeFile("/f", before));
  ASSERT_VALUE(auto file, client.open("/f"));
  std::string to(4096, '\1');
  ASSERT_OK(file.pread(CHUNK, std::as_writable_bytes(std::span(to))));
  ASSERT_TRUE(client.truncate("/f", CHUNK).value());
  auto output = client.append("/f").value();
  ASSERT_OK(output.write(std::string_view(after).substr(CHUNK)));
  ASSERT_OK(output.close());
  EXPECT_EQ(file.refresh().value(), after.size());
  ASSERT_OK(file.pread(CHUNK, std::as_writable_bytes(std::span(to))));
  EXPECT_TRUE(to == after.substr(CHUNK, to.size()));
}

// A descriptor serves without its datanode and without the loop: the loop's calls all end at once.
TEST(Pread, WhatIsOpenIsReadPastTheLoop) {
  RealCluster cluster({.datanodes = 1, .replication = 1});
  const auto contents = mixed(2);
  auto client = cluster.connect();
  ASSERT_OK(client.writeFile("/f", contents));
  ASSERT_VALUE(auto file, client.open("/f"));
  std::string to(4096, '\1');
  ASSERT_OK(file.pread(0, std::as_writable_bytes(std::span(to))));
  client.cancelCalls();
  ASSERT_OK(file.pread(200'000, std::as_writable_bytes(std::span(to))));
  EXPECT_TRUE(to == contents.substr(200'000, to.size()));
  // This chunk was not read yet.
  EXPECT_CODE(Code::CANCELLED, file.pread(CHUNK, std::as_writable_bytes(std::span(to))));
}

}  // namespace
}  // namespace cairn::client
