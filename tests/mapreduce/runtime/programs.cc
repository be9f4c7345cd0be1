#include "tests/mapreduce/runtime/programs.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "cairn/mapreduce.h"

namespace cairn::mr::fakes {

namespace {

struct Words : Mapper<std::string_view, std::uint64_t> {
  void map(std::uint64_t, std::string_view line, auto& out) {
    forEachWord(line, [&](std::string_view word) { out(word, 1); });
  }
};

struct Throws : Mapper<std::string_view, std::uint64_t> {
  void map(std::uint64_t, std::string_view, auto&) { throw std::runtime_error("bad line"); }
};

struct Aborts : Mapper<std::string_view, std::uint64_t> {
  void map(std::uint64_t, std::string_view, auto&) {
    std::fprintf(stderr, "first line\nlast words before the end\n");
    std::abort();
  }
};

struct Hangs : Mapper<std::string_view, std::uint64_t> {
  void map(std::uint64_t, std::string_view, auto&) {
    while (true) ::pause();
  }
};

constexpr std::size_t ENORMOUS = 20 << 20;  // more than a message may have

struct Boasts : Mapper<std::string_view, std::uint64_t> {
  void map(std::uint64_t, std::string_view, auto&) {
    throw std::runtime_error(std::string(ENORMOUS, '!'));
  }
};

// Has a counter with a name of that size.
struct Counts : Mapper<std::string_view, std::uint64_t> {
  void setup(TaskContext& context) { context.counter("test", std::string(ENORMOUS, 'c')); }
  void map(std::uint64_t, std::string_view line, auto& out) { out(line, 1); }
};

// Takes memory until it gets no more.
struct Hungry : Mapper<std::string_view, std::uint64_t> {
  void map(std::uint64_t, std::string_view, auto&) {
    constexpr std::size_t BITE = 16 << 20;
    std::vector<std::unique_ptr<char[]>> eaten;
    while (true) {
      eaten.push_back(std::make_unique<char[]>(BITE));
      if (eaten.size() * BITE > (std::size_t{2} << 30)) throw std::runtime_error("had enough");
    }
  }
};

// Takes as long as the configuration says, and writes more to stderr than a log may have.
struct Slow : Mapper<std::string_view, std::uint64_t> {
  void setup(TaskContext& context) {
    ::usleep(static_cast<useconds_t>(context.conf().getInt("test.map.millis", 0) * 1000));
    const auto bytes = context.conf().getInt("test.stderr.bytes", 0);
    const std::string line(99, 'x');
    for (std::int64_t written = 0; written < bytes; written += 100) {
      std::fprintf(stderr, "%s\n", line.c_str());
    }
  }
  void map(std::uint64_t, std::string_view line, auto& out) {
    forEachWord(line, [&](std::string_view word) { out(word, 1); });
  }
};

using Totals = SumReducer<std::string_view, std::uint64_t>;

template <typename M>
std::unique_ptr<const Program> make() {
  return Job("test").map<M>().template combine<Sum>().template reduce<Totals>().program();
}

constexpr NamedProgram PROGRAMS[] = {
    {"wordcount", make<Words>}, {"throws", make<Throws>}, {"aborts", make<Aborts>},
    {"hangs", make<Hangs>},     {"hungry", make<Hungry>}, {"slow", make<Slow>},
    {"boasts", make<Boasts>},   {"counts", make<Counts>},
};

}  // namespace

std::span<const NamedProgram> testPrograms() { return PROGRAMS; }

}  // namespace cairn::mr::fakes
