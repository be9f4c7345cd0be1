// Collects a map's output: sorts and writes each full buffer as a run, and in the end merges the
// runs into the one file that the reduces fetch from. Layer: mapreduce shuffle.  Threads: the
// task's. Files: run-00000 and so on, and map.out, in the directory it is given. Runs are removed
// when they are merged; after a failure the directory's owner removes what is left.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cairn/mr/combine.h"
#include "cairn/mr/record_buffer.h"
#include "common/base/result.h"
#include "mapreduce/api/engine_conf.h"
#include "mapreduce/shuffle/copy_records.h"
#include "mapreduce/shuffle/segment_index.h"

namespace cairn::mr {

class MapOutput final : public RecordBuffer::Spiller {
public:
  // `combiner` may be null; it and `tick`'s captures outlive this. What a combiner throws passes
  // through.
  MapOutput(std::string directory, std::uint32_t partitions, const EngineConf& conf,
            GroupCombiner* combiner, Tick tick);

  // Sorts the buffer and writes it as one more run. False: see failure().
  bool spill(RecordBuffer& buffer) override;

  struct File {
    std::string path;
    MapOutputIndex index;
  };
  // Once, when the last records have been spilled. The buffer may be gone already: merging needs
  // 128 KiB and somewhat more for each run, up to conf.mergeFanIn of them at once.
  Result<File> finish();

  const std::optional<Status>& failure() const { return failure_; }
  const CopyTotals& totals() const { return totals_; }  // written: records of all runs and merges
  std::size_t spills() const { return spills_; }

private:
  Result<File> writeRun(RecordBuffer& buffer);
  // Merges runs_[0, count) in their order.
  Result<File> mergeRuns(std::size_t count, std::string path);
  std::string nextRunPath();

  const std::string directory_;
  const std::uint32_t partitions_;
  const EngineConf conf_;
  GroupCombiner* const combiner_;
  const Tick tick_;
  std::vector<File> runs_;  // in order of their records' age
  std::size_t filesMade_ = 0;
  std::size_t spills_ = 0;
  CopyTotals totals_;
  std::optional<Status> failure_;
};

}  // namespace cairn::mr
