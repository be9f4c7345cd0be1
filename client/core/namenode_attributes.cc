// NamenodeClient: attributes of files and directories, and files cut, joined and closed for others.
#include "client/core/namenode_call.h"
#include "client/core/namenode_client.h"
#include "common/rpc/convert.h"

namespace cairn::client {

using rpc::toText;
using wire::Namenode;

namespace {

const auto nothing = [](auto&) -> Result<void> { return {}; };

}  // namespace

kj::Promise<Result<bool>> NamenodeClient::setReplication(std::string path,
                                                         std::uint16_t replication) {
  return call<bool>(
      "setReplication", Repeat::NUMBERED,
      [this, path = std::move(path), replication](Namenode::Client& namenode, std::uint64_t id) {
        auto request = namenode.setReplicationRequest();
        fillCall(request.initCall(), id);
        request.setPath(toText(path));
        request.setReplication(replication);
        return request.send();
      },
      [](auto& reply) -> Result<bool> { return reply.getIsFile(); });
}

kj::Promise<Result<void>> NamenodeClient::setPermission(std::string path, std::uint16_t mode) {
  return call<void>(
      "setPermission", Repeat::NUMBERED,
      [this, path = std::move(path), mode](Namenode::Client& namenode, std::uint64_t id) {
        auto request = namenode.setPermissionRequest();
        fillCall(request.initCall(), id);
        request.setPath(toText(path));
        request.setMode(mode);
        return request.send();
      },
      nothing);
}

kj::Promise<Result<void>> NamenodeClient::setOwner(std::string path, std::string owner,
                                                   std::string group) {
  return call<void>(
      "setOwner", Repeat::NUMBERED,
      [this, path = std::move(path), owner = std::move(owner), group = std::move(group)](
          Namenode::Client& namenode, std::uint64_t id) {
        auto request = namenode.setOwnerRequest();
        fillCall(request.initCall(), id);
        request.setPath(toText(path));
        request.setOwner(toText(owner));
        request.setGroup(toText(group));
        return request.send();
      },
      nothing);
}

kj::Promise<Result<void>> NamenodeClient::setTimes(std::string path, std::int64_t mtimeMs,
                                                   std::int64_t atimeMs) {
  return call<void>(
      "setTimes", Repeat::NUMBERED,
      [this, path = std::move(path), mtimeMs, atimeMs](Namenode::Client& namenode,
                                                       std::uint64_t id) {
        auto request = namenode.setTimesRequest();
        fillCall(request.initCall(), id);
        request.setPath(toText(path));
        request.setMtime(mtimeMs);
        request.setAtime(atimeMs);
        return request.send();
      },
      nothing);
}

kj::Promise<Result<void>> NamenodeClient::setXAttr(std::string path, XAttr xattr, XAttrSet how) {
  return call<void>(
      "setXAttr", Repeat::NUMBERED,
      [this, path = std::move(path), xattr = std::move(xattr), how](Namenode::Client& namenode,
                                                                    std::uint64_t id) {
        auto request = namenode.setXAttrRequest();
        fillCall(request.initCall(), id);
        request.setPath(toText(path));
        auto to = request.initXattr();
        to.setName(toText(xattr.name));
        to.setValue(rpc::toData(asBytes(xattr.value)));
        request.setCreate(how != XAttrSet::REPLACE);
        request.setReplace(how != XAttrSet::CREATE);
        return request.send();
      },
      nothing);
}

kj::Promise<Result<void>> NamenodeClient::removeXAttr(std::string path, std::string name) {
  return call<void>(
      "removeXAttr", Repeat::NUMBERED,
      [this, path = std::move(path), name = std::move(name)](Namenode::Client& namenode,
                                                             std::uint64_t id) {
        auto request = namenode.removeXAttrRequest();
        fillCall(request.initCall(), id);
        request.setPath(toText(path));
        request.setName(toText(name));
        return request.send();
      },
      nothing);
}

kj::Promise<Result<std::vector<XAttr>>> NamenodeClient::getXAttrs(std::string path,
                                                                  std::vector<std::string> names) {
  return call<std::vector<XAttr>>(
      "getXAttrs", Repeat::SAFE,
      [this, path = std::move(path), names = std::move(names)](Namenode::Client& namenode,
                                                               std::uint64_t id) {
        auto request = namenode.getXAttrsRequest();
        fillCall(request.initCall(), id);
        request.setPath(toText(path));
        auto to = request.initNames(static_cast<unsigned>(names.size()));
        for (unsigned i = 0; i < to.size(); ++i) to.set(i, toText(names[i]));
        return request.send();
      },
      [](auto& reply) -> Result<std::vector<XAttr>> {
        std::vector<XAttr> xattrs;
        for (auto from : reply.getXattrs()) {
          xattrs.push_back({.name = rpc::toString(from.getName()),
                            .value = std::string(asText(rpc::toView(from.getValue())))});
        }
        return xattrs;
      });
}

kj::Promise<Result<ContentSummary>> NamenodeClient::contentSummary(std::string path) {
  return call<ContentSummary>(
      "contentSummary", Repeat::SAFE,
      [this, path = std::move(path)](Namenode::Client& namenode, std::uint64_t id) {
        auto request = namenode.contentSummaryRequest();
        fillCall(request.initCall(), id);
        request.setPath(toText(path));
        return request.send();
      },
      [](auto& reply) -> Result<ContentSummary> {
        const auto from = reply.getSummary();
        return ContentSummary{.files = from.getFiles(),
                              .directories = from.getDirectories(),
                              .length = from.getLength(),
                              .spaceConsumed = from.getSpaceConsumed(),
                              .storedLength = from.getStoredLength(),
                              .storedConsumed = from.getStoredConsumed()};
      });
}

kj::Promise<Result<void>> NamenodeClient::setStoragePolicy(std::string path, std::uint8_t policy) {
  return call<void>(
      "setStoragePolicy", Repeat::NUMBERED,
      [this, path = std::move(path), policy](Namenode::Client& namenode, std::uint64_t id) {
        auto request = namenode.setStoragePolicyRequest();
        fillCall(request.initCall(), id);
        request.setPath(toText(path));
        request.setPolicy(policy);
        return request.send();
      },
      nothing);
}

kj::Promise<Result<void>> NamenodeClient::setCompression(std::string path,
                                                         std::optional<Compression> compression) {
  return call<void>(
      "setCompression", Repeat::NUMBERED,
      [this, path = std::move(path), compression](Namenode::Client& namenode, std::uint64_t id) {
        auto request = namenode.setCompressionRequest();
        fillCall(request.initCall(), id);
        request.setPath(toText(path));
        request.setUnset(!compression.has_value());
        if (compression.has_value()) {
          request.setCodec(toWire(compression->codec));
          request.setZstdLevel(compression->zstdLevel);
        }
        return request.send();
      },
      nothing);
}

kj::Promise<Result<FsStatus>> NamenodeClient::statFs() {
  return call<FsStatus>(
      "statFs", Repeat::SAFE,
      [this](Namenode::Client& namenode, std::uint64_t id) {
        auto request = namenode.statFsRequest();
        fillCall(request.initCall(), id);
        return request.send();
      },
      [](auto& reply) -> Result<FsStatus> {
        return FsStatus{.capacity = reply.getCapacity(),
                        .used = reply.getUsed(),
                        .remaining = reply.getRemaining()};
      });
}

kj::Promise<Result<void>> NamenodeClient::concat(std::string target,
                                                 std::vector<std::string> sources) {
  return call<void>(
      "concat", Repeat::NUMBERED,
      [this, target = std::move(target), sources = std::move(sources)](Namenode::Client& namenode,
                                                                       std::uint64_t id) {
        auto request = namenode.concatRequest();
        fillCall(request.initCall(), id);
        request.setTarget(toText(target));
        auto to = request.initSources(static_cast<unsigned>(sources.size()));
        for (unsigned i = 0; i < to.size(); ++i) to.set(i, toText(sources[i]));
        return request.send();
      },
      nothing);
}

kj::Promise<Result<bool>> NamenodeClient::truncate(std::string path, std::uint64_t length) {
  return call<bool>(
      "truncate", Repeat::NUMBERED,
      [this, path = std::move(path), length](Namenode::Client& namenode, std::uint64_t id) {
        auto request = namenode.truncateRequest();
        fillCall(request.initCall(), id);
        request.setPath(toText(path));
        request.setLength(length);
        return request.send();
      },
      [](auto& reply) -> Result<bool> { return reply.getDone(); });
}

kj::Promise<Result<bool>> NamenodeClient::recoverLease(std::string path) {
  return call<bool>(
      "recoverLease", Repeat::NUMBERED,
      [this, path = std::move(path)](Namenode::Client& namenode, std::uint64_t id) {
        auto request = namenode.recoverLeaseRequest();
        fillCall(request.initCall(), id);
        request.setPath(toText(path));
        return request.send();
      },
      [](auto& reply) -> Result<bool> { return reply.getClosed(); });
}

}  // namespace cairn::client
