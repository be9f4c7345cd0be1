#include "datanode/scrub/scrub_pass.h"

#include <algorithm>

namespace cairn::dn {
namespace {

constexpr std::int64_t MICROS_PER_SECOND = 1'000'000;
// A pass counts as no older, whatever a note or a clock says: ten times the longest period.
constexpr std::int64_t AGE_MS_MAX = std::int64_t{100} * 366 * 86'400'000;

}  // namespace

ScrubPass::ScrubPass(ScrubOptions options, const ReplicaTable& table, std::uint8_t volume,
                     const std::optional<ScrubNote>& note, UnixMillis wallMs, std::int64_t nowMs)
    : options_(options), table_(table), volume_(volume) {
  if (!note) return;
  const auto within = [](std::int64_t ms) { return std::clamp<std::int64_t>(ms, 0, AGE_MS_MAX); };
  const auto downMs = note->notedMs < wallMs ? wallMs - std::max<UnixMillis>(note->notedMs, 0) : 0;
  begin(nowMs - within(note->ageMs) - within(downMs), note->last);
  cursor_ = passed_ = note->cursor;
  replicas_ = resumedReplicas_ = note->replicas;
  bytes_ = note->bytes;
  countedTo_ = cursor_;
}

void ScrubPass::begin(std::int64_t nowMs, ChunkId last) {
  begun_ = true;
  over_ = false;
  beganMs_ = nowMs;
  last_ = last;
  told_ = false;
  cursor_ = passed_ = {};
  replicas_ = bytes_ = resumedReplicas_ = 0;
  leftBytes_ = 0;
  recount();
  unnoted_ = false;
  notedMs_.reset();
}

void ScrubPass::recount() {
  counting_ = true;
  countedTo_ = cursor_;
  counted_ = 0;
}

bool ScrubPass::takeNewer(std::int64_t nowMs) {
  const auto newest = table_.lastChunk();
  if (!begun_ || !newest || *newest <= last_) return false;
  if (nowMs >= beganMs_ + options_.periodMs) return false;
  last_ = *newest;
  over_ = false;
  recount();
  return true;
}

ScrubStep ScrubPass::next(std::int64_t nowMs) {
  using enum ScrubStep::Kind;
  if (over_ && !takeNewer(nowMs)) {
    const auto dueMs = begun_ ? beganMs_ + options_.periodMs : nowMs;
    if (nowMs < dueMs) return {.kind = WAIT, .waitMs = std::min(dueMs - nowMs, WAIT_MS_MAX)};
    const auto last = table_.lastChunk();
    if (!last) return {.kind = WAIT, .waitMs = std::min(options_.periodMs, WAIT_MS_MAX)};
    begin(nowMs, *last);
  }
  if (!counting_ && nowMs - countedMs_ >= RECOUNT_MS && !takeNewer(nowMs)) recount();
  if (counting_ && !count(nowMs)) return {.kind = LOOK_ON};
  auto step = find();
  if (step.kind == PASS_OVER) return end(nowMs);
  if (step.kind != READ) return step;
  const auto all = static_cast<double>(bytes_) + static_cast<double>(leftBytes_);
  const auto share = all > 0 ? static_cast<double>(bytes_) / all : 0;
  const auto dueMs =
      beganMs_ + static_cast<std::int64_t>(share * static_cast<double>(options_.periodMs));
  if (nowMs < dueMs) return {.kind = WAIT, .waitMs = std::min(dueMs - nowMs, WAIT_MS_MAX)};
  return step;
}

bool ScrubPass::count(std::int64_t nowMs) {
  std::size_t seen = 0;
  bool all = true;
  table_.visitAfter(countedTo_, [&](const ReplicaKey& key, const Replica& replica) {
    if (!covers(key)) return false;
    if (++seen > ENTRIES_MAX) return all = false;
    if (isMine(replica)) counted_ += replica.storedLength;
    countedTo_ = key;
    return true;
  });
  if (!all) return false;
  leftBytes_ = counted_;
  counting_ = false;
  countedMs_ = nowMs;
  return true;
}

ScrubStep ScrubPass::find() {
  ScrubStep step{.kind = ScrubStep::Kind::PASS_OVER};
  std::size_t seen = 0;
  auto passedBy = cursor_;
  table_.visitAfter(cursor_, [&](const ReplicaKey& key, const Replica& replica) {
    if (!covers(key)) return false;
    if (isMine(replica)) {
      step = {.kind = ScrubStep::Kind::READ, .key = key, .storedLength = replica.storedLength};
      return false;
    }
    if (++seen > ENTRIES_MAX) {
      step.kind = ScrubStep::Kind::LOOK_ON;
      return false;
    }
    passedBy = key;
    return true;
  });
  cursor_ = passedBy;
  return step;
}

ScrubStep ScrubPass::end(std::int64_t nowMs) {
  if (takeNewer(nowMs)) return {.kind = ScrubStep::Kind::LOOK_ON};
  over_ = true;
  leftBytes_ = 0;
  if (replicas_ > resumedReplicas_ && !told_) {
    told_ = true;
    return {.kind = ScrubStep::Kind::PASS_OVER};
  }
  // There was nothing to read: no pass. The first replica is not to wait for a period.
  if (replicas_ == 0) begun_ = false;
  return {.kind = ScrubStep::Kind::WAIT, .waitMs = std::min(options_.periodMs, WAIT_MS_MAX)};
}

void ScrubPass::passed(const ScrubStep& read) {
  cursor_ = passed_ = read.key;
  ++replicas_;
  bytes_ += read.storedLength;
  leftBytes_ -= std::min(leftBytes_, read.storedLength);
  unnoted_ = true;
}

std::int64_t ScrubPass::restMicros(std::uint64_t bytes, std::int64_t tookMicros) const {
  const auto owed = static_cast<double>(bytes) * MICROS_PER_SECOND /
                    static_cast<double>(options_.bytesPerSecondMax);
  return std::max<std::int64_t>(0, static_cast<std::int64_t>(owed) - tookMicros);
}

bool ScrubPass::noteDue(std::int64_t nowMs) const {
  return unnoted_ && (over_ || !notedMs_ || nowMs - *notedMs_ >= NOTE_MS);
}

ScrubNote ScrubPass::note(UnixMillis wallMs, std::int64_t nowMs) {
  unnoted_ = false;
  notedMs_ = nowMs;
  return {.notedMs = wallMs,
          .ageMs = ageMs(nowMs),
          .last = last_,
          .cursor = passed_,
          .replicas = replicas_,
          .bytes = bytes_};
}

}  // namespace cairn::dn
