// The namenode that the model is compared with: a real one with a datanode that does as it is told,
// clients that make an operation's calls, and time that stands still unless an operation says so.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "tests/model/operation.h"
#include "tests/namenode/service/fixture.h"

namespace cairn::model {

class Driver : public nn::TestNamenode {
public:
  Driver();
  ~Driver();

  // Does it, and answers what the namenode does, as the model would. INTERNAL: a call that was sent
  // again got another answer, or a recovery was not ordered.
  Result<std::string> apply(const Operation& operation);
  // Whether the last numbered call has changed anything: only such a call can be sent again when
  // others have been at work, for one without effect is not on record.
  void noteEffect(bool changed);
  // As NamespaceModel::dump.
  std::string dump();
  // One millisecond later, so that times of changes can be told apart.
  std::int64_t tick();
  std::int64_t nowMs() { return clock.nowMs(); }

private:
  struct Slot {
    std::uint64_t file = 0;
    std::string user;
    nn::Placed last;          // not committed
    std::uint64_t known = 0;  // bytes of it that cannot get lost
  };
  // A call and what its client knew when it made it.
  struct Sent {
    Operation operation;
    std::uint64_t call = 0;
    std::map<unsigned, Slot> slots;
    std::string answer;
  };

  // --- The cluster ---
  void enrollDatanode();
  void restartAs(bool crashing);
  void noteCopy(const nn::Placed& chunk, std::uint64_t length);
  // Rewrites the entry as it is: answered when it and all that came before is on the disk.
  Result<void> touchNothing(const std::string& path);
  Result<std::string> finishRecoveries(const Operation& o);
  // The orders for all files whose writers are gone, each chunk's last.
  Result<std::map<std::uint64_t, nn::OrderedRecovery>> awaitRecoveries();

  // --- Calls ---
  // Who makes the call: writers' calls are made by who opened the file, whoever the operation
  // names.
  std::string userOf(const Operation& o) const;
  Result<std::string> sendNumbered(const Operation& o);
  Result<std::string> repeatLast(const std::string& user);
  // The same call again. INTERNAL when the answer is another one.
  Result<void> sendAgain(Sent& sent);
  // Makes the call; `after_` is what its client learns from the answer, `detail_` what the answer
  // says that the model does not know.
  Result<std::string> send(const Operation& o, std::uint64_t call);
  Result<std::string> sendAttribute(const Operation& o, std::uint64_t call);
  Result<std::string> sendAddChunk(const Operation& o, std::uint64_t call);
  Result<std::string> sendAbandon(const Operation& o, std::uint64_t call);
  Result<std::string> sendComplete(const Operation& o, std::uint64_t call);
  Result<std::string> sendAppend(const Operation& o, std::uint64_t call);
  Result<std::string> sendSync(const Operation& o, std::uint64_t call);
  Result<std::string> sendTruncate(const Operation& o, std::uint64_t call);
  Result<std::string> sendRecoverLease(const Operation& o, std::uint64_t call);
  Result<std::string> sendSummary(const std::string& path, const std::string& user);
  Result<std::string> sendXAttrs(const std::string& path, const std::string& user);
  Result<std::string> sendList(const std::string& path, const std::string& user);
  Result<std::string> sendLocate(const Operation& o);
  void takeSlot(const Operation& o, Slot slot);
  // The slot's chunk, if it has one, is finished as long as the operation says.
  void noteSealed(const Operation& o);

  template <typename Request>
  void fillFor(Request& request, const std::string& user, std::uint64_t call) {
    auto info = request.initCall();
    info.setUser(user);
    rpc::toWire(Uuid::fromHighLow(1, std::hash<std::string>()(user) | 1), info.initClient());
    info.setCallId(call);
    // What came before is answered.
    info.setLowestOpenCall(call);
  }

  // --- What there is, as the model dumps it ---
  static std::string line(const std::string& path, wire::Entry::Reader entry);
  std::string attributesOf(const std::string& path);
  void dumpBelow(const std::string& path, std::string& text);

  const Uuid uuid_ = Uuid::fromHighLow(7, 7);
  std::map<unsigned, Slot> slots_;
  std::map<std::string, std::uint64_t> calls_;  // by user
  std::map<std::string, Sent> last_;            // by user: its last call, if that changed something
  std::map<std::uint64_t, Replica> copies_;     // finished ones, on the datanode
  std::map<std::uint64_t, std::uint64_t> known_;  // bytes of chunks being written, if any
  std::string caller_;                            // of the last numbered call
  std::function<void()> after_;
  std::string detail_;
};

}  // namespace cairn::model
