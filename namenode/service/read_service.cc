#include "namenode/service/read_service.h"

#include <algorithm>
#include <array>

#include "common/base/limits.h"
#include "namenode/ops/chunk_owner.h"
#include "namenode/ops/content_summary.h"
#include "namenode/ops/get_xattrs.h"
#include "namenode/ops/list.h"
#include "namenode/ops/stat.h"
#include "namenode/service/to_wire.h"

namespace cairn::nn {

using rpc::toText;
using rpc::toView;

namespace {

// In words of a reply: an entry of a listing; an extended attribute without its name and value.
constexpr std::uint64_t LISTED_WORDS = 32;
constexpr std::uint64_t XATTR_WORDS = 8;
// ping, stat, list, getXAttrs, contentSummary, chunkOwner.
constexpr std::array<std::uint16_t, 6> METHOD_IDS{0, 2, 3, 22, 23, 35};

}  // namespace

bool ReadService::serves(std::uint16_t methodId) {
  return std::ranges::find(METHOD_IDS, methodId) != METHOD_IDS.end();
}

auto ReadService::dispatchCall(std::uint64_t interfaceId, std::uint16_t methodId,
                               capnp::CallContext<capnp::AnyPointer, capnp::AnyPointer> context)
    -> DispatchCallResult {
  return {inMemoryFirst([this, interfaceId, methodId, context]() mutable {
            return Server::dispatchCall(interfaceId, methodId, context).promise;
          }),
          false};  // no method streams
}

bool ReadService::isNew(wire::CallInfo::Reader call) {
  const auto known = site_->callers().find(toView(call.getUser()), site_->monotonicMs());
  return known.has_value() && *known == nullptr;
}

Result<Caller*> ReadService::callerOf(wire::CallInfo::Reader call) {
  ASSIGN(Caller* const caller, site_->callers().find(toView(call.getUser()), site_->monotonicMs()));
  if (caller == nullptr) {
    return fail(Code::OVERLOADED, "the groups of user " + rpc::toString(call.getUser()) +
                                      " have to be looked up again");
  }
  caller->client = rpc::fromWire(call.getClient());
  return caller;
}

kj::Promise<void> ReadService::ping(PingContext) { return kj::READY_NOW; }

kj::Promise<void> ReadService::stat(StatContext context) {
  const auto params = context.getParams();
  if (isNew(params.getCall())) return onceKnown(context, &ReadService::stat);
  const TxId shown = site_->shown();
  const auto read = [&]() -> Result<record::Dirent> {
    TRY(site_->allowReads());
    ASSIGN(const Caller* const caller, callerOf(params.getCall()));
    ASSIGN(const auto path, Path::parse(toView(params.getPath())));
    return site_->store->readEntry(
        [&](const MetaView& view) { return nn::stat(view, *caller, path); });
  };
  return answerRead(context, Method::STAT, read(), [&](auto& results, const auto& entry) {
    results.setTxid(shown.value);
    toWire(entry, {}, results.initEntry());
  });
}

kj::Promise<void> ReadService::list(ListContext context) {
  const auto params = context.getParams();
  if (isNew(params.getCall())) return onceKnown(context, &ReadService::list);
  const TxId shown = site_->shown();
  const auto listing = readPath(
      params, [&](const MetaView& view, const Caller& caller, const Path& path) -> Result<Listing> {
        if (params.getStartAfter().size() > limits::NAME_BYTES_MAX) {
          return fail(Code::INVALID_ARGUMENT, "startAfter is longer than a name can be");
        }
        return nn::list(view, caller, path, toView(params.getStartAfter()), params.getLimit());
      });
  const auto fill = [&](auto& results, const Listing& page) {
    results.setTxid(shown.value);
    results.setMore(page.more);
    results.setIsFile(page.isFile);
    auto entries = results.initEntries(static_cast<unsigned>(page.entries.size()));
    for (unsigned i = 0; i < entries.size(); ++i) {
      toWire(page.entries[i].entry, page.entries[i].name, entries[i]);
    }
  };
  const std::size_t count = listing.has_value() ? listing->entries.size() : 0;
  return answerRead(context, Method::LIST, listing, fill, ENTRY_REPLY_WORDS + count * LISTED_WORDS);
}

kj::Promise<void> ReadService::getXAttrs(GetXAttrsContext context) {
  const auto params = context.getParams();
  if (isNew(params.getCall())) return onceKnown(context, &ReadService::getXAttrs);
  const TxId shown = site_->shown();
  const auto xattrs =
      readPath(params, [&](const MetaView& view, const Caller& caller, const Path& path) {
        std::vector<std::string> names;
        for (const auto name : params.getNames()) names.push_back(rpc::toString(name));
        return nn::getXAttrs(view, caller, path, names);
      });
  std::uint64_t words = ENTRY_REPLY_WORDS;
  if (xattrs.has_value()) {
    for (const auto& one : *xattrs) {
      words += XATTR_WORDS + (one.name.text.size() + one.value.size()) / sizeof(std::uint64_t);
    }
  }
  const auto fill = [&](auto& results, const auto& found) {
    results.setTxid(shown.value);
    auto to = results.initXattrs(static_cast<unsigned>(found.size()));
    for (unsigned i = 0; i < to.size(); ++i) {
      to[i].setName(toText(found[i].name.text));
      to[i].setValue(rpc::toData(asBytes(found[i].value)));
    }
  };
  return answerRead(context, Method::GET_XATTRS, xattrs, fill, words);
}

kj::Promise<void> ReadService::contentSummary(ContentSummaryContext context) {
  const auto params = context.getParams();
  if (isNew(params.getCall())) return onceKnown(context, &ReadService::contentSummary);
  const TxId shown = site_->shown();
  const auto summary =
      readPath(params, [](const MetaView& view, const Caller& caller, const Path& path) {
        return nn::contentSummary(view, caller, path);
      });
  return answerRead(context, Method::CONTENT_SUMMARY, summary,
                    [&](auto& results, const Totals& totals) {
                      results.setTxid(shown.value);
                      auto to = results.initSummary();
                      to.setFiles(totals.files);
                      to.setDirectories(totals.directories);
                      to.setLength(totals.length);
                      to.setSpaceConsumed(totals.spaceConsumed);
                      to.setStoredLength(totals.storedLength);
                      to.setStoredConsumed(totals.storedConsumed);
                    });
}

kj::Promise<void> ReadService::chunkOwner(ChunkOwnerContext context) {
  const auto params = context.getParams();
  if (isNew(params.getCall())) return onceKnown(context, &ReadService::chunkOwner);
  const TxId shown = site_->shown();
  const auto find = [&]() -> Result<ChunkOwner> {
    TRY(site_->allowReads());
    ASSIGN(const Caller* const caller, callerOf(params.getCall()));
    return site_->store->readSnapshot([&](const MetaView& view) {
      return nn::chunkOwner(view, *caller, ChunkId(params.getChunk()));
    });
  };
  const auto owner = find();
  const std::size_t bytes = owner.has_value() ? owner->path.size() : 0;
  return answerRead(
      context, Method::CHUNK_OWNER, owner,
      [&](auto& results, const ChunkOwner& found) {
        results.setTxid(shown.value);
        results.setPath(toText(found.path));
        results.setOffset(found.offset);
      },
      ENTRY_REPLY_WORDS + bytes / sizeof(std::uint64_t));
}

}  // namespace cairn::nn
