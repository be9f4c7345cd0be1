// Protects what nobody reads: each replica of a volume is read once a period, whatever comes, goes
// and restarts meanwhile, and never faster than allowed.
#include "datanode/scrub/scrub_pass.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <utility>
#include <vector>

#include "common/io/random.h"
#include "tests/testkit/results.h"

namespace cairn::dn {
namespace {

using Kind = ScrubStep::Kind;

constexpr std::int64_t PERIOD_MS = 1'000'000;
constexpr UnixMillis WALL_MS = 1'767'225'600'000;
constexpr std::uint64_t MB = 1'000'000;

ReplicaKey key(std::uint64_t number, std::uint64_t generation = 1) {
  return {ChunkId(number * 16), GenerationStamp(generation)};
}

class Scrub : public ::testing::Test {
protected:
  using Reads = std::vector<std::pair<ReplicaKey, std::int64_t>>;  // with the time

  void put(const ReplicaKey& at, std::uint64_t storedLength = MB, std::uint8_t volume = 0,
           ReplicaState state = ReplicaState::FINAL) {
    table.put(
        at,
        {.length = storedLength, .storedLength = storedLength, .volume = volume, .state = state});
  }
  ScrubPass begin(const std::optional<ScrubNote>& note = {}, UnixMillis wallMs = WALL_MS) {
    return {options, table, 0, note, wallMs, nowMs};
  }
  // Until the pass is over, or that moment has come. Reading takes no time.
  bool runUntil(ScrubPass& pass, std::int64_t untilMs, Reads& reads) {
    while (nowMs < untilMs) {
      const auto step = pass.next(nowMs);
      switch (step.kind) {
        case Kind::READ:
          reads.emplace_back(step.key, nowMs);
          pass.passed(step);
          break;
        case Kind::WAIT:
          EXPECT_GT(step.waitMs, 0);
          EXPECT_LE(step.waitMs, ScrubPass::WAIT_MS_MAX);
          nowMs += step.waitMs;
          break;
        case Kind::LOOK_ON: break;
        case Kind::PASS_OVER: return true;
      }
    }
    return false;
  }
  // Those of a whole pass.
  Reads wholePass(ScrubPass& pass) {
    Reads reads;
    EXPECT_TRUE(runUntil(pass, nowMs + 10 * PERIOD_MS, reads));
    return reads;
  }
  static std::set<ReplicaKey> keysOf(const Reads& reads) {
    std::set<ReplicaKey> keys;
    for (const auto& [at, when] : reads) EXPECT_TRUE(keys.insert(at).second) << at.toString();
    return keys;
  }

