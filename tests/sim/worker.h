// One thread of a client: does random operations in a directory of its own, one after the other,
// and holds the cluster to every answer it gets. Layer: tests/sim.  Threads: one event loop.
#pragma once

#include <kj/async.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "client/core/file_system.h"
#include "common/io/random.h"
#include "tests/sim/model.h"
#include "tests/sim/onlooker.h"
#include "tests/sim/sim_world.h"
#include "tests/sim/verdict.h"
#include "tests/sim/write_phase.h"

namespace cairn::sim {

struct WorkCounts {
  std::uint64_t acknowledged = 0;  // changes
  std::uint64_t failed = 0;        // operations that ended in an error
  std::uint64_t reads = 0;         // files read back whole and right
};

// Failures by code, for the summary of a run.
using FailureCounts = std::map<Code, std::uint64_t>;

// Files that all workers try to create, each once: at most one may be told that it did.
struct Contest {
  std::set<std::string> acknowledgedBy;  // names of workers
  std::map<std::string, Content> tried;  // by name of worker
};
using Contests = std::map<std::string, Contest>;  // by path

struct WorkerState;

// What the workers of a run have in common.
struct Shared {
  std::string root;  // the directory they work in, writable for all; made before they start
  Contests contests;
  std::vector<WorkerState*> workers;  // all of them
  // Whatever a path was ever meant to hold: a reader that is not its writer may find any of it.
  std::map<std::string, std::vector<Content>> everAt;
  FailureCounts failures;
  std::int64_t pauseMaxMicros = 400'000;         // between two operations of a worker
  bool disksFail = false;                        // or volumes, so that IO_ERROR is no wrong answer
  bool disksFill = false;                        // so that DISK_FULL is none
  bool onlyClientsFail = false;                  // so that no copy may get lost
  std::uint16_t replicationMax = 3;              // of files: there are so many datanodes
  std::function<std::uint64_t()> powerFailures;  // of datanodes so far
  std::function<std::uint64_t()> losses;         // those that took what was not synced
  std::function<bool()> anyDatanodeDown;
  // A worker of this client has come so far with a file.
  std::function<void(unsigned client, WritePhase phase)> reached;
  // A worker begins to flush a file, not for the first time.
  std::function<void(WorkerState& worker)> flushes;
  // It was acknowledged, the first one too. Null: nothing happens. Else it is waited for, and with
  // true the writer dies; then its worker asks for the file's recovery at once.
  std::function<kj::Maybe<kj::Promise<bool>>(WorkerState& worker)> flushed;
};

// What a client's restart does not change.
struct WorkerState {
  WorkerState(unsigned client, std::string name, io::Random random, Shared& shared)
      : client(client),
        name(std::move(name)),
        directory(shared.root + '/' + this->name),
        random(std::move(random)),
        shared(shared) {}

  const unsigned client;
  const std::string name;
  const std::string directory;  // it alone changes anything in here
  io::Random random;
  Shared& shared;
  Model model;
  WorkCounts counts;
  std::uint64_t lastName = 0;
  std::string changedLast;           // a file that was appended to or cut
  std::uint64_t recoverNext = 0;     // an operation that was let in: its writer is dead
  const OpenWrite* write = nullptr;  // the file being written now
};

// A file that a worker writes, or that a dead writer of this worker left open.
struct OpenedFile {
  WorkerState* owner = nullptr;
  std::uint64_t operation = 0;  // in the owner's model
  std::string path;

  // Nobody but its writer, or a recovery, does anything to it.
  bool isOpen() const;
  bool isBeingWritten() const;
  // REQUIRES: isOpen().
  const Expected& expected() const;
  // What was shown has to stay. `lossesBefore`: of datanodes, before the look. Nothing happens
  // when the file is not open any more.
  void noteShown(Verdict& verdict, const Look& look, std::uint64_t lossesBefore) const;
};

// Counts a writer that goes away now without having closed its file.
void noteDeath(Reach& reach, const WorkerState& worker);
// What is looked for of a file whose writer is dead: so many bytes.
std::uint64_t countHeld(Reach& reach, const Held& held, std::uint64_t losses);

class Worker {
public:
  // All outlive it.
  Worker(SimWorld& world, Verdict& verdict, client::FileSystem& files, Onlooker& onlooker,
         WorkerState& state)
      : world_(world), verdict_(verdict), files_(files), onlooker_(onlooker), state_(state) {}
  KJ_DISALLOW_COPY(Worker);

