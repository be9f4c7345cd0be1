// The calls that one client makes of a namenode in `cairn bench nn`.
// Layer: client/cairn.  Threads: one event loop.  A fault of the namenode breaks the call's
// promise.
#pragma once

#include <kj/async.h>

#include <cstdint>
#include <string>

#include "common/io/random.h"
#include "common/schema/namenode.capnp.h"

namespace cairn::app {

class NamenodeCaller {
public:
  // `inFlight`: calls of this client at a time, at most. `random` outlives it.
  NamenodeCaller(wire::Namenode::Client namenode, std::string user, std::uint32_t inFlight,
                 io::Random& random);
  KJ_DISALLOW_COPY(NamenodeCaller);

  kj::Promise<void> ping();
  kj::Promise<void> stat(const std::string& path);
  // A page of at most `entries`.
  kj::Promise<void> list(const std::string& path, std::uint32_t entries);
  // The file stays open for writing.
  kj::Promise<void> create(const std::string& path);
  // An empty file, closed.
  kj::Promise<void> createClosed(const std::string& path);
  kj::Promise<void> mkdirs(const std::string& path);
  kj::Promise<void> rename(const std::string& from, const std::string& to);
  kj::Promise<void> remove(const std::string& path, bool recursive = false);
  // All entries of a directory, page by page; how many there were.
  kj::Promise<std::uint64_t> listAll(std::string path);
  // Removed trees and chunks that are still to be reclaimed.
  kj::Promise<std::uint64_t> pendingReclaims();

private:
  capnp::Request<wire::Namenode::CreateParams, wire::Namenode::CreateResults> createRequest(
      const std::string& path);
  void fill(wire::CallInfo::Builder call, std::uint64_t number) const;

  wire::Namenode::Client namenode_;
  const std::string user_;
  const std::uint32_t inFlight_;
  io::Random& random_;
  Uuid client_;
  std::uint64_t lastCall_ = 0;
  std::uint64_t opened_ = 0;
};

}  // namespace cairn::app
