#include "mapreduce/jobtracker/dfs_job_files.h"

#include <kj/vector.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "mapreduce/plan/splits.h"

namespace cairn::mr {

namespace {

// Users whose connection to the namenode is kept open.
constexpr std::size_t USERS_KEPT_MAX = 64;
// Look-ups of chunk locations in flight while a job is planned.
constexpr std::size_t LOCATE_AT_ONCE = 64;

std::string confValue(const record::JobSpec& spec, std::string_view key) {
  for (const auto& property : spec.conf()) {
    if (property.key() == key) return property.value();
  }
  return {};
}

Result<std::uint64_t> confBytes(const record::JobSpec& spec, std::string_view key,
                                std::uint64_t otherwise) {
  const auto text = confValue(spec, key);
  if (text.empty()) return otherwise;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return fail(Code::INVALID_ARGUMENT,
                std::string(key) + " = \"" + text + "\" is not a number of bytes");
  }
  return value;
}

}  // namespace

DfsJobFiles::DfsJobFiles(rpc::Host& host, client::Options options)
    : host_(host), options_(std::move(options)) {}

DfsJobFiles::Files DfsJobFiles::filesOf(const std::string& user) {
  auto& files = files_[user];
  if (files == nullptr) {
    if (files_.size() > USERS_KEPT_MAX) {
      std::erase_if(files_, [&](const auto& entry) {
        return entry.first != user && entry.second.use_count() == 1;
      });
    }
    auto options = options_;
    options.user = user;
    files_[user] = std::make_shared<client::FileSystem>(host_, std::move(options));
    return files_[user];
  }
  return files;
}

namespace {

// The files that an input path names.
kj::Promise<Result<std::vector<InputFile>>> listInput(std::shared_ptr<client::FileSystem> files,
                                                      std::string path) {
  std::vector<InputFile> found;
  std::string after;
  while (true) {
    auto page = co_await files->list(path, after);
    if (!page.has_value()) {
      if (page.error().code() == Code::NOT_FOUND) {
        co_return fail(Code::NOT_FOUND, "Input path does not exist: " + path);
      }
      co_return fail(std::move(page).error());
    }
    for (const auto& entry : page->entries) {
      if (page->isFile) {
        found.push_back({path, entry.length, entry.chunkSize, {}});
        continue;
      }
      if (entry.name.starts_with('_') || entry.name.starts_with('.')) continue;
      const auto child = (path == "/" ? "" : path) + "/" + entry.name;
      if (entry.isDirectory()) {
        co_return fail(Code::INVALID_ARGUMENT, "Not a file: " + child);
      }
      found.push_back({child, entry.length, entry.chunkSize, {}});
    }
    if (!page->more || page->entries.empty()) co_return found;
    after = page->entries.back().name;
  }
}

}  // namespace

kj::Promise<Result<JobFiles::Plan>> DfsJobFiles::plan(const record::JobSpec& spec) {
  const auto files = filesOf(spec.user());
  std::vector<InputFile> inputs;
  for (const auto& path : spec.inputs()) {
    CO_ASSIGN(auto found, co_await listInput(files, path));
    std::ranges::move(found, std::back_inserter(inputs));
  }

  std::map<NodeId, record::Place> places;
  for (std::size_t begin = 0; begin < inputs.size(); begin += LOCATE_AT_ONCE) {
    const auto end = std::min(inputs.size(), begin + LOCATE_AT_ONCE);
    kj::Vector<kj::Promise<Result<std::vector<ChunkLocation>>>> asked;
    for (auto i = begin; i < end; ++i) {
      if (inputs[i].length == 0) {
        asked.add(Result<std::vector<ChunkLocation>>(std::vector<ChunkLocation>()));
      } else {
        asked.add(files->locations(inputs[i].path));
      }
    }
    auto answers = co_await kj::joinPromises(asked.releaseAsArray());
    for (auto i = begin; i < end; ++i) {
      auto& answer = answers[i - begin];
      if (!answer.has_value()) co_return fail(std::move(answer).error());
      for (const auto& chunk : *answer) {
        auto& place = inputs[i].chunks.emplace_back(chunk.offset, chunk.length);
        for (const auto& replica : chunk.replicas) {
          const NodeId node(replica.node);
          place.nodes.push_back(node);
          auto& known = places[node];
          known.set_node(replica.node);
          known.set_machine(replica.machine);
          known.set_rack(replica.rack);
        }
      }
    }
  }

  SplitRule rule;
  CO_ASSIGN(rule.minBytes, confBytes(spec, "mapreduce.input.fileinputformat.split.minsize", 1));
  CO_ASSIGN(rule.maxBytes,
            confBytes(spec, "mapreduce.input.fileinputformat.split.maxsize", rule.maxBytes));
  rule.minBytes = std::max<std::uint64_t>(rule.minBytes, 1);
  CO_ASSIGN(const auto splits, planSplits(inputs, rule));

  Plan plan;
  std::map<NodeId, std::uint32_t> indexOf;
  for (auto& [node, place] : places) {
    indexOf.emplace(node, static_cast<std::uint32_t>(plan.places.size()));
    plan.places.push_back(std::move(place));
  }
  for (const auto& split : splits) {
    auto& kept = plan.splits.emplace_back();
    kept.set_path(split.path);
    kept.set_offset(split.offset);
    kept.set_length(split.length);
    kept.set_chunk_bytes(split.chunkBytes);
    for (const auto node : split.nodes) kept.add_places(indexOf.at(node));
  }
  co_return plan;
}

