// Real sockets behind the Network interface.
#include <kj/debug.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <string>
#include <string_view>

#include "common/async/coroutine.h"
#include "common/log/log.h"
#include "common/rpc/convert.h"
#include "common/rpc/network.h"

namespace cairn::rpc {
namespace {

// Pause after a failed accept: EMFILE does not go away by asking again at once.
constexpr auto ACCEPT_PAUSE = 100 * kj::MILLISECONDS;

// A peer that takes nothing, or whose machine is gone without a word, is dropped after this long.
// Unread messages take memory, and what it had opened stays open.
constexpr int SILENT_PEER_MS = 60'000;
// An idle connection is probed: a peer that lives answers.
constexpr int PROBE_AFTER_S = 60;
constexpr int PROBE_EVERY_S = 15;

// Within a host there is nothing to control: a peer reads, or does not. The usual choice may cost
// more than the bytes do (bbr paces them by timers). This one is always there and always allowed.
constexpr std::string_view HOST_CONGESTION_CONTROL = "reno";

// The address alone, without the port; empty when it is of no kind that is known here.
std::string hostOf(const sockaddr_storage& address) {
  const auto bytes = [](const auto& host) {
    return std::string(reinterpret_cast<const char*>(&host), sizeof host);
  };
  if (address.ss_family == AF_INET) {
    return bytes(reinterpret_cast<const sockaddr_in&>(address).sin_addr);
  }
  if (address.ss_family == AF_INET6) {
    return bytes(reinterpret_cast<const sockaddr_in6&>(address).sin6_addr);
  }
  return {};
}

// Whether both ends have one address, so that nothing leaves the host.
bool staysOnHost(kj::AsyncIoStream& stream) {
  sockaddr_storage here{};
  sockaddr_storage there{};
  kj::uint size = sizeof here;
  stream.getsockname(reinterpret_cast<sockaddr*>(&here), &size);
  size = sizeof there;
  stream.getpeername(reinterpret_cast<sockaddr*>(&there), &size);
  const auto host = hostOf(here);
  return !host.empty() && host == hostOf(there);
}

void setOptions(kj::AsyncIoStream& stream) {
  // These fail on Unix sockets, which do not delay, and know when the other end is gone.
  kj::runCatchingExceptions([&]() {
    const auto set = [&](int level, int option, int value) {
      stream.setsockopt(level, option, &value, sizeof value);
    };
    set(IPPROTO_TCP, TCP_NODELAY, 1);
    set(IPPROTO_TCP, TCP_USER_TIMEOUT, SILENT_PEER_MS);
    set(SOL_SOCKET, SO_KEEPALIVE, 1);
    set(IPPROTO_TCP, TCP_KEEPIDLE, PROBE_AFTER_S);
    set(IPPROTO_TCP, TCP_KEEPINTVL, PROBE_EVERY_S);
    // Last, for it may be forbidden.
    if (staysOnHost(stream)) {
      stream.setsockopt(IPPROTO_TCP, TCP_CONGESTION, HOST_CONGESTION_CONTROL.data(),
                        HOST_CONGESTION_CONTROL.size());
    }
  });
}

class SocketListener final : public Listener {
public:
  SocketListener(kj::Own<kj::ConnectionReceiver> receiver, kj::Timer& timer, std::string address)
      : receiver_(kj::mv(receiver)), timer_(timer), address_(std::move(address)) {}

  kj::Promise<kj::Own<kj::AsyncIoStream>> accept() override {
    while (true) {
      auto result = co_await caught(receiver_->accept(), "accepting a connection");
      if (result.has_value()) {
        setOptions(**result);
        co_return kj::mv(*result);
      }
      LOG(WARNING) << address_ << ": " << result.error().message();
      co_await timer_.afterDelay(ACCEPT_PAUSE);
    }
  }
  std::string address() const override { return address_; }

private:
  kj::Own<kj::ConnectionReceiver> receiver_;
  kj::Timer& timer_;
  std::string address_;
};

class SocketNetwork final : public Network {
public:
  explicit SocketNetwork(kj::AsyncIoContext& io)
      : network_(io.provider->getNetwork()), timer_(io.provider->getTimer()) {}

  kj::Promise<kj::Own<kj::AsyncIoStream>> connect(std::string address) override {
    auto parsed = co_await network_.parseAddress(address.c_str());
    auto stream = co_await parsed->connect();
    setOptions(*stream);
    co_return kj::mv(stream);
  }

  kj::Promise<Result<kj::Own<Listener>>> listen(std::string address) override {
    CO_ASSIGN(auto parsed, co_await caught(network_.parseAddress(address.c_str()), address));
    kj::Maybe<kj::Own<kj::ConnectionReceiver>> receiver;
    KJ_IF_MAYBE (exception, kj::runCatchingExceptions([&]() { receiver = parsed->listen(); })) {
      const std::string_view text = exception->getDescription().cStr();
      if (text.find("already in use") != std::string_view::npos) {
        co_return fail(
            Code::IN_USE,
            "address " + address + " is taken by another process; stop it or choose another port");
      }
      co_return fail(Code::INVALID_ARGUMENT,
                     "cannot listen on " + address + ": " + std::string(text));
    }
    auto& bound = *KJ_ASSERT_NONNULL(receiver);
    std::string actual = address;
    if (!address.starts_with("unix:")) {
      const auto colon = address.rfind(':');
      actual = address.substr(0, colon) + ":" + std::to_string(bound.getPort());
    }
    co_return kj::Own<Listener>(
        kj::heap<SocketListener>(kj::mv(KJ_ASSERT_NONNULL(receiver)), timer_, actual));
  }

private:
  kj::Network& network_;
  kj::Timer& timer_;
};

}  // namespace

kj::Own<Network> newSocketNetwork(kj::AsyncIoContext& io) { return kj::heap<SocketNetwork>(io); }

}  // namespace cairn::rpc
