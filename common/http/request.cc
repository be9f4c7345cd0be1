#include "common/http/request.h"

#include <algorithm>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

namespace cairn::http {
namespace {

namespace beast = boost::beast::http;

constexpr std::string_view HEAD_END = "\r\n\r\n";
constexpr unsigned VERSION_1_1 = 11;

std::unexpected<Status> malformed(const std::string& why) {
  return fail(Code::INVALID_ARGUMENT, "this is no request of HTTP/1.1: " + why);
}

Request::Method methodOf(beast::verb verb) {
  switch (verb) {
    case beast::verb::get: return Request::Method::GET;
    case beast::verb::head: return Request::Method::HEAD;
    default: return Request::Method::OTHER;
  }
}

// Which bytes of the connection are the request's: said once, and in a way that nobody in between
// can read otherwise. The parser takes what it does not know for a request without a body.
Result<void> checkBodyFields(const beast::fields& fields) {
  constexpr std::size_t DIGITS_MAX = 18;
  const auto codings = fields.count(beast::field::transfer_encoding);
  const auto lengths = fields.count(beast::field::content_length);
  if (codings > 0) {
    if (codings > 1 || !boost::beast::iequals(fields[beast::field::transfer_encoding], "chunked")) {
      return malformed("no Transfer-Encoding is known but 'chunked'");
    }
    if (lengths > 0) return malformed("it has both Transfer-Encoding and Content-Length");
  }
  if (lengths > 1) return malformed("it has several Content-Lengths");
  if (lengths == 1) {
    const auto length = fields[beast::field::content_length];
    if (length.empty() || length.size() > DIGITS_MAX ||
        !std::ranges::all_of(length, [](char c) { return c >= '0' && c <= '9'; })) {
      return malformed("its Content-Length is no number");
    }
  }
  return {};
}

}  // namespace

std::optional<std::size_t> findHeadEnd(std::string_view bytes, std::size_t seen) {
  // The empty line may have come in two pieces.
  const auto from = seen - std::min(seen, HEAD_END.size() - 1);
  const auto at = bytes.find(HEAD_END, from);
  if (at == std::string_view::npos) return std::nullopt;
  return at + HEAD_END.size();
}

bool isGarbage(std::string_view bytes) {
  constexpr char FIRST_PRINTABLE = 0x20;
  constexpr char DELETE = 0x7f;
  return std::ranges::any_of(bytes, [](char c) {
    if (c == '\r' || c == '\n' || c == '\t') return false;
    return (c >= 0 && c < FIRST_PRINTABLE) || c == DELETE;
  });
}

Result<Request> parseRequest(std::string_view head) {
  beast::request_parser<beast::empty_body> parser;
  parser.header_limit(HEADER_BYTES_MAX);
  // Bodies are not read; how long they would be does not matter.
  parser.body_limit(UINT64_MAX);
  boost::system::error_code error;
  parser.put(boost::asio::buffer(head.data(), head.size()), error);
  if (!parser.is_header_done()) return malformed(error ? error.message() : "it has no end");
  const auto& message = parser.get();
  TRY(checkBodyFields(message));
  const auto method = methodOf(message.method());
  if (message.version() >= VERSION_1_1 && message.count(beast::field::host) != 1) {
    return malformed("it must name one host");
  }
  const std::string_view target(message.target().data(), message.target().size());
  // Other methods have other targets, but no page either.
  if (method != Request::Method::OTHER && !target.starts_with('/')) {
    return malformed("its target is no path");
  }
  return Request{.method = method,
                 .path = std::string(target.substr(0, target.find('?'))),
                 .keepAlive = parser.keep_alive(),
                 .hasBody = parser.chunked() || parser.content_length().value_or(0) > 0};
}

}  // namespace cairn::http
