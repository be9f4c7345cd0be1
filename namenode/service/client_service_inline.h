// What the methods of ClientService share. Included by client_service.h alone.
#pragma once

#include <kj/debug.h>

#include <string>
#include <utility>

#include "common/base/fault.h"
#include "common/rpc/convert.h"
#include "namenode/ops/path.h"
#include "namenode/service/client_service.h"

namespace cairn::nn {

// The `fill` of an answer that says no more than that it was done.
inline constexpr auto FILL_NOTHING = [](auto&, const record::Answer&) {};

// The fault; of safe mode, with what it refuses in front, in HDFS's words.
template <typename Params>
Status namingWhat(Method method, Params params, const Status& fault) {
  const auto words = refusalOf(method);
  if (fault.code() != Code::SAFE_MODE || words.empty()) return fault;
  std::string text(words);
  if constexpr (requires { params.getPath(); }) text += rpc::toView(params.getPath());
  if constexpr (requires { params.getFrom(); }) text += rpc::toView(params.getFrom());
  if constexpr (requires { params.getTarget(); }) text += rpc::toView(params.getTarget());
  return Status(fault.code(), text + ". " + fault.message(), fault.retryAfterMs());
}

template <typename Context, typename Fill>
kj::Promise<void> ClientService::answerChange(Context context, Method method, Applied applied,
                                              Fill fill) {
  // The server object outlives its calls.
  const auto answer = [this, method](Context& to, const Result<record::Answer>& what,
                                     Fill& filler) {
    MemoryOnly::end();
    if (faultPoint("nn.reply.before_send")) {
      // As if the connection broke: the change stands, its caller does not know.
      kj::throwFatalException(KJ_EXCEPTION(DISCONNECTED, "a fault point is armed"));
    }
    site_->metrics->answered(method, !what.has_value());
    audit(auditNameOf(method), to.getParams(), what);
    const auto replicas =
        static_cast<std::uint64_t>(what.has_value() ? what->allocation().pipeline_size() : 0);
    auto results =
        to.getResults(capnp::MessageSize{ENTRY_REPLY_WORDS + replicas * (LOCATED_WORDS / 4), 0});
    if (what.has_value()) {
      if constexpr (requires { results.setTxid(0); }) results.setTxid(what->txid());
      filler(results, *what);
    } else {
      rpc::toWire(namingWhat(method, to.getParams(), what.error()), results.initFault());
    }
  };
  if (MemoryOnly::hasMissed()) return kj::READY_NOW;
  if (state_->commits.isDurable(applied.rests)) {
    answer(context, applied.answer, fill);
    return kj::READY_NOW;
  }
  return state_->commits.whenDurable(
      applied.rests, [context = kj::mv(context), answer, what = std::move(applied.answer),
                      fill = std::move(fill)](Result<void> durable) mutable {
        if (!durable.has_value()) what = std::unexpected(std::move(durable).error());
        answer(context, what, fill);
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

template <typename Operate>
Applied ClientService::promise(wire::CallInfo::Reader call, Operate&& operate) {
  auto caller = callerOf(call);
  if (!caller.has_value()) {
    return {std::unexpected(std::move(caller).error()), state_->commits.durableGroup()};
  }
  return state_->promise(**caller, operate);
}

template <typename Context, typename Operate, typename Fill>
kj::Promise<void> ClientService::changeOnce(Context context, Method method,
                                            kj::Promise<void> (ClientService::*again)(Context),
                                            Operate&& operate, Fill fill) {
  const auto call = context.getParams().getCall();
  if (isNew(call)) return onceKnown(context, again);
  return answerChange(context, method, change(call, method, operate), std::move(fill));
}

template <typename Context, typename Operate, typename Fill>
kj::Promise<void> ClientService::changePath(Context context, Method method,
                                            kj::Promise<void> (ClientService::*again)(Context),
                                            Operate&& operate, Fill fill) {
  return changeOnce(
      context, method, again,
      [&](Draft& draft, nn::Context& with) -> Result<Outcome> {
        ASSIGN(const auto path, Path::parse(rpc::toView(context.getParams().getPath())));
        return operate(draft, with, path);
      },
      std::move(fill));
}

}  // namespace cairn::nn
