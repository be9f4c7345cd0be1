// Rates of calls with many in flight.
// Layer: client/cairn.  Threads: one event loop.
#pragma once

#include <kj/async.h>

#include <chrono>
#include <cstdint>

namespace cairn::app {

// One of the loops that keep calls in flight: sends the next when the last is answered.
template <typename Func>
kj::Promise<void> callInTurn(std::uint64_t& next, std::uint64_t end, Func& send) {
  if (next >= end) return kj::READY_NOW;
  return send(next++).then([&next, end, &send]() { return callInTurn(next, end, send); });
}

// Makes `calls` calls of `send(number)`, a function that gives a promise, `inFlight` at a time, and
// returns how many were answered a second. The first that fails ends it with its exception.
template <typename Func>
double callsPerSecond(kj::WaitScope& scope, std::uint64_t calls, std::uint32_t inFlight,
                      Func send) {
  std::uint64_t next = 0;
  const auto began = std::chrono::steady_clock::now();
  auto loops = kj::heapArrayBuilder<kj::Promise<void>>(inFlight);
  for (std::uint32_t i = 0; i < inFlight; ++i) loops.add(callInTurn(next, calls, send));
  kj::joinPromises(loops.finish()).wait(scope);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  return static_cast<double>(calls) / took.count();
}

}  // namespace cairn::app
