// What goes between the state loop and the other loops that serve clients: calls as messages of
// their own, one way, and their results, the other way.
// Layer: service.
#pragma once

#include <capnp/message.h>
#include <kj/exception.h>

#include <cstdint>
#include <memory>

#include "common/async/mailbox.h"

namespace cairn::nn {

using RelayedMessage = kj::Own<capnp::MallocMessageBuilder>;

struct RelayedResult {
  std::uint64_t call = 0;
  RelayedMessage results;            // null: it failed
  kj::Maybe<kj::Exception> failure;  // why
};

struct RelayedCall {
  std::uint64_t connection = 0;
  std::uint64_t interfaceId = 0;
  std::uint16_t methodId = 0;
  std::uint64_t call = 0;  // the sender's number for it
  RelayedMessage params;
  std::shared_ptr<async::Mailbox<RelayedResult>> answerTo;
};

}  // namespace cairn::nn
