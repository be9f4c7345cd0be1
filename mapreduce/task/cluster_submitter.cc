#include "mapreduce/task/cluster_submitter.h"

#include <kj/async-io.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <string>
#include <utility>

#include "client/core/file_system.h"
#include "common/async/work_pool.h"
#include "common/config/client_config.h"
#include "common/config/load.h"
#include "common/format/crc32c.h"
#include "common/io/clock.h"
#include "common/io/random.h"
#include "common/metrics/metrics.h"
#include "common/rpc/convert.h"
#include "common/rpc/host.h"
#include "mapreduce/jobtracker/job_client.h"
#include "mapreduce/jobtracker/job_progress.h"
#include "mapreduce/shuffle/local_file.h"

namespace cairn::mr {
namespace {

constexpr std::size_t WORK_QUEUE_MAX = 1024;

// An event loop and what lives on it, for one job.
class Session {
public:
  Session(kj::AsyncIoContext& io, const config::ClientConfig& config)
      : config_(config),
        random_(io::Random::fromOs()),
        network_(rpc::newSocketNetwork(io)),
        workPool_("cairn-work", config.workThreads, WORK_QUEUE_MAX),
        host_{io.provider->getTimer(), clock_, random_, *network_, workPool_, metrics_},
        files_(host_, fileOptions(config)),
        jobs_(host_, jobOptions(config)),
        progress_(::isatty(STDERR_FILENO) != 0) {}

  kj::Promise<Result<void>> run(const JobSubmission& job);

private:
  static client::Options fileOptions(const config::ClientConfig& config);
  static JobClientOptions jobOptions(const config::ClientConfig& config);
  kj::Promise<Result<JobProgram>> stage(const JobSubmission& job, std::string directory);
  std::string absolute(const std::string& path) const {
    return path.starts_with('/') ? path : "/user/" + config_.user + "/" + path;
  }

  const config::ClientConfig& config_;
  io::SystemClock clock_;
  io::Random random_;
  kj::Own<rpc::Network> network_;
  async::ThreadWorkPool workPool_;
  metrics::Registry metrics_;
  rpc::Host host_;
  client::FileSystem files_;
  JobClient jobs_;
  JobProgress progress_;
};

client::Options Session::fileOptions(const config::ClientConfig& config) {
  client::Options options;
  options.namenode = config.namenode.toString();
  options.user = config.user;
  options.retry.budgetMs = config.retryBudgetMs;
  options.onRetry = [](const RetryNotice& notice) {
    std::fprintf(stderr, "%s; trying again in %u ms\n", notice.failure.message().c_str(),
                 notice.waitMs);
  };
  return options;
}

JobClientOptions Session::jobOptions(const config::ClientConfig& config) {
  JobClientOptions options;
  options.jobtracker = config.jobtracker.toString();
  options.user = config.user;
  options.retry.budgetMs = config.retryBudgetMs;
  options.onRetry = [](const Status& failure, std::uint32_t waitMs) {
    std::fprintf(stderr, "%s; trying again in %u ms\n", failure.message().c_str(), waitMs);
  };
  return options;
}

kj::Promise<Result<JobProgram>> Session::stage(const JobSubmission& job, std::string directory) {
  JobProgram program;
  program.args = job.programArgs;
  if (job.programPath.empty()) co_return program;
  CO_ASSIGN(const auto fd, openLocalFile(job.programPath));
  CO_TRY(co_await files_.mkdirs(directory));
  program.stagedPath = directory + "/program";
  CO_ASSIGN(auto writer, co_await files_.create(program.stagedPath));
  while (true) {
    CO_ASSIGN(const auto room, co_await writer->room());
    const auto got =
        ::pread(fd.get(), room.data(), room.size(), static_cast<off_t>(program.lengthBytes));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) co_return fail(statusFromErrno(errno, job.programPath));
    if (got == 0) break;
    const auto size = static_cast<std::size_t>(got);
    program.crc32c = format::crc32c(room.first(size), program.crc32c);
    program.lengthBytes += size;
    writer->fill(size);
  }
  CO_TRY(co_await writer->close());
  co_return program;
}

kj::Promise<Result<void>> Session::run(const JobSubmission& job) {
  CO_ASSIGN(const auto id, co_await jobs_.newJob());
  JobSpec spec;
  spec.name = job.name;
  for (const auto& input : job.inputs) spec.inputs.push_back(absolute(input));
  spec.output = absolute(job.output);
  while (spec.output.size() > 1 && spec.output.ends_with('/')) spec.output.pop_back();
  spec.reduces = job.reduces;
  spec.conf = job.conf;
  CO_ASSIGN(spec.program, co_await stage(job, id.stagingDirectory));
  if (auto submitted = co_await jobs_.submit(id.job, std::move(spec)); !submitted.has_value()) {
    // Nobody else knows of it. When this fails, too, the tracker's own clean-up has to do.
    if (!job.programPath.empty()) (void)co_await files_.remove(id.stagingDirectory, true);
    co_return submitted;
  }
  CO_ASSIGN(const auto ended, co_await jobs_.wait(id.job, [this](const JobStatus& status) {
    std::fputs(progress_.update(status).c_str(), stderr);
  }));
  if (ended.state == JobState::SUCCEEDED) {
    std::fputs(formatCounters(ended.counters).c_str(), stderr);
    co_return Result<void>{};
  }
  co_return fail(Code::TASK_FAILED,
                 "job " + id.job + " " +
                     (ended.state == JobState::KILLED ? "was killed" : "failed") +
                     (ended.message.empty() ? "" : ": " + ended.message));
}

class ClusterSubmitter final : public JobSubmitter {
public:
  explicit ClusterSubmitter(config::ClientConfig config) : config_(std::move(config)) {}

  Result<void> submitAndWait(const JobSubmission& job) override {
    try {
      auto io = kj::setupAsyncIo();
      Session session(io, config_);
      return session.run(job).wait(io.waitScope);
    } catch (const kj::Exception& e) {
      return fail(rpc::fromException(e, "the job"));
    }
  }

private:
  const config::ClientConfig config_;
};

}  // namespace

Result<std::unique_ptr<JobSubmitter>> openClusterSubmitter(const ClusterOptions& options) {
  ASSIGN(const auto settings, config::load(config::LoadInputs::ofProcess()));
  ASSIGN(auto config, config::ClientConfig::from(settings));
  return openClusterSubmitter(std::move(config), options);
}

Result<std::unique_ptr<JobSubmitter>> openClusterSubmitter(config::ClientConfig config,
                                                           const ClusterOptions& options) {
  const auto apply = [](const std::string& text, const char* flag,
                        config::HostPort& to) -> Result<void> {
    if (text.empty()) return {};
    auto parsed = config::HostPort::parse(text);
    if (!parsed.has_value()) return fail(parsed.error().withContext(flag));
    to = std::move(*parsed);
    return {};
  };
  TRY(apply(options.namenode, "flag --namenode", config.namenode));
  TRY(apply(options.jobtracker, "flag --jobtracker", config.jobtracker));
  return std::make_unique<ClusterSubmitter>(std::move(config));
}

}  // namespace cairn::mr
