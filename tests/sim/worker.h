// One thread of a client: does random operations in a directory of its own, one after the other,
// and holds the cluster to every answer it gets. Layer: tests/sim.  Threads: one event loop.
#pragma once

#include <kj/async.h>

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "client/core/file_system.h"
#include "common/io/random.h"
#include "tests/sim/model.h"
#include "tests/sim/sim_world.h"
#include "tests/sim/verdict.h"

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

// What the workers of a run have in common.
struct Shared {
  std::string root;  // the directory they work in, writable for all; made before they start
  Contests contests;
  // Whatever a path was ever meant to hold: a reader that is not its writer may find any of it.
  std::map<std::string, std::vector<Content>> everAt;
  FailureCounts failures;
  std::int64_t pauseMaxMicros = 400'000;         // between two operations of a worker
  bool disksFail = false;                        // so that IO_ERROR is no wrong answer
  std::function<std::uint64_t()> powerFailures;  // of datanodes so far
};

// What a client's restart does not change.
struct WorkerState {
  WorkerState(std::string name, io::Random random, Shared& shared)
      : name(std::move(name)),
        directory(shared.root + '/' + this->name),
        random(std::move(random)),
        shared(shared) {}

  const std::string name;
  const std::string directory;  // it alone changes anything in here
  io::Random random;
  Shared& shared;
  Model model;
  WorkCounts counts;
  std::uint64_t lastName = 0;
};

class Worker {
public:
  // All outlive it.
  Worker(SimWorld& world, Verdict& verdict, client::FileSystem& files, WorkerState& state)
      : world_(world), verdict_(verdict), files_(files), state_(state) {}
  KJ_DISALLOW_COPY(Worker);

  // Works for ever; dropped when its client crashes. What was under way then is of unknown outcome.
  kj::Promise<void> run();
  // run() settles once what is under way has ended.
  void stop() { stopping_ = true; }

private:
  kj::Promise<void> step();
  kj::Promise<void> makeDirectory();
  kj::Promise<void> put(bool direct);
  kj::Promise<void> overwrite();
  // A file written in pieces that are flushed and read back at once, as logs are.
  kj::Promise<void> log();
  kj::Promise<void> append();
  kj::Promise<Result<void>> writeFlushed(std::string path, std::string bytes);
  kj::Promise<void> get();
  kj::Promise<void> getPart();
  kj::Promise<void> getOthers();
  kj::Promise<void> putLarge();
  kj::Promise<void> list();
  kj::Promise<void> stat();
  kj::Promise<void> renameFile(bool ontoAnother);
  kj::Promise<void> renameDirectory();
  kj::Promise<void> removeFile();
  kj::Promise<void> removeDirectory();
  kj::Promise<void> contest();

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
  WorkerState& state_;
  bool stopping_ = false;
};

}  // namespace cairn::sim
