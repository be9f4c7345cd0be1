#include "common/http/response.h"

namespace cairn::http {
namespace {

std::string_view reasonOf(StatusCode status) {
  switch (status) {
    case StatusCode::OK: return "OK";
    case StatusCode::BAD_REQUEST: return "Bad Request";
    case StatusCode::NOT_FOUND: return "Not Found";
    case StatusCode::METHOD_NOT_ALLOWED: return "Method Not Allowed";
    case StatusCode::REQUEST_TIMEOUT: return "Request Timeout";
    case StatusCode::HEADERS_TOO_LARGE: return "Request Header Fields Too Large";
    case StatusCode::SERVICE_UNAVAILABLE: return "Service Unavailable";
  }
  return "";
}

}  // namespace

std::string toBytes(const Response& response, bool keepAlive, bool withBody) {
  std::string bytes = "HTTP/1.1 " + std::to_string(static_cast<unsigned>(response.status)) + " ";
  bytes += reasonOf(response.status);
  bytes += "\r\nContent-Type: " + response.contentType;
  bytes += "\r\nContent-Length: " + std::to_string(response.body.size());
  bytes += "\r\nCache-Control: no-store";
  if (response.status == StatusCode::METHOD_NOT_ALLOWED) bytes += "\r\nAllow: GET, HEAD";
  bytes += keepAlive ? "\r\nConnection: keep-alive" : "\r\nConnection: close";
  bytes += "\r\n\r\n";
  if (withBody) bytes += response.body;
  return bytes;
}

}  // namespace cairn::http
