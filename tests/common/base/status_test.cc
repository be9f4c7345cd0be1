#include "common/base/status.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <set>

#include "common/base/result.h"
#include "tests/testkit/results.h"

namespace cairn {
namespace {

// The registry must be whole: a code without a name or a Hadoop class would reach users as
// "UNKNOWN".
TEST(StatusTest, EveryCodeIsDescribed) {
  std::set<std::string_view> names;
  std::uint16_t number = 1;
  for (; codeName(static_cast<Code>(number)) != "UNKNOWN"; ++number) {
    const auto code = static_cast<Code>(number);
    EXPECT_TRUE(names.insert(codeName(code)).second) << codeName(code);
    EXPECT_TRUE(codeMeaning(code).ends_with('.')) << codeName(code);
    EXPECT_NE(std::string_view::npos, hadoopExceptionName(code).find('.')) << codeName(code);
    EXPECT_EQ(code, codeFromWire(number));
  }
  EXPECT_EQ(static_cast<std::uint16_t>(Code::INVALID_PATH) + 1, number);
}

// The numbers travel on the wire and stand in records: these must never change.
TEST(StatusTest, NumbersAreFixed) {
  EXPECT_EQ(1, static_cast<int>(Code::NOT_FOUND));
  EXPECT_EQ(15, static_cast<int>(Code::CORRUPT));
  EXPECT_EQ(20, static_cast<int>(Code::OVERLOADED));
  EXPECT_EQ(30, static_cast<int>(Code::INVALID_PATH));
}

// A newer peer may send a code this program does not know.
TEST(StatusTest, UnknownNumbersBecomeInternal) {
  EXPECT_EQ(Code::INTERNAL, codeFromWire(0));
  EXPECT_EQ(Code::INTERNAL, codeFromWire(60000));
}

// What a retry loop does depends on these.
TEST(StatusTest, RetryClasses) {
  EXPECT_EQ(RetryClass::NEVER, retryClassOf(Code::NOT_FOUND));
  EXPECT_EQ(RetryClass::ELSEWHERE, retryClassOf(Code::CORRUPT));
  EXPECT_EQ(RetryClass::LATER, retryClassOf(Code::UNAVAILABLE));
}

// The texts that users and logs see.
TEST(StatusTest, Texts) {
  const Status status(Code::NOT_FOUND, "/a does not exist", 5);
  EXPECT_EQ("NOT_FOUND: /a does not exist", status.toString());
  const Status wrapped = status.withContext("put x");
  EXPECT_EQ("put x: /a does not exist", wrapped.message());
  EXPECT_EQ(Code::NOT_FOUND, wrapped.code());
  EXPECT_EQ(5u, wrapped.retryAfterMs());
}

// System errors keep their meaning: a full disk is handled otherwise than a broken one.
TEST(StatusTest, FromErrno) {
  EXPECT_EQ(Code::DISK_FULL, statusFromErrno(ENOSPC, "x").code());
  EXPECT_EQ(Code::DISK_FULL, statusFromErrno(EDQUOT, "x").code());
  EXPECT_EQ(Code::NOT_FOUND, statusFromErrno(ENOENT, "x").code());
  EXPECT_EQ(Code::NOT_EMPTY, statusFromErrno(ENOTEMPTY, "x").code());
  EXPECT_EQ(Code::PERMISSION_DENIED, statusFromErrno(EACCES, "x").code());
  EXPECT_EQ(Code::IO_ERROR, statusFromErrno(EIO, "x").code());
  EXPECT_EQ(Code::OVERLOADED, statusFromErrno(EMFILE, "x").code());
  EXPECT_EQ(Code::OVERLOADED, statusFromErrno(ENFILE, "x").code());
  EXPECT_EQ("open /x: Input/output error", statusFromErrno(EIO, "open /x").message());
}

Result<int> half(int n) {
  if (n % 2 != 0) return fail(Code::INVALID_ARGUMENT, std::to_string(n) + " is odd");
  return n / 2;
}
Result<int> quarter(int n) {
  ASSIGN(const int once, half(n));
  TRY(half(once));
  return half(once);
}

// The two macros that every function leaves by.
TEST(StatusTest, TryAndAssign) {
  ASSERT_VALUE(const int value, quarter(12));
  EXPECT_EQ(3, value);
  EXPECT_MESSAGE("5 is odd", quarter(5));
  EXPECT_MESSAGE("3 is odd", quarter(6));
}

}  // namespace
}  // namespace cairn
