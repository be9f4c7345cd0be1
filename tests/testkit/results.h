// Result<T> in GoogleTest: failures print the Status.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "common/base/result.h"

namespace cairn::testkit {

template <typename T>
::testing::AssertionResult isOk(const Result<T>& result) {
  if (result.has_value()) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << result.error().toString();
}

template <typename T>
::testing::AssertionResult failsWith(const Result<T>& result, Code code) {
  if (result.has_value()) {
    return ::testing::AssertionFailure() << "succeeded; expected " << codeName(code);
  }
  if (result.error().code() == code) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure()
         << result.error().toString() << "; expected " << codeName(code);
}

// The message of a failure, "" of a success.
template <typename T>
std::string messageOf(const Result<T>& result) {
  return result.has_value() ? "" : result.error().message();
}

}  // namespace cairn::testkit

#define ASSERT_OK(expr) ASSERT_TRUE(::cairn::testkit::isOk(expr))
#define EXPECT_OK(expr) EXPECT_TRUE(::cairn::testkit::isOk(expr))
#define EXPECT_CODE(code, expr) EXPECT_TRUE(::cairn::testkit::failsWith(expr, code))
#define EXPECT_MESSAGE(text, expr) EXPECT_EQ(text, ::cairn::testkit::messageOf(expr))
// `ASSERT_VALUE(auto x, f());`
#define ASSERT_VALUE(lhs, expr) ASSERT_VALUE_(CAIRN_CONCAT(assertResult_, __LINE__), lhs, expr)
#define ASSERT_VALUE_(tmp, lhs, expr)       \
  auto tmp = (expr);                        \
  ASSERT_TRUE(::cairn::testkit::isOk(tmp)); \
  lhs = *::std::move(tmp)
