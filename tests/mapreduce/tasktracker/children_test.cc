// Protects what a task tracker promises of the processes it starts: they get what they were given
// and no more, their end is told truthfully, and nothing of them is left, whoever dies first.
#include "mapreduce/tasktracker/children.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <kj/async-io.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "common/async/coroutine.h"
#include "tests/testkit/process.h"
#include "tests/testkit/results.h"
#include "tests/testkit/scratch.h"

namespace cairn::mr {
namespace {

constexpr char SELF[] = "/proc/self/exe";

// A zombie is gone, too: it only waits for its parent.
bool alive(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  if (!std::getline(file, text)) return false;
  const auto close = text.rfind(')');
  return close != std::string::npos && text.compare(close + 2, 1, "Z") != 0;
}

pid_t pidIn(const std::string& path) {
  std::ifstream file(path);
  pid_t pid = 0;
  file >> pid;
  return pid;
}

class ChildrenTest : public ::testing::Test {
protected:
  ChildrenTest() : io(kj::setupAsyncIo()), children(newGuardedChildren(io, SELF)) {}
  ~ChildrenTest() noexcept override = default;

  ChildSpec shell(std::string script) {
    ChildSpec spec;
    spec.program = "/bin/sh";
    spec.args = {"-c", std::move(script)};
    spec.environment = {"PATH=/usr/bin:/bin", "WHERE=" + scratch.path()};
    spec.workingDirectory = scratch.path();
    return spec;
  }
  kj::Own<Child> start(const ChildSpec& spec) {
    auto child = children->start(spec);
    EXPECT_OK(child);
    return kj::mv(*child);
  }
  struct Outcome {
    ChildExit exit;
    std::string out;
    std::string err;
  };
  Outcome run(const ChildSpec& spec) {
    auto child = start(spec);
    auto outStream = child->takeStdout();
    auto errStream = child->takeStderr();
    auto out = outStream->readAllText();
    auto err = errStream->readAllText();
    auto exit = child->exited();
    Outcome outcome;
    outcome.out = out.wait(io.waitScope).cStr();
    outcome.err = err.wait(io.waitScope).cStr();
    outcome.exit = exit.wait(io.waitScope);
    return outcome;
  }
  // Waits until the script has written its pid there.
  pid_t awaitPid(const std::string& name) {
    EXPECT_TRUE(testkit::eventually([&]() { return pidIn(scratch / name) > 0; }));
    return pidIn(scratch / name);
  }

