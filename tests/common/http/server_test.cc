// The server over in-memory pipes and virtual time: good requests, and what bad peers get.
#include "common/http/server.h"

#include <gtest/gtest.h>
#include <kj/debug.h>

#include <vector>

#include "tests/client/fakes/pipe_network.h"
#include "tests/testkit/results.h"

namespace cairn::http {
namespace {

constexpr char ADDRESS[] = "server:80";

std::string get(const std::string& path, const std::string& fields = "") {
  return "GET " + path + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
}

std::string okay(const std::string& body, bool keepAlive = true) {
  return "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: " +
         std::to_string(body.size()) +
         "\r\nCache-Control: no-store\r\nConnection: " + (keepAlive ? "keep-alive" : "close") +
         "\r\n\r\n" + body;
}

class ServerTest : public testing::Test {
public:
  ServerTest() { EXPECT_OK(loop.wait(server.listen(ADDRESS))); }
  ~ServerTest() noexcept override {}

protected:
  kj::Own<kj::AsyncIoStream> connect() { return loop.wait(loop.network.connect(ADDRESS)); }
  void send(kj::AsyncIoStream& peer, const std::string& bytes) {
    loop.wait(peer.write(bytes.data(), bytes.size()));
  }
  // What has come without waiting, `bytesMax` at most.
  std::string received(kj::AsyncIoStream& peer, std::size_t bytesMax = 1 << 20) {
    std::string all(bytesMax, '\0');
    std::size_t got = 0;
    while (got < bytesMax) {
      auto more = peer.tryRead(all.data() + got, 1, bytesMax - got);
      if (!more.poll(loop.waitScope)) break;
      const auto now = more.wait(loop.waitScope);
      if (now == 0) break;
      got += now;
    }
    all.resize(got);
    return all;
  }
  std::string answerTo(const std::string& request) {
    auto peer = connect();
    send(*peer, request);
    return received(*peer);
  }
  // The server has nothing more to say on it.
  bool ended(kj::AsyncIoStream& peer) {
    char byte = 0;
    auto more = peer.tryRead(&byte, 1, 1);
    return more.poll(loop.waitScope) && more.wait(loop.waitScope) == 0;
  }
  void pass(std::uint32_t ms) {
    loop.wait(loop.timer.afterDelay(ms * kj::MILLISECONDS));
    loop.settle();
  }

