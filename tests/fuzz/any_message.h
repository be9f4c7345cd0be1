// Any bytes as one Cap'n Proto message, as a connection hands it on.
// Layer: tests/fuzz.
#pragma once

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/array.h>
#include <kj/exception.h>

#include <cstdint>
#include <cstring>

namespace cairn {

// Calls `read(capnp::MessageReader&)`. An exception is a message that is none: the connection would
// end.
template <typename Read>
void readAsMessage(const std::uint8_t* data, std::size_t size, Read&& read) {
  auto words = kj::heapArray<capnp::word>(size / sizeof(capnp::word));
  if (words.size() > 0) std::memcpy(words.begin(), data, words.asBytes().size());
  (void)kj::runCatchingExceptions([&]() {
    const capnp::ReaderOptions options{.traversalLimitInWords = 1 << 20};
    capnp::FlatArrayMessageReader message(words, options);
    read(message);
  });
}

}  // namespace cairn
