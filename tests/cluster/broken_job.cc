// A job that goes wrong in the way that its configuration says: for tests of what users are told.
//   broken.how = throw | exit | crash | hang
#include <cairn/mapreduce.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>

namespace mr = cairn::mr;

struct Broken : mr::Mapper<std::string_view, std::uint64_t> {
  void setup(mr::TaskContext& context) { how_ = context.conf().get("broken.how", ""); }

  void map(std::uint64_t /*offset*/, std::string_view line, auto& out) {
    std::fprintf(stderr, "the last words before it happens: %s\n", how_.c_str());
    if (how_ == "throw") throw std::runtime_error("this record is not what I expected");
    if (how_ == "exit") std::exit(3);
    if (how_ == "crash") std::raise(SIGSEGV);
    while (how_ == "hang") ::pause();
    out(line, 1);
  }

private:
  std::string how_;
};

int main(int argc, char** argv) {
  return mr::Job("broken")
      .map<Broken>()
      .reduce<mr::SumReducer<std::string_view, std::uint64_t>>()
      .run(argc, argv);
}
