// One program that is the tests, the guard of the processes they start, and their tasks.
#include <gtest/gtest.h>
#include <signal.h>

#include <string_view>

#include "mapreduce/api/task_runtime.h"
#include "mapreduce/tasktracker/guard.h"
#include "tests/mapreduce/runtime/programs.h"

int main(int argc, char** argv) {
  ::signal(SIGPIPE, SIG_IGN);
  const std::string_view verb = argc > 1 ? argv[1] : "";
  if (verb == cairn::mr::TASK_GUARD_VERB) return cairn::mr::taskGuardMain(argc, argv);
  if (verb == cairn::mr::TASK_FLAG) {
    return cairn::mr::taskMain(argc, argv, cairn::mr::fakes::testPrograms());
  }
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
