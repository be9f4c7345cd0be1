#include "tests/testkit/terminal.h"

#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "tests/testkit/process.h"

namespace cairn::testkit {

Terminal::Terminal(std::vector<std::string> command, std::vector<std::string> environment,
                   const std::string& directory) {
  auto arguments = detail::pointersTo(command);
  auto variables = detail::pointersTo(environment);
  // So wide that no line editor breaks a line.
  winsize size{.ws_row = 50, .ws_col = 1000, .ws_xpixel = 0, .ws_ypixel = 0};
  pid_ = ::forkpty(&fd_, nullptr, nullptr, &size);
  if (pid_ < 0) {
    std::perror("forkpty");
    std::abort();
  }
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::close_range(STDERR_FILENO + 1, ~0U, 0);
    if (::chdir(directory.c_str()) != 0) ::_exit(126);
    ::execvpe(arguments[0], arguments.data(), variables.data());
    ::_exit(127);
  }
  ::fcntl(fd_, F_SETFD, FD_CLOEXEC);
  ::fcntl(fd_, F_SETFL, O_NONBLOCK);
}

Terminal::~Terminal() {
  ::kill(pid_, SIGKILL);
  ::close(fd_);
  ::waitpid(pid_, nullptr, 0);
}

void Terminal::type(std::string_view keys) {
  if (::write(fd_, keys.data(), keys.size()) != static_cast<ssize_t>(keys.size())) {
    std::perror("a terminal that takes no more");
    std::abort();
  }
}

const std::string& Terminal::seen() {
  char piece[4096];
  ssize_t got = 0;
  while ((got = ::read(fd_, piece, sizeof(piece))) > 0) {
    seen_.append(piece, static_cast<std::size_t>(got));
  }
  return seen_;
}

}  // namespace cairn::testkit
