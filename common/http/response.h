// What a page answers, and its form on the wire.
// Layer: http (pure).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cairn::http {

inline constexpr std::string_view PLAIN_TEXT = "text/plain; charset=utf-8";

enum class StatusCode : std::uint16_t {
  OK = 200,
  BAD_REQUEST = 400,
  NOT_FOUND = 404,
  METHOD_NOT_ALLOWED = 405,
  REQUEST_TIMEOUT = 408,
  HEADERS_TOO_LARGE = 431,
  SERVICE_UNAVAILABLE = 503,
};

struct Response {
  StatusCode status = StatusCode::OK;
  std::string body;
  std::string contentType = std::string(PLAIN_TEXT);
};

// The bytes of the response. `keepAlive`: the server takes another request after it. `withBody`:
// false for HEAD, which gets the same head as GET and nothing behind it.
std::string toBytes(const Response& response, bool keepAlive, bool withBody);

}  // namespace cairn::http
