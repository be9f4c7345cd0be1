#include "common/config/host_port.h"

#include <charconv>

namespace cairn::config {

std::string HostPort::toString() const {
  const bool bare = host.find(':') == std::string::npos;
  return (bare ? host : "[" + host + "]") + ":" + std::to_string(port);
}

bool HostPort::isLoopback() const {
  if (host == "localhost" || host == "::1") return true;
  // 127.0.0.0/8, but not the host name 127.example.org.
  return host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string::npos;
}

bool HostPort::isWildcard() const {
  // "0.0.0.0", "0", "::", "0:0:0:0:0:0:0:0".
  return host == "*" || host.find_first_not_of("0.:") == std::string::npos;
}

Result<HostPort> HostPort::parse(std::string_view text) {
  const auto bad = [&] {
    return fail(Code::INVALID_ARGUMENT,
                "'" + std::string(text) + "' is not host:port, such as 127.0.0.1:8020");
  };
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return bad();
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
    if (host.find(':') == std::string_view::npos) return bad();
  } else if (host.find(':') != std::string_view::npos) {
    return bad();
  }
  if (host.empty() || host.find_first_of(" /[]@") != std::string_view::npos) return bad();
  HostPort result{.host = std::string(host), .port = 0};
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), result.port);
  if (error != std::errc() || end != digits.data() + digits.size()) return bad();
  return result;
}

}  // namespace cairn::config
