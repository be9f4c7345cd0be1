#include "tests/mapreduce/runtime/fake_job_files.h"

#include <algorithm>
#include <map>

namespace cairn::mr::fakes {

namespace {

constexpr std::uint64_t OUTPUT_INODE = 77;

}  // namespace

kj::Promise<Result<JobFiles::Plan>> FakeJobFiles::plan(const record::JobSpec& spec) {
  Plan plan;
  for (const auto& node : state_.datanodes) {
    auto& place = plan.places.emplace_back();
    place.set_node(node.node);
    place.set_machine(node.machine);
    place.set_rack(node.rack);
  }
  for (const auto& path : spec.inputs()) {
    const auto file = state_.files.find(path);
    if (file == state_.files.end()) {
      return Result<Plan>(fail(Code::NOT_FOUND, "Input path does not exist: " + path));
    }
    std::uint64_t offset = 0;
    for (const auto& chunk : file->second.chunks) {
      auto& split = plan.splits.emplace_back();
      split.set_path(path);
      split.set_offset(offset);
      split.set_length(chunk.length);
      split.set_chunk_bytes(file->second.chunkSize);
      for (const auto node : chunk.nodes) {
        const auto at = std::ranges::find(state_.datanodes, node, &DatanodeAddress::node);
        split.add_places(static_cast<std::uint32_t>(at - state_.datanodes.begin()));
      }
      offset += chunk.length;
    }
  }
  return Result<Plan>(std::move(plan));
}

kj::Promise<Result<void>> FakeJobFiles::prepare(const record::JobSpec& spec, const JobId& job) {
  if (state_.directories.contains(spec.output())) {
    return Result<void>(
        fail(Code::ALREADY_EXISTS, "Output directory " + spec.output() + " already exists"));
  }
  const auto work = workDirectory(spec.output(), job);
  state_.directories.insert(work + "/attempts");
  state_.directories.insert(work + "/output");
  return Result<void>();
}

void FakeJobFiles::moveFile(const std::string& from, const std::string& to) {
  auto file = state_.files.extract(from);
  file.key() = to;
  state_.files.insert(std::move(file));
}

kj::Promise<Result<void>> FakeJobFiles::promote(const record::JobSpec& spec,
                                                const AttemptId& attempt,
                                                const std::vector<std::string>& files) {
  const auto from = attemptDirectory(spec.output(), attempt);
  const auto to = workDirectory(spec.output(), attempt.task.job) + "/output";
  if (stallBeforePromote) return kj::NEVER_DONE;
  if (away()) return Result<void>(fail(Code::UNAVAILABLE, "the namenode is away"));
  promoted.insert(attempt.toString());
  for (const auto& name : files) {
    if (state_.files.contains(from + "/" + name)) {
      moveFile(from + "/" + name, to + "/" + name);
    } else if (!state_.files.contains(to + "/" + name)) {
      return Result<void>(fail(Code::NOT_FOUND, from + "/" + name + " does not exist"));
    }
  }
  if (stallAfterPromote) return kj::NEVER_DONE;
  return Result<void>();
}

kj::Promise<Result<std::uint64_t>> FakeJobFiles::seal(const record::JobSpec& spec,
                                                      const JobId& job) {
  if (away()) return Result<std::uint64_t>(fail(Code::UNAVAILABLE, "the namenode is away"));
  state_.files[workDirectory(spec.output(), job) + "/output/_SUCCESS"] = {};
  return Result<std::uint64_t>(OUTPUT_INODE);
}

kj::Promise<Result<void>> FakeJobFiles::publish(const record::JobSpec& spec, const JobId& job,
                                                std::uint64_t directory) {
  const auto from = workDirectory(spec.output(), job) + "/output";
  if (away()) return Result<void>(fail(Code::UNAVAILABLE, "the namenode is away"));
  if (directory != OUTPUT_INODE) return Result<void>(fail(Code::INTERNAL, "another directory"));
  if (state_.directories.contains(spec.output())) {
    if (state_.directories.contains(from)) {
      return Result<void>(
          fail(Code::ALREADY_EXISTS, "Output directory " + spec.output() + " already exists"));
    }
    return Result<void>();
  }
  ++published;
  state_.directories.erase(from);
  state_.directories.insert(spec.output());
  std::vector<std::string> names;
  for (const auto& [path, file] : state_.files) {
    if (path.starts_with(from + "/")) names.push_back(path);
  }
  for (const auto& path : names) moveFile(path, spec.output() + path.substr(from.size()));
  if (stallAfterPublish) return kj::NEVER_DONE;
  return Result<void>();
}

kj::Promise<Result<void>> FakeJobFiles::cleanUp(const record::JobSpec& spec, const JobId& job) {
  if (away()) return Result<void>(fail(Code::UNAVAILABLE, "the namenode is away"));
  const auto work = workDirectory(spec.output(), job);
  std::erase_if(state_.files, [&](const auto& entry) { return entry.first.starts_with(work); });
  std::erase_if(state_.directories, [&](const auto& path) { return path.starts_with(work); });
  return Result<void>();
}

}  // namespace cairn::mr::fakes
