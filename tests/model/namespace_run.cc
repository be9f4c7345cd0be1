#include "tests/model/namespace_run.h"

#include <functional>
#include <map>

#include "tests/model/namespace_model.h"
#include "tests/namenode/service/fixture.h"

namespace cairn::model {
namespace {

// Chunk size of every file, so that lengths above it can be tried.
constexpr std::uint64_t CHUNK_SIZE = 1024;
constexpr std::uint32_t FOREVER_MS = 2'000'000'000;
// Operations between two comparisons of everything.
constexpr std::size_t COMPARE_EVERY = 25;

class Driver : public nn::TestNamenode {
public:
  Driver() {
    options.config.safemodeThreshold = 0;  // changes go on at once after a restart
    options.config.accessTimePrecisionMs = ACCESS_PRECISION_MS;
    // Time passes for times of access alone: nobody falls silent.
    options.config.leaseSoftMs = options.config.leaseHardMs = FOREVER_MS;
    options.config.datanodeStaleMs = options.config.datanodeDeadMs = FOREVER_MS;
    options.groupsOf = [](const std::string& user) {
      return user == "alice" ? std::vector<std::string>{"staff"} : std::vector<std::string>();
    };
    begin();
    enrollDatanode();
  }
  ~Driver() { stop(); }

  Result<std::string> apply(const Operation& o) {
    if (o.what == Do::RESTART) {
      o.repeat ? restartAs(true) : restartAs(false);
      return "";
    }
    const bool numbered = o.what < Do::STAT;
    const std::uint64_t call = numbered ? ++calls_[o.user] : 0;
    auto first = send(o, call);
    if (numbered && o.repeat && first.has_value()) {
      auto second = send(o, call);
      if (!second.has_value() || *second != *first) {
        return fail(Code::INTERNAL, "repeated: " + (second ? *second : second.error().toString()));
      }
    }
    if (first.has_value() && after_) after_();
    after_ = nullptr;
    return first;
  }

  // As NamespaceModel::dump.
  std::string dump() {
    std::string text = attributesOf("/");
    dumpBelow("", text);
    return text;
  }

private:
  struct Slot {
    std::uint64_t file = 0;
    std::string user;
    nn::Placed last;  // not committed
  };

  void enrollDatanode() {
    auto& datanode = *datanodes.emplace_back(std::make_unique<nn::FakeDatanode>());
    datanode.uuid = uuid_;
    EXPECT_OK(enroll(datanode, "127.0.0.1:9001", false));
  }
  void restartAs(bool crashing) {
    if (crashing) {
      crash();
      start();
    } else {
      restart();
    }
    enrollDatanode();
  }

  template <typename Request>
  void fillFor(Request& request, const std::string& user, std::uint64_t call) {
    auto info = request.initCall();
    info.setUser(user);
    rpc::toWire(Uuid::fromHighLow(1, std::hash<std::string>()(user) | 1), info.initClient());
    info.setCallId(call);
    // What came before is answered.
    info.setLowestOpenCall(call);
  }

  Result<std::string> send(const Operation& o, std::uint64_t call) {
    after_ = nullptr;
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
        after_ = [this, slot = o.slot, user = o.user, file]() { slots_[slot] = {file, user, {}}; };
        return "";
      }
      case Do::ADD_CHUNK: return sendAddChunk(o, call);
      case Do::ABANDON: return sendAbandon(o, call);
      case Do::COMPLETE: return sendComplete(o, call);
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
      case Do::RESTART: break;
    }
    return "";
  }