  ScrubOptions options{.periodMs = PERIOD_MS};
  ReplicaTable table;
  std::int64_t nowMs = 5'000;
};

TEST_F(Scrub, APassReadsEachFinalReplicaOfItsVolumeOnce) {
  std::set<ReplicaKey> mine;
  for (std::uint64_t i = 1; i <= 100; ++i) {
    put(key(i), MB, static_cast<std::uint8_t>(i % 2));
    if (i % 2 == 0) mine.insert(key(i));
  }
  put(key(50, 2));  // another generation of it
  mine.insert(key(50, 2));
  put(key(60), MB, 0, ReplicaState::WRITING);
  mine.erase(key(60));
  auto pass = begin();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(keysOf(wholePass(pass)), mine);
}

// Protects the disk from bursts, and what lies at the end from being read late.
TEST_F(Scrub, ReadsAreSpreadOverThePeriodByTheirBytes) {
  for (std::uint64_t i = 1; i <= 50; ++i) put(key(i), 1 * MB);
  for (std::uint64_t i = 51; i <= 55; ++i) put(key(i), 10 * MB);
  auto pass = begin();
  for (int round = 0; round < 2; ++round) {
    const auto beganMs = 5'000 + round * PERIOD_MS;
    const auto reads = wholePass(pass);
    ASSERT_EQ(reads.size(), 55U);
    std::int64_t readMb = 0;
    for (const auto& [at, when] : reads) {
      EXPECT_NEAR(when - beganMs, readMb * PERIOD_MS / 100, 2) << at.toString();
      readMb += at.chunk.value / 16 <= 50 ? 1 : 10;
    }
  }
}

// Protects what was written a moment after the beginning of a pass, or of which there was nothing
// more to read then: it does not wait for two periods.
TEST_F(Scrub, ANewReplicaIsReadWithinAPeriod) {
  put(key(1));
  auto pass = begin();
  Reads reads;
  EXPECT_TRUE(runUntil(pass, nowMs + 1, reads));
  std::map<ReplicaKey, std::int64_t> cameMs;
  io::Random random(3);
  const auto endMs = nowMs + 4 * PERIOD_MS;
  for (std::uint64_t i = 2; nowMs < endMs; ++i) {
    runUntil(pass, nowMs + static_cast<std::int64_t>(random.below(PERIOD_MS / 20)), reads);
    put(key(i), 1 + random.below(MB));
    cameMs[key(i)] = nowMs;
  }
  while (nowMs < endMs + PERIOD_MS + ScrubPass::WAIT_MS_MAX) {
    runUntil(pass, endMs + PERIOD_MS + ScrubPass::WAIT_MS_MAX, reads);
  }
  std::map<ReplicaKey, std::int64_t> lastMs = cameMs;
  for (const auto& [at, when] : reads) {
    if (at == key(1)) continue;
    EXPECT_LE(when - lastMs.at(at), PERIOD_MS + ScrubPass::WAIT_MS_MAX) << at.toString();
    lastMs.at(at) = when;
    cameMs.erase(at);
  }
  EXPECT_TRUE(cameMs.empty()) << cameMs.size() << " were never read";
}

// Protects the replicas with low ids: a pass ends, and the next begins, however much is written.
TEST_F(Scrub, APassEndsUnderAWriterThatIsFaster) {
  for (std::uint64_t i = 1; i <= 10; ++i) put(key(i));
  auto pass = begin();
  std::uint64_t next = 11;
  std::int64_t againMs = 0;  // when the first one was read again
  while (nowMs < 3 * PERIOD_MS && againMs == 0) {
    const auto step = pass.next(nowMs);
    if (step.kind == Kind::WAIT) nowMs += step.waitMs;
    if (step.kind != Kind::READ) continue;
    nowMs += PERIOD_MS / 100;
    pass.passed(step);
    put(key(next++));
    put(key(next++));
    if (step.key == key(1) && next > 20) againMs = nowMs;
  }
  EXPECT_GT(againMs, PERIOD_MS);
  EXPECT_LT(againMs, 3 * PERIOD_MS);
}

TEST_F(Scrub, ReplicasThatGoOrBecomeOthersHoldNothingUp) {
  for (std::uint64_t i = 1; i <= 20; ++i) put(key(i));
  auto pass = begin();
  Reads reads;
  EXPECT_FALSE(runUntil(pass, nowMs + PERIOD_MS / 4, reads));
  EXPECT_EQ(reads.size(), 5U);
  for (std::uint64_t i = 1; i <= 20; i += 2) table.remove(key(i));
  table.remove(key(10));
  put(key(10, 2));  // written on
  EXPECT_TRUE(runUntil(pass, nowMs + PERIOD_MS, reads));
  std::set<ReplicaKey> rest;
  for (const auto& at : keysOf(reads)) {
    if (at > key(5)) rest.insert(at);
  }
  EXPECT_EQ(rest, (std::set<ReplicaKey>{key(6), key(8), key(10, 2), key(12), key(14), key(16),
                                        key(18), key(20)}));
}

// What is left is counted again from time to time: the pace follows what there really is.
TEST_F(Scrub, ThePaceFollowsWhatIsLeft) {
  options.periodMs = 100 * ScrubPass::RECOUNT_MS;
  for (std::uint64_t i = 1; i <= 1000; ++i) put(key(i));
  auto pass = begin();
  Reads reads;
  EXPECT_FALSE(runUntil(pass, nowMs + options.periodMs / 2, reads));
  EXPECT_EQ(reads.size(), 500U);
  // Those that were read go: what is left still has half the period.
  for (std::uint64_t i = 1; i <= 400; ++i) table.remove(key(i));
  EXPECT_FALSE(runUntil(pass, nowMs + options.periodMs / 4, reads));
  EXPECT_NEAR(static_cast<double>(reads.size()), 750, 2);
  // Half of what is left goes: it slows down.
  for (std::uint64_t i = 876; i <= 1000; ++i) table.remove(key(i));
  EXPECT_FALSE(runUntil(pass, 5'000 + options.periodMs * 9 / 10, reads));
  EXPECT_NEAR(static_cast<double>(reads.size()), 0.9 * 875, 3);
  EXPECT_TRUE(runUntil(pass, 5'000 + options.periodMs + 1, reads));
  EXPECT_EQ(reads.size(), 875U);
}

TEST_F(Scrub, AnEmptyVolumesFirstReplicaDoesNotWaitForAPeriod) {
  auto pass = begin();
  Reads reads;
  EXPECT_FALSE(runUntil(pass, nowMs + 3 * PERIOD_MS, reads));
  EXPECT_FALSE(pass.noteDue(nowMs));
  put(key(1), MB, 1);  // another volume's
  EXPECT_FALSE(runUntil(pass, nowMs + PERIOD_MS * 3 / 2, reads));
  EXPECT_TRUE(reads.empty());
  const auto cameMs = nowMs;
  put(key(2));
  EXPECT_TRUE(runUntil(pass, nowMs + PERIOD_MS, reads));
  ASSERT_EQ(keysOf(reads), (std::set<ReplicaKey>{key(2)}));
  EXPECT_LE(reads[0].second - cameMs, ScrubPass::WAIT_MS_MAX);
  // And once a period from then on.
  const auto firstMs = reads[0].second;
  EXPECT_EQ(wholePass(pass).front().second, firstMs + PERIOD_MS);
}

TEST_F(Scrub, ARestartGoesOnWhereItWasNoted) {
  for (std::uint64_t i = 1; i <= 100; ++i) put(key(i));
  auto before = begin();
  Reads reads;
  EXPECT_FALSE(runUntil(before, nowMs + PERIOD_MS / 2, reads));
  EXPECT_EQ(reads.size(), 50U);
  ASSERT_TRUE(before.noteDue(nowMs));
  auto note = before.note(WALL_MS, nowMs);
  EXPECT_EQ(note.ageMs, PERIOD_MS / 2);
  ASSERT_VALUE(const auto written, decodeScrubNote(encode(note)));
  EXPECT_EQ(written, note);
  // Another life: its monotonic clock has nothing to do with the first one's. It was down for a
  // tenth, which it makes good at once.
  nowMs = 77;
  auto after = begin(written, WALL_MS + PERIOD_MS / 10);
  reads.clear();
  EXPECT_FALSE(runUntil(after, nowMs + 1, reads));
  EXPECT_NEAR(static_cast<double>(reads.size()), 10, 1);
  EXPECT_TRUE(runUntil(after, nowMs + PERIOD_MS, reads));
  EXPECT_EQ(keysOf(reads).size(), 50U);
  EXPECT_EQ(*keysOf(reads).begin(), key(51));
  EXPECT_LE(reads.back().second, 77 + PERIOD_MS * 4 / 10);
  // The next one begins a period after the first life began this one.
  EXPECT_EQ(wholePass(after).front().second, 77 + PERIOD_MS * 4 / 10);
}

// One that was over is not told, or begun, once more.
TEST_F(Scrub, ARestartAfterThePassWaitsForTheNext) {
  put(key(1));
  auto before = begin();
  Reads reads;
  EXPECT_TRUE(runUntil(before, nowMs + PERIOD_MS, reads));
  ASSERT_TRUE(before.noteDue(nowMs));
  const auto note = before.note(WALL_MS, nowMs);
  EXPECT_FALSE(before.noteDue(nowMs));
  auto after = begin(note);
  const auto restartMs = nowMs;
  EXPECT_FALSE(runUntil(after, restartMs + PERIOD_MS - 1, reads));
  EXPECT_EQ(reads.size(), 1U);
  EXPECT_TRUE(runUntil(after, restartMs + 2 * PERIOD_MS, reads));
  EXPECT_EQ(reads.size(), 2U);
}

// Protects the disk and the pace from a wall clock that jumps while the datanode is down; while it
// is up, nobody looks at it.
TEST_F(Scrub, AClockThatJumpsDoesLittleHarm) {
  for (std::uint64_t i = 1; i <= 100; ++i) put(key(i));
  auto before = begin();
  Reads reads;
  EXPECT_FALSE(runUntil(before, nowMs + PERIOD_MS / 2, reads));
  const auto note = before.note(WALL_MS, nowMs);
  for (const UnixMillis wallMs : {UnixMillis{0}, WALL_MS - 1'000'000'000'000, WALL_MS - 1}) {
    auto after = begin(note, wallMs);  // back: as if it had not been down
    const auto restartMs = nowMs;
    reads.clear();
    EXPECT_TRUE(runUntil(after, nowMs + PERIOD_MS, reads));
    EXPECT_EQ(keysOf(reads).size(), 50U);
    EXPECT_NEAR(nowMs - restartMs, PERIOD_MS / 2, PERIOD_MS / 50);
  }
  for (const UnixMillis wallMs : {WALL_MS + 10 * PERIOD_MS, INT64_MAX}) {
    auto after = begin(note, wallMs);  // ahead: the rest is overdue, and all is read once
    reads.clear();
    EXPECT_TRUE(runUntil(after, nowMs + 1, reads));
    EXPECT_EQ(keysOf(reads).size(), 50U);
    EXPECT_EQ(keysOf(wholePass(after)).size(), 100U);  // and then as ever
  }
}

TEST_F(Scrub, TheRateIsBounded) {
  options.bytesPerSecondMax = 2 * MB;
  const auto pass = begin();
  EXPECT_EQ(pass.restMicros(MB, 0), 500'000);
  EXPECT_EQ(pass.restMicros(MB, 200'000), 300'000);
  EXPECT_EQ(pass.restMicros(MB, 500'000), 0);
  EXPECT_EQ(pass.restMicros(MB, 9'000'000), 0);
  EXPECT_EQ(pass.restMicros(0, 0), 0);
  options.bytesPerSecondMax = 64_GiB;
  EXPECT_EQ(begin().restMicros(UINT64_MAX, 0), 268'435'456'000'000);
}

// Nothing is written to the disk each time that a small replica was read.
TEST_F(Scrub, ProgressIsNotedNowAndThen) {
  options.periodMs = 100 * ScrubPass::NOTE_MS;
  for (std::uint64_t i = 1; i <= 10'000; ++i) put(key(i), 1000);
  auto pass = begin();
  int notes = 0;
  for (bool over = false; !over;) {
    const auto step = pass.next(nowMs);
    if (step.kind == Kind::READ) pass.passed(step);
    if (step.kind == Kind::WAIT) nowMs += step.waitMs;
    over = step.kind == Kind::PASS_OVER;
    if (pass.noteDue(nowMs)) {
      (void)pass.note(WALL_MS, nowMs);
      ++notes;
    }
  }
  EXPECT_GE(notes, 99);
  EXPECT_LE(notes, 102);
}

// Protects the event loop: no call looks at more than a few thousand entries, however many there
// are and whosever they are.
TEST_F(Scrub, AMillionReplicasHoldNobodyUp) {
  constexpr std::uint64_t MILLION = 1'000'000;
  for (std::uint64_t i = 1; i <= MILLION; ++i) put(key(i), 1000, i % 1000 == 0 ? 0 : 1);
  auto pass = begin();
  nowMs = 5'000;
  std::uint64_t reads = 0;
  std::uint64_t lookOns = 0;
  for (bool over = false; !over;) {
    const auto step = pass.next(nowMs);
    if (step.kind == Kind::READ) {
      ++reads;
      pass.passed(step);
    }
    if (step.kind == Kind::WAIT) nowMs += step.waitMs;
    if (step.kind == Kind::LOOK_ON) ++lookOns;
    over = step.kind == Kind::PASS_OVER;
  }
  EXPECT_EQ(reads, MILLION / 1000);
  EXPECT_GE(lookOns, MILLION / ScrubPass::ENTRIES_MAX - 1);  // the counting alone
  EXPECT_LE(lookOns, MILLION / ScrubPass::ENTRIES_MAX + 1);
}

// Random changes and restarts: what is there from the beginning of a pass to its end is read.
TEST_F(Scrub, WhateverComesAndGoesWhatStaysIsRead) {
  io::Random random(11);
  for (int round = 0; round < 20; ++round) {
    table = ReplicaTable();
    std::set<ReplicaKey> stays;
    for (std::uint64_t i = 1; i <= 200; ++i) {
      put(key(i), 1 + random.below(MB), static_cast<std::uint8_t>(random.below(3)));
      if (table.find(key(i))->volume == 0) stays.insert(key(i));
    }
    auto pass = std::make_unique<ScrubPass>(begin());
    std::set<ReplicaKey> read;
    UnixMillis wallMs = WALL_MS;
    for (bool over = false; !over;) {
      const auto step = pass->next(nowMs);
      if (step.kind == Kind::READ) {
        read.insert(step.key);
        pass->passed(step);
      }
      if (step.kind == Kind::WAIT) nowMs += step.waitMs, wallMs += step.waitMs;
      over = step.kind == Kind::PASS_OVER;
      const auto changed = key(1 + random.below(300), 1 + random.below(2));
      if (random.chance(0.2)) {
        put(changed, 1 + random.below(MB), static_cast<std::uint8_t>(random.below(2)),
            static_cast<ReplicaState>(random.below(3)));
        stays.erase(changed);
      } else if (random.chance(0.1)) {
        table.remove(changed);
        stays.erase(changed);
      }
      if (!over && random.chance(0.05) && pass->noteDue(nowMs)) {
        const auto note = pass->note(wallMs, nowMs);
        pass = std::make_unique<ScrubPass>(begin(note, wallMs));
      }
    }
    for (const auto& at : stays) EXPECT_TRUE(read.contains(at)) << at.toString();
  }
}

TEST(ScrubNote, WhatIsNotWrittenByUsIsNotRead) {
  const ScrubNote note{.notedMs = WALL_MS,
                       .ageMs = 5,
                       .last = ChunkId(160),
                       .cursor = key(7, 3),
                       .replicas = 9,
                       .bytes = UINT64_MAX};
  const auto text = encode(note);
  ASSERT_VALUE(const auto read, decodeScrubNote(text));
  EXPECT_EQ(read, note);
  for (std::size_t i = 0; i < text.size(); ++i) {
    EXPECT_FALSE(decodeScrubNote(text.substr(0, i)).has_value()) << i;
    for (int bit = 0; bit < 8; ++bit) {
      auto flipped = text;
      flipped[i] = static_cast<char>(flipped[i] ^ (1 << bit));
      EXPECT_FALSE(decodeScrubNote(flipped).has_value()) << "byte " << i << " bit " << bit;
    }
  }
  EXPECT_CODE(Code::CORRUPT, decodeScrubNote(text + "\n"));
  auto newer = text;
  newer.replace(newer.find(" 1\n"), 3, " 2\n");
  EXPECT_CODE(Code::UNSUPPORTED_VERSION, decodeScrubNote(newer));
}

}  // namespace
}  // namespace cairn::dn
