#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "common/rpc/network.h"

namespace cairn::rpc {

std::string peerAddress(kj::AsyncIoStream& stream) {
  sockaddr_storage peer{};
  kj::uint length = sizeof peer;
  auto* const address = reinterpret_cast<sockaddr*>(&peer);
  // Streams that are no sockets have no such thing.
  auto none = kj::runCatchingExceptions([&]() { stream.getpeername(address, &length); });
  if (none != nullptr || length == 0) return {};
  char host[INET6_ADDRSTRLEN] = {};
  if (peer.ss_family == AF_INET) {
    const auto& ip = reinterpret_cast<const sockaddr_in&>(peer);
    ::inet_ntop(AF_INET, &ip.sin_addr, host, sizeof host);
    return std::string(host) + ":" + std::to_string(ntohs(ip.sin_port));
  }
  if (peer.ss_family != AF_INET6) return {};
  const auto& ip = reinterpret_cast<const sockaddr_in6&>(peer);
  const std::string port = ":" + std::to_string(ntohs(ip.sin6_port));
  if (IN6_IS_ADDR_V4MAPPED(&ip.sin6_addr)) {
    constexpr std::size_t MAPPED_AT = 12;
    ::inet_ntop(AF_INET, ip.sin6_addr.s6_addr + MAPPED_AT, host, sizeof host);
    return host + port;
  }
  ::inet_ntop(AF_INET6, &ip.sin6_addr, host, sizeof host);
  return "[" + std::string(host) + "]" + port;
}

}  // namespace cairn::rpc
