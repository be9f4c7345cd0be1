// Protects: every command explains itself in the same way: grammar, exit codes, an example.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "client/shell/command.h"
#include "client/shell/text.h"

namespace cairn::shell {
namespace {

TEST(Help, IsCompleteForEveryCommand) {
  std::set<std::string_view> names;
  for (const auto& command : fileCommands()) {
    SCOPED_TRACE(command.name);
    EXPECT_TRUE(names.insert(command.name).second) << "twice";
    const std::string help(command.help);
    EXPECT_TRUE(help.starts_with("Usage: cairn " + std::string(command.name)));
    EXPECT_NE(help.find("\nExit codes: 0 "), std::string::npos);
    EXPECT_NE(help.find("\nExample: "), std::string::npos);
    EXPECT_TRUE(help.ends_with("\n"));
    EXPECT_FALSE(command.summary.empty());
    std::size_t begin = 0;
    for (auto end = help.find('\n'); end != std::string::npos; end = help.find('\n', begin)) {
      EXPECT_LE(displayWidth(help.substr(begin, end - begin)), 101u)
          << help.substr(begin, end - begin);
      begin = end + 1;
    }
  }
  for (const char* verb : {"put",    "get",      "getmerge", "append",  "moveFromLocal",
                           "ls",     "cat",      "text",     "head",    "tail",
                           "mkdir",  "rm",       "rmdir",    "mv",      "cp",
                           "touch",  "touchz",   "truncate", "du",      "df",
                           "count",  "stat",     "find",     "test",    "setcodec",
                           "setrep", "chmod",    "chown",    "chgrp",   "checksum",
                           "concat", "getfattr", "setfattr", "expunge", "fs",
                           "admin",  "fsck"}) {
    EXPECT_TRUE(names.contains(verb)) << verb;
  }
}

}  // namespace
}  // namespace cairn::shell
