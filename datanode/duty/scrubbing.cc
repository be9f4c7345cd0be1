#include "datanode/duty/scrubbing.h"

#include <algorithm>
#include <string>
#include <utility>

#include "common/log/log.h"

namespace cairn::dn {
namespace {

bool mayBeDamage(Code code) {
  return code == Code::CORRUPT || code == Code::IO_ERROR || code == Code::PERMISSION_DENIED ||
         code == Code::IS_A_DIRECTORY;
}

}  // namespace

Scrubbing::Metrics::Metrics(metrics::Registry& registry, std::size_t volume)
    : replicas(registry.counter("cairn_datanode_scrubbed_replicas_total",
                                "Replicas that scrubbing has read, good and bad ones.",
                                {{"volume", std::to_string(volume + 1)}})),
      bytes(registry.counter("cairn_datanode_scrubbed_bytes_total",
                             "Bytes of replicas' files that scrubbing has read.",
                             {{"volume", std::to_string(volume + 1)}})),
      damaged(registry.counter("cairn_datanode_scrub_damaged_total",
                               "Replicas that scrubbing has found damaged, unreadable or gone; in "
                               "each pass anew.",
                               {{"volume", std::to_string(volume + 1)}})),
      passes(registry.counter("cairn_datanode_scrub_passes_total",
                              "Times that scrubbing has come to the end of a volume.",
                              {{"volume", std::to_string(volume + 1)}})),
      leftBytes(registry.gauge("cairn_datanode_scrub_left_bytes",
                               "Bytes of replicas' files that this pass of scrubbing has not read "
                               "yet; nobody may have read them since the pass before.",
                               {{"volume", std::to_string(volume + 1)}})),
      passSeconds(registry.gauge("cairn_datanode_scrub_pass_age_seconds",
                                 "Since this pass of scrubbing began, or the last one. More than "
                                 "datanode.scrub_period_ms: it does not keep up.",
                                 {{"volume", std::to_string(volume + 1)}})) {}

Scrubbing::Scrubbing(rpc::Host& host, ReplicaStore& store, ScrubOptions options)
    : host_(host), store_(store), options_(options), tasks_(*this) {
  for (std::size_t i = 0; i < store.volumeCount(); ++i) tasks_.add(run(i));
}

kj::Promise<void> Scrubbing::run(std::size_t volume) {
  const auto latestMs = std::min(BEGIN_MS_MAX, options_.periodMs / 10);
  co_await pause(host_.random.between(0, latestMs));
  const auto note = co_await readNote(volume);
  Work work{.volume = volume,
            .pass = ScrubPass(options_, store_.table(), static_cast<std::uint8_t>(volume), note,
                              host_.clock.nowMs(), host_.clock.monotonicMs()),
            .metrics = Metrics(host_.metrics, volume)};
  while (store_.inService(volume)) {
    const auto step = work.pass.next(host_.clock.monotonicMs());
    switch (step.kind) {
      case ScrubStep::Kind::READ:
        if (co_await scrub(work, step.key)) {
          work.pass.passed(step);
        } else {
          co_await pause(RETRY_MS);
        }
        break;
      case ScrubStep::Kind::WAIT: co_await pause(step.waitMs); break;
      case ScrubStep::Kind::LOOK_ON: co_await kj::evalLater([]() {}); break;
      case ScrubStep::Kind::PASS_OVER:
        work.metrics.passes.add();
        tellOver(work);
        break;
    }
    const auto nowMs = host_.clock.monotonicMs();
    work.metrics.leftBytes.set(static_cast<std::int64_t>(work.pass.bytesLeft()));
    work.metrics.passSeconds.set(work.pass.ageMs(nowMs) / 1000);
    if (work.pass.noteDue(nowMs)) co_await writeNote(work);
  }
  work.metrics.leftBytes.set(0);
  work.metrics.passSeconds.set(0);
}

kj::Promise<bool> Scrubbing::scrub(Work& work, ReplicaKey key) {
  const auto present = [&]() {
    const auto* const known = store_.find(key);
    return known != nullptr ? known->incarnation : Incarnation();
  };
  auto which = present();
  bool opened = false;
  auto checked = co_await check(work, key, opened);
  // Once more from the start: what was read may be a file that another has replaced meanwhile.
  if (!checked.has_value() && opened && mayBeDamage(checked.error().code())) {
    which = present();
    checked = co_await check(work, key, opened);
  }
  if (checked.has_value()) {
    work.metrics.replicas.add();
    co_return true;
  }
  const auto& why = checked.error();
  switch (why.code()) {
    case Code::OVERLOADED:
    case Code::CANCELLED: co_return false;
    // Gone, or being changed: no damage.
    case Code::NOT_FOUND:
    case Code::STALE:
    case Code::UNAVAILABLE: co_return true;
    default: break;
  }
  if (!mayBeDamage(why.code())) {
    LOG(WARNING) << "scrubbing " << key.toString() << ": " << why.message();
    co_return true;
  }
  // What cannot be read is as bad as what reads wrong; but for the replicas of a volume that has
  // gone out of service, which are none any more.
  if (why.code() != Code::CORRUPT && !store_.inService(work.volume)) co_return true;
  work.metrics.replicas.add();
  work.metrics.damaged.add();
  store_.damaged(key, which, why);
  co_return true;
}

kj::Promise<Result<void>> Scrubbing::check(Work& work, ReplicaKey key, bool& opened) {
  co_await yieldToOthers(work.volume);
  auto begunMicros = host_.clock.monotonicMicros();
  CO_ASSIGN(const auto checking, co_await store_.beginCheck(key));
  opened = true;
  co_await rest(work, ScrubPass::OPENING_BYTES, begunMicros);
  std::uint64_t read = 0;
  for (bool last = false; !last;) {
    co_await yieldToOthers(work.volume);
    begunMicros = host_.clock.monotonicMicros();
    auto piece = co_await store_.checkNext(checking);
    const auto bytes = checking.bytesRead() - read;
    read += bytes;
    work.metrics.bytes.add(bytes);
    CO_ASSIGN(last, kj::mv(piece));
    co_await rest(work, bytes, begunMicros);
  }
  co_return Result<void>();
}

kj::Promise<void> Scrubbing::yieldToOthers(std::size_t volume) {
  for (unsigned i = 0; i < YIELDS_MAX && store_.waitingAt(volume) > 0; ++i) {
    co_await pause(YIELD_MS);
  }
}

kj::Promise<void> Scrubbing::rest(const Work& work, std::uint64_t bytes, std::int64_t begunMicros) {
  const auto micros = work.pass.restMicros(bytes, host_.clock.monotonicMicros() - begunMicros);
  if (micros == 0) return kj::READY_NOW;
  return host_.timer.afterDelay(micros * kj::MICROSECONDS);
}

kj::Promise<std::optional<ScrubNote>> Scrubbing::readNote(std::size_t volume) {
  auto text = co_await store_.run(volume, Urgency::BACKGROUND, [](Volume& on) {
    return on.readNote(SCRUB_NOTE_FILE, SCRUB_NOTE_BYTES_MAX);
  });
  if (text.has_value() && !text->has_value()) co_return std::nullopt;
  auto note = text.has_value() ? decodeScrubNote(**text) : Result<ScrubNote>(fail(text.error()));
  if (note.has_value()) co_return *note;
  LOG(WARNING) << "how far scrubbing of volume " << volume + 1
               << " had come cannot be read, it begins anew: " << note.error().message();
  co_return std::nullopt;
}

kj::Promise<void> Scrubbing::writeNote(Work& work) {
  auto text = encode(work.pass.note(host_.clock.nowMs(), host_.clock.monotonicMs()));
  const auto written =
      co_await store_.run(work.volume, Urgency::BACKGROUND, [text = std::move(text)](Volume& on) {
        return on.writeNote(SCRUB_NOTE_FILE, asBytes(text));
      });
  // A full disk says so each minute otherwise.
  if (!written.has_value() && !work.noteFailed) {
    LOG(WARNING) << "how far scrubbing has come cannot be noted: " << written.error().message();
  }
  work.noteFailed = !written.has_value();
}

void Scrubbing::tellOver(const Work& work) const {
  constexpr std::int64_t MINUTE_MS = 60'000;
  const auto tookMs = work.pass.ageMs(host_.clock.monotonicMs());
  LOG(INFO) << "scrubbing has read all " << work.pass.replicas() << " replicas of volume "
            << work.volume + 1 << ", " << work.pass.bytes() << " bytes, in " << tookMs / MINUTE_MS
            << " minutes";
  if (tookMs <= options_.periodMs + MINUTE_MS) return;
  LOG(WARNING) << "that is more than datanode.scrub_period_ms, " << options_.periodMs / MINUTE_MS
               << " minutes; if the datanode was not down meanwhile, "
                  "datanode.scrub_bytes_per_second_max is too low";
}

void Scrubbing::taskFailed(kj::Exception&& exception) {
  LOG(ERROR) << "scrubbing stopped: " << exception.getDescription().cStr();
}

}  // namespace cairn::dn
