// A plain connection to a port or a socket of this machine, for sending it what no client of ours
// would. Layer: tests/testkit.  Threads: any; blocks.
#pragma once

#include <string>

namespace cairn::testkit {

class RawPeer {
public:
  // `address`: "127.0.0.1:PORT", or the path of a Unix socket. A failed expectation when nobody
  // listens there.
  explicit RawPeer(const std::string& address);
  ~RawPeer();
  RawPeer(const RawPeer&) = delete;
  RawPeer& operator=(const RawPeer&) = delete;

  // As much as the other side takes before it hangs up.
  void send(const std::string& bytes);
  // All that comes until the other side ends, or is silent for PATIENCE.
  std::string receive();

private:
  int fd_ = -1;
};

struct HttpAnswer {
  int status = 0;    // 0: no answer of HTTP
  std::string head;  // status line and fields
  std::string body;
};

// Asks for a page, on a connection of its own.
HttpAnswer httpGet(const std::string& address, const std::string& path,
                   const std::string& method = "GET");

}  // namespace cairn::testkit
