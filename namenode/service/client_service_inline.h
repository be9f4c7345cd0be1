// What the methods of ClientService share. Included by client_service.h alone.
#pragma once

#include <kj/debug.h>

#include <utility>

#include "common/base/fault.h"
#include "common/rpc/convert.h"
#include "namenode/service/client_service.h"

namespace cairn::nn {

template <typename Context, typename Value, typename Fill>
kj::Promise<void> ClientService::answerRead(Context& context, Method method,
                                            const Result<Value>& value, Fill&& fill,
                                            std::uint64_t words) {
  metrics_->answered(method, !value.has_value());
  auto results = context.getResults(capnp::MessageSize{words, 0});
  if (value.has_value()) {
    fill(results, *value);
  } else {
    rpc::toWire(value.error(), results.initFault());
  }
  return kj::READY_NOW;
}

template <typename Context, typename Fill>
kj::Promise<void> ClientService::answerChange(Context context, Method method, Applied applied,
                                              Fill fill) {
  const auto answer = [](Context& to, CallMetrics& metrics, Method called,
                         const Result<record::Answer>& what, Fill& filler) {
    if (faultPoint("nn.reply.before_send")) {
      // As if the connection broke: the change stands, its caller does not know.
      kj::throwFatalException(KJ_EXCEPTION(DISCONNECTED, "a fault point is armed"));
    }
    metrics.answered(called, !what.has_value());
    const auto replicas =
        static_cast<std::uint64_t>(what.has_value() ? what->allocation().pipeline_size() : 0);
    auto results =
        to.getResults(capnp::MessageSize{ENTRY_REPLY_WORDS + replicas * (LOCATED_WORDS / 4), 0});
    if (what.has_value()) {
      if constexpr (requires { results.setTxid(0); }) results.setTxid(what->txid());
      filler(results, *what);
    } else {
      rpc::toWire(what.error(), results.initFault());
    }
  };
  if (state_->commits.isDurable(applied.rests)) {
    answer(context, *metrics_, method, applied.answer, fill);
    return kj::READY_NOW;
  }
  return state_->commits.whenDurable(
      applied.rests,
      [context = kj::mv(context), method, metrics = metrics_.get(), answer,
       what = std::move(applied.answer), fill = std::move(fill)](Result<void> durable) mutable {
        if (!durable.has_value()) what = std::unexpected(std::move(durable).error());
        answer(context, *metrics, method, what, fill);
      });
}

template <typename Operate>
Applied ClientService::change(wire::CallInfo::Reader call, Method method, Operate&& operate) {
  auto caller = callerOf(call);
  if (!caller.has_value()) {
    return {std::unexpected(std::move(caller).error()), state_->commits.durableGroup()};
  }
  const ChangeCall key{.key = {.principal = (*caller)->user,
                               .client = (*caller)->client,
                               .callId = call.getCallId(),
                               .lowestOpenCall = call.getLowestOpenCall()},
                       .method = nameOf(method),
                       .caller = *caller};
  return state_->change(key, operate);
}

}  // namespace cairn::nn
