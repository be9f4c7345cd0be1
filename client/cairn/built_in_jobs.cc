#include "client/cairn/built_in_jobs.h"

#include <cairn/mapreduce.h>

#include <array>
#include <memory>

namespace cairn::app {
namespace {

// Words end at space, tab, newline, carriage return and form feed, as in Hadoop's example.
struct Words : mr::Mapper<std::string_view, std::uint64_t> {
  void map(std::uint64_t /*offset*/, std::string_view line, auto& out) {
    mr::forEachWord(line, [&](std::string_view word) { out(word, 1); });
  }
};

std::unique_ptr<const mr::Program> wordCount() {
  return mr::Job("wordcount")
      .map<Words>()
      .combine<mr::Sum>()
      .reduce<mr::SumReducer<std::string_view, std::uint64_t>>()
      .program();
}

constexpr auto JOBS = std::to_array<mr::NamedProgram>({{"wordcount", wordCount}});

}  // namespace

std::span<const mr::NamedProgram> builtInJobs() { return JOBS; }

}  // namespace cairn::app
