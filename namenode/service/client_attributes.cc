// ClientService: attributes of files and directories, and files joined.
#include <string>
#include <vector>

#include "common/base/limits.h"
#include "namenode/ops/concat.h"
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

using rpc::toView;

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
    return state_->datanodes.space(state_->awakeMs());
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