  client::fakes::TestLoop loop;
  std::vector<std::string> asked;
  Server server{loop.timer, loop.network, "test", [this](std::string_view path) {
                  asked.emplace_back(path);
                  return Response{.body = "page " + std::string(path)};
                }};
};

TEST_F(ServerTest, Get) {
  EXPECT_EQ(answerTo(get("/a?b=c")), okay("page /a"));
  EXPECT_EQ(answerTo(get("/a", "Connection: close\r\n")), okay("page /a", false));
  EXPECT_EQ(answerTo("GET /a HTTP/1.0\r\n\r\n"), okay("page /a", false));
}

// Protects clients that ask how long a page is: the same head as GET's, and no body.
TEST_F(ServerTest, Head) {
  const auto whole = okay("page /a");
  EXPECT_EQ(answerTo("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n"),
            whole.substr(0, whole.size() - std::string("page /a").size()));
}

TEST_F(ServerTest, OtherMethodsAreRefused) {
  auto peer = connect();
  send(*peer, "PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n");
  const auto answer = received(*peer);
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 405 Method Not Allowed\r\n")) << answer;
  EXPECT_NE(answer.find("\r\nAllow: GET, HEAD\r\n"), std::string::npos) << answer;
  EXPECT_NE(answer.find("\r\nConnection: close\r\n"), std::string::npos) << answer;
  EXPECT_TRUE(ended(*peer));
  EXPECT_TRUE(asked.empty());
}

// Protects against bodies that are read as requests.
TEST_F(ServerTest, BodiesAreRefusedAndNotRead) {
  const auto answer = answerTo(get("/a", "Content-Length: 40\r\n") + get("/hidden"));
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 Bad Request\r\n")) << answer;
  EXPECT_EQ(answer.find("/hidden"), std::string::npos) << answer;
  EXPECT_TRUE(asked.empty());
}

TEST_F(ServerTest, WhatFollowsAnUnknownEncodingIsNoRequest) {
  const auto answer = answerTo(get("/a", "Transfer-Encoding: xchunked\r\n") + get("/hidden"));
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 Bad Request\r\n")) << answer;
  EXPECT_TRUE(asked.empty());
}

TEST_F(ServerTest, MalformedRequests) {
  const std::string bad = "HTTP/1.1 400 Bad Request\r\n";
  for (const std::string request : {"nonsense\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "\r\n\r\n"}) {
    auto peer = connect();
    send(*peer, request);
    EXPECT_TRUE(received(*peer).starts_with(bad)) << request;
    EXPECT_TRUE(ended(*peer)) << request;
  }
  EXPECT_TRUE(asked.empty());
}

// Protects whoever speaks TLS or RPC to this port from waiting for an answer.
TEST_F(ServerTest, GarbageIsAnsweredAtOnce) {
  for (const auto& garbage : {std::string("\x16\x03\x01", 3), std::string(100'000, '\0'),
                              std::string("CAIRNRPC\0\1\2", 11)}) {
    auto peer = connect();
    auto sent = peer->write(garbage.data(), garbage.size()).eagerlyEvaluate(nullptr);
    EXPECT_TRUE(received(*peer).starts_with("HTTP/1.1 400 Bad Request\r\n"));
    EXPECT_TRUE(ended(*peer));
  }
  EXPECT_EQ(answerTo(get("/a")), okay("page /a"));
}

// Protects memory: the head of a request is bounded, to the byte.
TEST_F(ServerTest, LongHeads) {
  const auto ofSize = [](std::size_t size) {
    const std::size_t rest = get("/a", "X: \r\n").size();
    return get("/a", "X: " + std::string(size - rest, 'x') + "\r\n");
  };
  EXPECT_EQ(answerTo(ofSize(HEADER_BYTES_MAX)), okay("page /a"));
  auto peer = connect();
  const auto tooLong = ofSize(HEADER_BYTES_MAX + 1);
  auto sent = peer->write(tooLong.data(), tooLong.size()).eagerlyEvaluate(nullptr);
  EXPECT_TRUE(received(*peer).starts_with("HTTP/1.1 431 Request Header Fields Too Large\r\n"));
  EXPECT_TRUE(ended(*peer));
}

// Protects the places of others: a request takes ten seconds at most, however it trickles in.
TEST_F(ServerTest, SlowRequests) {
  auto peer = connect();
  const auto request = get("/a");
  for (std::uint32_t ms = 0; ms + 1'000 < Server::REQUEST_MS; ms += 1'000) {
    send(*peer, request.substr(ms / 1'000, 1));
    pass(1'000);
  }
  EXPECT_EQ(received(*peer), "");
  pass(1'000);
  EXPECT_TRUE(received(*peer).starts_with("HTTP/1.1 408 Request Timeout\r\n"));
  EXPECT_TRUE(ended(*peer));
}

TEST_F(ServerTest, SilentPeersAreDroppedWithoutAWord) {
  auto fresh = connect();
  auto idle = connect();
  send(*idle, get("/a"));
  EXPECT_EQ(received(*idle), okay("page /a"));
  pass(Server::REQUEST_MS - 1);
  EXPECT_EQ(server.connections(), 2U);
  pass(1);
  EXPECT_TRUE(ended(*fresh));
  EXPECT_TRUE(ended(*idle));
  EXPECT_EQ(server.connections(), 0U);
}

// Protects the places of others: who does not read its answer is dropped.
TEST_F(ServerTest, PeersThatDoNotRead) {
  auto peer = connect();
  send(*peer, get("/a"));
  pass(Server::ANSWER_MS - 1);
  EXPECT_EQ(server.connections(), 1U);
  pass(1);
  EXPECT_EQ(server.connections(), 0U);
}

// Protects the places of others: who goes on sending after its last answer is dropped, too.
TEST_F(ServerTest, PeersThatDoNotEnd) {
  auto peer = connect();
  send(*peer, "nonsense\r\n\r\n");
  EXPECT_NE(received(*peer), "");
  for (int i = 0; i < 3 && server.connections() > 0; ++i) {
    send(*peer, "more");
    pass(Server::LINGER_MS / 2);
  }
  EXPECT_EQ(server.connections(), 0U);
}

// Protects clients that do not wait for answers: all come, in order, each once.
TEST_F(ServerTest, PipelinedRequests) {
  auto peer = connect();
  const std::string requests =
      get("/1") + "HEAD /2 HTTP/1.1\r\nHost: a\r\n\r\n" + get("/3") + get("/4");
  // The last one comes in two pieces.
  auto sent = peer->write(requests.data(), requests.size() - 5).eagerlyEvaluate(nullptr);
  const auto two = okay("page /2");
  const auto head = two.substr(0, two.size() - std::string("page /2").size());
  EXPECT_EQ(received(*peer), okay("page /1") + head + okay("page /3"));
  send(*peer, requests.substr(requests.size() - 5));
  EXPECT_EQ(received(*peer), okay("page /4"));
  EXPECT_EQ(asked, (std::vector<std::string>{"/1", "/2", "/3", "/4"}));
}

TEST_F(ServerTest, RequestsOfAConnectionAreBounded) {
  auto peer = connect();
  for (std::uint32_t i = 1; i <= Server::REQUESTS_PER_CONNECTION_MAX; ++i) {
    send(*peer, get("/a"));
    EXPECT_EQ(received(*peer), okay("page /a", i < Server::REQUESTS_PER_CONNECTION_MAX)) << i;
  }
  EXPECT_TRUE(ended(*peer));
}

// Protects the daemon from a crowd: those beyond the limit are closed, the others are served, and
// a place that is free again is given away.
TEST_F(ServerTest, ConnectionsAreBounded) {
  std::vector<kj::Own<kj::AsyncIoStream>> peers;
  for (std::size_t i = 0; i < Server::CONNECTIONS_MAX; ++i) peers.push_back(connect());
  loop.settle();
  EXPECT_EQ(server.connections(), Server::CONNECTIONS_MAX);
  auto tooMany = connect();
  EXPECT_TRUE(ended(*tooMany));
  for (auto& peer : peers) {
    send(*peer, get("/a"));
    EXPECT_EQ(received(*peer), okay("page /a"));
  }
  peers.pop_back();
  loop.settle();
  EXPECT_EQ(answerTo(get("/a")), okay("page /a"));
}

// Protects the others from a peer that vanishes in the middle of anything.
TEST_F(ServerTest, PeersThatVanish) {
  for (const std::string part : {"", "GET", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"}) {
    auto peer = connect();
    send(*peer, part);
    loop.settle();
    peer = nullptr;
    loop.settle();
    EXPECT_EQ(server.connections(), 0U) << part;
  }
  EXPECT_EQ(answerTo(get("/a")), okay("page /a"));
}

TEST_F(ServerTest, AnAddressThatIsTaken) {
  Server second(loop.timer, loop.network, "second", [](std::string_view) { return Response{}; });
  EXPECT_CODE(Code::IN_USE, loop.wait(second.listen(ADDRESS)));
  EXPECT_EQ(second.address(), "");
  EXPECT_EQ(server.address(), ADDRESS);
}

}  // namespace
}  // namespace cairn::http
