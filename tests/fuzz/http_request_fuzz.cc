// What comes on the port of a daemon's pages, from anybody who reaches it: the end of a head is
// found in the same place whether it comes at once or in two pieces, and what is understood holds
// to what the server relies on.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "common/http/request.h"

namespace cairn::http {
namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void check(std::string_view bytes) {
  const auto end = findHeadEnd(bytes, 0);
  const auto cut = bytes.size() / 2;
  const auto early = findHeadEnd(bytes.substr(0, cut), 0);
  require((early.has_value() ? early : findHeadEnd(bytes, cut)) == end);
  const auto head = bytes.substr(0, end.value_or(bytes.size()));
  const auto request = parseRequest(head);
  if (!request.has_value()) return;
  require(end.has_value());
  require(request->method == Request::Method::OTHER || request->path.starts_with('/'));
  require(request->path.find('?') == std::string::npos);
}

}  // namespace
}  // namespace cairn::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size <= cairn::http::HEADER_BYTES_MAX) {
    cairn::http::check({reinterpret_cast<const char*>(data), size});
  }
  return 0;
}
