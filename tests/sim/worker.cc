#include "tests/sim/worker.h"

#include <algorithm>
#include <vector>

#include "common/async/coroutine.h"
#include "tests/sim/cluster.h"
#include "tests/sim/file_access.h"

namespace cairn::sim {
namespace {

using Kind = Expected::Kind;

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
  if (state_.recoverNext != 0) return recover();
  std::size_t present = 0;
  for (const auto& [path, expected] : state_.model.certain()) {
    present += expected.kind != Kind::ABSENT;
  }
  if (present > FILES_MAX) {
    return random.chance(0.5) ? removeFile() : removeDirectory();
  }
  switch (random.below(36)) {
    case 34:
    case 35: return follow();
    case 32:
    case 33: return setReplication();
    case 30:
    case 31: return random.chance(0.5) ? recover() : takeOver();
    case 28:
    case 29: return truncate();
    case 24:
    case 25:
    case 26:
    case 27: return append();
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
  const bool full = failure.code() == Code::DISK_FULL;
  const bool excused = (sickness && state_.shared.disksFail) || (full && state_.shared.disksFill);
  if (full) world_.reach.count(Reached::WRITER_MET_FULL_DISK);
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

kj::Promise<void> Worker::setReplication() {
  const std::string path = pick(Kind::FILE);
  if (path.empty()) co_return;
  // One copy may be damaged: bits are flipped on one datanode alone. Where nothing but clients
  // fails, writers' files have REPLICATION at least.
  const std::uint16_t least = state_.shared.onlyClientsFail ? REPLICATION : 2;
  const auto replicas = static_cast<std::uint16_t>(
      least + state_.random.below(state_.shared.replicationMax - least + 1u));
  const auto set = co_await files_.setReplication(path, replicas);
  world_.trace.note("setrep", path, {replicas, set.has_value() ? 1u : 0u});
  if (!set.has_value()) co_return expectTrouble("setrep " + path, set.error());
  if (!*set) verdict_.violation("setrep " + path + ": said to be no file");
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
  const auto renamed = co_await files_.rename(from, to, {.overwrite = ontoAnother});
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

}  // namespace cairn::sim
