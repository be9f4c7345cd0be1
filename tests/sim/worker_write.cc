// How workers write, cut and take over files.

#include <algorithm>
#include <utility>

#include "common/async/coroutine.h"
#include "tests/sim/cluster.h"
#include "tests/sim/file_access.h"
#include "tests/sim/final_check.h"
#include "tests/sim/worker.h"

namespace cairn::sim {
namespace {

using client::FlushTo;
using Kind = Expected::Kind;

constexpr std::uint64_t LARGE_CHUNK_SIZE = 2 << 20;
constexpr std::uint64_t PIECE_MAX = 5000;  // plain bytes
constexpr double PAUSE_CHANCE = 0.04;      // of a writer, after a piece: another node may fail then
constexpr double DROP_CHANCE = 0.01;       // after a piece, its writer is never heard of again
// Until a lease's soft limit is over, and its recovery.
constexpr unsigned TAKE_OVER_TRIES = 22;
constexpr unsigned RECOVER_TRIES = 40;
constexpr unsigned CUT_TRIES = 40;
constexpr kj::Duration TAKE_OVER_PAUSE = 4 * kj::SECONDS;
constexpr kj::Duration LOOK_PAUSE = 1 * kj::SECONDS;

std::uint64_t beyondBorder(std::uint64_t at) { return at % CHUNK_SIZE % FRAME_SIZE; }

bool besideBorder(std::uint64_t at) {
  const std::uint64_t beyond = beyondBorder(at);
  return at > 0 && (beyond <= 1 || beyond == FRAME_SIZE - 1);
}

Expected started(const Content& content, std::uint64_t held = 0) {
  return {.kind = Kind::STARTED, .content = content, .held = {.onDisk = held}};
}

}  // namespace

void noteDeath(Reach& reach, const WorkerState& worker) {
  if (worker.write == nullptr) return;
  switch (worker.write->phase()) {
    case WritePhase::NONE: return;
    case WritePhase::SET_UP: reach.count(Reached::DIES_IN_SET_UP); break;
    case WritePhase::MIDDLE: reach.count(Reached::DIES_IN_MIDDLE); break;
    case WritePhase::AFTER_FLUSH: reach.count(Reached::DIES_AFTER_FLUSH); break;
    case WritePhase::CLOSE: reach.count(Reached::DIES_AT_CLOSE); break;
  }
  if (worker.write->append) reach.count(Reached::DIES_IN_APPEND);
}

std::uint64_t countHeld(Reach& reach, const Held& held, std::uint64_t losses) {
  if (held.flushed(losses) > 0) reach.count(Reached::FLUSHED_BYTES_HELD);
  if (held.bytes(losses) > held.flushed(losses)) reach.count(Reached::SHOWN_BYTES_HELD);
  return held.bytes(losses);
}

// --- The way of a file's bytes ---

// Half of the pieces end at a border of a frame, or a byte beside it.
std::uint64_t Worker::pieceAt(std::uint64_t at, std::uint64_t end) {
  std::uint64_t piece = 1 + state_.random.below(PIECE_MAX + end / 8);
  if (state_.random.chance(0.5)) {
    const std::uint64_t border = (at / FRAME_SIZE + 1 + state_.random.below(3)) * FRAME_SIZE;
    piece = border - at - 1 + state_.random.below(3);
  }
  return std::clamp<std::uint64_t>(piece, 1, end - at);
}

// From `least` to `most`, half of them beside a border. REQUIRES: least <= most.
std::uint64_t Worker::lengthNear(std::uint64_t least, std::uint64_t most) {
  const std::uint64_t any = least + state_.random.below(most - least + 1);
  if (state_.random.chance(0.5)) return any;
  const std::uint64_t unit = state_.random.chance(0.7) ? FRAME_SIZE : CHUNK_SIZE;
  const std::uint64_t border = any / unit * unit;
  return std::clamp<std::uint64_t>(border + state_.random.below(3), least + 1, most + 1) - 1;
}

kj::Promise<Result<void>> Worker::write(Writing writing) {
  OpenWrite open(state_.write, writing.append);
  kj::Own<client::FileWriter> writer;
  if (writing.append) {
    CO_ASSIGN(writer, co_await files_.append(writing.path));
  } else {
    CO_ASSIGN(writer, co_await files_.create(writing.path, writing.options));
  }
  co_return co_await writeTo(*writer, open, writing);
}

kj::Promise<Result<void>> Worker::writeTo(client::FileWriter& writer, OpenWrite& open,
                                          const Writing& writing) {
  auto& random = state_.random;
  auto& shared = state_.shared;
  open.writer = &writer;
  open.from = writer.position();
  if (open.from != writing.from) {
    verdict_.violation("append " + writing.path + ": begins at " + std::to_string(open.from) +
                       ", not " + std::to_string(writing.from));
    co_return fail(Code::UNAVAILABLE, "not tried");
  }
  if (writing.operation != 0) state_.model.grant(writing.operation, writing.path, writing.from);
  open.operation = writing.operation;
  shared.reached(state_.client, WritePhase::SET_UP);
  const std::string bytes = writing.content.bytes();
  const auto pauseMax = shared.pauseMaxMicros * 5;
  std::uint64_t at = writing.from;
  Failures since = failuresNow();
  while (at < bytes.size()) {
    const std::uint64_t size = pieceAt(at, bytes.size());
    CO_TRY(co_await writer.write(asBytes(std::string_view(bytes).substr(at, size))));
    at += size;
    shared.reached(state_.client, open.phase());
    if (random.chance(DROP_CHANCE)) {
      noteDeath(world_.reach, state_);
      writer.abandon();
      co_return fail(Code::UNAVAILABLE, "its writer was dropped");
    }
    if (random.chance(PAUSE_CHANCE)) {
      co_await world_.time.timer().afterDelay(random.between(0, pauseMax) * kj::MICROSECONDS);
    }
    if (!writing.flushes || random.chance(0.3)) continue;
    if (open.flushed) shared.flushes(state_);
    const Failures before = failuresNow();
    CO_TRY(co_await flush(writer, writing, since));
    since = before;
    open.flushed = true;
    shared.reached(state_.client, open.phase());
    KJ_IF_MAYBE (struck, shared.flushed(state_)) {
      if (!co_await kj::mv(*struck)) continue;
      noteDeath(world_.reach, state_);
      writer.abandon();
      state_.recoverNext = writing.operation;
      co_return fail(Code::UNAVAILABLE, "its writer died with its volumes");
    }
  }
  open.closing = true;
  shared.reached(state_.client, WritePhase::CLOSE);
  CO_ASSIGN(const auto entry, co_await writer.close());
  if (entry.length != bytes.size()) {
    verdict_.violation(writing.path + " was closed with " + std::to_string(entry.length) +
                       " bytes; written were " + std::to_string(bytes.size()));
  }
  co_return Result<void>();
}

kj::Promise<Result<void>> Worker::flush(client::FileWriter& writer, const Writing& writing,
                                        Failures since) {
  const auto to = state_.random.chance(0.3) ? FlushTo::DISK : FlushTo::MEMORY;
  const std::uint64_t at = writer.position();
  CO_TRY(co_await writer.flush(to));
  if (besideBorder(at)) world_.reach.count(Reached::FLUSH_BESIDE_FRAME_BORDER);
  Held held = state_.model.open().at(writing.operation).outcomes.back().at(writing.path).held;
  if (to == FlushTo::DISK) held.onDisk = at;
  held.inMemory = at;
  held.losses = since.losses;
  state_.model.hold(writing.operation, writing.path, held);
  if (state_.random.chance(0.5)) co_return Result<void>();
  // Whoever opens the file now sees its bytes and no others. What its nodes had in memory alone
  // may go with their power, and only with that.
  const auto got = co_await readFile(files_, writing.path);
  const auto seen = state_.shared.powerFailures() == since.ofPower ? at : held.onDisk;
  const std::string bytes = writing.content.bytes();
  if (!got.has_value()) {
    expectTrouble("get flushed " + writing.path, got.error());
  } else if (got->size() < seen || !bytes.starts_with(*got)) {
    verdict_.violation("get " + writing.path + ": " + std::to_string(got->size()) + " bytes, " +
                       (bytes.starts_with(*got) ? "too few" : "wrong ones") + ", where " +
                       std::to_string(seen) + " were flushed");
  }
  co_return Result<void>();
}

// --- Files that are made ---

// As the shell does it: aside, then under its final name in one step; or directly.
kj::Promise<void> Worker::put(bool direct) {
  const std::string path = pickDirectory() + '/' + newName();
  const std::string written = direct ? path : path + "._COPYING_";
  const Content content = Content::draw(state_.random, CHUNK_SIZE, FRAME_SIZE);
  const Expected whole{Kind::FILE, content};
  std::string what = "put " + written;
  const auto writing = begin(
      {what, {{{written, {Kind::ABSENT}}}, {{written, whole}}, {{written, started(content)}}}});
  const auto wrote = co_await write({.operation = writing, .path = written, .content = content});
  conclude(writing, what, wrote.has_value() ? nullptr : &wrote.error());
  if (direct || !wrote.has_value()) co_return;

  what = "rename " + written + ' ' + path;
  const auto renaming = begin(
      {what,
       {{{written, whole}, {path, {Kind::ABSENT}}}, {{written, {Kind::ABSENT}}, {path, whole}}}});
  const auto renamed = co_await files_.rename(written, path);
  conclude(renaming, what, renamed.has_value() ? nullptr : &renamed.error());
}

kj::Promise<void> Worker::putLarge() {
  const std::string path = pickDirectory() + '/' + newName();
  const Content content = Content::drawLarge(state_.random);
  const std::string what = "put large " + path;
  const auto writing = begin(
      {what,
       {{{path, {Kind::ABSENT}}}, {{path, {Kind::FILE, content}}}, {{path, started(content)}}}});
  CreateOptions options;
  options.chunkSize = LARGE_CHUNK_SIZE;
  const auto wrote =
      co_await write({.operation = writing, .path = path, .content = content, .options = options});
  conclude(writing, what, wrote.has_value() ? nullptr : &wrote.error());
}

kj::Promise<void> Worker::log() {
  const std::string path = pickDirectory() + '/' + newName();
  const Content content = Content::draw(state_.random, CHUNK_SIZE, FRAME_SIZE);
  const std::string what = "log " + path;
  const auto writing = begin(
      {what,
       {{{path, {Kind::ABSENT}}}, {{path, {Kind::FILE, content}}}, {{path, started(content)}}}});
  const auto wrote =
      co_await write({.operation = writing, .path = path, .content = content, .flushes = true});
  conclude(writing, what, wrote.has_value() ? nullptr : &wrote.error());
}

kj::Promise<void> Worker::overwrite() {
  const std::string path = pick(Kind::FILE);
  if (path.empty()) co_return;
  const Content content = Content::draw(state_.random, CHUNK_SIZE, FRAME_SIZE);
  const std::string what = "overwrite " + path;
  const auto writing = begin({what,
                              {{{path, *state_.model.find(path)}},
                               {{path, {Kind::FILE, content}}},
                               {{path, started(content)}}}});
  const auto wrote = co_await write(
      {.operation = writing, .path = path, .content = content, .options = {.overwrite = true}});
  conclude(writing, what, wrote.has_value() ? nullptr : &wrote.error());
}

kj::Promise<void> Worker::contest() {
  // Each worker takes part once in each contest, and all go through them in the same order.
  std::string path;
  for (unsigned i = 0; path.empty(); ++i) {
    const std::string candidate = state_.shared.root + "/contest" + std::to_string(i);
    if (!state_.shared.contests[candidate].tried.contains(state_.name)) path = candidate;
  }
  const Content content = Content::draw(state_.random, CHUNK_SIZE, FRAME_SIZE);
  state_.shared.contests[path].tried.emplace(state_.name, content);
  const auto wrote = co_await write({.path = path, .content = content});
  Contest& contest = state_.shared.contests[path];
  if (wrote.has_value()) {
    contest.acknowledgedBy.insert(state_.name);
    ++state_.counts.acknowledged;
    if (contest.acknowledgedBy.size() > 1) {
      verdict_.violation("create " + path + ": two were told that they did it");
    }
    co_return;
  }
  // Somebody else's file; or, as a writer's lease holds it, still being written.
  const Code code = wrote.error().code();
  const bool lost = code == Code::ALREADY_EXISTS || code == Code::LEASE_CONFLICT;
  if (!lost || contest.tried.size() == 1) expectTrouble("create " + path, wrote.error());
}

// --- Files that grow and shrink ---

kj::Promise<void> Worker::append() {
  const Expected* again = state_.model.find(state_.changedLast);
  const bool last = again != nullptr && again->kind == Kind::FILE && state_.random.chance(0.5);
  const std::string path = last ? state_.changedLast : pick(Kind::FILE);
  if (path.empty()) co_return;
  const Content before = state_.model.find(path)->content;
  const Content longer =
      before.grown(state_.random, lengthNear(before.length, before.length + 2 * CHUNK_SIZE));
  const std::string what = "append " + path;
  const auto appending = begin({what,
                                {{{path, {Kind::FILE, before}}},
                                 {{path, {Kind::FILE, longer}}},
                                 {{path, started(longer, before.length)}}}});
  const bool nodeDown = state_.shared.anyDatanodeDown();
  const auto appended = co_await write({.operation = appending,
                                        .path = path,
                                        .content = longer,
                                        .append = true,
                                        .from = before.length,
                                        .flushes = true});
  conclude(appending, what, appended.has_value() ? nullptr : &appended.error());
  if (!appended.has_value()) co_return;
  state_.changedLast = path;
  if (before.length % CHUNK_SIZE == 0) {
    world_.reach.count(Reached::APPEND_AT_CHUNK_BORDER);
  } else if (beyondBorder(before.length) == 0) {
    world_.reach.count(Reached::APPEND_AT_FRAME_BORDER);
  } else if (besideBorder(before.length)) {
    world_.reach.count(Reached::APPEND_BESIDE_FRAME_BORDER);
  }
  if (nodeDown) world_.reach.count(Reached::APPEND_NODE_DOWN);
}

kj::Promise<void> Worker::truncate() {
  const std::string path = pick(Kind::FILE);
  if (path.empty()) co_return;
  const Content before = state_.model.find(path)->content;
  const Content shorter = before.cut(lengthNear(0, before.length));
  const std::string what = "truncate " + path;
  const auto cutting =
      begin({what, {{{path, {Kind::FILE, before}}}, {{path, {Kind::FILE, shorter}}}}});
  state_.model.noteAsked(cutting);
  const bool nodeDown = state_.shared.anyDatanodeDown();
  const auto cut = co_await files_.truncate(path, shorter.length);
  if (!cut.has_value()) co_return conclude(cutting, what, &cut.error());
  bool closed = *cut;
  for (unsigned i = 0; !closed && i < CUT_TRIES; ++i) {
    co_await world_.time.timer().afterDelay(LOOK_PAUSE);
    const auto entry = co_await files_.stat(path);
    if (!entry.has_value()) {
      expectTrouble("stat " + path, entry.error());
      continue;
    }
    if (entry->length != shorter.length) {
      verdict_.violation(what + ": " + std::to_string(entry->length) + " bytes, not " +
                         std::to_string(shorter.length));
      co_return;
    }
    closed = !entry->underConstruction;
  }
  if (!closed) co_return;  // it will be: the check at the end looks
  conclude(cutting, what, nullptr);
  state_.changedLast = path;
  if (shorter.length == before.length) co_return;
  const bool border = beyondBorder(shorter.length) == 0;
  world_.reach.count(border ? Reached::TRUNCATE_AT_BORDER : Reached::TRUNCATE_IN_CHUNK);
  if (nodeDown) world_.reach.count(Reached::TRUNCATE_NODE_DOWN);
}

// --- Files that a dead writer left open ---

std::uint64_t Worker::pickLeftOpen(std::string& path, Expected& left) {
  std::vector<std::uint64_t> candidates;
  for (const auto& [number, operation] : state_.model.open()) {
    if (operation.granted && operation.fenced) candidates.push_back(number);
  }
  const auto next = std::exchange(state_.recoverNext, 0);
  if (candidates.empty()) return 0;
  const auto chosen = std::ranges::find(candidates, next) != candidates.end()
                          ? next
                          : candidates[state_.random.below(candidates.size())];
  const auto& [where, what] = *state_.model.open().at(chosen).outcomes.back().begin();
  path = where;
  left = what;
  return chosen;
}

kj::Promise<void> Worker::settleClosed(std::uint64_t operation, std::string path, Expected left) {
  const auto entry = co_await files_.stat(path);
  if (!entry.has_value()) co_return expectTrouble("stat " + path, entry.error());
  const auto held = countHeld(world_.reach, left.held, state_.shared.losses());
  if (entry->underConstruction || entry->length < held || entry->length > left.content.length) {
    verdict_.violation("recovered " + path +
                       (entry->underConstruction ? " is open" : " is closed") + " with " +
                       std::to_string(entry->length) + " bytes; held were " + std::to_string(held) +
                       " of " + std::to_string(left.content.length));
    state_.model.fence(operation, false);
    co_return;
  }
  const Content content = left.content.cut(entry->length);
  state_.model.settle(operation, Outcome{{path, {Kind::FILE, content}}});
  world_.reach.count(Reached::LEASE_RECOVERED);
  if (state_.shared.onlyClientsFail && held > 0) {
    world_.reach.count(Reached::COPIES_HELD);
    co_await checkCopies(files_, verdict_, path, held);
  }
  state_.changedLast = path;
  const auto got = co_await readFile(files_, path);
  if (!got.has_value()) co_return expectTrouble("get recovered " + path, got.error());
  if (*got != content.bytes()) verdict_.violation("get recovered " + path + ": wrong bytes");
}

kj::Promise<void> Worker::recover() {
  std::string path;
  Expected left;
  const auto operation = pickLeftOpen(path, left);
  if (operation == 0) co_return;
  bool closed = false;
  for (unsigned i = 0; !closed && i < RECOVER_TRIES; ++i) {
    if (i > 0) co_await world_.time.timer().afterDelay(LOOK_PAUSE);
    state_.model.fence(operation, false);
    state_.model.noteAsked(operation);
    const auto answer = co_await files_.recoverLease(path);
    if (!answer.has_value()) co_return expectTrouble("recoverLease " + path, answer.error());
    state_.model.fence(operation, true);
    closed = *answer;
  }
  if (closed) co_await settleClosed(operation, path, left);
}

kj::Promise<void> Worker::takeOver() {
  std::string path;
  Expected left;
  const auto operation = pickLeftOpen(path, left);
  if (operation == 0) co_return;
  OpenWrite open(state_.write, true);
  kj::Own<client::FileWriter> writer;
  for (unsigned i = 0; writer.get() == nullptr; ++i) {
    if (i == TAKE_OVER_TRIES) co_return;
    if (i > 0) co_await world_.time.timer().afterDelay(TAKE_OVER_PAUSE);
    state_.model.fence(operation, false);
    auto appended = co_await files_.append(path);
    if (appended.has_value()) {
      writer = kj::mv(*appended);
    } else if (appended.error().code() != Code::LEASE_CONFLICT) {
      co_return expectTrouble("append to left " + path, appended.error());
    }
    state_.model.fence(operation, true);
  }
  const std::uint64_t from = writer->position();
  const auto held = countHeld(world_.reach, left.held, state_.shared.losses());
  if (from < held || from > left.content.length) {
    verdict_.violation("append to left " + path + " begins at " + std::to_string(from) +
                       "; held were " + std::to_string(held));
    state_.model.fence(operation, false);
    co_return;
  }
  world_.reach.count(Reached::LEASE_TAKEN_OVER);
  const Content before = left.content.cut(from);
  state_.model.settle(operation, Outcome{{path, {Kind::FILE, before}}});
  const Content longer = before.grown(state_.random, lengthNear(from, from + CHUNK_SIZE));
  const std::string what = "append to left " + path;
  const auto appending = begin({what,
                                {{{path, {Kind::FILE, before}}},
                                 {{path, {Kind::FILE, longer}}},
                                 {{path, started(longer, from)}}}});
  const auto wrote = co_await writeTo(*writer, open,
                                      {.operation = appending,
                                       .path = path,
                                       .content = longer,
                                       .append = true,
                                       .from = from,
                                       .flushes = true});
  conclude(appending, what, wrote.has_value() ? nullptr : &wrote.error());
}

}  // namespace cairn::sim
