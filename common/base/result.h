// What makes Result<T> (status.h) handy: fail(), TRY, ASSIGN. Results are the project's only error
// channel for failures that may happen; exceptions mean a bug or a lost connection.
// Layer: base (std only).
#pragma once

#include <expected>
#include <utility>

#include "common/base/status.h"

namespace cairn {

// `return fail(Code::NOT_FOUND, path + " does not exist");` from any function returning Result<T>.
inline std::unexpected<Status> fail(Code code, std::string message,
                                    std::uint32_t retryAfterMs = 0) {
  return std::unexpected<Status>(std::in_place, code, std::move(message), retryAfterMs);
}
inline std::unexpected<Status> fail(Status status) {
  return std::unexpected<Status>(std::move(status));
}

}  // namespace cairn

#define CAIRN_CONCAT2(a, b) a##b
#define CAIRN_CONCAT(a, b) CAIRN_CONCAT2(a, b)

// Leaves the function with the error if `expr` (a Result) failed; drops its value otherwise.
#define TRY(expr)                                                                 \
  do {                                                                            \
    if (auto tryResult_ = (expr); !tryResult_.has_value()) {                      \
      return ::std::unexpected<::cairn::Status>(::std::move(tryResult_).error()); \
    }                                                                             \
  } while (false)

// `ASSIGN(auto x, f());`: leaves the function with the error, or binds the value.
#define ASSIGN(lhs, expr) CAIRN_ASSIGN_(CAIRN_CONCAT(assignResult_, __LINE__), lhs, expr, return)
#define CAIRN_ASSIGN_(tmp, lhs, expr, leave)                            \
  auto tmp = (expr);                                                    \
  if (!tmp.has_value()) {                                               \
    leave ::std::unexpected<::cairn::Status>(::std::move(tmp).error()); \
  }                                                                     \
  lhs = *::std::move(tmp)

// The same two inside a coroutine that returns kj::Promise<Result<T>>.
#define CO_TRY(expr)                                                                 \
  do {                                                                               \
    if (auto tryResult_ = (expr); !tryResult_.has_value()) {                         \
      co_return ::std::unexpected<::cairn::Status>(::std::move(tryResult_).error()); \
    }                                                                                \
  } while (false)
#define CO_ASSIGN(lhs, expr) \
  CAIRN_ASSIGN_(CAIRN_CONCAT(assignResult_, __LINE__), lhs, expr, co_return)
