// How NamenodeClient makes a call, for the files that its methods stand in; nobody else includes
// it. Layer: client/core.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "client/core/namenode_client.h"
#include "client/core/path_call.h"
#include "common/rpc/convert.h"

namespace cairn::client {

template <typename T, typename Send, typename Parse>
kj::Promise<Result<T>> NamenodeClient::attempt(const char* verb, std::uint64_t callId, Send& send,
                                               Parse& parse) {
  CO_ASSIGN(auto namenode, co_await pool_.get<wire::Namenode>(options_.namenode));
  auto what = std::string(verb) + " on the namenode " + options_.namenode;
  auto sent = rpc::caught(send(namenode, callId), what);
  auto response =
      co_await rpc::withDeadline(host_.timer, options_.namenodeCallMs, kj::mv(sent), what);
  if (!response.has_value()) {
    // A connection that swallows calls is not worth keeping; those that it still carries go on.
    if (response.error().code() == Code::TIMED_OUT) pool_.drop(options_.namenode);
    co_return std::unexpected(std::move(response).error());
  }
  if constexpr (requires { response->getFault(); }) CO_TRY(rpc::fromWire(response->getFault()));
  co_return parse(*response);
}

template <typename T, typename Send, typename Parse>
kj::Promise<Result<T>> NamenodeClient::call(const char* verb, Repeat repeat, Send send,
                                            Parse parse) {
  std::optional<CallNumbers::Open> number;
  if (repeat == Repeat::NUMBERED) number.emplace(numbers_.begin());
  rpc::Backoff backoff(options_.retry);
  while (true) {
    auto result = co_await attempt<T>(verb, number ? number->id() : 0, send, parse);
    if (result.has_value() || !worthRetrying(result.error())) co_return kj::mv(result);
    auto waitMs = backoff.nextMs(result.error(), host_.random);
    if (!waitMs) co_return kj::mv(result);
    if (options_.onRetry) {
      options_.onRetry({.what = verb,
                        .address = options_.namenode,
                        .failure = result.error(),
                        .attempt = backoff.attempts(),
                        .waitMs = *waitMs});
    }
    co_await host_.timer.afterDelay(*waitMs * kj::MILLISECONDS);
  }
}

}  // namespace cairn::client
