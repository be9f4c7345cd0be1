// Counts words: the classic job, and the pattern for one's own.
//   wordcount --local IN... OUT      in this process, on local files
//   wordcount IN... OUT              on the cluster; each node runs this program as its tasks
#include <cairn/mapreduce.h>

namespace mr = cairn::mr;

struct Words : mr::Mapper<std::string_view, std::uint64_t> {
  void map(std::uint64_t /*offset*/, std::string_view line, auto& out) {
    mr::forEachWord(line, [&](std::string_view word) { out(word, 1); });
  }
};

struct Totals : mr::Reducer<std::string_view, std::uint64_t> {
  void reduce(std::string_view word, auto& counts, auto& out) {
    std::uint64_t total = 0;
    for (const std::uint64_t count : counts) total += count;
    out(word, total);
  }
};

int main(int argc, char** argv) {
  return mr::Job("wordcount")
      .map<Words>()
      .combine<mr::Sum>()  // adds up while it maps, so that a word leaves the node once
      .reduce<Totals>()
      .run(argc, argv);
}
