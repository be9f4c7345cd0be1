#include "tests/sim/sim_link.h"

#include <kj/debug.h>

#include <algorithm>
#include <cstring>

#include "common/async/coroutine.h"

namespace cairn::sim {
namespace {

kj::Exception disconnected() {
  return KJ_EXCEPTION(DISCONNECTED, "the simulated connection was lost");
}

}  // namespace

class SimLink::Stream final : public kj::AsyncIoStream {
public:
  Stream(kj::Own<SimLink> link, Side side) : link_(kj::mv(link)), side_(side) {}
  ~Stream() noexcept { link_->close(side_); }
  KJ_DISALLOW_COPY(Stream);

  kj::Promise<std::size_t> tryRead(void* buffer, std::size_t minBytes,
                                   std::size_t maxBytes) override {
    return link_->read(side_, static_cast<char*>(buffer), minBytes, maxBytes);
  }
  kj::Promise<void> write(const void* buffer, std::size_t size) override {
    return link_->write(side_, std::string(static_cast<const char*>(buffer), size));
  }
  kj::Promise<void> write(kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>> pieces) override {
    std::string bytes;
    for (auto piece : pieces) {
      bytes.append(reinterpret_cast<const char*>(piece.begin()), piece.size());
    }
    return link_->write(side_, std::move(bytes));
  }
  kj::Promise<void> whenWriteDisconnected() override { return watch(kj::addRef(*link_), side_); }
  void shutdownWrite() override { link_->shutdownWrite(side_); }

private:
  static kj::Promise<void> watch(kj::Own<SimLink> link, Side side) {
    const End& end = link->ends_[side];
    while (!end.broken && !end.peerGone) co_await link->ends_[side].changed.wait();
  }

