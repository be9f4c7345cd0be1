#include "client/shell/copy_within.h"

#include <utility>

#include "client/shell/byte_source.h"
#include "client/shell/upload.h"

namespace cairn::shell {

CopyWithin::CopyWithin(CopyHost host, Options options)
    : host_(std::move(host)), options_(options) {}

void CopyWithin::copy(const Item& source, const Item& target) {
  if (!source.isDirectory()) return copyFile(source, target);
  if (options_.recursive) return copyDirectory(source, target);
  host_.failed(source.shown, Status(Code::INVALID_ARGUMENT, "is a directory (-r copies it)"));
}

void CopyWithin::finish() {
  host_.pool.finish();
  // Only now: files that come into a directory change its time.
  for (const auto& [source, target] : directories_) {
    if (host_.over()) return;
    const auto failure = preserve(source.known(), source, target);
    if (failure) host_.failed(failure->shown, failure->why);
  }
  directories_.clear();
}

void CopyWithin::copyFile(const Item& source, const Item& target) {
  if (target.isDirectory()) {
    return host_.failed(target.shown, Status(Code::IS_A_DIRECTORY, "is a directory"));
  }
  if (target.entry && !options_.force) {
    return host_.failed(target.shown, Status(Code::ALREADY_EXISTS, "exists"));
  }
  host_.pool.run(
      [this, source, target](Leftovers* leftovers) -> std::optional<TransferPool::Failure> {
        auto file = host_.client.open(source.path.absolute());
        if (!file.has_value()) {
          return TransferPool::Failure{.shown = source.shown, .why = std::move(file).error()};
        }
        InputFileSource bytes(std::move(*file));
        Upload job{.source = bytes,
                   .name = source.shown,
                   .target = target.path.absolute(),
                   .create = options_.create,
                   .viaTemporary = options_.viaTemporary};
        job.create.overwrite = options_.force;
        auto done = upload(host_.connection, host_.client, job, host_.meter, leftovers);
        if (!done.has_value()) {
          return TransferPool::Failure{.shown = bytes.failed() ? source.shown : target.shown,
                                       .why = std::move(done).error()};
        }
        return preserve(bytes.entry(), source, target);
      });
}

void CopyWithin::copyDirectory(const Item& source, const Item& target) {
  if (target.entry && !target.isDirectory()) {
    return host_.failed(target.shown, Status(Code::NOT_A_DIRECTORY, ""));
  }
  const bool fresh = !target.entry;
  if (fresh) {
    auto made = host_.client.mkdirs(target.path.absolute(), options_.directoryMode, false);
    if (!made.has_value()) return host_.failed(target.shown, made.error());
  }
  const auto children = childrenOf(host_.client, source);
  if (!children.has_value()) return host_.failed(source.shown, children.error());
  const auto there = EntrySource::of(host_.client);
  for (const auto& child : *children) {
    if (host_.over()) return;
    auto path = target.path.child(child.known().name);
    auto shown = path.shown();
    Item to{.path = std::move(path), .shown = std::move(shown), .entry = std::nullopt};
    if (!fresh) {
      auto entry = there.stat(to.path.absolute());
      if (!entry.has_value()) {
        host_.failed(to.shown, entry.error());
        continue;
      }
      to.entry = std::move(*entry);
    }
    copy(child, to);
  }
  if (options_.preserve.any()) directories_.push_back({.source = source, .target = target});
}

std::optional<TransferPool::Failure> CopyWithin::preserve(const Entry& entry, const Item& source,
                                                          const Item& target) {
  std::vector<XAttr> attributes;
  if (options_.preserve.xattrs) {
    auto found = host_.client.getXAttrs(source.path.absolute());
    if (!found.has_value()) {
      return TransferPool::Failure{.shown = source.shown, .why = std::move(found).error()};
    }
    attributes = std::move(*found);
  }
  auto done = give(entry, attributes, target.path.absolute());
  if (done.has_value()) return std::nullopt;
  return TransferPool::Failure{.shown = target.shown, .why = std::move(done).error()};
}

Result<void> CopyWithin::give(const Entry& entry, const std::vector<XAttr>& attributes,
                              const std::string& to) {
  const auto& wanted = options_.preserve;
  auto& client = host_.client;
  if (wanted.owner) {
    auto done = client.setOwner(to, entry.owner, entry.group);
    const bool tolerated =
        wanted.ownerIfMay && !done.has_value() && done.error().code() == Code::PERMISSION_DENIED;
    if (!done.has_value() && !tolerated) return done;
  }
  if (wanted.rights) TRY(client.setPermission(to, entry.mode));
  for (const auto& attribute : attributes) {
    TRY(client.setXAttr(to, attribute.name, attribute.value));
  }
  // At the end: nothing changes the time of change after it.
  if (wanted.times) {
    TRY(client.setTimes(to, entry.mtimeMs, entry.isDirectory() ? -1 : entry.atimeMs));
  }
  return {};
}

}  // namespace cairn::shell
