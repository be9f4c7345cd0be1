#include "client/shell/console.h"

#include <errno.h>
#include <unistd.h>

#include <cstring>
#include <utility>

namespace cairn::shell {
namespace {

// Enough that a long listing costs few system calls.
constexpr std::size_t BUFFER_BYTES = 64 << 10;

constexpr std::string_view WIPE_LINE = "\r\x1b[K";

// 0, or the errno of the write that failed.
int writeAll(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(descriptor, text.data(), text.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

}  // namespace

Console::Console(int out, int err, std::string program)
    : out_(out),
      err_(err),
      program_(std::move(program)),
      outIsTerminal_(::isatty(out) == 1),
      errIsTerminal_(::isatty(err) == 1) {}

Console::~Console() { flush(); }

void Console::print(std::string_view text) {
  if (failed_) return;
  if (buffer_.size() + text.size() > BUFFER_BYTES) flush();
  if (text.size() > BUFFER_BYTES) {
    writeOut(text);
  } else {
    buffer_ += text;
  }
}

void Console::complain(std::string_view message) {
  flush();
  std::string line = program_ + ": ";
  line += message;
  line += '\n';
  printError(line);
}

void Console::printError(std::string_view text) {
  if (statusShown_.exchange(false)) writeAll(err_, WIPE_LINE);
  writeAll(err_, text);
}

void Console::showStatus(std::string_view line, bool keep) {
  std::string text(WIPE_LINE);
  text += line;
  if (keep) text += '\n';
  statusShown_ = !keep && !line.empty();
  writeAll(err_, text);
}

bool Console::flush() {
  if (!buffer_.empty()) writeOut(std::exchange(buffer_, {}));
  return !failed_;
}

void Console::writeOut(std::string_view text) {
  if (failed_) return;
  const int error = writeAll(out_, text);
  if (error == 0) return;
  failed_ = true;
  if (error != EPIPE) {
    printError(program_ + ": cannot write to standard output: " + std::strerror(error) + "\n");
  }
}

}  // namespace cairn::shell
