// The jobs that come with the binary: `cairn mr NAME`.
// Layer: client/cairn.  Constant data.
#pragma once

#include <span>
#include <string_view>

#include "mapreduce/task/task_main.h"

namespace cairn::app {

std::span<const mr::NamedProgram> builtInJobs();

}  // namespace cairn::app
