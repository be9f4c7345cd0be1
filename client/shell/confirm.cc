#include "client/shell/confirm.h"

#include <unistd.h>

#include <algorithm>

namespace cairn::shell {
namespace {

// Nothing at the end of the input. A byte at a time: what follows is not ours.
bool readLine(std::string& line) {
  line.clear();
  char c = 0;
  while (::read(STDIN_FILENO, &c, 1) == 1) {
    if (c == '\n') return true;
    line += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  }
  return !line.empty();
}

}  // namespace

bool confirm(Console& console, const std::string& question) {
  console.flush();
  std::string line;
  while (true) {
    console.printError(question + " (Y or N) ");
    if (!readLine(line)) return false;
    if (line == "y" || line == "yes") return true;
    if (line == "n" || line == "no") return false;
    console.printError("Invalid input: " + line + "\n");
  }
}

}  // namespace cairn::shell
