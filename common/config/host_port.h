// "host:port" as a value.
// Layer: config (std only).  Resolves nothing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace cairn::config {

struct HostPort {
  std::string host;  // a name, an IPv4 address, or an IPv6 address without its brackets
  std::uint16_t port = 0;

  bool operator==(const HostPort&) const = default;
  // "nn1:8020", "[::1]:8020".
  std::string toString() const;
  // Whether only this machine can reach it: localhost, 127.0.0.0/8, ::1. Any other name counts as
  // reachable from outside, whatever it resolves to.
  bool isLoopback() const;
  // Whether it stands for all addresses of a machine, so that nobody can be told to connect to it.
  bool isWildcard() const;
  // INVALID_ARGUMENT with an example unless it is host:port with a port of 0 to 65535.
  static Result<HostPort> parse(std::string_view text);
};

}  // namespace cairn::config