  Result<std::string> sendAttribute(const Operation& o, std::uint64_t call) {
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
  Result<std::string> sendSummary(const std::string& path, const std::string& user) {
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
  Result<std::string> sendXAttrs(const std::string& path, const std::string& user) {
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
  // As the model dumps them.
  std::string attributesOf(const std::string& path) {
    const auto summary = sendSummary(path, "root");
    const auto xattrs = sendXAttrs(path, "root");
    EXPECT_OK(summary);
    EXPECT_OK(xattrs);
    return summary.value_or("") + xattrs.value_or("") + "\n";
  }

  Result<std::string> sendAddChunk(const Operation& o, std::uint64_t call) {
    if (!slots_.contains(o.slot)) return fail(Code::NOT_FOUND, "");
    const Slot& slot = slots_[o.slot];
    auto request = namenode.addChunkRequest();
    fillFor(request, slot.user, writerCall(slot.user, o, call));
    request.setFile(slot.file);
    if (slot.last.chunk != 0) commit(slot.last, o.length, request.initPrevious());
    auto reply = wait(request.send());
    TRY(faultOf(reply));
    auto ref = reply.getChunk().getChunk();
    nn::Placed placed{ref.getId(), ref.getGeneration(), {}};
    for (auto node : reply.getChunk().getReplicas()) placed.nodes.push_back(node.getNode());
    after_ = [this, at = o.slot, placed]() { slots_[at].last = placed; };
    return "";
  }
  Result<std::string> sendAbandon(const Operation& o, std::uint64_t call) {
    if (!slots_.contains(o.slot)) return fail(Code::NOT_FOUND, "");
    const Slot& slot = slots_[o.slot];
    auto request = namenode.abandonChunkRequest();
    fillFor(request, slot.user, writerCall(slot.user, o, call));
    request.setFile(slot.file);
    auto chunk = request.initChunk();
    chunk.setId(slot.last.chunk);
    chunk.setGeneration(slot.last.generation);
    TRY(faultOf(wait(request.send())));
    after_ = [this, at = o.slot]() { slots_[at].last = {}; };
    return "";
  }
  Result<std::string> sendComplete(const Operation& o, std::uint64_t call) {
    if (!slots_.contains(o.slot)) return fail(Code::NOT_FOUND, "");
    const Slot& slot = slots_[o.slot];
    auto request = namenode.completeRequest();
    fillFor(request, slot.user, writerCall(slot.user, o, call));
    request.setFile(slot.file);
    if (slot.last.chunk != 0) commit(slot.last, o.length, request.initLast());
    TRY(faultOf(wait(request.send())));
    after_ = [this, at = o.slot]() { slots_[at].last = {}; };
    return "";
  }
  // Writers' calls are made by who opened the file, whoever the operation names.
  std::uint64_t writerCall(const std::string& user, const Operation& o, std::uint64_t call) {
    if (user == o.user) return call;
    auto& mine = writerCalls_[{o.user, call}];
    if (mine == 0) mine = ++calls_[user];
    return mine;
  }

  Result<std::string> sendList(const std::string& path, const std::string& user) {
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
  Result<std::string> sendLocate(const Operation& o) {
    clock.advanceMs(o.length);
    auto request = namenode.getLocationsRequest();
    fillFor(request, o.user, 0);
    request.setPath(o.path);
    request.setLength(~0ULL);
    auto reply = wait(request.send());
    TRY(faultOf(reply));
    std::string lengths;
    for (auto chunk : reply.getChunks()) lengths += std::to_string(chunk.getLength()) + "|";
    settle(o.path);
    return lengths;
  }

  // Answers when what was noted of a read of this file is on the disk: a crash could forget it.
  void settle(const std::string& path) {
    auto request = namenode.setTimesRequest();
    fillFor(request, "root", ++calls_["root"]);
    request.setPath(path);
    request.setMtime(-1);
    request.setAtime(-1);
    EXPECT_OK(faultOf(wait(request.send())));
  }

  std::string line(const std::string& path, wire::Entry::Reader entry) {
    const bool directory = entry.getKind() == wire::EntryKind::DIRECTORY;
    return entryLine(path, directory, entry.getMode(), entry.getOwner().cStr(),
                     entry.getGroup().cStr(), directory ? entry.getChildCount() : entry.getLength(),
                     entry.getChunkCount(), entry.getUnderConstruction(),
                     directory && !entry.getCodecSet() ? NO_LEVEL : entry.getZstdLevel(),
                     directory ? 0 : static_cast<std::uint64_t>(entry.getAtime() - beganMs_));
  }
  void dumpBelow(const std::string& path, std::string& text) {
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

  const UnixMillis beganMs_ = clock.nowMs();
  const Uuid uuid_ = Uuid::fromHighLow(7, 7);
  std::map<unsigned, Slot> slots_;
  std::map<std::string, std::uint64_t> calls_;
  std::map<std::pair<std::string, std::uint64_t>, std::uint64_t> writerCalls_;
  std::function<void()> after_;
};

std::string show(const Result<std::string>& result) {
  return result.has_value() ? "\"" + *result + "\"" : std::string(codeName(result.error().code()));
}

bool same(const Result<std::string>& a, const Result<std::string>& b) {
  if (a.has_value() != b.has_value()) return false;
  return a.has_value() ? *a == *b : a.error().code() == b.error().code();
}

}  // namespace

std::string run(const std::vector<Operation>& operations) {
  Driver driver;
  NamespaceModel model;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    const Operation& operation = operations[i];
    const auto expected = model.apply(operation);
    const auto real = driver.apply(operation);
    if (!same(expected, real)) {
      return "step " + std::to_string(i) + ", " + toString(operation) + ": expected " +
             show(expected) + ", the namenode says " + show(real) +
             (real.has_value() ? "" : " (" + real.error().message() + ")");
    }
    if (operation.what == Do::RESTART || i + 1 == operations.size() ||
        i % COMPARE_EVERY == COMPARE_EVERY - 1) {
      const std::string wanted = model.dump();
      const std::string is = driver.dump();
      if (wanted != is) {
        return "after step " + std::to_string(i) + " the trees differ; expected:\n" + wanted +
               "the namenode has:\n" + is;
      }
    }
  }
  return "";
}

std::vector<Operation> shrink(std::vector<Operation> operations, int runsMax) {
  for (std::size_t part = operations.size() / 2; part > 0 && runsMax > 0;) {
    bool shorter = false;
    for (std::size_t at = 0; at < operations.size() && runsMax > 0;) {
      std::vector<Operation> fewer = operations;
      const auto begin = fewer.begin() + static_cast<std::ptrdiff_t>(at);
      const auto left = static_cast<std::size_t>(fewer.end() - begin);
      fewer.erase(begin, begin + static_cast<std::ptrdiff_t>(std::min(part, left)));
      --runsMax;
      if (!run(fewer).empty()) {
        operations = std::move(fewer);
        shorter = true;
      } else {
        at += part;
      }
    }
    if (!shorter || part > operations.size()) part /= 2;
  }
  return operations;
}

}  // namespace cairn::model
