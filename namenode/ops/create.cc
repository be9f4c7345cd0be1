#include "namenode/ops/create.h"

#include "common/base/limits.h"
#include "namenode/meta/records.h"
#include "namenode/ops/access.h"
#include "namenode/ops/claim_file.h"
#include "namenode/ops/directories.h"
#include "namenode/ops/garbage.h"
#include "namenode/ops/lease_rows.h"
#include "namenode/ops/reserved.h"
#include "namenode/ops/resolve.h"
#include "namenode/ops/set_compression.h"
#include "namenode/ops/set_replication.h"

namespace cairn::nn {
namespace {

// Sets the new file's attributes that do not depend on where it lies. Without a codec in the
// request its compression is still open.
Result<void> setAttributes(const Context& context, const CreateRequest& request,
                           record::Dirent& file) {
  const Settings& settings = context.settings;
  file.set_kind(record::FILE);
  if (request.mode > MODE_MAX) {
    return fail(Code::INVALID_ARGUMENT, "a mode has the bits 01777 at most");
  }
  file.set_mode(request.mode);
  file.set_replication(request.replication != 0 ? request.replication : settings.replication);
  TRY(checkReplication(file.replication(), request.path));
  file.set_chunk_size(request.chunkSize != 0 ? request.chunkSize : settings.chunkSize);
  if (file.chunk_size() < settings.chunkSizeMin) {
    return fail(Code::INVALID_ARGUMENT,
                "Specified block size is less than configured minimum value: " +
                    std::to_string(file.chunk_size()) + " < " +
                    std::to_string(settings.chunkSizeMin));
  }
  if (file.chunk_size() > limits::CHUNK_SIZE_MAX) {
    return fail(Code::INVALID_ARGUMENT, "a chunk size of " + std::to_string(file.chunk_size()) +
                                            " bytes is above the limit of " +
                                            std::to_string(limits::CHUNK_SIZE_MAX));
  }
  if (request.codec.has_value()) {
    const CompressionSetting wanted{*request.codec, request.zstdLevel};
    TRY(checkCompression(wanted));
    file.set_codec(wanted.codec);
    file.set_zstd_level(wanted.zstdLevel);
  }
  file.set_owner(context.caller.user);
  file.set_mtime_ms(context.nowMs);
  file.set_atime_ms(context.nowMs);
  file.set_under_construction(true);
  return {};
}

// Why an existing file that is to stay cannot be created; texts as in HDFS.
std::unexpected<Status> refuse(Context& context, const Path& path, const record::Dirent& existing) {
  if (existing.under_construction()) {
    return refuseOpenFile(context, path, existing, "CREATE_FILE");
  }
  return fail(Code::ALREADY_EXISTS,
              path.text() + " for client " + context.caller.client.toString() + " already exists");
}

}  // namespace

Result<void> checkOpenFiles(const Context& context) {
  if (context.leases.filesOf(context.caller.client) < OPEN_FILES_PER_CLIENT_MAX) return {};
  return fail(Code::LIMIT_EXCEEDED, "this client has " + std::to_string(OPEN_FILES_PER_CLIENT_MAX) +
                                        " files open for writing, which is the limit");
}

Result<Outcome> create(Draft& draft, Context& context, const CreateRequest& request) {
  const Path& path = request.path;
  Outcome outcome;
  record::Dirent& file = *outcome.answer.mutable_entry();
  TRY(setAttributes(context, request, file));
  // The parent's absence comes first, where that is asked for.
  if (request.createParents || path.depth() <= 2) TRY(checkOutsideReserved(path));
  ASSIGN(auto at, resolve(draft, context.caller, path));
  // First, as in HDFS: who may not write here learns nothing about a writer, and disturbs none.
  TRY(checkAccess(context.caller, *at.parent, Access::WRITE, path.prefix(at.parentDepth)));
  if (at.entry.has_value()) {
    if (isDirectory(*at.entry)) {
      return fail(Code::ALREADY_EXISTS, path.text() + " already exists as a directory");
    }
    if (!request.overwrite) return refuse(context, path, *at.entry);
    TRY(checkAccess(context.caller, toPathNode(*at.entry), Access::WRITE, path.text()));
  }
  TRY(checkNotReserved(path, path.depth() - 1));
  TRY(checkName(path.name(), path.prefix(at.parentDepth)));
  if (!request.createParents) TRY(requireParent(at, path));
  TRY(checkOpenFiles(context));
  if (at.entry.has_value()) {
    TRY(discardEntry(draft, at.parent->id, path.name(), *at.entry));
  } else {
    TRY(makeMissingParents(draft, context, path, at, 0, true));
  }
  TRY(touchDirectory(draft, rowOfParent(at, path), at.entry.has_value() ? 0 : 1, context.nowMs,
                     path.prefix(at.parentDepth), context.settings.directoryChildrenMax));

  const InodeId inode = context.ids.nextInode();
  if (!request.codec.has_value()) {
    const auto nearest = at.compression.value_or(
        CompressionSetting{context.settings.codec, context.settings.zstdLevel});
    file.set_codec(nearest.codec);
    file.set_zstd_level(nearest.zstdLevel);
  }
  file.set_id(inode.value);
  file.set_group(at.parent->group);
  record::Inode place;
  place.set_parent(at.parent->id.value);
  place.set_name(std::string(path.name()));
  draft.insert(Table::INODE, inodeKey(inode), std::move(place));
  grantLease(draft, inode, context.caller.client, context.caller.user, context.nowMs);

  draft.addEntry(at.parent->id, path.name(), file);
  return outcome;
}

}  // namespace cairn::nn
