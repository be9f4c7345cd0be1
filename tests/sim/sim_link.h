// One simulated connection: two bounded pipes whose bytes take time, and the ways in which it ends.
// Layer: tests/sim.  Threads: one event loop.  Ownership: shared by its two streams, the network
// and the deliveries under way.
//
// What an end may see, as with TCP: all bytes sent, in order; a prefix of them and then an end of
// the stream (the peer closed) or a DISCONNECTED error (the link was cut); or silence.
#pragma once

#include <kj/async-io.h>
#include <kj/function.h>
#include <kj/refcount.h>
#include <kj/timer.h>

#include <cstdint>
#include <deque>
#include <string>

#include "tests/sim/trace.h"
#include "tests/sim/wakeup.h"

namespace cairn::sim {

class SimLink final : public kj::Refcounted {
public:
  enum Side : unsigned { CLIENT = 0, SERVER = 1 };
  static Side other(Side side) { return side == CLIENT ? SERVER : CLIENT; }

  // What the network decides about a link while it lives.
  class Weather {
  public:
    virtual ~Weather() = default;
    // How long the next bytes from this side travel.
    virtual kj::Duration latency(const SimLink& link, Side from) = 0;
    // True: nothing sent from this side arrives now. resume() when that has changed.
    virtual bool blocked(const SimLink& link, Side from) = 0;
    // True: the link breaks as this side writes.
    virtual bool breaksNow(const SimLink& link, Side from) = 0;
    // Runs `action` after `delay`, whatever becomes of the link's ends.
    virtual void later(kj::Duration delay, kj::Function<void()> action) = 0;
    virtual kj::TimePoint now() = 0;
  };

  // `weather` and `trace` outlive the link; hosts are the network's numbers.
  SimLink(Weather& weather, Trace& trace, std::uint64_t number, unsigned clientHost,
          unsigned serverHost, std::size_t bufferBytes);

  kj::Own<kj::AsyncIoStream> stream(Side side);
  unsigned host(Side side) const { return ends_[side].host; }
  std::uint64_t number() const { return number_; }

  // Both ends break, each after its own time; bytes on the way arrive until then, or not at all.
  void cut(bool loseInFlight, kj::Duration clientNotices, kj::Duration serverNotices);
  // This side's host is no more: it neither sends nor hears. The other end breaks as by cut().
  void hostDied(Side side, bool loseInFlight, kj::Duration peerNotices);
  // Bytes held up by blocked() may go on.
  void resume();
  // Both streams are gone, or both ends broken.
  bool over() const;

private:
  class Stream;
  struct Segment {
    kj::TimePoint arrives;
    std::string bytes;
    bool end = false;  // of the stream
  };
  // What belongs to one end: its incoming bytes and its state.
  struct End {
    unsigned host = 0;
    std::deque<Segment> incoming;  // on their way to this end, in order
    std::size_t buffered = 0;      // bytes in `incoming` and `readable`
    std::string readable;
    std::size_t readAt = 0;  // into `readable`
    bool ended = false;      // the peer's end of stream has arrived
    bool shutdown = false;   // this end writes no more
    bool closed = false;     // its stream was destroyed
    bool broken = false;     // it knows that the link is cut
    bool peerGone = false;   // it knows that nobody reads what it writes
    bool hostDead = false;
    Wakeup changed;
  };

  kj::Promise<std::size_t> read(Side side, char* to, std::size_t minBytes, std::size_t maxBytes);
  kj::Promise<void> write(Side side, std::string bytes);
  void send(Side from, Segment segment);
  void deliver(Side to);
  void shutdownWrite(Side side);
  void close(Side side);
  void breakEnd(Side side);

  Weather& weather_;
  Trace& trace_;
  const std::uint64_t number_;
  const std::size_t bufferBytes_;
  End ends_[2];
  bool severed_ = false;  // nothing sent from now on arrives
};

}  // namespace cairn::sim
