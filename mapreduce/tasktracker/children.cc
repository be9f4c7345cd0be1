#include "mapreduce/tasktracker/children.h"

#include <dirent.h>
#include <fcntl.h>
#include <kj/async-unix.h>
#include <kj/debug.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <cstring>
#include <utility>

#include "common/async/coroutine.h"
#include "common/log/log.h"
#include "mapreduce/api/unique_fd.h"
#include "mapreduce/tasktracker/guard.h"

namespace cairn::mr {

namespace {

constexpr int CONTROL_FD = 3;
constexpr int LIFETIME_FD = 4;
// Descriptors that are to be duplicated onto 0-4 in the child are first moved above these.
constexpr int FIRST_SAFE_FD = 10;

Result<UniqueFd> outOfTheWay(int fd) {
  UniqueFd original(fd);
  UniqueFd moved(::fcntl(fd, F_DUPFD_CLOEXEC, FIRST_SAFE_FD));
  if (!moved) return fail(statusFromErrno(errno, "duplicating a descriptor"));
  return moved;
}

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};

Result<Pipe> newPipe() {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0) return fail(statusFromErrno(errno, "making a pipe"));
  Pipe pipe{UniqueFd(fds[0]), UniqueFd(fds[1])};
  ASSIGN(pipe.read, outOfTheWay(pipe.read.release()));
  ASSIGN(pipe.write, outOfTheWay(pipe.write.release()));
  return pipe;
}

// Kills what is left of the session when its leader, the guard, was killed itself.
void killSession(pid_t session) {
  DIR* proc = ::opendir("/proc");
  if (proc == nullptr) return;
  while (const dirent* entry = ::readdir(proc)) {
    pid_t pid = 0;
    const std::string_view name = entry->d_name;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (error != std::errc() || end != name.data() + name.size()) continue;
    if (pid != session && ::getsid(pid) == session) ::kill(pid, SIGKILL);
  }
  ::closedir(proc);
}

class GuardedChild final : public Child {
public:
  GuardedChild(kj::AsyncIoContext& io, pid_t pid, UniqueFd pidfd, UniqueFd lifetime,
               kj::Own<kj::AsyncCapabilityStream> control, kj::Own<kj::AsyncInputStream> out,
               kj::Own<kj::AsyncInputStream> err)
      : pid_(pid),
        pidfd_(std::move(pidfd)),
        lifetime_(std::move(lifetime)),
        control_(kj::mv(control)),
        out_(kj::mv(out)),
        err_(kj::mv(err)),
        observer_(io.unixEventPort, pidfd_.get(), kj::UnixEventPort::FdObserver::OBSERVE_READ) {}

  ~GuardedChild() noexcept(false) {
    if (reaped_) return;
    // The guard sees its pipe close and kills all; it is waited for so that it is no zombie. That
    // takes a few milliseconds, and happens only when an attempt is dropped without its end.
    lifetime_.reset();
    siginfo_t info{};
    ::waitid(P_PIDFD, static_cast<id_t>(pidfd_.get()), &info, WEXITED);
  }

  kj::Promise<ChildExit> exited() override {
    co_await observer_.whenBecomesReadable();
    siginfo_t info{};
    if (::waitid(P_PIDFD, static_cast<id_t>(pidfd_.get()), &info, WEXITED) != 0) {
      KJ_FAIL_SYSCALL("waitid", errno, pid_);
    }
    reaped_ = true;
    const bool signaled = info.si_code != CLD_EXITED;
    if (signaled) killSession(pid_);
    co_return ChildExit{signaled, info.si_status};
  }

  void kill() override { lifetime_.reset(); }
  void killGuard() override {
    if (!reaped_) ::syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGKILL, nullptr, 0);
  }

  kj::Own<kj::AsyncCapabilityStream> takeControl() override { return kj::mv(control_); }
  kj::Own<kj::AsyncInputStream> takeStdout() override { return kj::mv(out_); }
  kj::Own<kj::AsyncInputStream> takeStderr() override { return kj::mv(err_); }
  int pid() const override { return pid_; }

