// ClientService: attributes of files and directories, and files joined.
#include <string>
#include <vector>

#include "common/base/limits.h"
#include "namenode/ops/concat.h"
#include "namenode/ops/content_summary.h"
#include "namenode/ops/get_xattrs.h"
#include "namenode/ops/path.h"
#include "namenode/ops/remove_xattr.h"
#include "namenode/ops/set_compression.h"
#include "namenode/ops/set_owner.h"
#include "namenode/ops/set_permission.h"
#include "namenode/ops/set_replication.h"
#include "namenode/ops/set_storage_policy.h"
#include "namenode/ops/set_times.h"
#include "namenode/ops/set_xattr.h"
#include "namenode/service/client_service.h"
#include "namenode/service/to_wire.h"

namespace cairn::nn {

using rpc::toText;
using rpc::toView;

namespace {

// Words of an answer for an attribute's structure, beside its bytes.
constexpr std::uint64_t XATTR_WORDS = 8;

}  // namespace

kj::Promise<void> ClientService::setReplication(SetReplicationContext context) {
  return changePath(
      context, Method::SET_REPLICATION, &ClientService::setReplication,
      [&](Draft& draft, nn::Context& with, const Path& path) {
        return nn::setReplication(draft, with, path, context.getParams().getReplication());
      },
      [](auto& results, const auto& answer) { results.setIsFile(answer.flag()); });
}

kj::Promise<void> ClientService::setPermission(SetPermissionContext context) {
  return changePath(
      context, Method::SET_PERMISSION, &ClientService::setPermission,
      [&](Draft& draft, nn::Context& with, const Path& path) {
        return nn::setPermission(draft, with, path, context.getParams().getMode());
      },
      FILL_NOTHING);
}

kj::Promise<void> ClientService::setOwner(SetOwnerContext context) {
  return changePath(
      context, Method::SET_OWNER, &ClientService::setOwner,
      [&](Draft& draft, nn::Context& with, const Path& path) {
        const auto params = context.getParams();
        return nn::setOwner(
            draft, with,
            {.path = path, .owner = toView(params.getOwner()), .group = toView(params.getGroup())});
      },
      FILL_NOTHING);
}

kj::Promise<void> ClientService::setTimes(SetTimesContext context) {
  return changePath(
      context, Method::SET_TIMES, &ClientService::setTimes,
      [&](Draft& draft, nn::Context& with, const Path& path) {
        const auto params = context.getParams();
        return nn::setTimes(draft, with, path, params.getMtime(), params.getAtime());
      },
      FILL_NOTHING);
}

kj::Promise<void> ClientService::setXAttr(SetXAttrContext context) {
  return changePath(
      context, Method::SET_XATTR, &ClientService::setXAttr,
      [&](Draft& draft, nn::Context& with, const Path& path) {
        const auto params = context.getParams();
        return nn::setXAttr(draft, with,
                            {.path = path,
                             .name = toView(params.getXattr().getName()),
                             .value = asText(toView(params.getXattr().getValue())),
                             .create = params.getCreate(),
                             .replace = params.getReplace()});
      },
      FILL_NOTHING);
}

kj::Promise<void> ClientService::removeXAttr(RemoveXAttrContext context) {
  return changePath(
      context, Method::REMOVE_XATTR, &ClientService::removeXAttr,
      [&](Draft& draft, nn::Context& with, const Path& path) {
        return nn::removeXAttr(draft, with, path, toView(context.getParams().getName()));
      },
      FILL_NOTHING);
}

kj::Promise<void> ClientService::getXAttrs(GetXAttrsContext context) {
  const auto params = context.getParams();
  if (isNew(params.getCall())) return onceKnown(context, &ClientService::getXAttrs);
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
    results.setTxid(state_->commits.durableGroup().value);
    auto to = results.initXattrs(static_cast<unsigned>(found.size()));
    for (unsigned i = 0; i < to.size(); ++i) {
      to[i].setName(toText(found[i].name.text));
      to[i].setValue(rpc::toData(asBytes(found[i].value)));
    }
  };
  return answerRead(context, Method::GET_XATTRS, xattrs, fill, words);
}

kj::Promise<void> ClientService::contentSummary(ContentSummaryContext context) {
  const auto params = context.getParams();
  if (isNew(params.getCall())) return onceKnown(context, &ClientService::contentSummary);
  const auto summary =
      readPath(params, [](const MetaView& view, const Caller& caller, const Path& path) {
        return nn::contentSummary(view, caller, path);
      });
  return answerRead(context, Method::CONTENT_SUMMARY, summary,
                    [&](auto& results, const Totals& totals) {
                      results.setTxid(state_->commits.durableGroup().value);
                      auto to = results.initSummary();
                      to.setFiles(totals.files);
                      to.setDirectories(totals.directories);
                      to.setLength(totals.length);
                      to.setSpaceConsumed(totals.spaceConsumed);
                      to.setStoredLength(totals.storedLength);
                      to.setStoredConsumed(totals.storedConsumed);
                    });
}

kj::Promise<void> ClientService::setStoragePolicy(SetStoragePolicyContext context) {
  return changePath(
      context, Method::SET_STORAGE_POLICY, &ClientService::setStoragePolicy,
      [&](Draft& draft, nn::Context& with, const Path& path) {
        return nn::setStoragePolicy(draft, with, path, context.getParams().getPolicy());
      },
      FILL_NOTHING);
}

kj::Promise<void> ClientService::setCompression(SetCompressionContext context) {
  return changePath(
      context, Method::SET_COMPRESSION, &ClientService::setCompression,
      [&](Draft& draft, nn::Context& with, const Path& path) {
        const auto params = context.getParams();
        std::optional<CompressionSetting> wanted;
        if (!params.getUnset()) wanted = {fromWire(params.getCodec()), params.getZstdLevel()};
        return nn::setCompression(draft, with, path, wanted);
      },
      FILL_NOTHING);
}

kj::Promise<void> ClientService::statFs(StatFsContext context) {
  if (isNew(context.getParams().getCall())) return onceKnown(context, &ClientService::statFs);
  const auto read = [&]() -> Result<SpaceTotals> {
    TRY(state_->allowReads());
    TRY(callerOf(context.getParams().getCall()));
    return state_->datanodes.space(state_->monotonicMs());
  };
  return answerRead(context, Method::STAT_FS, read(), [](auto& results, const SpaceTotals& space) {
    results.setCapacity(space.capacityBytes);
    results.setUsed(space.usedBytes);
    results.setRemaining(space.freeBytes);
  });
}

kj::Promise<void> ClientService::concat(ConcatContext context) {
  return changeOnce(
      context, Method::CONCAT, &ClientService::concat,
      [&](Draft& draft, nn::Context& with) -> Result<Outcome> {
        const auto params = context.getParams();
        ASSIGN(const auto target, Path::parse(toView(params.getTarget())));
        if (params.getSources().size() > limits::CHUNKS_PER_FILE_MAX) {
          return fail(Code::LIMIT_EXCEEDED, "more sources than a file can have chunks");
        }
        std::vector<Path> sources;
        for (const auto source : params.getSources()) {
          ASSIGN(auto path, Path::parse(toView(source)));
          sources.push_back(std::move(path));
        }
        return nn::concat(draft, with, {.target = target, .sources = sources});
      },
      FILL_NOTHING);
}

}  // namespace cairn::nn
