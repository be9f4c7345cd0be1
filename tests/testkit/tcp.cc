#include "tests/testkit/tcp.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>

#include "tests/testkit/process.h"

namespace cairn::testkit {

RawPeer::RawPeer(const std::string& address)
    : fd_(::socket(address.starts_with('/') ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const timeval patience{.tv_sec = PATIENCE.count(), .tv_usec = 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  const auto connectTo = [&](const auto& to) {
    EXPECT_EQ(::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof(to)), 0) << address;
  };
  if (address.starts_with('/')) {
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    EXPECT_LT(address.size(), sizeof(to.sun_path));
    address.copy(to.sun_path, sizeof(to.sun_path) - 1);
    connectTo(to);
  } else {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(
        std::strtoul(address.c_str() + address.find(':') + 1, nullptr, 10)));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connectTo(to);
  }
}

RawPeer::~RawPeer() { ::close(fd_); }

void RawPeer::send(const std::string& bytes) {
  for (std::size_t sent = 0; sent < bytes.size();) {
    const auto now = ::send(fd_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (now <= 0) return;
    sent += static_cast<std::size_t>(now);
  }
}

std::string RawPeer::receive() {
  std::string all;
  char piece[4096];
  for (;;) {
    const auto got = ::recv(fd_, piece, sizeof(piece), 0);
    if (got <= 0) return all;
    all.append(piece, static_cast<std::size_t>(got));
  }
}

HttpAnswer httpGet(const std::string& address, const std::string& path, const std::string& method) {
  RawPeer peer(address);
  peer.send(method + " " + path + " HTTP/1.1\r\nHost: " + address +
            "\r\nConnection: close\r\n\r\n");
  const auto all = peer.receive();
  constexpr std::string_view BEGINNING = "HTTP/1.1 ";
  const auto end = all.find("\r\n\r\n");
  if (!all.starts_with(BEGINNING) || end == std::string::npos) return {.body = all};
  return {.status = std::atoi(all.c_str() + BEGINNING.size()),
          .head = all.substr(0, end),
          .body = all.substr(end + 4)};
}

}  // namespace cairn::testkit
