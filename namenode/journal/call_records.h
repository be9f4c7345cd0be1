// Retried calls take effect once: the answer of a change is written down with the change itself,
// and a repetition gets that answer. Layer: journal.  Threads: the state loop.  Cost: a row of
// table retry a change; one look-up.
//
// A record lives until its client says that it will not repeat the call any more (its mark: the
// lowest call that is still open), or ten minutes (limits RETRY_RECORD_MS). A call that is still
// being made durable is found like any other, in the layers of the draft: its repetition waits for
// the same group.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "common/base/ids.h"
#include "common/base/result.h"
#include "common/base/units.h"
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
  // The recorded answer of this call, if it was made before. CALL_EXPIRED for one below its
  // client's mark; INVALID_ARGUMENT when the number was used for another method.
  Result<std::optional<record::Answer>> find(const Draft& draft, const CallKey& call,
                                             std::string_view method);
  // Writes the answer down (which is the same afterwards) and drops records below the mark. The
  // draft must be accepted after it. REQUIRES: find() of the same call in this draft.
  void record(Draft& draft, const CallKey& call, std::string_view method, record::Answer& answer,
              UnixMillis nowMs);

  // Drops records older than RETRY_RECORD_MS, looking at `rowsMax` rows from where the last sweep
  // ended. False when it has come to the end of the table.
  Result<bool> sweep(Draft& draft, UnixMillis nowMs, std::size_t rowsMax);
  std::size_t clients() const { return clients_.size(); }

private:
  struct Client {
    std::uint64_t mark = 0;
    std::set<std::uint64_t> recorded;
  };
  // Client id, then principal.
  static std::string nameOf(const CallKey& call);
  // The client with its records in the tables; null when it has none, so that calls that fail leave
  // nothing behind.
  Result<Client*> clientOf(const Draft& draft, const CallKey& call);

  std::unordered_map<std::string, Client> clients_;
  std::string sweepAfter_;
};

}  // namespace cairn::nn
