// The memory of messages that a connection has received, for servers that go on using bytes of a
// call when the call itself is over, or has been cancelled.
// Layer: rpc.  Threads: one event loop; what share() returns may be let go of on any thread.
#pragma once

#include <capnp/common.h>
#include <kj/array.h>
#include <kj/refcount.h>

#include <cstddef>
#include <map>
#include <memory>

#include "common/base/bytes.h"

namespace cairn::rpc {

class ReceivedMessages : public kj::Refcounted {
public:
  // Messages below it are not kept track of: copying them costs less.
  static constexpr std::size_t BYTES_MIN = 16 * 1024;

  // The memory of the message that `bytes` lie in; they stay as they are for as long as it is held,
  // whatever becomes of the call and the connection. Null when they lie in no message of this
  // connection that is still in use, or in a small one: whoever wants to keep them copies them.
  std::shared_ptr<const void> share(ByteView bytes) const {
    auto at = messages_.upper_bound(bytes.data());
    if (at == messages_.begin()) return nullptr;
    const auto& message = *std::prev(at);
    if (bytes.data() + bytes.size() > message.second.end) return nullptr;
    return message.second.memory.lock();
  }

  // For the connection: the message was received; it is in use no longer.
  void add(const std::shared_ptr<kj::Array<capnp::word>>& memory) {
    const auto bytes = memory->asBytes();
    if (bytes.size() < BYTES_MIN) return;
    messages_.insert_or_assign(asByte(bytes.begin()), Message{asByte(bytes.end()), memory});
  }
  void remove(const kj::Array<capnp::word>& memory) {
    messages_.erase(asByte(memory.asBytes().begin()));
  }

private:
  struct Message {
    const std::byte* end;
    std::weak_ptr<const void> memory;
  };
  static const std::byte* asByte(const kj::byte* at) {
    return reinterpret_cast<const std::byte*>(at);
  }

  std::map<const std::byte*, Message> messages_;  // by where they begin
};

}  // namespace cairn::rpc
