// Who holds which file for writing, and when they were heard of last.
// Layer: lease (pure).  Threads: one.  Cost: a hash look-up; expired() walks the holders whose time
// is up.
//
// The table lease says the same durably, but for the times: renewals come every second or so from
// each client and are kept in memory only. After a restart every holder counts as heard of at the
// start, so nobody loses a lease to a namenode that was away.
//
// Rules (HDFS's): until the soft limit has passed since its last sign of life a holder is
// undisturbed; after it another client that wants the file may have it closed; after the hard
// limit the namenode closes it.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "common/base/ids.h"
#include "common/base/limits.h"

namespace cairn::nn {

struct LeaseLimits {
  std::int64_t softMs = limits::LEASE_SOFT_MS;
  std::int64_t hardMs = limits::LEASE_HARD_MS;
};

class LeaseBook {
public:
  // Holds the files whose last chunk is being recovered; HDFS's NN_Recovery. Never silent: no limit
  // applies to it. No client is nil.
  static constexpr ClientId NAMENODE{};

  explicit LeaseBook(LeaseLimits limits = {}) : limits_(limits) {}

  // All times: State::awakeMs.
  // The client holds the file from now on; a sign of life.
  void grant(InodeId file, const ClientId& client, std::int64_t nowMs);
  // Nobody holds the file any more.
  void release(InodeId file);
  // A sign of life of a holder; nothing for a client that holds no file.
  void renew(const ClientId& client, std::int64_t nowMs);

  std::optional<ClientId> holderOf(InodeId file) const;
  // True also for a client that holds nothing.
  bool softExpired(const ClientId& client, std::int64_t nowMs) const;
  // Files whose holders are past the hard limit, at most `max`, the longest silent holders first.
  std::vector<InodeId> hardExpired(std::int64_t nowMs, std::size_t max) const;

  std::size_t filesOf(const ClientId& client) const;
  std::size_t files() const { return holders_.size(); }
  std::size_t clients() const { return clients_.size(); }

private:
  struct Client {
    std::int64_t renewedMs = 0;
    std::set<InodeId> files;
  };

  LeaseLimits limits_;
  std::unordered_map<ClientId, Client> clients_;
  std::unordered_map<InodeId, ClientId> holders_;
  std::set<std::pair<std::int64_t, ClientId>> byRenewal_;
};

}  // namespace cairn::nn
