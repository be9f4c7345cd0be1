#include "mapreduce/task/local_job.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <sstream>

#include "cairn/mapreduce.h"
#include "mapreduce/api/ids.h"
#include "mapreduce/builtin/builtin.h"
#include "tests/testkit/results.h"
#include "tests/testkit/sample.h"
#include "tests/testkit/scratch.h"

namespace cairn::mr {
namespace {

namespace fs = std::filesystem;
using Counts = std::map<std::string, std::uint64_t>;

struct Words : Mapper<std::string_view, std::uint64_t> {
  void map(std::uint64_t, std::string_view line, auto& out) {
    forEachWord(line, [&](std::string_view word) { out(word, 1); });
  }
};
using Totals = SumReducer<std::string_view, std::uint64_t>;

// The parts, checked to be sorted each and to have disjoint keys.
Counts countsIn(const std::string& output, std::uint32_t reduces) {
  Counts counts;
  for (std::uint32_t i = 0; i < reduces; ++i) {
    std::istringstream part(testkit::readFile(output + "/" + partName(TaskKind::REDUCE, i)));
    std::string previous;
    bool first = true;
    for (std::string line; std::getline(part, line); first = false) {
      const auto tab = line.find('\t');
      const auto key = line.substr(0, tab);
      EXPECT_TRUE(first || previous < key);
      EXPECT_TRUE(counts.emplace(key, std::stoull(line.substr(tab + 1))).second);
      previous = key;
    }
  }
  return counts;
}

class LocalJobTest : public ::testing::Test {
protected:
  LocalJob job(std::uint32_t reduces = 2) {
    LocalJob job{
        .inputs = {scratch_ / "in"}, .output = scratch_ / "out", .reduces = reduces, .conf = {}};
    // Many maps out of little text.
    job.conf.set("mapreduce.input.fileinputformat.split.maxsize", "10000");
    return job;
  }
  // Nothing but what was there before and `out`.
  void expectTidy(std::size_t names) {
    std::size_t found = 0;
    for ([[maybe_unused]] const auto& entry : fs::directory_iterator(scratch_.path())) ++found;
    EXPECT_EQ(names, found);
  }
  testkit::ScratchDir scratch_;
};

struct GroupSum {
  void reduce(std::string_view key, auto& values, auto& out) {
    std::uint64_t total = 0;
    for (const auto value : values) total += value;
    out(key, total);
  }
};

// The whole engine against a simple count, with every kind of combiner and with memory so small
// that everything spills: the combiner must not change the result, only the traffic.
TEST_F(LocalJobTest, WordCountAgreesWithTheModel) {
  const auto text = testkit::sampleText(200'000);
  testkit::writeFile(scratch_ / "in", text);
  const auto expected = testkit::countWords(text);
  const std::vector<std::pair<std::string, std::unique_ptr<const Program>>> programs = [] {
    std::vector<std::pair<std::string, std::unique_ptr<const Program>>> all;
    all.emplace_back("none", Job("w").map<Words>().reduce<Totals>().program());
    all.emplace_back("fold", Job("w").map<Words>().combine<Sum>().reduce<Totals>().program());
    all.emplace_back("reducer",
                     Job("w").map<Words>().combine<GroupSum>().reduce<Totals>().program());
    all.emplace_back("built in", WORDCOUNT_JOB.program.make());
    return all;
  }();
  std::map<std::string, std::int64_t> shuffled;
  for (const auto& [name, program] : programs) {
    for (const auto* compress : {"false", "true"}) {
      auto job = this->job(3);
      job.conf.set("mapreduce.task.io.sort.mb", "1");
      job.conf.set("mapreduce.reduce.memory.totalbytes", "1000");
      job.conf.set("mapreduce.map.output.compress", compress);
      job.conf.set("mapreduce.local.map.tasks.maximum", "2");
      ASSERT_VALUE(const auto result, runLocalJob(*program, job));
      EXPECT_TRUE(expected == countsIn(job.output, 3)) << name;
      EXPECT_TRUE(fs::exists(job.output + "/_SUCCESS"));
      EXPECT_GT(result.maps, 10u);
      const auto& counters = result.counters;
      EXPECT_EQ(countLines(text),
                static_cast<std::uint64_t>(counters.value(TaskCounter::MAP_INPUT_RECORDS)));
      std::uint64_t words = 0;
      for (const auto& [word, count] : expected) words += count;
      EXPECT_EQ(words, static_cast<std::uint64_t>(counters.value(TaskCounter::MAP_OUTPUT_RECORDS)));
      EXPECT_EQ(expected.size(),
                static_cast<std::uint64_t>(counters.value(TaskCounter::REDUCE_INPUT_GROUPS)));
      EXPECT_EQ(counters.value(TaskCounter::REDUCE_SHUFFLE_BYTES),
                counters.value(TaskCounter::MAP_OUTPUT_MATERIALIZED_BYTES));
      EXPECT_EQ(result.maps * 3, counters.value(TaskCounter::SHUFFLED_MAPS));
      shuffled[name + compress] = counters.value(TaskCounter::REDUCE_SHUFFLE_BYTES);
      fs::remove_all(job.output);
      expectTidy(1);
    }
  }
  EXPECT_LT(shuffled["foldfalse"], shuffled["nonefalse"]);
  EXPECT_EQ(shuffled["foldfalse"], shuffled["reducerfalse"]);
  EXPECT_EQ(shuffled["foldfalse"], shuffled["built infalse"]);
  EXPECT_LT(shuffled["nonetrue"], shuffled["nonefalse"]);
}

struct LinesByLength : Mapper<std::int64_t, std::string> {
  void map(std::uint64_t, std::string_view line, auto& out) {
    out(-static_cast<std::int64_t>(line.size()), line);
  }
};

// Typed keys sort by value, values of equal keys stay in the order of the input.
TEST_F(LocalJobTest, TypedKeysSort) {
  testkit::writeFile(scratch_ / "in", "bb\na\ncc\n\nddd\nz\n");
  const auto program = Job("lines")
                           .map<LinesByLength>()
                           .reduce<IdentityReducer<std::int64_t, std::string>>()
                           .program();
  auto job = this->job(1);
  job.conf.set("mapreduce.input.fileinputformat.split.maxsize", "3");
  ASSERT_OK(runLocalJob(*program, job));
  EXPECT_EQ("-3\tddd\n-2\tbb\n-2\tcc\n-1\ta\n-1\tz\n0\t\n",
            testkit::readFile(job.output + "/part-r-00000"));
}

// Without reduces each map writes a part of the result, in the input's order.
TEST_F(LocalJobTest, MapOnly) {
  testkit::writeFile(scratch_ / "in", "b a\nc\n");
  const auto program = Job("m").map<Words>().program();
  auto job = this->job(0);
  job.conf.set("mapreduce.output.textoutputformat.separator", "=");
  ASSERT_OK(runLocalJob(*program, job));
  EXPECT_EQ("b=1\na=1\nc=1\n", testkit::readFile(job.output + "/part-m-00000"));
}

// Reduces without a reducer sort and lose nothing (Hadoop's default reducer).
TEST_F(LocalJobTest, ReducesWithoutAReducerSort) {
  testkit::writeFile(scratch_ / "in", "b a\nc b\n");
  const auto program = Job("m").map<Words>().program();
  auto job = this->job(1);
  ASSERT_OK(runLocalJob(*program, job));
  EXPECT_EQ("a\t1\nb\t1\nb\t1\nc\t1\n", testkit::readFile(job.output + "/part-r-00000"));
}

// Directories, hidden files, empty files, no input at all: what Hadoop's FileInputFormat does.
TEST_F(LocalJobTest, InputsAsHadoopListsThem) {
  fs::create_directory(scratch_ / "in");
  for (const auto& [name, text] : std::map<std::string, std::string>{
           {"b", "x x\n"}, {"a", "y"}, {"_hidden", "h\n"}, {".hidden", "h\n"}, {"empty", ""}}) {
    testkit::writeFile(scratch_ / "in/" + name, text);
  }
  auto job = this->job(1);
  const auto program = Job("w").map<Words>().reduce<Totals>().program();
  ASSERT_VALUE(const auto result, runLocalJob(*program, job));
  EXPECT_EQ(2u, result.maps);
  EXPECT_EQ("x\t2\ny\t1\n", testkit::readFile(job.output + "/part-r-00000"));

  job.inputs = {scratch_ / "in/empty"};
  job.output = scratch_ / "of nothing";
  ASSERT_VALUE(const auto nothing, runLocalJob(*program, job));
  EXPECT_EQ(0u, nothing.maps);
  EXPECT_EQ("", testkit::readFile(job.output + "/part-r-00000"));
}

struct FailsOn : Mapper<std::string_view, std::uint64_t> {
  void map(std::uint64_t, std::string_view line, auto& out) {
    if (line == "bad") throw std::runtime_error("cannot parse 'bad'");
    out(line, 1);
  }
};
struct FailingReducer : Reducer<std::string_view, std::uint64_t> {
  void reduce(std::string_view, auto&, auto&) { throw std::runtime_error("no such thing"); }
};

// A mapper's exception fails the job with its words and the place in the input; nothing appears.
TEST_F(LocalJobTest, AFailureLeavesNothingAndSaysWhere) {
  testkit::writeFile(scratch_ / "in", "good\nbad\n");
  const auto mapFails = Job("f").map<FailsOn>().reduce<Totals>().program();
  const auto failed = runLocalJob(*mapFails, job());
  EXPECT_CODE(Code::TASK_FAILED, failed);
  const auto& message = failed.error().message();
  EXPECT_NE(std::string::npos, message.find("cannot parse 'bad'")) << message;
  EXPECT_NE(std::string::npos, message.find("at byte 5 of")) << message;
  expectTidy(1);
  const auto reduceFails = Job("f").map<Words>().reduce<FailingReducer>().program();
  const auto second = runLocalJob(*reduceFails, job());
  EXPECT_CODE(Code::TASK_FAILED, second);
  EXPECT_NE(std::string::npos, second.error().message().find("no such thing"));
  expectTidy(1);
}

struct WrongCombiner {
  void reduce(std::string_view, auto& values, auto& out) {
    for (const auto value : values) out("another key", value);
  }
};

// A combiner that emits another key would break the order of what is sorted already.
TEST_F(LocalJobTest, ACombinerMustKeepItsKey) {
  testkit::writeFile(scratch_ / "in", "a a a\n");
  const auto program = Job("f").map<Words>().combine<WrongCombiner>().reduce<Totals>().program();
  const auto failed = runLocalJob(*program, job());
  EXPECT_CODE(Code::TASK_FAILED, failed);
  EXPECT_NE(std::string::npos, failed.error().message().find("may only emit the key"));
}

// An output that is there is never touched, whatever it is; a missing input is named.
TEST_F(LocalJobTest, WrongPaths) {
  testkit::writeFile(scratch_ / "in", "a\n");
  const auto program = Job("w").map<Words>().reduce<Totals>().program();
  fs::create_directory(scratch_ / "out");
  EXPECT_CODE(Code::ALREADY_EXISTS, runLocalJob(*program, job()));
  EXPECT_TRUE(fs::is_empty(scratch_ / "out"));
  fs::remove(scratch_ / "out");
  testkit::writeFile(scratch_ / "out", "mine");
  EXPECT_CODE(Code::ALREADY_EXISTS, runLocalJob(*program, job()));
  EXPECT_EQ("mine", testkit::readFile(scratch_ / "out"));
  auto missing = job();
  missing.inputs = {scratch_ / "nowhere"};
  missing.output = scratch_ / "out2";
  EXPECT_CODE(Code::NOT_FOUND, runLocalJob(*program, missing));
  auto below = job();
  below.output = scratch_ / "new/dirs/out/";
  EXPECT_OK(runLocalJob(*program, below));
  EXPECT_TRUE(fs::exists(scratch_ / "new/dirs/out/_SUCCESS"));
}

struct Lifecycle : Mapper<std::string, std::uint64_t> {
  void setup(TaskContext& context) {
    EXPECT_FALSE(context.inputPath.empty());
    EXPECT_EQ("yes", context.conf().get("my.key", "no"));
    lines = context.counter("app", "lines");
    context.setStatus("running");
  }
  void map(std::uint64_t, std::string_view, auto&) { lines.add(); }
  void cleanup(auto& out) { out("lines", static_cast<std::uint64_t>(lines.value())); }
  Counter lines;
};

// setup, own counters, configuration, and emits from cleanup.
TEST_F(LocalJobTest, SetupCountersAndCleanup) {
  testkit::writeFile(scratch_ / "in", "a\nb\nc\n");
  const auto program = Job("l")
                           .map<Lifecycle>()
                           .combine<Sum>()
                           .reduce<SumReducer<std::string, std::uint64_t>>()
                           .program();
  auto job = this->job(1);
  job.conf.set("my.key", "yes");
  ASSERT_VALUE(const auto result, runLocalJob(*program, job));
  EXPECT_EQ(3, result.counters.value("app", "lines"));
  EXPECT_EQ("lines\t3\n", testkit::readFile(job.output + "/part-r-00000"));
}

struct FirstLetter {
  static std::uint32_t partition(std::string_view key, std::uint64_t, std::uint32_t) {
    return static_cast<std::uint32_t>(key[0] - 'a');  // too large ones wrap round
  }
};

// A partitioner of one's own decides the part, and cannot leave the job's range.
TEST_F(LocalJobTest, OwnPartitioner) {
  testkit::writeFile(scratch_ / "in", "a b c ab\n");
  const auto program = Job("w").map<Words>().reduce<Totals>().partition<FirstLetter>().program();
  ASSERT_OK(runLocalJob(*program, job(2)));
  EXPECT_EQ("a\t1\nab\t1\nc\t1\n", testkit::readFile(scratch_ / "out/part-r-00000"));
  EXPECT_EQ("b\t1\n", testkit::readFile(scratch_ / "out/part-r-00001"));
}

}  // namespace
}  // namespace cairn::mr
