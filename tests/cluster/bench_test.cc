// `cairn bench` with little to do: every benchmark runs to its end and finds all that it names.
// What it finds is of no interest here.
#include <gtest/gtest.h>

#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "tests/testkit/process.h"
#include "tests/testkit/sample.h"
#include "tests/testkit/scratch.h"

namespace cairn::testkit {
namespace {

class BenchTest : public ::testing::Test {
protected:
  void SetUp() override { writeFile(scratch_ / "words", sampleText(100'000)); }

  Outcome bench(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {cairnBinary(), "bench"});
    arguments.insert(arguments.end(), {"--rounds", "1", "--text", scratch_ / "words"});
    return run(std::move(arguments), {"TMPDIR=" + scratch_.path()});
  }

  // The benchmark finds these and no others, each greater than nothing.
  void expectFigures(std::vector<std::string> arguments, const std::vector<std::string>& names) {
    arguments.emplace_back("--json");
    const auto outcome = bench(std::move(arguments));
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    std::vector<std::string> found;
    std::istringstream lines(outcome.out);
    for (std::string line; std::getline(lines, line);) {
      constexpr std::string_view NAME = "{\"what\": \"";
      constexpr std::string_view VALUE = "\"value\": ";
      const auto name = line.find(NAME);
      if (name == std::string::npos) continue;
      const auto begin = name + NAME.size();
      found.push_back(line.substr(begin, line.find('"', begin) - begin));
      const auto value = line.find(VALUE);
      ASSERT_NE(value, std::string::npos) << line;
      EXPECT_GT(std::stod(line.substr(value + VALUE.size())), 0) << line;
      const auto reference = line.find("\"reference\": ");
      if (reference == std::string::npos) continue;
      EXPECT_GT(std::stod(line.substr(reference + 13)), 0) << line;
    }
    EXPECT_EQ(found, names) << outcome.out;
  }

  ScratchDir scratch_;
};

// Protects: all of them, by the names that people compare from one version to the next.
TEST_F(BenchTest, Rpc) {
  expectFigures({"rpc", "--calls", "200"}, {"empty call, 64 in flight", "empty call, one at a time",
                                            "answers of 1 MiB, 4 in flight"});
}

TEST_F(BenchTest, Namenode) {
  expectFigures(
      {"nn", "--calls", "200", "--clients", "2", "--depth", "8"},
      {"create, durable, 16 in flight", "stat, 16 in flight", "list of 100 entries, 16 in flight",
       "rename, durable, 16 in flight", "delete, durable, 16 in flight",
       "namenode's CPU time, empty call", "namenode's CPU time, create, durable",
       "namenode's CPU time, stat", "namenode's CPU time, list of 100 entries",
       "namenode's CPU time, rename, durable", "namenode's CPU time, delete, durable"});
}

TEST_F(BenchTest, Scale) {
  expectFigures({"scale", "--files", "2000"},
                {"restart after kill -9, 2000 files", "resident memory after it",
                 "list of 1000 entries", "resident memory after it", "rm -r of 1000 files: answer",
                 "  until all of it is reclaimed", "  p99.9 of others' calls meanwhile"});
}

TEST_F(BenchTest, Io) {
  expectFigures({"io", "--size", "2MiB"},
                {"put, 1 replica, durable", "put, 3 replicas, durable",
                 "put of noise, 1 replica, durable", "get over a socket", "get by descriptor"});
  expectFigures({"io", "--size", "2MiB", "--replicas", "2"},
                {"put, 2 replicas, durable", "put of noise, 2 replicas, durable",
                 "get over a socket", "get by descriptor"});
  expectFigures({"io", "--size", "2MiB", "--noise"},
                {"put of noise, 1 replica, durable", "put of noise, 3 replicas, durable",
                 "get of noise over a socket", "get of noise by descriptor"});
}

TEST_F(BenchTest, PositionalReads) {
  for (const bool noise : {false, true}) {
    std::vector<std::string> arguments{"io",        "--pread", "--size",    "32MiB",
                                       "--seconds", "1",       "--threads", "2"};
    if (noise) arguments.emplace_back("--noise");
    expectFigures(arguments, {"pread 4 KiB, 2 threads, decoded", "pread 4 KiB, 2 threads, raw",
                              "pread 4 KiB, 2 threads, zstd"});
  }
}

TEST_F(BenchTest, MapReduce) {
  expectFigures({"mr", "--size", "2MiB"}, {"word count, 2 reduces", "empty job, submit to done",
                                           "cairn mini, exec to ready"});
}

// Protects: the table has what the JSON has, and a flag that is wrong is not measured with.
TEST_F(BenchTest, TableAndMisuse) {
  const auto table = bench({"rpc", "--calls", "50"});
  EXPECT_EQ(table.code, 0) << table.err;
  EXPECT_NE(table.out.find("empty call, one at a time"), std::string::npos) << table.out;
  EXPECT_EQ(bench({"rpc", "--calls", "0"}).code, 2);
  EXPECT_EQ(bench({"io", "--replicas", "17"}).code, 2);
  EXPECT_EQ(bench({"nothing"}).code, 2);
}

}  // namespace
}  // namespace cairn::testkit
