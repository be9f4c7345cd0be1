#include "client/cairn/bench/programs.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <utility>

namespace cairn::app {
namespace {

constexpr int READY_SECONDS_MAX = 30;

double secondsSince(std::chrono::steady_clock::time_point began) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

// The value of "name=" in the ready line.
std::string valueOf(const std::string& name, const std::string& line) {
  const auto at = line.find(name + "=");
  if (at == std::string::npos) return {};
  const auto begin = at + name.size() + 1;
  return line.substr(begin, line.find_first_of(" \n", begin) - begin);
}

// The first line that begins with "ready", or "" when there is none in time.
std::string readyLine(int fd) {
  std::string text;
  const auto began = std::chrono::steady_clock::now();
  while (secondsSince(began) < READY_SECONDS_MAX) {
    pollfd wait{.fd = fd, .events = POLLIN, .revents = 0};
    if (::poll(&wait, 1, 100) <= 0) continue;
    char piece[4096];
    const auto got = ::read(fd, piece, sizeof(piece));
    if (got <= 0) break;
    text.append(piece, static_cast<std::size_t>(got));
    const auto at = text.find("ready ");
    if (at != std::string::npos && text.find('\n', at) != std::string::npos) {
      return text.substr(at, text.find('\n', at) - at);
    }
  }
  return {};
}

// Runs this binary, its stderr into the file; its ready line.
Result<std::string> spawn(const std::vector<std::string>& arguments, const std::string& log,
                          pid_t& pid) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail(Code::IO_ERROR, "no pipe");
  const auto binary = ownBinary();
  std::vector<char*> words{const_cast<char*>(binary.c_str())};
  for (const auto& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  pid = ::fork();
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    ::dup2(ends[1], STDOUT_FILENO);
    const int errors = ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (errors >= 0) ::dup2(errors, STDERR_FILENO);
    ::execv(binary.c_str(), words.data());
    ::_exit(127);
  }
  ::close(ends[1]);
  auto line = pid > 0 ? readyLine(ends[0]) : std::string();
  ::close(ends[0]);
  if (line.empty()) {
    return fail(Code::UNAVAILABLE, "cairn " + arguments.front() + " is not ready; see " + log);
  }
  return line;
}

}  // namespace

std::string ownBinary() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).string();
}

std::string shellQuoted(const std::string& word) {
  std::string quoted = "'";
  for (const char c : word) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

Result<double> timedShell(const std::string& command) {
  const auto full = "{ " + command + "\n} 2>&1 >/dev/null </dev/null";
  const auto began = std::chrono::steady_clock::now();
  FILE* pipe = ::popen(full.c_str(), "re");
  if (pipe == nullptr) return fail(Code::IO_ERROR, "no process for: " + command);
  std::string words;
  char piece[4096];
  while (const auto got = std::fread(piece, 1, sizeof(piece), pipe)) words.append(piece, got);
  const int status = ::pclose(pipe);
  const double took = secondsSince(began);
  if (status != 0) {
    constexpr std::size_t LAST_WORDS = 2000;
    if (words.size() > LAST_WORDS) words.erase(0, words.size() - LAST_WORDS);
    return fail(Code::TASK_FAILED, command + " failed: " + words);
  }
  return took;
}

Result<MiniProcess> MiniProcess::start(const std::string& directory, int datanodes) {
  MiniProcess mini;
  const auto began = std::chrono::steady_clock::now();
  ASSIGN(const auto line, spawn({"mini", "--dir", directory, "--ports", "auto", "--datanodes",
                                 std::to_string(datanodes)},
                                directory + ".log", mini.pid_));
  mini.startSeconds_ = secondsSince(began);
  mini.namenode_ = valueOf("namenode", line);
  mini.environment_ =
      "CAIRN_NAMENODE=" + mini.namenode_ + " CAIRN_JOBTRACKER=" + valueOf("jobtracker", line);
  return mini;
}

MiniProcess::MiniProcess(MiniProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      startSeconds_(other.startSeconds_),
      namenode_(std::move(other.namenode_)),
      environment_(std::move(other.environment_)) {}

MiniProcess::~MiniProcess() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGTERM);
  ::waitpid(pid_, nullptr, 0);
}

std::string MiniProcess::command(const std::string& arguments) const {
  return environment_ + " " + shellQuoted(ownBinary()) + " " + arguments;
}

Result<NamenodeProcess> NamenodeProcess::start(const std::string& directory) {
  if (!std::filesystem::exists(directory)) {
    TRY(timedShell(shellQuoted(ownBinary()) + " namenode --format --namenode.dir " +
                   shellQuoted(directory)));
  }
  NamenodeProcess namenode;
  ASSIGN(const auto line, spawn({"namenode", "--namenode.dir", directory, "--namenode.address",
                                 "127.0.0.1:0", "--namenode.http_address", "none"},
                                directory + ".log", namenode.pid_));
  namenode.address_ = valueOf("namenode", line);
  return namenode;
}

NamenodeProcess::NamenodeProcess(NamenodeProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), address_(std::move(other.address_)) {}

NamenodeProcess::~NamenodeProcess() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

std::uint64_t NamenodeProcess::residentBytes() const {
  std::ifstream statm("/proc/" + std::to_string(pid_) + "/statm");
  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  statm >> total >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

Result<std::string> makeText(const std::string& directory, std::uint64_t bytes,
                             const std::string& source) {
  const auto path = directory + "/text";
  const auto seed = directory + "/seed";
  if (source.empty()) {
    TRY(
        timedShell("{ find /usr/share/doc /usr/share/perl /usr/share/common-licenses -type f "
                   "\\( -name '*.gz' -exec zcat -f {} + -o -name '*.txt' -exec cat {} + -o -name "
                   "copyright -exec cat {} + \\) 2>/dev/null | head -c 256M; } > " +
                   shellQuoted(seed) + " || true"));
  } else {
    std::error_code error;
    std::filesystem::create_symlink(std::filesystem::absolute(source), seed, error);
    if (error) return fail(Code::IO_ERROR, source + ": " + error.message());
  }
  std::ifstream in(seed, std::ios::binary);
  std::string piece{std::istreambuf_iterator<char>(in), {}};
  if (piece.empty()) {
    return fail(Code::NOT_FOUND, "no text to measure with; name a file with --text");
  }
  if (piece.back() != '\n') piece += '\n';
  std::ofstream out(path, std::ios::binary);
  for (std::uint64_t done = 0; done < bytes;) {
    const auto now = std::min<std::uint64_t>(piece.size(), bytes - done);
    out.write(piece.data(), static_cast<std::streamsize>(now));
    done += now;
  }
  out.close();
  if (!out.good()) return fail(Code::DISK_FULL, path + " cannot be written");
  std::filesystem::remove(seed);
  return path;
}

Result<std::string> makeNoise(const std::string& directory, std::uint64_t bytes) {
  const auto path = directory + "/noise";
  TRY(timedShell("head -c " + std::to_string(bytes) + " /dev/urandom > " + shellQuoted(path)));
  return path;
}

}  // namespace cairn::app
