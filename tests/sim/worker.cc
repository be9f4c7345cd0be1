#include "tests/sim/worker.h"

#include <algorithm>
#include <vector>

#include "common/async/coroutine.h"
#include "tests/sim/cluster.h"
#include "tests/sim/file_access.h"

namespace cairn::sim {
namespace {

using client::FlushTo;
using Kind = Expected::Kind;

constexpr std::uint64_t LARGE_CHUNK_SIZE = 2 << 20;
constexpr std::size_t FILES_MAX = 30;  // then files are removed rather than made

// What a cluster in trouble may answer to a call that is right. Anything else is a wrong answer:
// NOT_FOUND for a file that is there, ALREADY_EXISTS for one's own repeated call, INTERNAL ...
bool isTrouble(Code code) {
  switch (code) {
    case Code::UNAVAILABLE:
    case Code::TIMED_OUT:
    case Code::OVERLOADED:
    case Code::SAFE_MODE:
    case Code::PLACEMENT_FAILED:
    case Code::NOT_REPLICATED_YET: return true;
    default: return false;
  }
}

Outcome movedTo(const Outcome& before, const std::string& from, const std::string& to) {
  Outcome after;
  for (const auto& [path, expected] : before) {
    if (isWithin(path, from)) after[to + path.substr(from.size())] = expected;
  }
  for (const auto& [path, expected] : before) after.try_emplace(path, Expected{});
  return after;
}

}  // namespace

kj::Promise<void> Worker::run() {
  while (!stopping_) {
    co_await world_.time.timer().afterDelay(state_.random.between(0, state_.shared.pauseMaxMicros) *
                                            kj::MICROSECONDS);
    co_await step();
  }
}

kj::Promise<void> Worker::step() {
  auto& random = state_.random;
  if (state_.model.find(state_.directory) == nullptr || random.chance(0.04)) {
    return makeDirectory();
  }
  std::size_t present = 0;
  for (const auto& [path, expected] : state_.model.certain()) {
    present += expected.kind != Kind::ABSENT;
  }
  if (present > FILES_MAX) {
    return random.chance(0.5) ? removeFile() : removeDirectory();
  }
  switch (random.below(26)) {
    case 24:
    case 25: return append();
    case 22:
    case 23: return log();
    case 21: return getOthers();
    case 20: return random.chance(0.15) ? putLarge() : getOthers();
    case 0:
    case 1:
    case 2:
    case 3:
    case 4: return put(false);
    case 5:
    case 6: return put(true);
    case 7: return overwrite();
    case 8:
    case 9:
    case 10: return get();
    case 11: return getPart();
    case 12: return list();
    case 13: return stat();
    case 14: return renameFile(false);
    case 15: return renameFile(true);
    case 16: return renameDirectory();
    case 17: return removeFile();
    case 18: return random.chance(0.3) ? removeDirectory() : removeFile();
    default: return contest();
  }
}

std::string Worker::newName() {
  static constexpr const char* DECORATIONS[] = {"", "", "", " with spaces", "\n", "\xc3\xbc", "*?"};
  return 'n' + std::to_string(++state_.lastName) +
         DECORATIONS[state_.random.below(std::size(DECORATIONS))];
}

std::string Worker::pick(Kind kind) {
  std::vector<const std::string*> paths;
  for (const auto& [path, expected] : state_.model.certain()) {
    if (expected.kind == kind) paths.push_back(&path);
  }
  return paths.empty() ? "" : *paths[state_.random.below(paths.size())];
}

std::string Worker::pickDirectory() { return pick(Kind::DIRECTORY); }

std::uint64_t Worker::begin(Operation operation) {
  for (const auto& outcome : operation.outcomes) {
    for (const auto& [path, expected] : outcome) {
      if (expected.kind == Kind::FILE || expected.kind == Kind::STARTED) {
        state_.shared.everAt[path].push_back(expected.content);
      }
    }
  }
  return state_.model.begin(std::move(operation));
}

void Worker::expectTrouble(const std::string& what, const Status& failure) {
  ++state_.counts.failed;
  ++state_.shared.failures[failure.code()];
  // A read may find a damaged copy alone: the good ones lie on volumes that are out of service.
  const bool sickness = failure.code() == Code::IO_ERROR || failure.code() == Code::CORRUPT;
  const bool excused = sickness && state_.shared.disksFail;
  if (!excused && !isTrouble(failure.code())) verdict_.violation(what + ": " + failure.toString());
}

void Worker::conclude(std::uint64_t operation, const std::string& what, const Status* failure) {
  world_.trace.note("done", what,
                    {failure == nullptr ? 0ull : static_cast<std::uint64_t>(failure->code())});
  if (failure != nullptr) return expectTrouble(what, *failure);
  ++state_.counts.acknowledged;
  state_.model.settle(operation, 1);
}

kj::Promise<void> Worker::makeDirectory() {
  const bool first = state_.model.find(state_.directory) == nullptr;
  // The worker's own directory is made until that works: it is needed, and doing it twice is
  // harmless.
  std::string path = first ? state_.directory : pickDirectory() + '/' + newName();
  const std::string what = "mkdirs " + path;
  std::uint64_t operation = 0;
  if (!first) {
    operation = begin({what, {{{path, {Kind::ABSENT}}}, {{path, {Kind::DIRECTORY}}}}});
  }
  const auto made = co_await files_.mkdirs(path);
  if (first) {
    if (!made.has_value()) co_return expectTrouble(what, made.error());
    operation = begin({what, {{{path, {Kind::ABSENT}}}, {{path, {Kind::DIRECTORY}}}}});
  } else if (made.has_value() && !*made) {
    verdict_.violation(what + ": said to have been there already");
  }
  conclude(operation, what, made.has_value() ? nullptr : &made.error());
}

// As the shell does it: aside, then under its final name in one step; or directly.
kj::Promise<void> Worker::put(bool direct) {
  const std::string path = pickDirectory() + '/' + newName();
  const std::string written = direct ? path : path + "._COPYING_";
  const Content content = Content::draw(state_.random, CHUNK_SIZE, FRAME_SIZE);
  const Expected whole{Kind::FILE, content};
  std::string what = "put " + written;
  const auto writing = begin(
      {what,
       {{{written, {Kind::ABSENT}}}, {{written, whole}}, {{written, {Kind::STARTED, content}}}}});
  const auto wrote = co_await writeFile(files_, written, content.bytes(), {}, state_.random);
  conclude(writing, what, wrote.has_value() ? nullptr : &wrote.error());
  if (direct || !wrote.has_value()) co_return;

  what = "rename " + written + ' ' + path;
  const auto renaming = begin(
      {what,
       {{{written, whole}, {path, {Kind::ABSENT}}}, {{written, {Kind::ABSENT}}, {path, whole}}}});
  const auto renamed = co_await files_.rename(written, path);
  conclude(renaming, what, renamed.has_value() ? nullptr : &renamed.error());
}

kj::Promise<Result<void>> Worker::writeFlushed(std::string path, std::string bytes) {
  CO_ASSIGN(auto writer, co_await files_.create(path));
  std::size_t at = 0;
  std::size_t onDisk = 0;
  while (at < bytes.size()) {
    const auto size =
        std::min<std::size_t>(1 + state_.random.below(2 * FRAME_SIZE), bytes.size() - at);
    CO_TRY(co_await writer->write(asBytes(std::string_view(bytes).substr(at, size))));
    at += size;
    if (state_.random.chance(0.3)) continue;
    const auto to = state_.random.chance(0.3) ? FlushTo::DISK : FlushTo::MEMORY;
    const auto failuresBefore = state_.shared.powerFailures();
    CO_TRY(co_await writer->flush(to));
    if (to == FlushTo::DISK) onDisk = at;
    if (state_.random.chance(0.5)) continue;
    // Whoever opens the file now sees its bytes and no others. What its nodes had in memory alone
    // may go with their power, and only with that.
    const auto got = co_await readFile(files_, path);
    const auto seen = state_.shared.powerFailures() == failuresBefore ? at : onDisk;
    if (!got.has_value()) {
      expectTrouble("get flushed " + path, got.error());
    } else if (got->size() < seen || !bytes.starts_with(*got)) {
      verdict_.violation("get " + path + ": " + std::to_string(got->size()) + " bytes, " +
                         (bytes.starts_with(*got) ? "too few" : "wrong ones") + ", where " +
                         std::to_string(seen) + " were flushed");
    }
  }
  CO_TRY(co_await writer->close());
  co_return Result<void>();
}

kj::Promise<void> Worker::log() {
  const std::string path = pickDirectory() + '/' + newName();
  const Content content = Content::draw(state_.random, CHUNK_SIZE, FRAME_SIZE);
  const std::string what = "log " + path;
  const auto writing = begin({what,
                              {{{path, {Kind::ABSENT}}},
                               {{path, {Kind::FILE, content}}},
                               {{path, {Kind::STARTED, content}}}}});
  const auto wrote = co_await writeFlushed(path, content.bytes());
  conclude(writing, what, wrote.has_value() ? nullptr : &wrote.error());
}

kj::Promise<void> Worker::append() {
  const std::string path = pick(Kind::FILE);
  if (path.empty()) co_return;
  const Content before = state_.model.find(path)->content;
  // Contents of one seed begin alike.
  const Content longer{before.seed, before.length + state_.random.below(2 * CHUNK_SIZE)};
  const std::string what = "append " + path;
  const auto appending = begin({what,
                                {{{path, {Kind::FILE, before}}},
                                 {{path, {Kind::FILE, longer}}},
                                 {{path, {Kind::STARTED, longer}}}}});
  const auto appended =
      co_await appendFile(files_, path, longer.bytes().substr(before.length), state_.random);
  conclude(appending, what, appended.has_value() ? nullptr : &appended.error());
}

kj::Promise<void> Worker::overwrite() {
  const std::string path = pick(Kind::FILE);
  if (path.empty()) co_return;
  const Content content = Content::draw(state_.random, CHUNK_SIZE, FRAME_SIZE);
  const std::string what = "overwrite " + path;
  const auto writing = begin({what,
                              {{{path, *state_.model.find(path)}},
                               {{path, {Kind::FILE, content}}},
                               {{path, {Kind::STARTED, content}}}}});
  const auto wrote =
      co_await writeFile(files_, path, content.bytes(), {.overwrite = true}, state_.random);
  conclude(writing, what, wrote.has_value() ? nullptr : &wrote.error());
}

kj::Promise<void> Worker::get() {
  const std::string path = pick(Kind::FILE);
  if (path.empty()) co_return;
  const Content content = state_.model.find(path)->content;
  const auto got = co_await readFile(files_, path);
  world_.trace.note("get", path, {got.has_value() ? got->size() : 0});
  if (!got.has_value()) co_return expectTrouble("get " + path, got.error());
  if (*got != content.bytes()) verdict_.violation("get " + path + ": wrong bytes");
  ++state_.counts.reads;
}

// Somebody else's file, which may be renamed, replaced or removed at any time: but its bytes are
// always bytes that were written to it.
kj::Promise<void> Worker::getOthers() {
  auto& everAt = state_.shared.everAt;
  if (everAt.empty()) co_return;
  auto chosen = everAt.begin();
  std::advance(chosen, state_.random.below(everAt.size()));
  const std::string path = chosen->first;
  const auto got = co_await readFile(files_, path);
  if (!got.has_value()) {
    const Code code = got.error().code();
    if (code != Code::NOT_FOUND) expectTrouble("get " + path, got.error());
    co_return;
  }
  for (const auto& content : everAt[path]) {
    const std::string bytes = content.bytes();
    if (*got == bytes) co_return;
    // Still being written: what its writer has sent.
    if (bytes.starts_with(*got)) co_return;
  }
  verdict_.violation("get " + path + ": " + std::to_string(got->size()) +
                     " bytes that nobody wrote there");
}

kj::Promise<void> Worker::putLarge() {
  const std::string path = pickDirectory() + '/' + newName();
  const Content content = Content::drawLarge(state_.random);
  const std::string what = "put large " + path;
  const auto writing = begin({what,
                              {{{path, {Kind::ABSENT}}},
                               {{path, {Kind::FILE, content}}},
                               {{path, {Kind::STARTED, content}}}}});
  CreateOptions options;
  options.chunkSize = LARGE_CHUNK_SIZE;
  const auto wrote = co_await writeFile(files_, path, content.bytes(), options, state_.random);
  conclude(writing, what, wrote.has_value() ? nullptr : &wrote.error());
}

kj::Promise<void> Worker::getPart() {
  const std::string path = pick(Kind::FILE);
  if (path.empty()) co_return;
  const Content content = state_.model.find(path)->content;
  const std::uint64_t offset = state_.random.below(content.length + 2);
  const std::uint64_t length = 1 + state_.random.below(2 * CHUNK_SIZE);
  const auto got = co_await readPart(files_, path, offset, length);
  if (!got.has_value()) co_return expectTrouble("pread " + path, got.error());
  const std::string all = content.bytes();
  const std::string right = offset < all.size() ? all.substr(offset, length) : "";
  if (*got != right) verdict_.violation("pread " + path + ": wrong bytes");
}

kj::Promise<void> Worker::list() {
  const std::string directory = pickDirectory();
  const auto entries = co_await listAll(files_, directory);
  if (!entries.has_value()) co_return expectTrouble("list " + directory, entries.error());
  std::set<std::string> seen;
  for (const auto& entry : *entries) {
    const std::string path = directory + '/' + entry.name;
    const Expected* expected = state_.model.find(path);
    if (!seen.insert(path).second) verdict_.violation("list " + directory + ": " + path + " twice");
    if (expected == nullptr) {
      if (!state_.model.uncertainAt(path)) {
        verdict_.violation("list " + directory + ": " + path + " was never made");
      }
    } else if (expected->kind == Kind::ABSENT ||
               (expected->kind == Kind::DIRECTORY) != entry.isDirectory()) {
      verdict_.violation("list " + directory + ": " + path + " is not what it should be");
    }
  }
  for (const auto& [path, expected] : state_.model.below(directory)) {
    const bool child = path.find('/', directory.size() + 1) == std::string::npos;
    if (child && expected.kind != Kind::ABSENT && !seen.contains(path)) {
      verdict_.violation("list " + directory + ": " + path + " is missing");
    }
  }
}

kj::Promise<void> Worker::stat() {
  const std::string path = pick(state_.random.chance(0.3) ? Kind::ABSENT : Kind::FILE);
  if (path.empty()) co_return;
  const Expected expected = *state_.model.find(path);
  const auto entry = co_await files_.stat(path);
  if (!entry.has_value()) {
    if (entry.error().code() == Code::NOT_FOUND && expected.kind == Kind::ABSENT) co_return;
    co_return expectTrouble("stat " + path, entry.error());
  }
  if (expected.kind == Kind::ABSENT) {
    verdict_.violation("stat " + path + ": it was removed");
  } else if (entry->length != expected.content.length || entry->underConstruction) {
    verdict_.violation("stat " + path + ": length " + std::to_string(entry->length) + ", not " +
                       std::to_string(expected.content.length));
  }
}

kj::Promise<void> Worker::renameFile(bool ontoAnother) {
  const std::string from = pick(Kind::FILE);
  if (from.empty()) co_return;
  const std::string to = ontoAnother ? pick(Kind::FILE) : pickDirectory() + '/' + newName();
  if (to == from) co_return;
  const Expected moved = *state_.model.find(from);
  const Expected replaced = ontoAnother ? *state_.model.find(to) : Expected{};
  const std::string what = "rename " + from + ' ' + to;
  const auto operation =
      begin({what, {{{from, moved}, {to, replaced}}, {{from, {Kind::ABSENT}}, {to, moved}}}});
  const auto renamed = co_await files_.rename(from, to, ontoAnother);
  conclude(operation, what, renamed.has_value() ? nullptr : &renamed.error());
}

kj::Promise<void> Worker::renameDirectory() {
  const std::string from = pickDirectory();
  const std::string into = pickDirectory();
  if (from == state_.directory || isWithin(into, from) || state_.model.uncertainAt(from)) co_return;
  const std::string to = into + '/' + newName();
  Outcome before = state_.model.below(from);
  before.emplace(from, Expected{Kind::DIRECTORY});
  Outcome after = movedTo(before, from, to);
  for (const auto& [path, expected] : after) before.try_emplace(path, Expected{});
  const std::string what = "rename " + from + ' ' + to;
  const auto operation = begin({what, {before, after}});
  const auto renamed = co_await files_.rename(from, to);
  conclude(operation, what, renamed.has_value() ? nullptr : &renamed.error());
}

kj::Promise<void> Worker::removeFile() {
  const std::string path = pick(Kind::FILE);
  if (path.empty()) co_return;
  const std::string what = "remove " + path;
  const auto operation =
      begin({what, {{{path, *state_.model.find(path)}}, {{path, {Kind::ABSENT}}}}});
  const auto removed = co_await files_.remove(path);
  if (removed.has_value() && !*removed) verdict_.violation(what + ": said not to have been there");
  conclude(operation, what, removed.has_value() ? nullptr : &removed.error());
}

kj::Promise<void> Worker::removeDirectory() {
  const std::string path = pickDirectory();
  if (path == state_.directory || state_.model.uncertainAt(path)) co_return;
  Outcome before = state_.model.below(path);
  before.emplace(path, Expected{Kind::DIRECTORY});
  Outcome after;
  for (const auto& [gone, expected] : before) after.emplace(gone, Expected{});
  const std::string what = "remove -r " + path;
  const auto operation = begin({what, {before, after}});
  const auto removed = co_await files_.remove(path, true);
  if (removed.has_value() && !*removed) verdict_.violation(what + ": said not to have been there");
  conclude(operation, what, removed.has_value() ? nullptr : &removed.error());
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
  const auto wrote = co_await writeFile(files_, path, content.bytes(), {}, state_.random);
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

}  // namespace cairn::sim
