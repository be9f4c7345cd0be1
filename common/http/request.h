// The head of an HTTP/1 request: request line and header fields, up to the empty line.
// Layer: http (pure).  Input comes from anybody who reaches the port.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace cairn::http {

// Request line and fields together; more is refused.
inline constexpr std::size_t HEADER_BYTES_MAX = 8 << 10;

struct Request {
  enum class Method : std::uint8_t { GET, HEAD, OTHER };

  Method method = Method::OTHER;
  std::string path;        // begins with '/'; without the query, escapes as they came
  bool keepAlive = false;  // the client may send another one on this connection
  bool hasBody = false;    // bytes follow that belong to it
};

// Bytes of the first head in `bytes`, its empty line included; nothing when that has not come.
// `seen`: so many bytes were looked at before, without success.
std::optional<std::size_t> findHeadEnd(std::string_view bytes, std::size_t seen);

// Whether these bytes of a head can stand in none: control characters, with which TLS and other
// protocols begin. So whoever speaks one of those hears at once that he is wrong here.
bool isGarbage(std::string_view bytes);

// `head`: as findHeadEnd() measures it. INVALID_ARGUMENT, with what is wrong, when it is no head of
// HTTP/1.0 or 1.1, or names no path of this server.
Result<Request> parseRequest(std::string_view head);

}  // namespace cairn::http
