// Points in time as they are typed.
// Layer: client/shell.  Pure but for the zone of local times.
#pragma once

#include <cstdint>
#include <string_view>

#include "common/base/result.h"

namespace cairn::shell {

// "20240131:235959" in local time, as Hadoop's touch takes it: a month 13 is January of the next
// year, and what follows the seconds is not looked at. ms since 1970. INVALID_ARGUMENT.
Result<std::int64_t> parseHadoopTime(std::string_view text);
// That, "2024-01-31", "2024-01-31 23:59:59" (or with a T, without seconds), or "@1706745599":
// seconds since 1970. INVALID_ARGUMENT.
Result<std::int64_t> parseTime(std::string_view text);

}  // namespace cairn::shell
