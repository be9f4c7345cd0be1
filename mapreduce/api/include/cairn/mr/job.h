// A job: what it reads, what runs, where the result goes.
// Layer: mapreduce api (std only, installed).  Threads: values.
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cairn/mr/conf.h"
#include "cairn/mr/program.h"

namespace cairn::mr {

struct JobSettings {
  std::string name;
  std::vector<std::string> inputs;
  std::string output;
  std::optional<std::uint32_t> reduces;
  JobConf conf;
};

// What a program's main() ends with. Does one of three things, by the arguments:
//   (executed by a task tracker)  is one task of the job, over descriptor 3
//   --local [IN... OUT]           runs the whole job in this process, on local files
//   [IN... OUT]                   submits itself to the cluster and waits
// `--help` tells the options. Returns the process's exit code: 0, 1 (failed), 2 (wrong usage).
int runJob(JobSettings settings, std::unique_ptr<const Program> program, int argc, char** argv);

template <typename M, typename C, typename R, typename P>
class JobBuilder {
public:
  explicit JobBuilder(JobSettings settings) : settings_(std::move(settings)) {}

  // A file or a directory; may be given several times. Without any, the command line names them.
  JobBuilder& input(std::string_view path) {
    settings_.inputs.emplace_back(path);
    return *this;
  }
  // A directory that must not exist yet.
  JobBuilder& output(std::string_view path) {
    settings_.output = path;
    return *this;
  }
  // Default 1, or 0 without a reducer. 0 = no reduce: the mapper's output is the job's. --reduces
  // overrides it; a job without a reducer then sorts what its mapper emits.
  JobBuilder& reduces(std::uint32_t count) {
    settings_.reduces = count;
    return *this;
  }
  // A default for a key of the configuration; -D key=value overrides it.
  JobBuilder& conf(std::string_view key, std::string_view value) {
    settings_.conf.set(key, value);
    return *this;
  }

  // The classes may be named in any order. Each is default constructed once an attempt.
  template <typename Mapper>
  JobBuilder<Mapper, C, R, P> map() const {
    return JobBuilder<Mapper, C, R, P>(settings_);
  }
  template <typename Combiner>
  JobBuilder<M, Combiner, R, P> combine() const {
    return JobBuilder<M, Combiner, R, P>(settings_);
  }
  template <typename Reducer>
  JobBuilder<M, C, Reducer, P> reduce() const {
    return JobBuilder<M, C, Reducer, P>(settings_);
  }
  template <typename Partitioner>
  JobBuilder<M, C, R, Partitioner> partition() const {
    return JobBuilder<M, C, R, Partitioner>(settings_);
  }

  std::unique_ptr<const Program> program() const {
    static_assert(!std::same_as<M, void>, "a job needs a mapper: .map<YourMapper>()");
    return std::make_unique<detail::TypedProgram<M, R, C, P>>();
  }
  const JobSettings& settings() const { return settings_; }

  int run(int argc, char** argv) const {
    JobSettings settings = settings_;
    if (std::same_as<R, NoReducer>) settings.reduces = 0;
    return runJob(std::move(settings), program(), argc, argv);
  }

private:
  JobSettings settings_;
};

// The beginning of every job: Job("wordcount").map<Words>().reduce<Totals>().run(argc, argv).
class Job : public JobBuilder<void, NoCombiner, NoReducer, HashPartition> {
public:
  explicit Job(std::string_view name)
      : JobBuilder(JobSettings{.name = std::string(name),
                               .inputs = {},
                               .output = {},
                               .reduces = std::nullopt,
                               .conf = {}}) {}
};

}  // namespace cairn::mr
