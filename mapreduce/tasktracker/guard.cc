#include "mapreduce/tasktracker/guard.h"

#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::mr {

namespace {

constexpr int LIFETIME_FD = 4;
constexpr int EXIT_USAGE = 2;
constexpr int EXIT_CANNOT_EXECUTE = 127;  // as in shells

struct GuardOptions {
  std::string directory;
  std::uint64_t addressSpaceBytes = 0;
  std::uint64_t fileBytes = 0;
  std::uint64_t openFiles = 0;
  std::uint64_t uid = 0;
  std::uint64_t gid = 0;
  std::vector<char*> program;  // argv of the task
};

bool parseNumber(std::string_view text, std::uint64_t& to) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), to);
  return error == std::errc() && end == text.data() + text.size();
}

bool parse(int argc, char** argv, GuardOptions& options) {
  int i = 2;
  for (; i + 1 < argc && std::string_view(argv[i]) != "--"; i += 2) {
    const std::string_view name = argv[i];
    const std::string_view value = argv[i + 1];
    std::uint64_t* number = nullptr;
    if (name == "--directory") {
      options.directory = value;
      continue;
    }
    if (name == "--address-space-bytes") number = &options.addressSpaceBytes;
    if (name == "--file-bytes") number = &options.fileBytes;
    if (name == "--open-files") number = &options.openFiles;
    if (name == "--uid") number = &options.uid;
    if (name == "--gid") number = &options.gid;
    if (number == nullptr || !parseNumber(value, *number)) return false;
  }
  if (i >= argc || std::string_view(argv[i]) != "--" || i + 1 >= argc) return false;
  for (int at = i + 1; at < argc; ++at) options.program.push_back(argv[at]);
  options.program.push_back(nullptr);
  return true;
}

void limit(int resource, std::uint64_t value) {
  const rlimit bound{value, value};
  ::setrlimit(static_cast<__rlimit_resource>(resource), &bound);
}

[[noreturn]] void failToStart(const char* what, const char* subject) {
  ::dprintf(STDERR_FILENO, "cairn task-guard: %s %s: %s\n", what, subject, std::strerror(errno));
  ::_exit(EXIT_CANNOT_EXECUTE);
}

// What a task of a daemon that runs as root keeps of its rights: root's view of files (its own
// directory and its program may lie where only that leads). Not: mounting, tracing, killing and
// becoming others, devices, the network's configuration. Nothing for a daemon that is not root.
constexpr std::uint32_t KEPT_CAPABILITIES =
    std::uint32_t{1} << CAP_DAC_OVERRIDE | std::uint32_t{1} << CAP_DAC_READ_SEARCH;

void dropCapabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3]{};
  ::syscall(SYS_capget, &header, sets);
  const auto kept = sets[0].permitted & KEPT_CAPABILITIES;
  // An execution by root must not bring them back.
  ::prctl(PR_SET_SECUREBITS, SECBIT_NOROOT | SECBIT_NOROOT_LOCKED, 0, 0, 0);
  for (int capability = 0; capability <= CAP_LAST_CAP; ++capability) {
    const bool keep = capability < 32 && (kept >> capability & 1) != 0;
    if (!keep) ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
  }
  sets[0] = {kept, kept, kept};
  sets[1] = {};
  ::syscall(SYS_capset, &header, sets);
  for (const int capability : {CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH}) {
    ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0);
  }
}

// In the child: everything that must be so before the program's first instruction.
[[noreturn]] void becomeTask(const GuardOptions& options, pid_t guard) {
  // A group of its own, so that the guard can kill it at one blow without killing itself.
  ::setpgid(0, 0);
  ::close(LIFETIME_FD);
  limit(RLIMIT_CORE, 0);
  if (options.addressSpaceBytes != 0) limit(RLIMIT_AS, options.addressSpaceBytes);
  if (options.fileBytes != 0) limit(RLIMIT_FSIZE, options.fileBytes);
  if (options.openFiles != 0) limit(RLIMIT_NOFILE, options.openFiles);
  if (options.uid != 0) {
    const auto gid = static_cast<gid_t>(options.gid);
    const auto uid = static_cast<uid_t>(options.uid);
    if (::setgroups(0, nullptr) != 0 || ::setresgid(gid, gid, gid) != 0 ||
        ::setresuid(uid, uid, uid) != 0) {
      failToStart("cannot take the rights of the task's user, directory",
                  options.directory.c_str());
    }
  }
  dropCapabilities();
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  // After the change of user, which clears it. The guard may be gone already.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != guard) ::_exit(EXIT_CANNOT_EXECUTE);
  if (!options.directory.empty() && ::chdir(options.directory.c_str()) != 0) {
    failToStart("cannot enter", options.directory.c_str());
  }
  ::execv(options.program[0], options.program.data());
  failToStart("cannot execute", options.program[0]);
}

