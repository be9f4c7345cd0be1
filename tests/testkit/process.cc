#include "tests/testkit/process.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string_view>
#include <thread>

#include "tests/testkit/scratch.h"

extern char** environ;

namespace cairn::testkit {
namespace {

std::vector<std::string> environmentOf(const Launch& launch) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    // What the developer's shell says about a cluster must not reach the test's.
    if (!std::string_view(*entry).starts_with("CAIRN_")) all.emplace_back(*entry);
  }
  all.insert(all.end(), launch.environment.begin(), launch.environment.end());
  return all;
}

std::string contentOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  return std::move(content).str();
}

// In the child.
void redirect(const std::string& path, int to) {
  const auto& target = path.empty() ? std::string("/dev/null") : path;
  const int fd = ::open(target.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (fd < 0 || ::dup2(fd, to) < 0) ::_exit(126);
  ::close(fd);
}

}  // namespace

namespace detail {

void pause() { std::this_thread::sleep_for(std::chrono::milliseconds(5)); }

std::vector<char*> pointersTo(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (auto& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace detail

Process::Process(Launch launch) : launch_(std::move(launch)) {
  // Here and not only in the child: awaitLine() must not find what an earlier process wrote.
  for (const auto& path : {launch_.outputPath, launch_.errorPath}) {
    if (!path.empty()) writeFile(path, "");
  }
  auto environment = environmentOf(launch_);
  auto arguments = launch_.command;
  auto environmentPointers = detail::pointersTo(environment);
  auto argumentPointers = detail::pointersTo(arguments);
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) {
    std::perror("fork");
    std::abort();
  }
  if (pid_ > 0) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(126);
  // Ctrl-C at the developer's terminal is for the test, not for its children.
  ::setpgid(0, 0);
  // A script that runs the tests in the background has it ignored.
  ::signal(SIGINT, SIG_DFL);
  const int nothing = ::open("/dev/null", O_RDONLY);
  ::dup2(nothing, STDIN_FILENO);
  ::close(nothing);
  redirect(launch_.outputPath, STDOUT_FILENO);
  redirect(launch_.errorPath, STDERR_FILENO);
  // A pipe that the test holds must end when the test closes it.
  ::close_range(STDERR_FILENO + 1, ~0U, 0);
  if (!launch_.directory.empty() && ::chdir(launch_.directory.c_str()) != 0) ::_exit(126);
  ::execvpe(argumentPointers[0], argumentPointers.data(), environmentPointers.data());
  std::perror(argumentPointers[0]);
  ::_exit(127);
}

Process::~Process() {
  if (running()) kill();
}

bool Process::poll() {
  if (code_) return true;
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) != pid_) return false;
  code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return true;
}

bool Process::running() { return !poll(); }

void Process::signal(int number) {
  if (running()) ::kill(pid_, number);
}

void Process::kill() {
  signal(SIGKILL);
  wait();
}

void Process::freeze() {
  signal(SIGSTOP);
  siginfo_t state{};
  // Left as it is: the end of a process that died instead is poll()'s to see.
  ::waitid(P_PID, static_cast<id_t>(pid_), &state, WSTOPPED | WEXITED | WNOWAIT);
}

void Process::thaw() { signal(SIGCONT); }

std::optional<int> Process::wait(std::chrono::milliseconds patience) {
  if (eventually([&]() { return poll(); }, patience)) return code_;
  std::fprintf(stderr, "%s does not end; it is killed\n", launch_.command[0].c_str());
  ::kill(pid_, SIGKILL);
  eventually([&]() { return poll(); });
  return std::nullopt;
}

std::string Process::output() const { return contentOf(launch_.outputPath); }
std::string Process::errors() const { return contentOf(launch_.errorPath); }

std::optional<std::string> Process::awaitLine(const std::string& beginning,
                                              std::chrono::milliseconds patience) {
  std::optional<std::string> found;
  const auto look = [&]() {
    std::istringstream lines(output());
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with(beginning) && !lines.eof()) found = line;
    }
    return found.has_value();
  };
  eventually([&]() { return look() || !running(); }, patience);
  if (!found) look();
  return found;
}

Outcome run(std::vector<std::string> command, std::vector<std::string> environment,
            std::chrono::milliseconds patience) {
  ScratchDir scratch;
  Process process({.command = std::move(command),
                   .environment = std::move(environment),
                   .directory = "",
                   .outputPath = scratch / "out",
                   .errorPath = scratch / "err"});
  const auto code = process.wait(patience);
  return {.code = code.value_or(-1), .out = process.output(), .err = process.errors()};
}

std::uint64_t unreadBytes(const std::string& address) {
  const auto port = static_cast<unsigned>(std::stoul(address.substr(address.rfind(':') + 1)));
  std::istringstream lines(contentOf("/proc/net/tcp"));
  std::uint64_t unread = 0;
  std::string line;
  std::getline(lines, line);  // the heading
  while (std::getline(lines, line)) {
    unsigned localPort = 0;
    unsigned state = 0;
    unsigned queued = 0;
    if (std::sscanf(line.c_str(), " %*u: %*x:%x %*x:%*x %x %*x:%x", &localPort, &state, &queued) !=
        3) {
      continue;
    }
    // Of a listening socket (0A) the figure counts connections.
    if (localPort == port && state != 0x0a) unread += queued;
  }
  return unread;
}

std::vector<std::uint16_t> listeningPorts(pid_t pid) {
  std::set<std::string> sockets;  // "socket:[inode]"
  std::error_code error;
  for (std::filesystem::directory_iterator at("/proc/" + std::to_string(pid) + "/fd", error), end;
       !error && at != end; at.increment(error)) {
    std::error_code gone;
    sockets.insert(std::filesystem::read_symlink(at->path(), gone).string());
  }
  std::set<std::uint16_t> ports;
  std::istringstream lines(contentOf("/proc/net/tcp"));
  for (std::string line; std::getline(lines, line);) {
    unsigned port = 0;
    unsigned state = 0;
    unsigned long inode = 0;
    if (std::sscanf(line.c_str(), " %*u: %*x:%x %*x:%*x %x %*x:%*x %*x:%*x %*x %*u %*u %lu", &port,
                    &state, &inode) == 3 &&
        state == 0x0a && sockets.contains("socket:[" + std::to_string(inode) + "]")) {
      ports.insert(static_cast<std::uint16_t>(port));
    }
  }
  return {ports.begin(), ports.end()};
}

std::vector<pid_t> processesBelow(const std::string& directory) {
  std::vector<pid_t> found;
  const auto below = directory + "/";
  std::error_code error;
  for (std::filesystem::directory_iterator at("/proc", error), end; !error && at != end;
       at.increment(error)) {
    const auto name = at->path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::error_code gone;
    const auto where = std::filesystem::read_symlink(at->path() / "cwd", gone).string() + "/";
    if (where.starts_with(below) ||
        contentOf((at->path() / "cmdline").string()).find(below) != std::string::npos) {
      found.push_back(static_cast<pid_t>(std::stol(name)));
    }
  }
  return found;
}

std::string cairnBinary() {
  const char* path = ::getenv("CAIRN_BINARY");
  if (path == nullptr) {
    std::fprintf(stderr, "CAIRN_BINARY must name the binary under test; ctest sets it\n");
    std::abort();
  }
  return path;
}

}  // namespace cairn::testkit
