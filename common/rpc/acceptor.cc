#include "common/rpc/acceptor.h"

#include <fcntl.h>
#include <kj/debug.h>

#include <map>

#include "common/log/log.h"
#include "common/rpc/convert.h"

namespace cairn::rpc {
namespace {

constexpr std::size_t REFUSAL_TEXT_MAX = 4096;

// The socket below the stream, which may be closed then. Throws for a stream that is none, and when
// there are no descriptors left.
kj::AutoCloseFd duplicate(kj::AsyncIoStream& stream) {
  const int fd = KJ_REQUIRE_NONNULL(stream.getFd(), "only sockets can be served elsewhere");
  int copy = -1;
  KJ_SYSCALL(copy = ::fcntl(fd, F_DUPFD_CLOEXEC, 0));
  return kj::AutoCloseFd(copy);
}

}  // namespace

struct Acceptor::Impl final : kj::TaskSet::ErrorHandler {
  Impl(Host& host, std::string name, AcceptorOptions options, kj::Function<Identity()> identity,
       Factory factory)
      : host(host),
        name(std::move(name)),
        options(options),
        identity(kj::mv(identity)),
        factory(kj::mv(factory)),
        connections(host.metrics.gauge("cairn_rpc_connections",
                                       "Connections that are open, by who serves them",
                                       {{"server", this->name}})),
        refused(host.metrics.counter("cairn_rpc_connections_refused_total",
                                     "Connections refused because too many were open",
                                     {{"server", this->name}})),
        tasks(kj::heap<kj::TaskSet>(*this)) {}

  void taskFailed(kj::Exception&& exception) override {
    // A peer that vanished is everyday business.
    if (exception.getType() != kj::Exception::Type::DISCONNECTED) {
      LOG(WARNING) << name << ": a connection ended: " << exception.getDescription().cStr();
    }
  }

  kj::Promise<void> acceptLoop() {
    while (true) {
      auto stream = co_await listener->accept();
      if (open >= options.connectionsMax) {
        LOG_EVERY_N(WARNING, 100) << name << ": refuses connections: " << open
                                  << " are open, which is the limit";
        refused.add();
        continue;  // closes it
      }
      tasks->add(serve(kj::mv(stream)));
    }
  }

  kj::Promise<void> serve(kj::Own<kj::AsyncIoStream> stream) {
    ++open;
    connections.add();
    KJ_DEFER({
      --open;
      connections.sub();
    });
    auto hello = co_await handshake(*stream).exclusiveJoin(
        host.timer.afterDelay(options.handshakeMs * kj::MILLISECONDS)
            .then([]() -> Result<ClientHello> {
              return fail(Code::TIMED_OUT, "the peer said nothing");
            }));
    if (!hello.has_value()) {
      // Silence and hang-ups are no news; anything else is worth a line.
      if (hello.error().code() != Code::UNAVAILABLE) {
        LOG(WARNING) << name << ": turned a connection away: " << hello.error().message();
      }
      if (hello.error().code() == Code::UNSUPPORTED_VERSION) {
        co_await refuse(*stream, hello.error());
      }
      co_return;
    }
    const Identity self = identity();
    auto sentBuffers = kj::refcounted<SentBuffers>();
    auto received = kj::refcounted<ReceivedMessages>();
    Result<void> checked = checkIdentity(self, *hello);
    Result<Served> served = checked.has_value()
                                ? factory(PeerInfo{*hello, peerAddress(*stream),
                                                   kj::addRef(*sentBuffers), kj::addRef(*received)})
                                : Result<Served>(std::unexpected(checked.error()));
    if (!served.has_value()) {
      co_await refuse(*stream, served.error());
      co_return;
    }
    const auto welcome = encode(ServerHello{0, 0, self.cluster, self.epoch, self.process});
    co_await stream->write(welcome.data(), welcome.size());
    KJ_IF_MAYBE (elsewhere, served->elsewhere) {
      // The peer has sent its preamble, all of which has been read; what follows is for the other.
      auto socket = duplicate(*stream);
      stream = nullptr;
      co_await (*elsewhere)(kj::mv(socket));
      co_return;
    }
    Connection connection(kj::mv(stream), Connection::Side::SERVER, kj::mv(served->object),
                          options.connection, kj::mv(sentBuffers), kj::mv(received));
    co_await connection.onDisconnect();
  }

  static kj::Promise<Result<ClientHello>> handshake(kj::AsyncIoStream& stream) {
    PreambleBytes bytes{};
    // Garbage is recognised by its first bytes, however few the peer sends.
    constexpr std::size_t MAGIC_BYTES = 8;
    std::size_t got = co_await stream.tryRead(bytes.data(), MAGIC_BYTES, bytes.size());
    if (got >= MAGIC_BYTES && got < bytes.size() && bytes[0] == 'C') {
      got += co_await stream.tryRead(bytes.data() + got, bytes.size() - got, bytes.size() - got);
    }
    if (got < bytes.size() && (got < MAGIC_BYTES || bytes[0] == 'C')) {
      co_return fail(Code::UNAVAILABLE, "the peer hung up");
    }
    co_return decodeClientHello(bytes);
  }

  static Result<void> checkIdentity(const Identity& self, const ClientHello& hello) {
    if (hello.authentication != 0) {
      return fail(Code::UNSUPPORTED, "authentication " + std::to_string(hello.authentication) +
                                         " is not supported by this server");
    }
    if (!hello.cluster.isNil() && self.cluster.isNil()) {
      return fail(Code::UNAVAILABLE, "this server has not learned yet which cluster it belongs to");
    }
    if (!hello.cluster.isNil() && hello.cluster != self.cluster) {
      return fail(Code::WRONG_CLUSTER, "this server belongs to cluster " + self.cluster.toString() +
                                           ", the caller to " + hello.cluster.toString());
    }
    return {};
  }

  kj::Promise<void> refuse(kj::AsyncIoStream& stream, const Status& why) {
    const Identity self = identity();
    const std::string text = why.message().substr(0, REFUSAL_TEXT_MAX);
    const auto bytes = encode(ServerHello{static_cast<std::uint16_t>(why.code()),
                                          static_cast<std::uint16_t>(text.size()), self.cluster,
                                          self.epoch, self.process});
    std::string reply(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    reply += text;
    co_await stream.write(reply.data(), reply.size());
    stream.shutdownWrite();
  }

  Host& host;
  const std::string name;
  const AcceptorOptions options;
  kj::Function<Identity()> identity;
  Factory factory;
  kj::Own<Listener> listener;
  std::size_t open = 0;
  metrics::Gauge& connections;
  metrics::Counter& refused;
  kj::Own<kj::TaskSet> tasks;  // the accept loop and every connection; last: dies first
};

Acceptor::Acceptor(Host& host, std::string name, AcceptorOptions options,
                   kj::Function<Identity()> identity, Factory factory)
    : impl_(kj::heap<Impl>(host, std::move(name), options, kj::mv(identity), kj::mv(factory))) {}

Acceptor::~Acceptor() noexcept(false) = default;

kj::Promise<Result<void>> Acceptor::listen(std::string address) {
  CO_ASSIGN(impl_->listener, co_await impl_->host.network.listen(std::move(address)));
  impl_->tasks->add(impl_->acceptLoop());
  co_return Result<void>();
}

std::string Acceptor::address() const {
  return impl_->listener.get() == nullptr ? std::string() : impl_->listener->address();
}

void Acceptor::close() {
  impl_->tasks = kj::heap<kj::TaskSet>(*impl_);
  impl_->listener = nullptr;
}

std::size_t Acceptor::connections() const { return impl_->open; }

}  // namespace cairn::rpc
