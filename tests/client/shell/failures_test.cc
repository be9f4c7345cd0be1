// Protects: a message of the shell speaks of what is wrong: who lost the file that he was writing
// does not read that his source or his target's directory is missing.
#include "client/shell/failures.h"

#include <gtest/gtest.h>

namespace cairn::shell {
namespace {

TEST(Failures, AreInTheWordsOfPosixTools) {
  EXPECT_EQ(posixText(Status(Code::NOT_FOUND, "whatever")), "no such file or directory");
  EXPECT_EQ(posixText(Status(Code::NOT_EMPTY, "")), "directory not empty");
  EXPECT_EQ(posixText(Status(Code::IO_ERROR, "the disk")), "the disk");
}

TEST(Failures, AFileThatIsNotItsWritersAnyMoreIsNotMissing) {
  const auto gone = writingFailure(Status(Code::NOT_FOUND, "inode 5"), "/x._COPYING_");
  EXPECT_EQ(gone.code(), Code::LEASE_EXPIRED);
  EXPECT_EQ(posixText(gone), "/x._COPYING_ was removed or replaced while it was written");
  // It is there.
  for (const auto code : {Code::LEASE_EXPIRED, Code::LEASE_CONFLICT}) {
    const auto failure = writingFailure(Status(code, "inode 5"), "/x");
    EXPECT_EQ(failure.code(), Code::LEASE_EXPIRED);
    EXPECT_EQ(posixText(failure),
              "/x was closed or taken over by another client while it was written; what this one "
              "has written last may not be in it");
  }
  const auto other = writingFailure(Status(Code::UNAVAILABLE, "nobody there"), "/x");
  EXPECT_EQ(other.code(), Code::UNAVAILABLE);
  EXPECT_EQ(other.message(), "nobody there");
}

TEST(Failures, WhatIsBeyondTheLimitsWasNotLookedInto) {
  const auto deep = listingFailure(Status(Code::LIMIT_EXCEEDED, "the path has 1001 levels"));
  EXPECT_EQ(deep.code(), Code::LIMIT_EXCEEDED);
  EXPECT_EQ(posixText(deep), "not looked into: the path has 1001 levels");
  EXPECT_EQ(posixText(listingFailure(Status(Code::PERMISSION_DENIED, "no"))), "no");
}

}  // namespace
}  // namespace cairn::shell
