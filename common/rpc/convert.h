// Between the wire's types and ours: faults, ids, exceptions. The only place that knows both.
// Layer: rpc.
#pragma once

#include <kj/async.h>
#include <kj/exception.h>
#include <kj/timer.h>

#include <string>
#include <string_view>

#include "common/async/coroutine.h"
#include "common/base/bytes.h"
#include "common/base/ids.h"
#include "common/base/result.h"
#include "common/schema/base.capnp.h"

namespace cairn::rpc {

inline std::string_view toView(capnp::Text::Reader text) { return {text.begin(), text.size()}; }
inline std::string toString(capnp::Text::Reader text) { return {text.begin(), text.size()}; }
inline ByteView toView(capnp::Data::Reader data) {
  return {reinterpret_cast<const std::byte*>(data.begin()), data.size()};
}
inline capnp::Text::Reader toText(std::string_view text) { return {text.data(), text.size()}; }
inline capnp::Data::Reader toData(ByteView bytes) {
  return {reinterpret_cast<const kj::byte*>(bytes.data()), bytes.size()};
}

inline Uuid fromWire(wire::Uuid::Reader id) { return Uuid::fromHighLow(id.getHigh(), id.getLow()); }
inline void toWire(const Uuid& id, wire::Uuid::Builder to) {
  to.setHigh(id.high());
  to.setLow(id.low());
}

// Fills a reply's fault.
void toWire(const Status& status, wire::Fault::Builder to);
// The Status in a reply; success when there is none.
Result<void> fromWire(wire::Fault::Reader fault);

// What a broken promise means to a caller: DISCONNECTED -> UNAVAILABLE, OVERLOADED -> OVERLOADED,
// UNIMPLEMENTED -> UNSUPPORTED (an old peer), anything else -> INTERNAL.
// `what`: what was tried with whom, for the message.
Status fromException(const kj::Exception& exception, std::string_view what);

// The promise's value, or the Status of its exception: turns a call into a Result.
//   CO_ASSIGN(auto reply, co_await rpc::caught(request.send(), "stat on the namenode"));
template <typename T>
kj::Promise<Result<T>> caught(kj::Promise<T> promise, std::string what) {
  return promise.then([](T value) -> Result<T> { return Result<T>(kj::mv(value)); },
                      [what = std::move(what)](kj::Exception&& e) -> Result<T> {
                        return fail(fromException(e, what));
                      });
}
inline kj::Promise<Result<void>> caught(kj::Promise<void> promise, std::string what) {
  return promise.then([]() -> Result<void> { return {}; },
                      [what = std::move(what)](kj::Exception&& e) -> Result<void> {
                        return fail(fromException(e, what));
                      });
}

// The same, with TIMED_OUT after `ms`. The call is dropped then; the peer may still do it.
template <typename T>
kj::Promise<Result<T>> withDeadline(kj::Timer& timer, std::uint32_t ms,
                                    kj::Promise<Result<T>> promise, std::string what) {
  return promise.exclusiveJoin(
      timer.afterDelay(ms * kj::MILLISECONDS).then([ms, what = std::move(what)]() -> Result<T> {
        return fail(Code::TIMED_OUT, what + ": no answer within " + std::to_string(ms) + " ms");
      }));
}

}  // namespace cairn::rpc
