// Counts words. They end at the delimiters of java.util.StringTokenizer, as in Hadoop's example.
#include "cairn/mapreduce.h"
#include "mapreduce/builtin/builtin.h"

namespace cairn::mr {
namespace {

struct CountWords : Mapper<std::string_view, std::uint64_t> {
  // A line's end is a word's end: lines need not be looked for.
  void mapLines(std::uint64_t /*offset*/, std::string_view lines, auto& out) {
    forEachWord(lines, [&](std::string_view word) { out(word, 1); });
  }
};

auto wordcount() {
  return Job("wordcount")
      .map<CountWords>()
      .combine<Sum>()
      .reduce<SumReducer<std::string_view, std::uint64_t>>();
}

}  // namespace

const BuiltInJob WORDCOUNT_JOB{
    .program = {.name = "wordcount", .make = [] { return wordcount().program(); }},
    .summary = "how often each word occurs, ordered by word within each part",
    .settings = [] { return wordcount().settings(); }};

}  // namespace cairn::mr
