#include "common/rpc/client_pool.h"

#include <kj/debug.h>

namespace cairn::rpc {
namespace {

using Handshaken = Result<ServerHello>;

kj::Promise<Handshaken> readServerHello(kj::AsyncIoStream& stream, std::string address) {
  PreambleBytes bytes{};
  CO_ASSIGN(const std::size_t got,
            co_await caught(stream.tryRead(bytes.data(), bytes.size(), bytes.size()), address));
  if (got < bytes.size()) {
    co_return fail(Code::UNAVAILABLE, address + " hung up before it answered");
  }
  CO_ASSIGN(auto hello, decodeServerHello(bytes));
  if (hello.refusal != 0) {
    std::string text(hello.refusalBytes, '\0');
    CO_ASSIGN(const std::size_t length,
              co_await caught(stream.tryRead(text.data(), text.size(), text.size()), address));
    text.resize(length);
    co_return fail(codeFromWire(hello.refusal), address + " refused the connection: " + text);
  }
  co_return hello;
}

}  // namespace

struct ClientPool::Impl final : kj::TaskSet::ErrorHandler {
  struct Link {
    kj::Own<Connection> connection;
    kj::Own<SentBuffers> sentBuffers;
    capnp::Capability::Client object;
    ServerHello server;
    std::uint64_t number;
  };
  struct Opening {
    kj::ForkedPromise<Result<void>> done;
  };

  Impl(Host& host, ClientHello hello, ConnectionLimits limits, std::uint32_t connectMs)
      : host(host), hello(hello), limits(limits), connectMs(connectMs), tasks(*this) {}

  void taskFailed(kj::Exception&&) override {}

  kj::Promise<Result<void>> open(std::string address) {
    auto opened =
        co_await withDeadline(host.timer, connectMs, connect(address), "connecting to " + address);
    openings.erase(address);
    if (!opened.has_value()) co_return fail(std::move(opened).error());
    const std::uint64_t number = opened->number;
    tasks.add(opened->connection->onDisconnect().then([this, address, number]() {
      auto found = links.find(address);
      if (found != links.end() && found->second.number == number) links.erase(found);
    }));
    links.erase(address);
    links.emplace(address, std::move(*opened));
    co_return Result<void>();
  }

  kj::Promise<Result<Link>> connect(std::string address) {
    auto connected = co_await caught(host.network.connect(address), address);
    if (!connected.has_value()) {
      co_return fail(Code::UNAVAILABLE,
                     "cannot connect to " + address + ": " + connected.error().message());
    }
    auto stream = kj::mv(*connected);
    const auto bytes = encode(hello);
    CO_TRY(co_await caught(stream->write(bytes.data(), bytes.size()), address));
    CO_ASSIGN(auto server, co_await readServerHello(*stream, address));
    auto sentBuffers = kj::refcounted<SentBuffers>();
    auto connection = kj::heap<Connection>(kj::mv(stream), Connection::Side::CLIENT, bootstrap,
                                           limits, kj::addRef(*sentBuffers));
    auto object = connection->bootstrap();
    co_return Link{kj::mv(connection), kj::mv(sentBuffers), kj::mv(object), server, ++lastNumber};
  }

  Host& host;
  const ClientHello hello;
  const ConnectionLimits limits;
  const std::uint32_t connectMs;
  capnp::Capability::Client bootstrap = nullptr;
  std::uint64_t lastNumber = 0;
  std::map<std::string, Link> links;
  std::map<std::string, Opening> openings;
  kj::TaskSet tasks;
};

ClientPool::ClientPool(Host& host, ClientHello hello, ConnectionLimits limits,
                       std::uint32_t connectMs)
    : impl_(kj::heap<Impl>(host, hello, limits, connectMs)) {}

ClientPool::~ClientPool() noexcept(false) = default;

kj::Promise<Result<capnp::Capability::Client>> ClientPool::get(std::string address) {
  if (auto found = impl_->links.find(address); found != impl_->links.end()) {
    return Result<capnp::Capability::Client>(found->second.object);
  }
  auto opening = impl_->openings.find(address);
  if (opening == impl_->openings.end()) {
    auto done = kj::evalLater([impl = impl_.get(), address]() { return impl->open(address); });
    opening = impl_->openings.emplace(address, Impl::Opening{done.fork()}).first;
    // Goes on when its callers lose interest: open() must not be dropped by its own last line.
    impl_->tasks.add(opening->second.done.addBranch().ignoreResult());
  }
  return opening->second.done.addBranch().then(
      [impl = impl_.get(), address](Result<void> done) -> Result<capnp::Capability::Client> {
        if (!done.has_value()) return std::unexpected(std::move(done).error());
        auto found = impl->links.find(address);
        if (found == impl->links.end()) {
          return fail(Code::UNAVAILABLE, address + " hung up at once");
        }
        return found->second.object;
      });
}

void ClientPool::drop(const std::string& address) {
  auto found = impl_->links.find(address);
  if (found == impl_->links.end()) return;
  // Calls in flight keep the connection until it ends or they are done with it.
  auto connection = kj::mv(found->second.connection);
  impl_->links.erase(found);
  auto& kept = *connection;
  impl_->tasks.add(kept.onDisconnect().attach(kj::mv(connection)));
}

kj::Maybe<ServerHello> ClientPool::peer(const std::string& address) const {
  auto found = impl_->links.find(address);
  if (found == impl_->links.end()) return nullptr;
  return found->second.server;
}

kj::Maybe<kj::Own<SentBuffers>> ClientPool::sentBuffers(const std::string& address) {
  auto found = impl_->links.find(address);
  if (found == impl_->links.end()) return nullptr;
  return kj::addRef(*found->second.sentBuffers);
}

void ClientPool::setBootstrap(capnp::Capability::Client bootstrap) {
  impl_->bootstrap = kj::mv(bootstrap);
}

}  // namespace cairn::rpc