kj::Promise<Result<void>> DfsJobFiles::prepare(const record::JobSpec& spec, const JobId& job) {
  const auto files = filesOf(spec.user());
  const auto output = spec.output();
  auto existing = co_await files->stat(output);
  if (existing.has_value()) {
    co_return fail(Code::ALREADY_EXISTS, "Output directory " + output + " already exists");
  }
  if (existing.error().code() != Code::NOT_FOUND) co_return fail(std::move(existing).error());
  const auto work = workDirectory(output, job);
  CO_TRY(co_await files->mkdirs(work + "/attempts"));
  CO_TRY(co_await files->mkdirs(work + "/output"));
  co_return Result<void>{};
}

kj::Promise<Result<void>> DfsJobFiles::promote(const record::JobSpec& spec,
                                               const AttemptId& attempt,
                                               const std::vector<std::string>& names) {
  const auto files = filesOf(spec.user());
  const auto from = attemptDirectory(spec.output(), attempt);
  const auto to = workDirectory(spec.output(), attempt.task.job) + "/output";
  for (const auto& name : names) {
    // Over what an attempt may have left whose promotion was revoked half way.
    auto moved = co_await files->rename(from + "/" + name, to + "/" + name, {.overwrite = true});
    if (moved.has_value()) continue;
    if (moved.error().code() == Code::NOT_FOUND) {
      // Perhaps it was moved before a crash: then it stands at its place and not here any more.
      const auto left = co_await files->stat(from + "/" + name);
      const auto there = co_await files->stat(to + "/" + name);
      if (there.has_value() && !left.has_value() && left.error().code() == Code::NOT_FOUND)
        continue;
    }
    co_return fail(std::move(moved).error());
  }
  co_return Result<void>{};
}

kj::Promise<Result<std::uint64_t>> DfsJobFiles::seal(const record::JobSpec& spec,
                                                     const JobId& job) {
  const auto files = filesOf(spec.user());
  const auto directory = workDirectory(spec.output(), job) + "/output";
  CreateOptions options;
  options.overwrite = true;
  options.createParents = false;
  CO_ASSIGN(auto marker, co_await files->create(directory + "/_SUCCESS", options));
  CO_TRY(co_await marker->close());
  CO_ASSIGN(const auto entry, co_await files->stat(directory));
  co_return entry.id;
}

kj::Promise<Result<void>> DfsJobFiles::publish(const record::JobSpec& spec, const JobId& job,
                                               std::uint64_t directory) {
  const auto files = filesOf(spec.user());
  const auto output = spec.output();
  auto moved = co_await files->rename(workDirectory(output, job) + "/output", output);
  if (moved.has_value()) co_return Result<void>{};
  const auto code = moved.error().code();
  if (code == Code::NOT_FOUND || code == Code::ALREADY_EXISTS) {
    const auto there = co_await files->stat(output);
    if (there.has_value() && there->id == directory) co_return Result<void>{};
    if (code == Code::ALREADY_EXISTS) {
      co_return fail(Code::ALREADY_EXISTS, "Output directory " + output + " already exists");
    }
  }
  co_return fail(std::move(moved).error());
}

kj::Promise<Result<void>> DfsJobFiles::cleanUp(const record::JobSpec& spec, const JobId& job) {
  const auto files = filesOf(spec.user());
  const auto output = spec.output();
  const auto user = spec.user();
  CO_TRY(co_await files->remove(workDirectory(output, job), true));
  CO_TRY(co_await files->remove(stagingDirectory(user, job), true));
  co_return Result<void>{};
}

}  // namespace cairn::mr