  kj::Own<SimLink> link_;
  const Side side_;
};

SimLink::SimLink(Weather& weather, Trace& trace, std::uint64_t number, unsigned clientHost,
                 unsigned serverHost, std::size_t bufferBytes)
    : weather_(weather), trace_(trace), number_(number), bufferBytes_(bufferBytes) {
  ends_[CLIENT].host = clientHost;
  ends_[SERVER].host = serverHost;
}

kj::Own<kj::AsyncIoStream> SimLink::stream(Side side) {
  return kj::heap<Stream>(kj::addRef(*this), side);
}

bool SimLink::over() const {
  const auto done = [](const End& end) { return end.closed || end.broken || end.hostDead; };
  return done(ends_[CLIENT]) && done(ends_[SERVER]);
}

kj::Promise<std::size_t> SimLink::read(Side side, char* to, std::size_t minBytes,
                                       std::size_t maxBytes) {
  auto self = kj::addRef(*this);
  End& end = ends_[side];
  std::size_t got = 0;
  while (true) {
    const std::size_t count = std::min(maxBytes - got, end.readable.size() - end.readAt);
    std::memcpy(to + got, end.readable.data() + end.readAt, count);
    end.readAt += count;
    got += count;
    if (end.readAt == end.readable.size()) {
      end.readable.clear();
      end.readAt = 0;
    }
    if (count > 0) {
      end.buffered -= count;
      ends_[other(side)].changed.notify();  // room for the writer
    }
    if (got >= minBytes || end.ended) co_return got;
    if (end.broken) kj::throwFatalException(disconnected());
    co_await end.changed.wait();
  }
}

kj::Promise<void> SimLink::write(Side side, std::string bytes) {
  auto self = kj::addRef(*this);
  End& end = ends_[side];
  End& peer = ends_[other(side)];
  if (bytes.empty()) co_return;
  if (!end.hostDead && !end.broken && weather_.breaksNow(*this, side)) {
    cut(true, kj::Duration(), weather_.latency(*this, side));
  }
  // As with a socket: the call returns when its last byte has found room, not when it has arrived.
  std::size_t at = 0;
  while (at < bytes.size()) {
    if (end.broken || end.peerGone) kj::throwFatalException(disconnected());
    if (end.hostDead || severed_) {  // into the void, until the break is noticed
      co_await end.changed.wait();
      continue;
    }
    const std::size_t room = bufferBytes_ - std::min(bufferBytes_, peer.buffered);
    if (room == 0) {
      co_await end.changed.wait();
      continue;
    }
    const std::size_t count = std::min(room, bytes.size() - at);
    peer.buffered += count;
    send(side, {.arrives = weather_.now(), .bytes = bytes.substr(at, count)});
    at += count;
  }
}

void SimLink::send(Side from, Segment segment) {
  const Side to = other(from);
  End& peer = ends_[to];
  segment.arrives = segment.arrives + weather_.latency(*this, from);
  if (!peer.incoming.empty()) {
    segment.arrives = std::max(segment.arrives, peer.incoming.back().arrives);
  }
  const kj::Duration delay = segment.arrives - weather_.now();
  peer.incoming.push_back(std::move(segment));
  weather_.later(delay, [self = kj::addRef(*this), to]() mutable { self->deliver(to); });
}

void SimLink::deliver(Side to) {
  End& end = ends_[to];
  if (end.broken || end.closed || end.hostDead || weather_.blocked(*this, other(to))) return;
  bool news = false;
  while (!end.incoming.empty() && end.incoming.front().arrives <= weather_.now()) {
    Segment segment = std::move(end.incoming.front());
    end.incoming.pop_front();
    trace_.note("net", "",
                {number_, to, segment.bytes.size(), Trace::hashOf(asBytes(segment.bytes))});
    end.readable += segment.bytes;
    end.ended |= segment.end;
    news = true;
  }
  if (news) end.changed.notify();
}

void SimLink::resume() {
  for (const Side to : {CLIENT, SERVER}) {
    if (ends_[to].incoming.empty()) continue;
    weather_.later(weather_.latency(*this, other(to)),
                   [self = kj::addRef(*this), to]() mutable { self->deliver(to); });
  }
}

void SimLink::shutdownWrite(Side side) {
  End& end = ends_[side];
  if (end.shutdown) return;
  end.shutdown = true;
  if (end.broken || end.hostDead || severed_) return;
  send(side, {.arrives = weather_.now(), .bytes = {}, .end = true});
}

void SimLink::close(Side side) {
  End& end = ends_[side];
  shutdownWrite(side);
  end.closed = true;
  end.incoming.clear();
  if (end.hostDead || severed_) return;
  weather_.later(weather_.latency(*this, side),
                 [self = kj::addRef(*this), peer = other(side)]() mutable {
                   self->ends_[peer].peerGone = true;
                   self->ends_[peer].changed.notify();
                 });
}

void SimLink::breakEnd(Side side) {
  End& end = ends_[side];
  if (end.broken || end.closed) return;
  trace_.note("broken", "", {number_, side});
  end.broken = true;
  end.incoming.clear();
  end.changed.notify();
}

void SimLink::cut(bool loseInFlight, kj::Duration clientNotices, kj::Duration serverNotices) {
  if (severed_) return;
  severed_ = true;
  trace_.note("cut", "", {number_});
  for (const Side side : {CLIENT, SERVER}) {
    if (loseInFlight) ends_[side].incoming.clear();
    weather_.later(side == CLIENT ? clientNotices : serverNotices,
                   [self = kj::addRef(*this), side]() mutable { self->breakEnd(side); });
  }
}

void SimLink::hostDied(Side side, bool loseInFlight, kj::Duration peerNotices) {
  End& end = ends_[side];
  if (end.hostDead) return;
  end.hostDead = true;
  end.incoming.clear();
  severed_ = true;
  if (loseInFlight) ends_[other(side)].incoming.clear();
  weather_.later(peerNotices, [self = kj::addRef(*this), peer = other(side)]() mutable {
    self->breakEnd(peer);
  });
}

}  // namespace cairn::sim
