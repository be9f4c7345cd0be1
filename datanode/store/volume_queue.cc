#include "datanode/store/volume_queue.h"

#include <kj/debug.h>

#include <deque>
#include <mutex>
#include <optional>
#include <utility>

#include "common/log/log.h"
#include "datanode/store/queue_watch.h"

namespace cairn::dn {

namespace {

QueueWatch watchOf(const io::Clock& clock, metrics::Registry& registry, const std::string& volume,
                   Urgency urgency) {
  return {clock,
          registry,
          {{"queue", "volume"},
           {"volume", volume},
           {"urgency", std::string(URGENCY_NAMES[static_cast<std::size_t>(urgency)])}}};
}

}  // namespace

struct VolumeQueue::Done {
  std::uint64_t job = 0;
  std::optional<kj::Exception> failure;
};

struct VolumeQueue::State {
  struct Item {
    Job job;
    std::uint64_t number = 0;
    std::int64_t enteredMicros = 0;
  };
  struct Rank {
    std::deque<Item> items;
    QueueWatch watch;
  };

  State(const io::Clock& clock, metrics::Registry& registry, const std::string& volume)
      : ranks{{{{}, watchOf(clock, registry, volume, Urgency::CONTROL)},
               {{}, watchOf(clock, registry, volume, Urgency::CLIENT)},
               {{}, watchOf(clock, registry, volume, Urgency::REPAIR)},
               {{}, watchOf(clock, registry, volume, Urgency::BACKGROUND)}}} {}

  // Does the job whose turn it is. There is one: as many errands as jobs are on their way.
  Done runNext() {
    Item item;
    std::optional<QueueWatch> watch;
    {
      const std::lock_guard lock(mutex);
      std::array<bool, URGENCY_COUNT> waiting{};
      for (std::size_t i = 0; i < URGENCY_COUNT; ++i) waiting[i] = !ranks[i].items.empty();
      const auto turn = turns.next(waiting);
      if (!turn) return {};  // withdrawn
      auto& rank = ranks[static_cast<std::size_t>(*turn)];
      item = std::move(rank.items.front());
      rank.items.pop_front();
      watch = rank.watch;
    }
    const auto begun = watch->begun(item.enteredMicros);
    Done done{.job = item.number, .failure = {}};
    KJ_IF_MAYBE (exception, kj::runCatchingExceptions([&]() { item.job(); })) {
      done.failure.emplace(kj::mv(*exception));
    }
    // Before anyone learns that it is done.
    item.job = nullptr;
    watch->done(begun);
    return done;
  }

  mutable std::mutex mutex;
  std::array<Rank, URGENCY_COUNT> ranks;
  WorkTurns turns;
};

VolumeQueue::VolumeQueue(async::WorkPool& pool, const io::Clock& clock, metrics::Registry& registry,
                         const std::string& label)
    : pool_(pool),
      state_(std::make_shared<State>(clock, registry, label)),
      doors_{{{*this, Urgency::CONTROL},
              {*this, Urgency::CLIENT},
              {*this, Urgency::REPAIR},
              {*this, Urgency::BACKGROUND}}},
      errands_(*this) {}

VolumeQueue::~VolumeQueue() noexcept(false) = default;

std::size_t VolumeQueue::waiting() const {
  const std::lock_guard lock(state_->mutex);
  std::size_t count = 0;
  for (const auto& rank : state_->ranks) count += rank.items.size();
  return count;
}

kj::Promise<void> VolumeQueue::submit(Urgency urgency, Job job) {
  auto caller = kj::newPromiseAndFulfiller<void>();
  const auto at = static_cast<std::size_t>(urgency);
  {
    const std::lock_guard lock(state_->mutex);
    auto& rank = state_->ranks[at];
    if (rank.items.size() >= WAITING_MAX[at]) {
      rank.watch.rejected();
      return KJ_EXCEPTION(OVERLOADED, "the volume's queue is full", WAITING_MAX[at]);
    }
    rank.items.push_back(
        {.job = std::move(job), .number = ++lastJob_, .enteredMicros = rank.watch.entered()});
  }
  callers_.emplace(lastJob_, kj::mv(caller.fulfiller));
  // Held here: a job runs whoever still waits for it.
  errands_.add(pool_.run([state = state_]() { return state->runNext(); })
                   .then([this](Done done) { settle(std::move(done)); },
                         [this](kj::Exception&& refused) { withdraw(kj::mv(refused)); }));
  return kj::mv(caller.promise);
}

void VolumeQueue::settle(Done done) {
  const auto at = callers_.find(done.job);
  if (at == callers_.end()) return;
  auto caller = kj::mv(at->second);
  callers_.erase(at);
  if (done.failure) {
    caller->reject(kj::mv(*done.failure));
  } else {
    caller->fulfill();
  }
}

// There is an errand too few for the jobs that wait: the youngest of the least urgent goes.
void VolumeQueue::withdraw(kj::Exception&& why) {
  State::Item item;
  {
    const std::lock_guard lock(state_->mutex);
    for (std::size_t i = URGENCY_COUNT; i-- > 0;) {
      auto& rank = state_->ranks[i];
      if (rank.items.empty()) continue;
      item = std::move(rank.items.back());
      rank.items.pop_back();
      rank.watch.left();
      rank.watch.rejected();
      break;
    }
  }
  if (item.job == nullptr) return;
  item.job = nullptr;
  Done done{.job = item.number, .failure = {}};
  done.failure.emplace(kj::mv(why));
  settle(std::move(done));
}

void VolumeQueue::taskFailed(kj::Exception&& exception) {
  LOG(ERROR) << "a volume's queue: " << exception.getDescription().cStr();
}

}  // namespace cairn::dn
