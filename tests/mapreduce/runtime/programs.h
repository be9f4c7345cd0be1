// The tasks of the tests' jobs: this test program, executed again by the trackers under test.
#pragma once

#include <span>

#include "mapreduce/task/task_main.h"

namespace cairn::mr::fakes {

// wordcount; and mappers that misbehave: throw, abort, hang, chatter, boast.
std::span<const NamedProgram> testPrograms();

}  // namespace cairn::mr::fakes
