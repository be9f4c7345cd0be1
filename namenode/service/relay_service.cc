#include "namenode/service/relay_service.h"

namespace cairn::nn {

RelaySite::RelaySite(rpc::Host& host, std::shared_ptr<Store> store,
                     std::shared_ptr<CallMetrics> metrics, const Settings& settings,
                     const GroupsOf& groupsOf, std::shared_ptr<async::Mailbox<RelayedCall>> calls,
                     std::unique_ptr<AuditRelay> audit)
    : ReadSite(std::move(store), host, std::move(metrics)),
      callers_(settings.superuser, settings.supergroup, groupsOf, host.workPool),
      audit_(std::move(audit)),
      calls_(std::move(calls)),
      results_(std::make_shared<async::Mailbox<RelayedResult>>([this](RelayedResult result) {
        const auto waiting = waiting_.find(result.call);
        if (waiting == waiting_.end()) return;
        auto fulfiller = kj::mv(waiting->second);
        waiting_.erase(waiting);
        KJ_IF_MAYBE (failure, result.failure) {
          fulfiller->reject(kj::mv(*failure));
        } else {
          fulfiller->fulfill(kj::mv(result.results));
        }
      })) {}

Result<void> RelaySite::allowReads() const {
  if (closed_.load(std::memory_order_acquire)) {
    return fail(Code::UNAVAILABLE, "the namenode is stopping");
  }
  if (store->givenUp()) {
    return fail(Code::UNAVAILABLE,
                "the namenode's log could not be written: it has to be restarted");
  }
  return {};
}

kj::Promise<RelayedMessage> RelaySite::pass(RelayedCall call) {
  if (closed_.load(std::memory_order_acquire)) {
    return KJ_EXCEPTION(DISCONNECTED, "the namenode is stopping");
  }
  auto waiting = kj::newPromiseAndFulfiller<RelayedMessage>();
  call.call = ++lastCall_;
  call.answerTo = results_;
  waiting_.emplace(call.call, kj::mv(waiting.fulfiller));
  calls_->post(std::move(call));
  return kj::mv(waiting.promise);
}

kj::Promise<void> RelaySite::flush() {
  if (audit_ == nullptr) return kj::READY_NOW;
  return audit_->flush();
}

void RelaySite::end() {
  close();
  audit_ = nullptr;
  results_->close();
  for (auto& [call, fulfiller] : waiting_) {
    fulfiller->reject(KJ_EXCEPTION(DISCONNECTED, "the namenode has stopped"));
  }
  waiting_.clear();
}

auto RelayService::dispatchCall(std::uint64_t interfaceId, std::uint16_t methodId,
                                capnp::CallContext<capnp::AnyPointer, capnp::AnyPointer> context)
    -> DispatchCallResult {
  if (interfaceId != capnp::typeId<wire::Namenode>() || serves(methodId)) {
    return ReadService::dispatchCall(interfaceId, methodId, context);
  }
  const auto params = context.getParams();
  RelayedCall call{
      .connection = connection_,
      .interfaceId = interfaceId,
      .methodId = methodId,
      .params = kj::heap<capnp::MallocMessageBuilder>(params.targetSize().wordCount + 1),
      .answerTo = nullptr};
  call.params->setRoot(params);
  context.releaseParams();
  auto answered = relay_->pass(std::move(call)).then([context](RelayedMessage results) mutable {
    const auto root = results->getRoot<capnp::AnyPointer>().asReader();
    context.getResults(root.targetSize()).set(root);
  });
  return {kj::mv(answered), false};
}

}  // namespace cairn::nn