  testkit::ScratchDir scratch;
  kj::AsyncIoContext io;
  kj::Own<Children> children;
};

// Exit code, both outputs, environment and directory are exactly what was asked for.
TEST_F(ChildrenTest, AProgramGetsWhatItWasGivenAndItsEndIsTold) {
  const auto outcome = run(shell("pwd; echo $WHERE; echo no >&2; exit 7"));
  EXPECT_FALSE(outcome.exit.signaled);
  EXPECT_EQ(7, outcome.exit.value);
  EXPECT_EQ("exited with code 7", outcome.exit.describe());
  EXPECT_EQ(scratch.path() + "\n" + scratch.path() + "\n", outcome.out);
  EXPECT_EQ("no\n", outcome.err);
  EXPECT_TRUE(run(shell("exit 0")).exit.ok());

  auto env = shell("");
  env.program = "/usr/bin/env";
  env.args = {};
  EXPECT_EQ("PATH=/usr/bin:/bin\nWHERE=" + scratch.path() + "\n", run(env).out);
}

// A signal is told as what it was.
TEST_F(ChildrenTest, ASignalIsToldAsItWas) {
  const auto outcome = run(shell("kill -SEGV $$"));
  EXPECT_TRUE(outcome.exit.signaled);
  EXPECT_EQ(SIGSEGV, outcome.exit.value);
  EXPECT_EQ("was killed by signal 11 (Segmentation fault)", outcome.exit.describe());
}

// A program that is not there is an exit with the shell's code and the reason on stderr, not a
// hang.
TEST_F(ChildrenTest, AProgramThatCannotBeExecutedSaysWhy) {
  auto spec = shell("");
  spec.program = scratch / "missing";
  const auto outcome = run(spec);
  EXPECT_EQ(127, outcome.exit.value);
  EXPECT_NE(std::string::npos, outcome.err.find("No such file")) << outcome.err;
}

// Descriptors of the tracker (sockets, databases, other tasks' pipes) must not reach a task.
TEST_F(ChildrenTest, NoDescriptorLeaksIntoATask) {
  const int leak = ::open("/dev/null", O_RDONLY);  // without O_CLOEXEC
  const auto outcome = run(
      shell("i=0; while [ $i -lt 256 ]; do [ -e /proc/$$/fd/$i ] && echo $i; i=$((i+1)); done; :"));
  ::close(leak);
  EXPECT_EQ("0\n1\n2\n3\n", outcome.out);
}

// Descriptor 3 is a connection in both directions.
TEST_F(ChildrenTest, TheControlSocketIsDescriptor3) {
  auto child = start(shell("read line <&3; echo \"you said $line\" >&3"));
  auto control = child->takeControl();
  control->write("hello\n", 6).wait(io.waitScope);
  EXPECT_STREQ("you said hello\n", control->readAllText().wait(io.waitScope).cStr());
  EXPECT_TRUE(child->exited().wait(io.waitScope).ok());
}

// The limits hold in the task, and for its children.
TEST_F(ChildrenTest, LimitsAreApplied) {
  auto spec = shell("ulimit -v; ulimit -n; ulimit -f; ulimit -c");
  spec.limits = {.addressSpaceBytes = 512 << 20, .fileBytes = 1 << 20, .openFiles = 64};
  // sh counts file sizes in units of 512 bytes, memory in KiB.
  EXPECT_EQ("524288\n64\n2048\n0\n", run(spec).out);
  auto big = shell("head -c 2000000 /dev/zero > big; echo $?");
  big.limits.fileBytes = 1 << 20;
  (void)run(big);
  struct stat info{};
  ASSERT_EQ(0, ::stat((scratch / "big").c_str(), &info));
  EXPECT_EQ(1 << 20, info.st_size);
}

// A task has not the rights of a daemon that runs as root (only its view of files), nor can it get
// them from a set-uid program.
TEST_F(ChildrenTest, ATaskHasNoRightsOfTheDaemon) {
  const auto outcome = run(shell("grep -E '^(CapPrm|CapEff|NoNewPrivs)' /proc/self/status"));
  const std::string kept = ::geteuid() == 0 ? "0000000000000006" : "0000000000000000";
  EXPECT_EQ("CapPrm:\t" + kept + "\nCapEff:\t" + kept + "\nNoNewPrivs:\t1\n", outcome.out);
}

// A tracker of root's can run tasks as somebody else: with that user's rights and no others.
TEST_F(ChildrenTest, ATaskMayRunAsAnotherUser) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  constexpr std::uint32_t NOBODY = 65534;
  ASSERT_EQ(0, ::chmod(scratch.path().c_str(), 0755));
  auto spec = shell("id -u; id -g; id -G; grep -E '^(CapPrm|CapEff)' /proc/self/status");
  spec.limits = {.uid = NOBODY, .gid = NOBODY};
  const auto outcome = run(spec);
  EXPECT_EQ("65534\n65534\n65534\nCapPrm:\t0000000000000000\nCapEff:\t0000000000000000\n",
            outcome.out)
      << outcome.err;
}

// What a program leaves running in the background, also in a session of its own, is gone when its
// end is told: the next attempt must not meet it.
TEST_F(ChildrenTest, NothingIsLeftAfterTheProgramEnded) {
  const auto outcome =
      run(shell("(sleep 1000 & echo $! > plain); "
                "setsid sh -c 'echo $$ > own; exec sleep 1000' & "
                "while [ ! -s own ]; do :; done; exit 0"));
  EXPECT_TRUE(outcome.exit.ok());
  EXPECT_FALSE(alive(pidIn(scratch / "plain")));
  EXPECT_FALSE(alive(pidIn(scratch / "own")));
}

// kill() ends a task that ignores signals, with all its descendants.
TEST_F(ChildrenTest, KillEndsTheWholeTree) {
  auto child =
      start(shell("trap '' TERM INT HUP; "
                  "setsid sh -c 'echo $$ > own; exec sleep 1000' & "
                  "echo $$ > task; while :; do sleep 1000; done"));
  const auto task = awaitPid("task");
  const auto own = awaitPid("own");
  child->kill();
  child->kill();  // any number of times
  const auto exit = child->exited().wait(io.waitScope);
  EXPECT_TRUE(exit.signaled);
  EXPECT_EQ(SIGKILL, exit.value);
  EXPECT_FALSE(alive(task));
  EXPECT_FALSE(alive(own));
}

// Dropping a child without waiting is killing it.
TEST_F(ChildrenTest, DroppingAChildKillsIt) {
  auto child = start(shell("echo $$ > task; sleep 1000"));
  const auto task = awaitPid("task");
  child = nullptr;
  EXPECT_FALSE(alive(task));
}

// Two children are waited for one by one: the end of one says nothing about the other.
TEST_F(ChildrenTest, ChildrenAreWaitedForApart) {
  auto longer = start(shell("echo $$ > task; sleep 1000"));
  const auto task = awaitPid("task");
  EXPECT_EQ(3, run(shell("exit 3")).exit.value);
  auto exited = longer->exited();
  EXPECT_FALSE(exited.poll(io.waitScope));
  EXPECT_TRUE(alive(task));
}

// A tracker that is killed with SIGKILL takes its tasks with it, daemonised ones too.
TEST_F(ChildrenTest, NoOrphansWhenTheTrackerIsKilled) {
  const auto script = "cd " + scratch.path() +
                      "; setsid sh -c 'echo $$ > own; exec sleep 1000' & echo $$ > task; "
                      "while :; do sleep 1000; done";
  testkit::Process tracker({.command = {SELF, "stand-in", script},
                            .environment = {},
                            .directory = {},
                            .outputPath = scratch / "out",
                            .errorPath = scratch / "err"});
  const auto line = tracker.awaitLine("guard ");
  ASSERT_TRUE(line.has_value());
  const auto guard = static_cast<pid_t>(std::stoi(line->substr(6)));
  const auto task = awaitPid("task");
  const auto own = awaitPid("own");
  ASSERT_TRUE(alive(guard) && alive(task) && alive(own));
  tracker.kill();
  EXPECT_TRUE(testkit::eventually([&]() { return !alive(guard) && !alive(task) && !alive(own); }));
}

// A guard that is killed itself: its task dies at once, and the tracker sees the end and kills what
// is left of the session.
TEST_F(ChildrenTest, AKilledGuardTakesItsTaskWithIt) {
  auto child = start(shell("sleep 1000 & echo $! > background; echo $$ > task; wait"));
  const auto task = awaitPid("task");
  const auto background = awaitPid("background");
  ::kill(child->pid(), SIGKILL);
  const auto exit = child->exited().wait(io.waitScope);
  EXPECT_TRUE(exit.signaled);
  EXPECT_TRUE(testkit::eventually([&]() { return !alive(task) && !alive(background); }));
}

}  // namespace
}  // namespace cairn::mr
