// A new job: checked, planned, made durable.
#include <utility>

#include "common/log/log.h"
#include "mapreduce/api/engine_conf.h"
#include "mapreduce/jobtracker/core.h"

namespace cairn::mr {

namespace {

Result<void> checkSpec(const record::JobSpec& spec) {
  const auto invalid = [](std::string message) {
    return fail(Code::INVALID_ARGUMENT, std::move(message));
  };
  if (spec.user().empty() || spec.user().find('/') != std::string::npos) {
    return invalid("a job needs the name of the user it runs for");
  }
  if (spec.inputs().empty()) return invalid("a job needs an input path");
  if (static_cast<std::size_t>(spec.inputs_size()) > limits::INPUTS_MAX) {
    return fail(Code::LIMIT_EXCEEDED,
                "a job has at most " + std::to_string(limits::INPUTS_MAX) + " input paths");
  }
  for (const auto& path : spec.inputs()) {
    if (path.empty() || path.front() != '/') {
      return invalid("the input path \"" + path + "\" is not absolute");
    }
  }
  if (spec.output().empty() || spec.output().front() != '/' || spec.output().back() == '/') {
    return invalid("the output path \"" + spec.output() +
                   "\" is not the absolute path of a directory below the root");
  }
  if (spec.reduces() > REDUCES_MAX) {
    return fail(Code::LIMIT_EXCEEDED, "a job has at most " + std::to_string(REDUCES_MAX) +
                                          " reduces; this one wants " +
                                          std::to_string(spec.reduces()));
  }
  std::size_t confBytes = 0;
  for (const auto& property : spec.conf())
    confBytes += property.key().size() + property.value().size();
  for (const auto& arg : spec.program().args()) confBytes += arg.size();
  if (confBytes > limits::CONF_BYTES_MAX) {
    return fail(Code::LIMIT_EXCEEDED, "a job's configuration has at most " +
                                          std::to_string(limits::CONF_BYTES_MAX) + " bytes");
  }
  if (spec.name().size() > limits::NAME_BYTES_MAX) {
    return fail(Code::LIMIT_EXCEEDED,
                "a job's name has at most " + std::to_string(limits::NAME_BYTES_MAX) + " bytes");
  }
  return {};
}

}  // namespace

JobId Core::newJob() { return JobId{startMs_, ++lastSequence_}; }

kj::Promise<Result<void>> Core::submit(JobId id, record::JobSpec spec) {
  if (jobs_.contains(id) || ended_.contains(id)) co_return co_await journal_.durable();
  // An id of an earlier life that is unknown was never submitted durably: the job tracker died
  // between the two calls, and the submitter need not notice. Ids are given once over all lives.
  const bool ofThisLife = id.trackerStartMs == startMs_;
  if (id.trackerStartMs > startMs_ || id.sequence == 0 ||
      (ofThisLife && id.sequence > lastSequence_)) {
    co_return fail(Code::STALE,
                   id.toString() + " is not an id that this job tracker gave; ask for a new one");
  }
  CO_TRY(checkSpec(spec));
  if (jobs_.size() + submitting_.size() >= limits::JOBS_OPEN_MAX) {
    co_return fail(Code::OVERLOADED, "too many jobs are open", 1000);
  }
  if (!submitting_.insert(id).second) {
    co_return fail(Code::OVERLOADED, id.toString() + " is being submitted", 100);
  }
  KJ_DEFER(submitting_.erase(id));

  // The output first: its message is the one people know how to act on.
  CO_TRY(co_await files_.prepare(spec, id));
  auto plan = co_await files_.plan(spec);
  if (plan.has_value() &&
      std::uint64_t{plan->splits.size()} * spec.reduces() > limits::SEGMENTS_MAX) {
    plan = fail(Code::LIMIT_EXCEEDED,
                std::to_string(plan->splits.size()) + " maps times " +
                    std::to_string(spec.reduces()) + " reduces are too many; at most " +
                    std::to_string(limits::SEGMENTS_MAX) + ": take fewer reduces or larger splits");
  }
  if (!plan.has_value()) {
    // Nobody has heard of the job: what remains of it now is litter.
    (void)co_await files_.cleanUp(spec, id);
    co_return fail(std::move(plan).error());
  }

  auto event = this->event();
  auto* submitted = event.mutable_submitted();
  *submitted->mutable_spec() = std::move(spec);
  for (auto& place : plan->places) *submitted->add_places() = std::move(place);
  for (auto& split : plan->splits) *submitted->add_splits() = std::move(split);
  auto entry = std::make_shared<Entry>(TrackedJob(id, event));
  jobs_.emplace(id, entry);
  journal_.append(id, event);
  metrics_.submitted.add();
  metrics_.open.set(static_cast<std::int64_t>(jobs_.size()));
  LOG(INFO) << id.toString() << " submitted by " << entry->job.spec().user() << ": "
            << entry->job.spec().name() << ", " << plan->splits.size() << " maps, "
            << entry->job.spec().reduces() << " reduces";
  admit(*entry);
  for (const auto kind : {TaskKind::MAP, TaskKind::REDUCE}) {
    for (std::uint32_t i = 0; i < entry->job.tasks(kind).size(); ++i) {
      scheduler_.launchable({id, kind, i}, false);
    }
  }
  scheduleSoon();
  reviewEnd(entry);
  co_return co_await journal_.durable();
}

void Core::admit(const Entry& entry) {
  const auto& submitted = entry.job.submitted();
  std::vector<std::vector<sched::Place>> places;
  places.reserve(static_cast<std::size_t>(submitted.splits_size()));
  for (const auto& split : submitted.splits()) {
    auto& list = places.emplace_back();
    for (const auto index : split.places()) {
      if (index >= static_cast<std::uint32_t>(submitted.places_size())) continue;
      const auto& place = submitted.places(static_cast<int>(index));
      list.push_back({NodeId(place.node()), place.machine(), place.rack()});
    }
  }
  scheduler_.addJob(entry.job.id(),
                    {.localityDelayMs = options_.localityDelayMs,
                     .reduceStartPercent = options_.reduceStartPercent,
                     .trackerFailuresMax = options_.trackerFailuresMax},
                    std::move(places), submitted.spec().reduces());
}

}  // namespace cairn::mr
