// The head of a request: what is understood, and what is not.
#include "common/http/request.h"

#include <gtest/gtest.h>

#include "tests/testkit/results.h"

namespace cairn::http {
namespace {

constexpr std::string_view USUAL = "GET /metrics?job=x HTTP/1.1\r\nHost: nn1:9870\r\n\r\n";

TEST(RequestTest, WhatACommonClientSends) {
  ASSERT_VALUE(const auto request, parseRequest(USUAL));
  EXPECT_EQ(request.method, Request::Method::GET);
  EXPECT_EQ(request.path, "/metrics");
  EXPECT_TRUE(request.keepAlive);
  EXPECT_FALSE(request.hasBody);
}

// Protects the connection's end: HTTP/1.0 closes unless asked, 1.1 keeps unless asked.
TEST(RequestTest, WhoKeepsTheConnection) {
  const auto keeps = [](std::string_view head) {
    const auto request = parseRequest(head);
    EXPECT_OK(request);
    return request.has_value() && request->keepAlive;
  };
  EXPECT_FALSE(keeps("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(keeps("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
}

// Protects later requests of a connection: a body must not be read as one of them.
TEST(RequestTest, SeesThatABodyFollows) {
  const auto hasBody = [](std::string_view field) {
    const auto request =
        parseRequest("GET / HTTP/1.1\r\nHost: a\r\n" + std::string(field) + "\r\n\r\n");
    EXPECT_OK(request);
    return request.has_value() && request->hasBody;
  };
  EXPECT_FALSE(hasBody("Content-Length: 0"));
  EXPECT_TRUE(hasBody("Content-Length: 1"));
  EXPECT_TRUE(hasBody("Content-Length: 99999999999999"));
  EXPECT_TRUE(hasBody("Transfer-Encoding: chunked"));
}

// The parser takes what is encoded in a way that it does not know for a request without a body: its
// bytes would be the connection's next request.
TEST(RequestTest, NoEncodingIsTakenForNoBody) {
  for (const std::string fields : {
           "Transfer-Encoding: gzip",
           "Transfer-Encoding: xchunked",
           "Transfer-Encoding: chunked, gzip",
           "Transfer-Encoding: gzip, chunked",
           "Transfer-Encoding: identity",
           "Transfer-Encoding:",
           "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked",
           "Transfer-Encoding: gzip\r\nContent-Length: 3",
           "Transfer-Encoding: chunked\r\nContent-Length: 3",
           "Content-Length: 3\r\nTransfer-Encoding: chunked",
       }) {
    for (const std::string version : {"1.0", "1.1"}) {
      EXPECT_CODE(Code::INVALID_ARGUMENT,
                  parseRequest("GET / HTTP/" + version + "\r\nHost: a\r\n" + fields + "\r\n\r\n"))
          << fields;
    }
  }
  EXPECT_OK(parseRequest("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:  CHUNKED \r\n\r\n"));
}

TEST(RequestTest, OtherMethodsAreUnderstood) {
  for (const std::string method : {"PUT", "DELETE", "BREW"}) {
    ASSERT_VALUE(const auto request, parseRequest(method + " / HTTP/1.1\r\nHost: a\r\n\r\n"));
    EXPECT_EQ(request.method, Request::Method::OTHER) << method;
  }
  ASSERT_VALUE(const auto options, parseRequest("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_EQ(options.method, Request::Method::OTHER);
}

// Protects against guesses about what a peer may have meant.
TEST(RequestTest, WhatIsNoRequest) {
  for (const std::string head : {
           "\r\n\r\n",
           "GET\r\n\r\n",
           "GET /\r\n\r\n",
           "GET / HTTP/2.0\r\nHost: a\r\n\r\n",
           "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n",
           "GET / HTTP/1.1\r\n\r\n",                        // no host
           "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",  // two
           "GET / HTTP/1.1\r\nHost: a\r\n folded\r\n without: end",
           "GET / HTTP/1.1\r\nHost\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 3\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999999999999999\r\n\r\n",
           "GET metrics HTTP/1.1\r\nHost: a\r\n\r\n",
           "GET / HTTP/1.1\nHost: a\n\n\r\n\r\n",
           "GET / HTTP/1.1\r\nHost: a\r\n",
       }) {
    EXPECT_CODE(Code::INVALID_ARGUMENT, parseRequest(head)) << head;
  }
}

// Protects a head that comes in pieces, wherever it is cut.
TEST(RequestTest, TheEndIsFoundHoweverItArrives) {
  const std::string two = std::string(USUAL) + "GET / HTTP/1.1";
  for (std::size_t cut = 0; cut <= USUAL.size(); ++cut) {
    const auto early = findHeadEnd(std::string_view(two).substr(0, cut), 0);
    EXPECT_EQ(early.has_value(), cut == USUAL.size()) << cut;
    if (!early) EXPECT_EQ(findHeadEnd(two, cut), USUAL.size()) << cut;
  }
}

TEST(RequestTest, OtherProtocolsAreSeenAtOnce) {
  EXPECT_TRUE(isGarbage(std::string("\x16\x03\x01\x02", 4)));
  EXPECT_TRUE(isGarbage(std::string("CAIRNRPC\0\1", 10)));
  EXPECT_FALSE(isGarbage(USUAL));
  EXPECT_FALSE(isGarbage("X-Name:\tM\xc3\xbcller"));
}

}  // namespace
}  // namespace cairn::http
