// Retried calls take effect once: the answer of a change is written down with the change itself,
// and a repetition gets that answer. Layer: journal.  Threads: the state loop.
// Cost: a row of table retry a group of changes; in memory about 32 bytes a call on record and 150
// a client.
//
// A record lives until its client says that it will not repeat the call any more (its mark: the
// lowest call that is still open), or ten minutes (limits RETRY_RECORD_MS) of this process's own
// time: the wall clock may jump, and a call that is forgotten is done twice. One of an earlier
// life counts as made at the start. A row goes with its last record. A call that is still being
// made durable is found like any other: its repetition waits for the same group.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/base/ids.h"
#include "common/base/result.h"
#include "common/base/units.h"
#include "common/schema/calls.pb.h"
#include "common/schema/namenode.pb.h"
#include "namenode/meta/draft.h"

namespace cairn::nn {

// How a call is known again.
struct CallKey {
  std::string_view principal;
  ClientId client;
  std::uint64_t callId = 0;          // 0: not to be recorded
  std::uint64_t lowestOpenCall = 0;  // the client's mark
};

class CallRecords {
public:
  // All times: io::Clock::monotonicMs.
  // Learns of the records of earlier lives; once, first. O(records). CORRUPT.
  Result<void> load(const MetaView& view, std::int64_t monotonicMs);

  // The recorded answer of this call, if it was made before. CALL_EXPIRED for one below its
  // client's mark; INVALID_ARGUMENT when the number was used for another method.
  Result<std::optional<record::Answer>> find(const Draft& draft, const CallKey& call,
                                             std::string_view method);
  // Writes the answer down, with the wall time for people, and drops records below the mark. The
  // draft must be accepted after it. REQUIRES: find() of the same call in this draft.
  void record(Draft& draft, const CallKey& call, std::string_view method,
              const record::Answer& answer, UnixMillis nowMs, std::int64_t monotonicMs);

  // Drops records older than RETRY_RECORD_MS, of `groupsMax` groups at most. True when there may be
  // more.
  Result<bool> sweep(Draft& draft, std::int64_t monotonicMs, std::size_t groupsMax);
  std::size_t clients() const { return clients_.size(); }

private:
  struct Name {
    ClientId client;
    std::string principal;
  };
  struct NameView {
    ClientId client;
    std::string_view principal;
  };
  struct NameHash {
    using is_transparent = void;
    // Clients choose random ids.
    std::size_t operator()(const auto& name) const { return std::hash<ClientId>()(name.client); }
  };
  struct NameEqual {
    using is_transparent = void;
    bool operator()(const auto& a, const auto& b) const {
      return a.client == b.client && a.principal == b.principal;
    }
  };
  struct Place {
    std::uint64_t callId;
    TxId group;
  };
  struct Client {
    std::uint64_t mark = 0;
    std::deque<Place> recorded;  // by number
  };
  using Clients = std::unordered_map<Name, Client, NameHash, NameEqual>;
  struct Group {
    std::uint32_t records = 0;  // still wanted
    std::int64_t madeMs = 0;
  };
  static const Place* placeOf(const Client& client, std::uint64_t callId);
  void add(Client& client, std::uint64_t callId, TxId group, std::int64_t madeMs);
  // One record of the group less.
  void drop(TxId group);
  // Removes the rows of groups without a record, but for the one that is being filled, whose row is
  // not there yet.
  void eraseEmptied(Draft& draft);

  Clients clients_;
  std::map<TxId, Group> groups_;    // that have a record
  std::vector<TxId> emptied_;       // whose rows are to go
  record::RecordedCalls recorded_;  // of record(), kept for its memory
  std::string recordedBytes_;       // the same
};

}  // namespace cairn::nn
