// A program as a user of the installed library writes it: nothing of the source tree is visible.
#include <cairn/client.h>

#include <cstdio>
#include <string_view>

// With an address: writes a file and reads it back. Without: shows that a namenode that is not
// there is an error, not an exception or a hang.
int main(int argc, char** argv) {
  cairn::ClientOptions options;
  options.namenode = argc > 1 ? argv[1] : "127.0.0.1:1";
  options.retryBudgetMs = 0;
  auto client = cairn::Client::connect(options);
  if (!client) {
    std::fprintf(stderr, "%s\n", client.error().toString().c_str());
    return 1;
  }
  if (argc == 1) {
    auto entry = client->stat("/");
    if (entry || entry.error().code() != cairn::Code::UNAVAILABLE) return 2;
    std::printf("as expected: %s\n", entry.error().toString().c_str());
    return 0;
  }
  constexpr std::string_view TEXT = "written by a separate program\n";
  auto written = client->writeFile("/installed.txt", TEXT, {.overwrite = true});
  if (!written) {
    std::fprintf(stderr, "%s\n", written.error().toString().c_str());
    return 3;
  }
  auto read = client->readFile("/installed.txt");
  return read && *read == TEXT ? 0 : 4;
}