// Kills every child this process has, and what they leave to it, until there is none.
void killDescendants(pid_t group) {
  if (group > 0) ::kill(-group, SIGKILL);
  const auto self = ::getpid();
  while (true) {
    // /proc/self/task/<tid>/children needs a kernel option; stat is always there.
    if (DIR* proc = ::opendir("/proc"); proc != nullptr) {
      while (const dirent* entry = ::readdir(proc)) {
        pid_t pid = 0;
        const std::string_view name = entry->d_name;
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
        if (error != std::errc() || end != name.data() + name.size()) continue;
        char path[64];
        std::snprintf(path, sizeof path, "/proc/%d/stat", pid);
        const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0) continue;
        char text[512];
        const auto got = ::read(fd, text, sizeof text - 1);
        ::close(fd);
        if (got <= 0) continue;
        text[got] = 0;
        // pid (name) state ppid; the name may hold anything, so look for the last parenthesis.
        const char* close = std::strrchr(text, ')');
        char state = 0;
        int parent = 0;
        if (close == nullptr || std::sscanf(close + 1, " %c %d", &state, &parent) != 2) continue;
        if (parent == self && state != 'Z') ::kill(pid, SIGKILL);
      }
      ::closedir(proc);
    }
    // Each one that dies hands its children to this process: wait for one, then look again.
    const auto gone = ::waitpid(-1, nullptr, 0);
    if (gone < 0 && errno == ECHILD) return;
  }
}

[[noreturn]] void endAs(int status) {
  if (WIFSIGNALED(status)) {
    const int number = WTERMSIG(status);
    ::signal(number, SIG_DFL);
    sigset_t all;
    ::sigfillset(&all);
    ::sigprocmask(SIG_UNBLOCK, &all, nullptr);
    ::kill(::getpid(), number);
    ::_exit(128 + number);
  }
  ::_exit(WEXITSTATUS(status));
}

}  // namespace

int taskGuardMain(int argc, char** argv) {
  GuardOptions options;
  if (!parse(argc, argv, options)) {
    std::fprintf(stderr, "cairn task-guard is used by the task tracker only\n");
    return EXIT_USAGE;
  }
  limit(RLIMIT_CORE, 0);
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  ::prctl(PR_SET_NAME, "cairn-guard");
  // A terminal's Ctrl-C must not end the guard before its task.
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) ::signal(number, SIG_IGN);

  const auto self = ::getpid();
  const auto task = ::fork();
  if (task < 0) failToStart("cannot start", options.program[0]);
  if (task == 0) {
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) ::signal(number, SIG_DFL);
    becomeTask(options, self);
  }
  ::setpgid(task, task);
  // Only the task holds its ends now: whoever reads them sees when it is gone.
  const int null = ::open("/dev/null", O_RDWR);
  for (const int fd : {0, 1, 2}) ::dup2(null, fd);
  ::close(3);
  if (null > LIFETIME_FD) ::close(null);

  const int pidfd = static_cast<int>(::syscall(SYS_pidfd_open, task, 0));
  if (pidfd < 0) {
    killDescendants(task);
    ::_exit(EXIT_CANNOT_EXECUTE);
  }
  pollfd watched[] = {{pidfd, POLLIN, 0}, {LIFETIME_FD, POLLIN, 0}};
  while (true) {
    if (::poll(watched, 2, -1) < 0 && errno == EINTR) continue;
    if (watched[0].revents != 0) {
      int status = 0;
      ::waitpid(task, &status, 0);
      killDescendants(task);
      endAs(status);
    }
    if (watched[1].revents != 0) {
      killDescendants(task);
      endAs(SIGKILL);  // a wait status: killed by signal 9
    }
  }
}

}  // namespace cairn::mr
