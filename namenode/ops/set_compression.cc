#include "namenode/ops/set_compression.h"

#include "namenode/meta/records.h"
#include "namenode/ops/access.h"
#include "namenode/ops/directories.h"
#include "namenode/ops/resolve.h"

namespace cairn::nn {

Result<void> checkCompression(const CompressionSetting& compression) {
  if (compression.zstdLevel >= ZSTD_LEVEL_MIN && compression.zstdLevel <= ZSTD_LEVEL_MAX) return {};
  return fail(Code::INVALID_ARGUMENT, "a zstd level is " + std::to_string(ZSTD_LEVEL_MIN) + " to " +
                                          std::to_string(ZSTD_LEVEL_MAX) + ", not " +
                                          std::to_string(compression.zstdLevel));
}

Result<Outcome> setCompression(Draft& draft, Context& context, const Path& path,
                               std::optional<CompressionSetting> compression) {
  if (compression.has_value()) TRY(checkCompression(*compression));
  ASSIGN(const auto at, resolveExisting(draft, context.caller, path));
  TRY(checkAccess(context.caller, toPathNode(*at.entry), Access::WRITE, path.text()));
  const bool directory = isDirectory(*at.entry);
  if (!directory && !compression.has_value()) {
    return fail(Code::INVALID_ARGUMENT,
                path.text() + " is a file: its compression can be changed, not taken away");
  }
  record::Dirent after = *at.entry;
  after.set_codec_set(directory && compression.has_value());
  after.set_codec(compression.has_value() ? compression->codec : record::CODEC_NONE);
  after.set_zstd_level(compression.has_value() ? compression->zstdLevel : 0);
  changeResolved(draft, at, path, std::move(after));
  return Outcome();
}

}  // namespace cairn::nn