  // Works for ever; dropped when its client crashes. What was under way then is of unknown outcome.
  kj::Promise<void> run();
  // run() settles once what is under way has ended.
  void stop() { stopping_ = true; }
  const WorkerState& state() const { return state_; }

private:
  kj::Promise<void> step();
  kj::Promise<void> makeDirectory();
  kj::Promise<void> put(bool direct);
  kj::Promise<void> overwrite();
  // A file written in pieces that are flushed and read back at once, as logs are.
  kj::Promise<void> log();
  kj::Promise<void> append();
  kj::Promise<void> truncate();
  // Takes a file that a dead writer of this worker left open: by recoverLease, or by appending.
  kj::Promise<void> recover();
  kj::Promise<void> takeOver();

  // How a file is written. worker_write.cc
  struct Writing {
    std::uint64_t operation = 0;  // in the model; 0: it has none
    std::string path;
    Content content;  // of the whole file
    bool append = false;
    std::uint64_t from = 0;  // bytes of it that are there already
    CreateOptions options = {};
    bool flushes = false;  // and reads back what it flushed
  };
  // Writes and closes.
  kj::Promise<Result<void>> write(Writing writing);
  kj::Promise<Result<void>> writeTo(client::FileWriter& writer, OpenWrite& open,
                                    const Writing& writing);
  // Datanodes' failures so far.
  struct Failures {
    std::uint64_t ofPower = 0;
    std::uint64_t losses = 0;
  };
  Failures failuresNow() const {
    return {.ofPower = state_.shared.powerFailures(), .losses = state_.shared.losses()};
  }
  // `since`: as they were before any byte was written that this flush is the first to confirm: what
  // is acknowledged already need not be asked for again, so that a node which has lost it since may
  // not be noticed.
  kj::Promise<Result<void>> flush(client::FileWriter& writer, const Writing& writing,
                                  Failures since);
  std::uint64_t pieceAt(std::uint64_t at, std::uint64_t end);
  std::uint64_t lengthNear(std::uint64_t least, std::uint64_t most);
  // A write that was let in and whose writer is gone, which may be taken from it: the operation, or
  // 0.
  std::uint64_t pickLeftOpen(std::string& path, Expected& started);
  // It is closed now, by somebody else.
  kj::Promise<void> settleClosed(std::uint64_t operation, std::string path, Expected started);
  kj::Promise<void> get();
  kj::Promise<void> getPart();
  kj::Promise<void> getOthers();
  // Reads a file while it is written, as `tail -f` does: any worker's. worker_follow.cc
  kj::Promise<void> follow();
  std::optional<OpenedFile> pickOpen();
  // A reader is shown `length` bytes, where `promised` were shown before; false, and a violation,
  // unless the file has changed hands or datanodes have lost something meanwhile.
  bool checkShown(const OpenedFile& file, std::uint64_t length, std::uint64_t promised,
                  std::uint64_t losses);
  kj::Promise<void> putLarge();
  kj::Promise<void> list();
  kj::Promise<void> stat();
  kj::Promise<void> renameFile(bool ontoAnother);
  kj::Promise<void> renameDirectory();
  kj::Promise<void> removeFile();
  kj::Promise<void> removeDirectory();
  kj::Promise<void> contest();
  // Another number of replicas for a file: copies are made or deleted while all else goes on.
  kj::Promise<void> setReplication();

  std::uint64_t begin(Operation operation);
  // The outcome of an operation that was begun: settles it, or says why the answer cannot be.
  void conclude(std::uint64_t operation, const std::string& what, const Status* failure);
  // A failure that trouble with machines and connections explains.
  void expectTrouble(const std::string& what, const Status& failure);
  std::string newName();
  // A random certain path of this kind; "" when there is none.
  std::string pick(Expected::Kind kind);
  std::string pickDirectory();

  SimWorld& world_;
  Verdict& verdict_;
  client::FileSystem& files_;
  Onlooker& onlooker_;
  WorkerState& state_;
  bool stopping_ = false;
};

}  // namespace cairn::sim
