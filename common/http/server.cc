#include "common/http/server.h"

#include <kj/debug.h>

#include <algorithm>
#include <array>
#include <utility>

#include "common/log/log.h"

namespace cairn::http {
namespace {

// What came on a connection and is not answered yet.
struct Input {
  std::array<char, HEADER_BYTES_MAX> bytes;
  std::size_t size = 0;

  std::string_view view() const { return {bytes.data(), size}; }
  void drop(std::size_t count) {
    std::copy(bytes.begin() + count, bytes.begin() + size, bytes.begin());
    size -= count;
  }
};

enum class Arrival : std::uint8_t { HEAD, END, SLOW, TOO_LARGE, GARBAGE };

struct Arrived {
  Arrival what = Arrival::END;
  std::size_t headBytes = 0;  // of a HEAD
};

kj::Promise<Arrived> readHead(kj::AsyncIoStream& stream, Input& input) {
  std::size_t seen = 0;
  while (true) {
    const auto end = findHeadEnd(input.view(), seen);
    if (isGarbage(input.view().substr(seen, end.value_or(input.size) - seen))) {
      co_return Arrived{.what = Arrival::GARBAGE};
    }
    if (end.has_value()) co_return Arrived{.what = Arrival::HEAD, .headBytes = *end};
    if (input.size == input.bytes.size()) co_return Arrived{.what = Arrival::TOO_LARGE};
    seen = input.size;
    const auto got =
        co_await stream.tryRead(input.bytes.data() + seen, 1, input.bytes.size() - seen);
    if (got == 0) co_return Arrived{.what = Arrival::END};
    input.size += got;
  }
}

kj::Promise<void> readToEnd(kj::AsyncIoStream& stream, std::size_t bytesMax) {
  std::array<char, 4096> ignored;
  for (std::size_t got = 1, total = 0; got > 0 && total < bytesMax; total += got) {
    got = co_await stream.tryRead(ignored.data(), 1, ignored.size());
  }
}

Response refusal(StatusCode status, const std::string& why) {
  return {.status = status, .body = why + "\n"};
}

struct Answer {
  Response response;
  bool keepAlive = false;
  bool withBody = true;
};

}  // namespace

struct Server::Impl final : kj::TaskSet::ErrorHandler {
  Impl(kj::Timer& timer, rpc::Network& network, std::string name, Handler handler)
      : timer(timer),
        network(network),
        name(std::move(name)),
        handler(kj::mv(handler)),
        tasks(*this) {}

  void taskFailed(kj::Exception&& exception) override {
    // A peer that vanished is everyday business.
    if (exception.getType() != kj::Exception::Type::DISCONNECTED) {
      LOG(WARNING) << name << ": an HTTP connection ended: " << exception.getDescription().cStr();
    }
  }

  kj::Promise<void> acceptLoop() {
    while (true) {
      auto stream = co_await listener->accept();
      if (open >= CONNECTIONS_MAX) {
        LOG_EVERY_N(WARNING, 100) << name << ": refuses HTTP connections: " << open
                                  << " are open, which is the limit";
        continue;  // closes it
      }
      tasks.add(serve(kj::mv(stream)));
    }
  }

  kj::Promise<void> serve(kj::Own<kj::AsyncIoStream> stream) {
    ++open;
    KJ_DEFER(--open);
    Input input;
    for (std::uint32_t left = REQUESTS_PER_CONNECTION_MAX; left > 0; --left) {
      const auto arrived =
          co_await readHead(*stream, input)
              .exclusiveJoin(timer.afterDelay(REQUEST_MS * kj::MILLISECONDS).then([]() {
                return Arrived{Arrival::SLOW};
              }));
      // A peer that is done, or was about to ask nothing more.
      if (arrived.what == Arrival::END) co_return;
      if (arrived.what == Arrival::SLOW && input.size == 0) co_return;
      const auto answer = answerTo(arrived, input, left > 1);
      const auto bytes = toBytes(answer.response, answer.keepAlive, answer.withBody);
      if (!co_await within(ANSWER_MS, stream->write(bytes.data(), bytes.size()))) co_return;
      if (!answer.keepAlive) break;
      input.drop(arrived.headBytes);
    }
    stream->shutdownWrite();
    co_await within(LINGER_MS, readToEnd(*stream, LINGER_BYTES_MAX));
  }

  Answer answerTo(const Arrived& arrived, const Input& input, bool moreAllowed) {
    switch (arrived.what) {
      case Arrival::END:
      case Arrival::SLOW:
        return {refusal(StatusCode::REQUEST_TIMEOUT, "The request did not arrive within " +
                                                         std::to_string(REQUEST_MS) + " ms.")};
      case Arrival::TOO_LARGE:
        return {refusal(
            StatusCode::HEADERS_TOO_LARGE,
            "The head of a request may have " + std::to_string(HEADER_BYTES_MAX) + " bytes.")};
      case Arrival::GARBAGE: return {refusal(StatusCode::BAD_REQUEST, "This port speaks HTTP.")};
      case Arrival::HEAD: break;
    }
    const auto request = parseRequest(input.view().substr(0, arrived.headBytes));
    if (!request.has_value()) {
      return {refusal(StatusCode::BAD_REQUEST, request.error().message())};
    }
    if (request->method == Request::Method::OTHER) {
      return {refusal(StatusCode::METHOD_NOT_ALLOWED, "Pages can be read, with GET or HEAD.")};
    }
    if (request->hasBody) {
      return {refusal(StatusCode::BAD_REQUEST, "No page takes a request with a body.")};
    }
    return {.response = handler(request->path),
            .keepAlive = request->keepAlive && moreAllowed,
            .withBody = request->method == Request::Method::GET};
  }

  // Whether it was done in that time; it is dropped otherwise.
  kj::Promise<bool> within(std::uint32_t ms, kj::Promise<void> work) {
    return work.then([]() { return true; })
        .exclusiveJoin(timer.afterDelay(ms * kj::MILLISECONDS).then([]() { return false; }));
  }

  kj::Timer& timer;
  rpc::Network& network;
  const std::string name;
  Handler handler;
  kj::Own<rpc::Listener> listener;
  std::size_t open = 0;
  kj::TaskSet tasks;  // the accept loop and every connection; last: dies first
};

Server::Server(kj::Timer& timer, rpc::Network& network, std::string name, Handler handler)
    : impl_(kj::heap<Impl>(timer, network, std::move(name), kj::mv(handler))) {}

Server::~Server() noexcept(false) = default;

kj::Promise<Result<void>> Server::listen(std::string address) {
  CO_ASSIGN(impl_->listener, co_await impl_->network.listen(std::move(address)));
  impl_->tasks.add(impl_->acceptLoop());
  co_return Result<void>();
}

std::string Server::address() const {
  return impl_->listener.get() == nullptr ? std::string() : impl_->listener->address();
}

std::size_t Server::connections() const { return impl_->open; }

}  // namespace cairn::http
