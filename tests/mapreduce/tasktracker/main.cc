// One program that is the tests, the guard of the processes they start, and a stand-in for a task
// tracker that is to be killed.
#include <gtest/gtest.h>
#include <kj/async-io.h>
#include <signal.h>

#include <cstdio>
#include <string_view>

#include "mapreduce/tasktracker/children.h"
#include "mapreduce/tasktracker/guard.h"

namespace {

// Starts `/bin/sh -c SCRIPT` as a child and waits to be killed.
int standInMain(const char* script) {
  auto io = kj::setupAsyncIo();
  auto children = cairn::mr::newGuardedChildren(io, "/proc/self/exe");
  cairn::mr::ChildSpec spec;
  spec.program = "/bin/sh";
  spec.args = {"-c", script};
  spec.environment = {"PATH=/usr/bin:/bin"};
  auto child = children->start(spec);
  if (!child.has_value()) return 1;
  std::printf("guard %d\n", (*child)->pid());
  std::fflush(stdout);
  kj::Promise<void>(kj::NEVER_DONE).wait(io.waitScope);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  ::signal(SIGPIPE, SIG_IGN);
  const std::string_view verb = argc > 1 ? argv[1] : "";
  if (verb == cairn::mr::TASK_GUARD_VERB) return cairn::mr::taskGuardMain(argc, argv);
  if (verb == "stand-in" && argc > 2) return standInMain(argv[2]);
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
