// Serves GET and HEAD of HTTP/1.1 (and 1.0) on a listening address: for pages that people and
// monitoring read, not for data.
// Layer: http.  Threads: one event loop.  Bad input (garbage, silence, endless headers, too many
// connections) costs the peer its connection and nobody else anything. No authentication: whoever
// reaches the address reads the pages.
//
// Requests of one connection are answered one after the other, also those that came together. A
// request that is refused ends its connection: what follows on it may be the refused one's body.
#pragma once

#include <kj/function.h>
#include <kj/timer.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/async/coroutine.h"
#include "common/base/result.h"
#include "common/http/request.h"
#include "common/http/response.h"
#include "common/rpc/network.h"

namespace cairn::http {

class Server {
public:
  // Of connections open at a time; more are closed at once.
  static constexpr std::size_t CONNECTIONS_MAX = 64;
  static constexpr std::uint32_t REQUESTS_PER_CONNECTION_MAX = 100;
  // For a request to arrive whole, from the connection's begin or the last answer.
  static constexpr std::uint32_t REQUEST_MS = 10'000;
  // For the peer to take an answer.
  static constexpr std::uint32_t ANSWER_MS = 10'000;
  // After a last answer, for what the peer still sends: a socket that is closed with bytes unread
  // takes back what was sent to the peer.
  static constexpr std::uint32_t LINGER_MS = 1'000;
  static constexpr std::size_t LINGER_BYTES_MAX = 1 << 20;

  // What a path shows. Must not block the loop.
  using Handler = kj::Function<Response(std::string_view path)>;

  // Does not listen yet. `timer` and `network` outlive it. `name`: of the daemon, for the log.
  Server(kj::Timer& timer, rpc::Network& network, std::string name, Handler handler);
  // Drops all connections at once.
  ~Server() noexcept(false);
  KJ_DISALLOW_COPY(Server);

  // Binds and starts serving; once. Errors of Network::listen.
  kj::Promise<Result<void>> listen(std::string address);
  // "127.0.0.1:9870"; empty before listen().
  std::string address() const;
  std::size_t connections() const;

private:
  struct Impl;
  kj::Own<Impl> impl_;
};

}  // namespace cairn::http