private:
  const pid_t pid_;
  UniqueFd pidfd_;
  UniqueFd lifetime_;
  kj::Own<kj::AsyncCapabilityStream> control_;
  kj::Own<kj::AsyncInputStream> out_;
  kj::Own<kj::AsyncInputStream> err_;
  kj::UnixEventPort::FdObserver observer_;
  bool reaped_ = false;
};

std::vector<std::string> guardArguments(const std::string& guard, const ChildSpec& spec) {
  std::vector<std::string> args{guard, TASK_GUARD_VERB};
  const auto number = [&](const char* name, std::uint64_t value) {
    if (value == 0) return;
    args.emplace_back(name);
    args.push_back(std::to_string(value));
  };
  args.emplace_back("--directory");
  args.push_back(spec.workingDirectory);
  number("--address-space-bytes", spec.limits.addressSpaceBytes);
  number("--file-bytes", spec.limits.fileBytes);
  number("--open-files", spec.limits.openFiles);
  number("--uid", spec.limits.uid);
  number("--gid", spec.limits.gid);
  args.emplace_back("--");
  args.push_back(spec.program);
  args.insert(args.end(), spec.args.begin(), spec.args.end());
  return args;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (auto& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

class GuardedChildren final : public Children {
public:
  GuardedChildren(kj::AsyncIoContext& io, std::string guardProgram)
      : io_(io), guard_(std::move(guardProgram)) {}

  Result<kj::Own<Child>> start(const ChildSpec& spec) override {
    int sockets[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0) {
      return fail(statusFromErrno(errno, "making a socket pair"));
    }
    UniqueFd ours(sockets[0]);
    ASSIGN(auto theirs, outOfTheWay(sockets[1]));
    ASSIGN(auto lifetime, newPipe());
    ASSIGN(auto out, newPipe());
    ASSIGN(auto err, newPipe());

    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions, out.write.get(), 1);
    ::posix_spawn_file_actions_adddup2(&actions, err.write.get(), 2);
    ::posix_spawn_file_actions_adddup2(&actions, theirs.get(), CONTROL_FD);
    ::posix_spawn_file_actions_adddup2(&actions, lifetime.read.get(), LIFETIME_FD);
    ::posix_spawn_file_actions_addclosefrom_np(&actions, LIFETIME_FD + 1);
    posix_spawnattr_t attributes;
    ::posix_spawnattr_init(&attributes);
    sigset_t none;
    sigset_t all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
    ::posix_spawnattr_setflags(&attributes,
                               POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    auto args = guardArguments(guard_, spec);
    auto environment = spec.environment;
    pid_t pid = 0;
    const int error = ::posix_spawn(&pid, guard_.c_str(), &actions, &attributes,
                                    pointers(args).data(), pointers(environment).data());
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&actions);
    if (error != 0) return fail(statusFromErrno(error, "starting " + guard_));

    // Until it is waited for, the pid cannot be another process's.
    UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (!pidfd) {
      const auto status = statusFromErrno(errno, "watching a child process");
      ::kill(pid, SIGKILL);
      ::waitpid(pid, nullptr, 0);
      return fail(status);
    }
    const auto owned =
        kj::LowLevelAsyncIoProvider::TAKE_OWNERSHIP | kj::LowLevelAsyncIoProvider::ALREADY_CLOEXEC;
    auto& low = *io_.lowLevelProvider;
    return kj::Own<Child>(kj::heap<GuardedChild>(
        io_, pid, std::move(pidfd), std::move(lifetime.write),
        low.wrapUnixSocketFd(ours.release(), owned), low.wrapInputFd(out.read.release(), owned),
        low.wrapInputFd(err.read.release(), owned)));
  }

private:
  kj::AsyncIoContext& io_;
  const std::string guard_;
};

}  // namespace

std::string ChildExit::describe() const {
  if (!signaled) return "exited with code " + std::to_string(value);
  return "was killed by signal " + std::to_string(value) + " (" + ::strsignal(value) + ")";
}

kj::Own<Children> newGuardedChildren(kj::AsyncIoContext& io, std::string guardProgram) {
  return kj::heap<GuardedChildren>(io, std::move(guardProgram));
}

}  // namespace cairn::mr
