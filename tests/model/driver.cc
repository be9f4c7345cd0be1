#include "tests/model/driver.h"

#include "tests/model/namespace_model.h"

namespace cairn::model {
namespace {

constexpr std::uint32_t FOREVER_MS = 2'000'000'000;

}  // namespace

Driver::Driver() {
  options.config.safemodeThreshold = 0;  // changes go on at once after a restart
  options.config.accessTimePrecisionMs = ACCESS_PRECISION_MS;
  // Whatever time passes, nobody falls silent.
  options.config.leaseSoftMs = options.config.leaseHardMs = FOREVER_MS;
  options.config.datanodeStaleMs = options.config.datanodeDeadMs = FOREVER_MS;
  options.groupsOf = [](const std::string& user) -> std::vector<std::string> {
    if (user == "alice") return {"staff"};
    if (user == "bob") return {"staff", "others"};
    return {};
  };
  begin();
  enrollDatanode();
}

Driver::~Driver() { stop(); }

std::int64_t Driver::tick() {
  clock.advanceMs(1);
  return nowMs();
}

Result<std::string> Driver::apply(const Operation& o) {
  switch (o.what) {
    case Do::RESTART: restartAs(o.crash); return "";
    case Do::FINISH_RECOVERIES: return finishRecoveries(o);
    case Do::REPEAT: return repeatLast(o.user);
    default: break;
  }
  return o.what < Do::STAT ? sendNumbered(o) : send(o, 0);
}

std::string Driver::userOf(const Operation& o) const {
  switch (o.what) {
    case Do::ADD_CHUNK:
    case Do::ABANDON:
    case Do::COMPLETE:
    case Do::SYNC: {
      const auto slot = slots_.find(o.slot);
      return slot == slots_.end() ? o.user : slot->second.user;
    }
    default: return o.user;
  }
}

Result<std::string> Driver::sendNumbered(const Operation& o) {
  caller_ = userOf(o);
  Sent sent{.operation = o, .call = ++calls_[caller_], .slots = slots_, .answer = {}};
  last_.erase(caller_);
  auto first = send(o, sent.call);
  if (!first.has_value()) return first;
  sent.answer = *first + detail_;
  if (after_) after_();
  if (o.repeat) {
    if (o.crash) restartAs(true);
    TRY(sendAgain(sent));
  }
  last_[caller_] = std::move(sent);
  return first;
}

Result<void> Driver::sendAgain(Sent& sent) {
  std::swap(slots_, sent.slots);
  const auto answer = send(sent.operation, sent.call);
  std::swap(slots_, sent.slots);
  if (answer.has_value() && *answer + detail_ == sent.answer) return {};
  return fail(Code::INTERNAL, "sent again, " + toString(sent.operation) + ": " +
                                  (answer ? *answer + detail_ + " instead of " + sent.answer
                                          : answer.error().toString()));
}

void Driver::noteEffect(bool changed) {
  if (!changed) last_.erase(caller_);
}

Result<std::string> Driver::repeatLast(const std::string& user) {
  const auto found = last_.find(user);
  if (found != last_.end()) TRY(sendAgain(found->second));
  return "";
}

Result<std::string> Driver::send(const Operation& o, std::uint64_t call) {
  after_ = nullptr;
  detail_.clear();
  switch (o.what) {
    case Do::MKDIRS: {
      auto request = namenode.mkdirsRequest();
      fillFor(request, o.user, call);
      request.setPath(o.path);
      request.setMode(static_cast<std::uint16_t>(o.mode));
      request.setCreateParents(o.parents);
      auto reply = wait(request.send());
      TRY(faultOf(reply));
      return reply.getCreated() ? "true" : "false";
    }
    case Do::CREATE: {
      auto request = namenode.createRequest();
      fillFor(request, o.user, call);
      request.setPath(o.path);
      auto with = request.initOptions();
      with.setMode(static_cast<std::uint16_t>(o.mode));
      with.setOverwrite(o.force);
      with.setCreateParents(o.parents);
      with.setReplication(1);
      with.setChunkSize(CHUNK_SIZE);
      auto reply = wait(request.send());
      TRY(faultOf(reply));
      const std::uint64_t file = reply.getEntry().getId();
      detail_ = std::to_string(file);
      after_ = [this, o, file]() { takeSlot(o, {.file = file, .user = o.user}); };
      return "";
    }
    case Do::ADD_CHUNK: return sendAddChunk(o, call);
    case Do::ABANDON: return sendAbandon(o, call);
    case Do::COMPLETE: return sendComplete(o, call);
    case Do::APPEND: return sendAppend(o, call);
    case Do::SYNC: return sendSync(o, call);
    case Do::TRUNCATE: return sendTruncate(o, call);
    case Do::RECOVER_LEASE: return sendRecoverLease(o, call);
    case Do::REMOVE: {
      auto request = namenode.removeRequest();
      fillFor(request, o.user, call);
      request.setPath(o.path);
      request.setRecursive(o.force);
      auto reply = wait(request.send());
      TRY(faultOf(reply));
      return reply.getRemoved() ? "true" : "false";
    }
    case Do::RENAME: {
      auto request = namenode.renameRequest();
      fillFor(request, o.user, call);
      request.setFrom(o.path);
      request.setTo(o.to);
      request.setOverwrite(o.force);
      request.setMoveInto(movesInto(o));
      TRY(faultOf(wait(request.send())));
      return "";
    }
    case Do::STAT: {
      auto request = namenode.statRequest();
      fillFor(request, o.user, call);
      request.setPath(o.path);
      auto reply = wait(request.send());
      TRY(faultOf(reply));
      return line("", reply.getEntry());
    }
    case Do::LIST: return sendList(o.path, o.user);
    case Do::LOCATE: return sendLocate(o);
    case Do::SUMMARY: return sendSummary(o.path, o.user);
    case Do::XATTRS: return sendXAttrs(o.path, o.user);
    default: return sendAttribute(o, call);
    case Do::FINISH_RECOVERIES:
    case Do::REPEAT:
    case Do::RESTART: break;
  }
  return "";
}

Result<std::string> Driver::sendAttribute(const Operation& o, std::uint64_t call) {
  const auto ask = [&](auto request) -> Result<std::string> {
    fillFor(request, o.user, call);
    TRY(faultOf(wait(request.send())));
    return "";
  };
  switch (o.what) {
    case Do::SET_PERMISSION: {
      auto request = namenode.setPermissionRequest();
      request.setPath(o.path);
      request.setMode(static_cast<std::uint16_t>(o.mode));
      return ask(kj::mv(request));
    }
    case Do::SET_OWNER: {
      auto request = namenode.setOwnerRequest();
      request.setPath(o.path);
      request.setOwner(ownerOf(o));
      request.setGroup(groupOf(o));
      return ask(kj::mv(request));
    }
    case Do::SET_REPLICATION: {
      auto request = namenode.setReplicationRequest();
      fillFor(request, o.user, call);
      request.setPath(o.path);
      request.setReplication(static_cast<std::uint16_t>(replicationOf(o)));
      auto reply = wait(request.send());
      TRY(faultOf(reply));
      return reply.getIsFile() ? "true" : "false";
    }
    case Do::SET_TIMES: {
      auto request = namenode.setTimesRequest();
      request.setPath(o.path);
      request.setMtime(mtimeOf(o));
      request.setAtime(atimeOf(o));
      return ask(kj::mv(request));
    }
    case Do::SET_POLICY: {
      auto request = namenode.setStoragePolicyRequest();
      request.setPath(o.path);
      request.setPolicy(static_cast<std::uint8_t>(policyOf(o)));
      return ask(kj::mv(request));
    }
    case Do::SET_COMPRESSION: {
      auto request = namenode.setCompressionRequest();
      request.setPath(o.path);
      request.setUnset(o.force);
      request.setCodec(wire::Codec::ZSTD);
      request.setZstdLevel(static_cast<std::int8_t>(zstdLevelOf(o)));
      return ask(kj::mv(request));
    }
    case Do::SET_XATTR: {
      auto request = namenode.setXAttrRequest();
      request.setPath(o.path);
      request.setCreate(o.parents);
      request.setReplace(o.force);
      auto xattr = request.initXattr();
      xattr.setName(xattrNameOf(o));
      const std::string value = std::to_string(o.length);
      xattr.setValue(rpc::toData(asBytes(value)));
      return ask(kj::mv(request));
    }
    case Do::REMOVE_XATTR: {
      auto request = namenode.removeXAttrRequest();
      request.setPath(o.path);
      request.setName(xattrNameOf(o));
      return ask(kj::mv(request));
    }
    case Do::CONCAT: {
      auto request = namenode.concatRequest();
      request.setTarget(o.path);
      request.initSources(1).set(0, o.to);
      return ask(kj::mv(request));
    }
    default: return "";
  }
}

Result<std::string> Driver::sendSummary(const std::string& path, const std::string& user) {
  auto request = namenode.contentSummaryRequest();
  fillFor(request, user, 0);
  request.setPath(path);
  auto reply = wait(request.send());
  TRY(faultOf(reply));
  const auto summary = reply.getSummary();
  return Summary{.files = summary.getFiles(),
                 .directories = summary.getDirectories(),
                 .length = summary.getLength(),
                 .space = summary.getSpaceConsumed(),
                 .stored = summary.getStoredLength(),
                 .storedSpace = summary.getStoredConsumed()}
      .text();
}

Result<std::string> Driver::sendXAttrs(const std::string& path, const std::string& user) {
  auto request = namenode.getXAttrsRequest();
  fillFor(request, user, 0);
  request.setPath(path);
  auto reply = wait(request.send());
  TRY(faultOf(reply));
  std::string text;
  for (auto xattr : reply.getXattrs()) {
    text += rpc::toString(xattr.getName()) + "=" +
            std::string(asText(rpc::toView(xattr.getValue()))) + "|";
  }
  return text;
}

Result<std::string> Driver::sendList(const std::string& path, const std::string& user) {
  std::string names;
  std::string after;
  while (true) {
    auto request = namenode.listRequest();
    fillFor(request, user, 0);
    request.setPath(path);
    request.setStartAfter(after);
    request.setLimit(2);  // several pages
    auto reply = wait(request.send());
    TRY(faultOf(reply));
    for (auto entry : reply.getEntries()) {
      after = entry.getName().cStr();
      names += after + "|";
    }
    if (!reply.getMore()) return names;
  }
}

Result<std::string> Driver::sendLocate(const Operation& o) {
  clock.advanceMs(o.length);
  auto request = namenode.getLocationsRequest();
  fillFor(request, o.user, 0);
  request.setPath(o.path);
  request.setLength(~0ULL);
  auto reply = wait(request.send());
  TRY(faultOf(reply));
  std::string lengths;
  for (auto chunk : reply.getChunks()) lengths += std::to_string(chunk.getLength()) + "|";
  // What was noted of the read is on the disk then: a crash could forget it.
  TRY(touchNothing(o.path));
  return lengths;
}

std::string Driver::line(const std::string& path, wire::Entry::Reader entry) {
  const bool directory = entry.getKind() == wire::EntryKind::DIRECTORY;
  return EntryLine{.path = path,
                   .directory = directory,
                   .mode = entry.getMode(),
                   .owner = entry.getOwner().cStr(),
                   .group = entry.getGroup().cStr(),
                   .size = directory ? entry.getChildCount() : entry.getLength(),
                   .parts = entry.getChunkCount(),
                   .open = entry.getUnderConstruction(),
                   .level = directory && !entry.getCodecSet() ? NO_LEVEL : entry.getZstdLevel(),
                   .replication = entry.getReplication(),
                   .policy = entry.getStoragePolicy(),
                   .mtime = entry.getMtime(),
                   .atime = entry.getAtime()}
      .text();
}

std::string Driver::dump() {
  std::string text = attributesOf("/");
  dumpBelow("", text);
  return text;
}

std::string Driver::attributesOf(const std::string& path) {
  const auto summary = sendSummary(path, "root");
  const auto xattrs = sendXAttrs(path, "root");
  EXPECT_OK(summary);
  EXPECT_OK(xattrs);
  return summary.value_or("") + xattrs.value_or("") + "\n";
}

void Driver::dumpBelow(const std::string& path, std::string& text) {
  auto request = namenode.listRequest();
  fillFor(request, "root", 0);
  request.setPath(path.empty() ? "/" : path);
  auto reply = wait(request.send());
  EXPECT_OK(faultOf(reply));
  for (auto entry : reply.getEntries()) {
    const std::string child = path + "/" + entry.getName().cStr();
    text += line(child, entry) + attributesOf(child);
    if (entry.getKind() == wire::EntryKind::DIRECTORY) dumpBelow(child, text);
  }
}

}  // namespace cairn::model
