// Runs operations on tables in memory.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "common/io/random.h"
#include "namenode/meta/records.h"
#include "namenode/ops/abandon_chunk.h"
#include "namenode/ops/add_chunk.h"
#include "namenode/ops/complete.h"
#include "namenode/ops/create.h"
#include "namenode/ops/mkdirs.h"
#include "namenode/ops/path.h"
#include "namenode/ops/release_lease.h"
#include "namenode/ops/remove.h"
#include "namenode/ops/rename.h"
#include "namenode/ops/stat.h"
#include "tests/namenode/map_view.h"
#include "tests/testkit/results.h"

namespace cairn::nn {

class OpsTest : public ::testing::Test {
protected:
  OpsTest() {
    record::Dirent root;
    root.set_id(ROOT_INODE.value);
    root.set_kind(record::DIRECTORY);
    root.set_mode(0755);
    root.set_owner("root");
    root.set_group("supergroup");
    view.rows(Table::DIRENT)[std::string(direntKey(ROOT_PARENT, "").view())] =
        root.SerializeAsString();
    caller.user = "root";
    caller.superuser = true;
    caller.client = Uuid::fromHighLow(1, 1);
    settings.replication = 2;
    settings.chunkSize = 1000;
    settings.chunkSizeMin = 10;
    for (std::uint32_t i = 1; i <= 3; ++i) {
      nodes.push_back({.node = NodeId(i),
                       .address = "h:1",
                       .machine = {},
                       .rack = "/r",
                       .freeBytes = 1 << 30,
                       .load = 0,
                       .unfit = {}});
    }
  }
  void become(const std::string& user) {
    caller.user = user;
    caller.superuser = user == "root";
    caller.client = Uuid::fromHighLow(1, std::hash<std::string>()(user) | 1);
  }
  // Runs it as one group of its own: applied when it succeeds.
  template <typename Operate>
  Result<Outcome> run(Operate&& operate) {
    Draft draft({nullptr, nullptr, &view}, TxId(++txid));
    closeFirst.reset();
    Context context{.caller = caller,
                    .nowMs = nowMs,
                    .awakeMs = nowMs,
                    .settings = settings,
                    .ids = ids,
                    .leases = leases,
                    .closeFirst = {}};
    auto outcome = operate(draft, context);
    closeFirst = context.closeFirst;
    if (!outcome.has_value()) return outcome;
    for (const auto& [key, row] : draft.changes().rows(Table::LEASE)) {
      record::Lease lease;
      if (row.value.has_value() && lease.ParseFromString(*row.value)) {
        leases.grant(inodeInKey(key), uuidFromBytes(lease.client()), nowMs);
      } else {
        leases.release(inodeInKey(key));
      }
    }
    counts.add(draft.changes().counts());
    view.apply(draft.changes());
    return outcome;
  }
  Result<Outcome> makeDirectory(const std::string& path, std::uint16_t mode = 0755,
                                bool parents = true) {
    ASSIGN(const auto parsed, Path::parse(path));
    return run([&](Draft& draft, Context& context) {
      return mkdirs(draft, context, {.path = parsed, .mode = mode, .createParents = parents});
    });
  }
  Result<InodeId> makeFile(const std::string& path, bool overwrite = false, bool parents = true) {
    ASSIGN(const auto parsed, Path::parse(path));
    ASSIGN(const auto outcome, run([&](Draft& draft, Context& context) {
             return create(draft, context,
                           {.path = parsed,
                            .mode = 0644,
                            .overwrite = overwrite,
                            .createParents = parents,
                            .codec = {}});
           }));
    return InodeId(outcome.answer.entry().id());
  }
  Result<record::Allocation> allocate(InodeId file, const ChunkCommit& previous = {}) {
    ASSIGN(const auto outcome, run([&](Draft& draft, Context& context) {
             return addChunk(draft, context,
                             {.file = file,
                              .previous = previous,
                              .excluded = {},
                              .localNode = NodeId(1),
                              .machine = {}},
                             nodes, dice);
           }));
    return outcome.answer.allocation();
  }
  static ChunkCommit sealed(const record::Allocation& chunk, std::uint64_t length) {
    ChunkCommit commit{.chunk = ChunkId(chunk.chunk()),
                       .generation = GenerationStamp(chunk.generation()),
                       .length = length,
                       .sealed = {}};
    for (const auto node : chunk.pipeline()) commit.sealed.push_back({NodeId(node), length / 2});
    return commit;
  }
  Result<Outcome> finish(InodeId file, const ChunkCommit& last = {}) {
    return run([&](Draft& draft, Context& context) {
      return complete(draft, context, {.file = file, .last = last});
    });
  }
  // A closed file of one chunk.
  Result<record::Allocation> writeFile(const std::string& path, std::uint64_t length = 100) {
    ASSIGN(const auto file, makeFile(path));
    ASSIGN(auto chunk, allocate(file));
    TRY(finish(file, sealed(chunk, length)));
    return chunk;
  }
  Result<bool> removePath(const std::string& path, bool recursive = true,
                          std::optional<InodeId> checked = {}) {
    ASSIGN(const auto parsed, Path::parse(path));
    ASSIGN(const auto outcome, run([&](Draft& draft, Context& context) {
             return nn::remove(draft, context,
                               {.path = parsed, .recursive = recursive, .checkedBelow = checked});
           }));
    return outcome.answer.flag();
  }
  Result<Outcome> move(const std::string& from, const std::string& to, bool overwrite = false) {
    ASSIGN(const auto parsedFrom, Path::parse(from));
    ASSIGN(const auto parsedTo, Path::parse(to));
    return run([&](Draft& draft, Context& context) {
      return nn::rename(draft, context,
                        {.from = parsedFrom, .to = parsedTo, .overwrite = overwrite});
    });
  }
  // HDFS's first rename.
  Result<Outcome> moveInto(const std::string& from, const std::string& to, bool overwrite = false) {
    ASSIGN(const auto parsedFrom, Path::parse(from));
    ASSIGN(const auto parsedTo, Path::parse(to));
    return run([&](Draft& draft, Context& context) {
      return nn::rename(
          draft, context,
          {.from = parsedFrom, .to = parsedTo, .overwrite = overwrite, .moveInto = true});
    });
  }
  Result<record::Dirent> look(const std::string& path) {
    ASSIGN(const auto parsed, Path::parse(path));
    return nn::stat(view, caller, parsed);
  }
  std::size_t rows(Table table) const { return view.rows(table).size(); }

  MapView view;
  IdAllocator ids{record::Reservations()};
  LeaseBook leases;
  Settings settings;
  Caller caller;
  std::vector<Candidate> nodes;
  io::Random random{3};
  Dice dice = [this](std::uint64_t n) { return random.below(n); };
  UnixMillis nowMs = 1000;
  std::uint64_t txid = 1;
  CountChanges counts;
  std::optional<InodeId> closeFirst;
};

}  // namespace cairn::nn
