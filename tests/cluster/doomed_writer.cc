// Writes to a file, makes a part of it visible, writes more, and waits to be killed:
//   doomed_writer NAMENODE PATH create|append hflush|hsync FLUSHED MORE
// Its bytes are those of sampleNoise(FLUSHED + MORE). Says "flushed" and "waiting" when it has come
// so far. Meets the faults of CAIRN_FAULTS.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "cairn/client.h"
#include "common/base/fault.h"
#include "tests/testkit/sample.h"

namespace {

// Ends the process with the reason on stderr.
template <typename T>
T orExit(cairn::Result<T> result) {
  if (!result.has_value()) {
    std::fprintf(stderr, "%s\n", result.error().message().c_str());
    std::_Exit(1);
  }
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

void say(const char* line) {
  std::puts(line);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 7) return 2;
  orExit(cairn::armFaultsFromEnvironment());
  const std::string path = argv[2];
  const auto flushed = std::stoull(argv[5]);
  const auto content = cairn::testkit::sampleNoise(flushed + std::stoull(argv[6]));
  cairn::ClientOptions options;
  options.namenode = argv[1];
  auto client = orExit(cairn::Client::connect(std::move(options)));
  auto file = orExit(std::string(argv[3]) == "append" ? client.append(path) : client.create(path));
  orExit(file.write(content.substr(0, flushed)));
  orExit(std::string(argv[4]) == "hsync" ? file.hsync() : file.hflush());
  say("flushed");
  orExit(file.write(content.substr(flushed)));
  say("waiting");
  for (;;) ::pause();
}
