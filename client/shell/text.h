// How names, rights and times are written.
// Layer: client/shell.  Pure but for the zone of local times.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "cairn/types.h"

namespace cairn::shell {

// Control characters, backslashes and bytes that are not UTF-8 as \n, \\ or \x1b: a name cannot
// move a terminal's cursor, and names that differ look different.
std::string escapeName(std::string_view name);
// What a command prints for a name: escaped on a terminal, as it is elsewhere.
std::string nameFor(bool terminal, std::string_view name);
// Every character that cannot be printed as "?", as Hadoop's ls -q.
std::string replaceControl(std::string_view name);

// "drwxr-xr-x", "-rw-r--r--", with t or T for the sticky bit.
std::string rightsOf(const Entry& entry);
// "1777", "644".
std::string octalRights(const Entry& entry);

enum class Zone { LOCAL, UTC };
// "2024-01-02 03:04".
std::string minuteOf(std::int64_t unixMs, Zone zone);
// "2024-01-02 03:04:05".
std::string secondOf(std::int64_t unixMs, Zone zone);

// Columns of a terminal.
std::size_t displayWidth(std::string_view text);
std::string padLeft(std::string_view text, std::size_t width);
std::string padRight(std::string_view text, std::size_t width);

}  // namespace cairn::shell
