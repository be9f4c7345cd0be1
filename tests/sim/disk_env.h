// RocksDB's whole world over an io::Disk: its files lie there, its clock is ours, and it gets no
// threads, so that a database runs in the simulator unchanged and repeatably, and loses in a crash
// what the disk loses. The database must be opened so that it starts no background work.
// Layer: tests/sim.  Threads: one.  Paths are absolute for RocksDB; "/a/b" is "a/b" on the disk.
#pragma once

#include <rocksdb/env.h>

#include <memory>

#include "common/io/clock.h"
#include "common/io/disk.h"

namespace cairn::sim {

// `disk` and `clock` outlive it and every database on it.
std::unique_ptr<rocksdb::Env> newDiskEnv(io::Disk& disk, const io::Clock& clock);

}  // namespace cairn::sim
