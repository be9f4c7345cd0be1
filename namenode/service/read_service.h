// The calls of the namenode's client interface that read the tables and nothing else, and what all
// calls share: who calls, the audit line, the reply. They see what is durable and wait for nobody.
// Any event loop can serve them: ClientService (the state loop) and RelayService (the others) add
// the rest.
// Layer: service.  Threads: the event loop of its site.  One object a connection.
//
// Calls may outlive their connection (Cap'n Proto lets them run to their end), so they share the
// site.
#pragma once

#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "common/rpc/convert.h"
#include "common/schema/namenode.capnp.h"
#include "namenode/ops/path.h"
#include "namenode/service/read_site.h"

namespace cairn::nn {

class ReadService : public wire::Namenode::Server {
public:
  ReadService(std::shared_ptr<ReadSite> site, std::string peerHost)
      : site_(std::move(site)), peerHost_(std::move(peerHost)) {}

  // Whether calls of this number are served here, by the number that the schema gives.
  static bool serves(std::uint16_t methodId);

  // Makes each call with nothing but what is in memory first; the disk is waited for elsewhere
  // (cold_reads.h).
  DispatchCallResult dispatchCall(
      std::uint64_t interfaceId, std::uint16_t methodId,
      capnp::CallContext<capnp::AnyPointer, capnp::AnyPointer> context) override;

  kj::Promise<void> ping(PingContext context) override;
  kj::Promise<void> stat(StatContext context) override;
  kj::Promise<void> list(ListContext context) override;
  kj::Promise<void> getXAttrs(GetXAttrsContext context) override;
  kj::Promise<void> contentSummary(ContentSummaryContext context) override;
  kj::Promise<void> chunkOwner(ChunkOwnerContext context) override;

protected:
  // An entry with its names, or an address or two.
  static constexpr std::uint64_t ENTRY_REPLY_WORDS = 64;

  // Whether the caller's groups have to be looked up before its call can be served.
  bool isNew(wire::CallInfo::Reader call);
  // Looks them up, then calls `method` with the same context again.
  template <typename Self, typename Context>
  kj::Promise<void> onceKnown(Context context, kj::Promise<void> (Self::*method)(Context));
  // The caller as this loop knows it, with the client of this call. INVALID_ARGUMENT. REQUIRES:
  // !isNew(call).
  Result<Caller*> callerOf(wire::CallInfo::Reader call);
  // Writes down, with the answer, that it was given or denied. Nothing for a call that failed
  // otherwise, as in HDFS.
  template <typename Params, typename Value>
  void audit(std::string_view command, Params params, const Result<Value>& answer);
  // Fills a read's fault, or `fill(results, value)` what was read; nothing where rows have to be
  // fetched first. `words`: about the reply's size
  // in words of 8 bytes; without it each reply would take, and clear, 8 KiB.
  template <typename Context, typename Value, typename Fill>
  kj::Promise<void> answerRead(Context& context, Method method, const Result<Value>& value,
                               Fill&& fill, std::uint64_t words = ENTRY_REPLY_WORDS);
  // What a call reads of its path: `read(const MetaView&, const Caller&, const Path&)`, a result,
  // on one moment of the tables.
  template <typename Params, typename Read>
  auto readPath(Params params, Read&& read)
      -> std::invoke_result_t<Read&, const MetaView&, const Caller&, const Path&>;

  const std::shared_ptr<ReadSite> site_;
  const std::string peerHost_;

private:
  // Fetches for one call; then it reads on the loop. Each step along a path may be one, though the
  // cache is seldom that cold.
  static constexpr unsigned DISK_WAITS_MAX = 64;
  // `call()` makes a call, and answers nothing when a row was missed: then it is made again once
  // the rows were fetched. `waits`: how often it has waited for that.
  template <typename Call>
  kj::Promise<void> inMemoryFirst(Call call, unsigned waits = 0);
};

template <typename Call>
kj::Promise<void> ReadService::inMemoryFirst(Call call, unsigned waits) {
  if (waits == DISK_WAITS_MAX) return call();
  MemoryOnly memoryOnly;
  auto called = call();
  MemoryOnly::end();
  if (memoryOnly.missed().empty()) return called;
  site_->metrics->waitedForDisk();
  return site_->fetch(memoryOnly.takeMissed()).then([this, call = kj::mv(call), waits]() mutable {
    return inMemoryFirst(kj::mv(call), waits + 1);
  });
}

template <typename Self, typename Context>
kj::Promise<void> ReadService::onceKnown(Context context,
                                         kj::Promise<void> (Self::*method)(Context)) {
  const auto user = rpc::toView(context.getParams().getCall().getUser());
  return site_->callers()
      .load(user, site_->monotonicMs())
      .then([this, context, method](Result<void> loaded) mutable -> kj::Promise<void> {
        if (loaded.has_value()) {
          return inMemoryFirst([this, context, method]() mutable {
            return (static_cast<Self*>(this)->*method)(context);
          });
        }
        rpc::toWire(loaded.error(), context.getResults().initFault());
        return kj::READY_NOW;
      });
}

template <typename Params, typename Value>
void ReadService::audit(std::string_view command, Params params, const Result<Value>& answer) {
  AuditSink* const sink = site_->auditSink();
  if (sink == nullptr || command.empty()) return;
  if (!answer.has_value() && answer.error().code() != Code::PERMISSION_DENIED) return;
  AuditEvent event{.allowed = answer.has_value(),
                   .user = rpc::toView(params.getCall().getUser()),
                   .host = peerHost_,
                   .command = command,
                   .source = {},
                   .target = {}};
  if constexpr (requires { params.getPath(); }) event.source = rpc::toView(params.getPath());
  if constexpr (requires { params.getFrom(); }) {
    event.source = rpc::toView(params.getFrom());
    event.target = rpc::toView(params.getTo());
  }
  std::string sources;
  if constexpr (requires { params.getSources(); }) {
    // As HDFS writes the sources of a concat: [/a, /b].
    for (const auto source : params.getSources()) {
      sources += (sources.empty() ? "[" : ", ") + rpc::toString(source);
    }
    sources += ']';
    event.source = sources;
    event.target = rpc::toView(params.getTarget());
  }
  sink->add(event);
}

template <typename Context, typename Value, typename Fill>
kj::Promise<void> ReadService::answerRead(Context& context, Method method,
                                          const Result<Value>& value, Fill&& fill,
                                          std::uint64_t words) {
  if (MemoryOnly::hasMissed()) return kj::READY_NOW;
  MemoryOnly::end();
  site_->metrics->answered(method, !value.has_value());
  audit(auditNameOf(method), context.getParams(), value);
  auto results = context.getResults(capnp::MessageSize{words, 0});
  if (value.has_value()) {
    fill(results, *value);
  } else {
    rpc::toWire(value.error(), results.initFault());
  }
  return kj::READY_NOW;
}

template <typename Params, typename Read>
auto ReadService::readPath(Params params, Read&& read)
    -> std::invoke_result_t<Read&, const MetaView&, const Caller&, const Path&> {
  TRY(site_->allowReads());
  ASSIGN(const Caller* const caller, callerOf(params.getCall()));
  ASSIGN(const auto path, Path::parse(rpc::toView(params.getPath())));
  return site_->store->readSnapshot(
      [&](const MetaView& view) { return read(view, *caller, path); });
}

}  // namespace cairn::nn
