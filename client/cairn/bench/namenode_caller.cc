#include "client/cairn/bench/namenode_caller.h"

#include <kj/debug.h>

#include <utility>

#include "client/core/path_call.h"
#include "common/rpc/convert.h"

namespace cairn::app {
namespace {

using client::PATH_CALL;

constexpr std::uint64_t FILES_PER_CLIENT = 5'000;  // open ones; half of what the namenode allows

void throwOnFault(wire::Fault::Reader fault) {
  auto result = rpc::fromWire(fault);
  if (!result.has_value())
    KJ_FAIL_REQUIRE("the namenode refused", result.error().message().c_str());
}

template <typename Request>
kj::Promise<void> send(Request request) {
  return request.send().then([](auto reply) { throwOnFault(reply.getFault()); });
}

}  // namespace

NamenodeCaller::NamenodeCaller(wire::Namenode::Client namenode, std::string user,
                               std::uint32_t inFlight, io::Random& random)
    : namenode_(kj::mv(namenode)),
      user_(std::move(user)),
      inFlight_(inFlight),
      random_(random),
      client_(random.uuid()) {}

kj::Promise<void> NamenodeCaller::ping() { return namenode_.pingRequest().send().ignoreResult(); }

kj::Promise<void> NamenodeCaller::stat(const std::string& path) {
  auto request = namenode_.statRequest(PATH_CALL);
  fill(request.initCall(), 0);
  request.setPath(path);
  return send(kj::mv(request));
}

kj::Promise<void> NamenodeCaller::list(const std::string& path, std::uint32_t entries) {
  auto request = namenode_.listRequest(PATH_CALL);
  fill(request.initCall(), 0);
  request.setPath(path);
  request.setLimit(entries);
  return send(kj::mv(request));
}

capnp::Request<wire::Namenode::CreateParams, wire::Namenode::CreateResults>
NamenodeCaller::createRequest(const std::string& path) {
  auto request = namenode_.createRequest(PATH_CALL);
  fill(request.initCall(), ++lastCall_);
  request.setPath(path);
  auto options = request.initOptions();
  options.setMode(0644);
  options.setCreateParents(true);
  options.setReplication(1);
  return request;
}

kj::Promise<void> NamenodeCaller::create(const std::string& path) {
  if (++opened_ % FILES_PER_CLIENT == 0) client_ = random_.uuid();
  return send(createRequest(path));
}

kj::Promise<void> NamenodeCaller::createClosed(const std::string& path) {
  return createRequest(path).send().then([this](auto reply) {
    throwOnFault(reply.getFault());
    auto request = namenode_.completeRequest();
    fill(request.initCall(), ++lastCall_);
    request.setFile(reply.getEntry().getId());
    return send(kj::mv(request));
  });
}

kj::Promise<void> NamenodeCaller::mkdirs(const std::string& path) {
  auto request = namenode_.mkdirsRequest(PATH_CALL);
  fill(request.initCall(), ++lastCall_);
  request.setPath(path);
  request.setMode(0755);
  request.setCreateParents(true);
  return send(kj::mv(request));
}

kj::Promise<void> NamenodeCaller::rename(const std::string& from, const std::string& to) {
  auto request = namenode_.renameRequest(PATH_CALL);
  fill(request.initCall(), ++lastCall_);
  request.setFrom(from);
  request.setTo(to);
  return send(kj::mv(request));
}

kj::Promise<void> NamenodeCaller::remove(const std::string& path, bool recursive) {
  auto request = namenode_.removeRequest(PATH_CALL);
  fill(request.initCall(), ++lastCall_);
  request.setPath(path);
  request.setRecursive(recursive);
  return send(kj::mv(request));
}

kj::Promise<std::uint64_t> NamenodeCaller::listAll(std::string path) {
  std::uint64_t count = 0;
  std::string last;
  while (true) {
    auto request = namenode_.listRequest(PATH_CALL);
    fill(request.initCall(), 0);
    request.setPath(path);
    request.setStartAfter(last);
    auto reply = co_await request.send();
    throwOnFault(reply.getFault());
    const auto entries = reply.getEntries();
    count += entries.size();
    if (!reply.getMore() || entries.size() == 0) co_return count;
    last = rpc::toString(entries[entries.size() - 1].getName());
  }
}

kj::Promise<std::uint64_t> NamenodeCaller::pendingReclaims() {
  auto request = namenode_.reportRequest();
  fill(request.initCall(), 0);
  return request.send().then([](auto reply) {
    throwOnFault(reply.getFault());
    return reply.getReport().getPendingReclaims();
  });
}

void NamenodeCaller::fill(wire::CallInfo::Builder call, std::uint64_t number) const {
  call.setUser(user_);
  rpc::toWire(client_, call.initClient());
  call.setCallId(number);
  // What is in flight is never further apart than so many calls.
  call.setLowestOpenCall(number > inFlight_ ? number - inFlight_ : 0);
}

}  // namespace cairn::app
