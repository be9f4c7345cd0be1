// The memory disk against a model: random operations, a crash, and the question whether what is
// there is something that the strict reading of POSIX allows.
//
// The model does not work like the disk. It keeps no pending steps; it writes down every state that
// each directory and each file has had, with the time, and afterwards looks whether the outcome is
// one of those states, and not an older one than the last sync.
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/io/disk_ops.h"
#include "common/io/memory_disk.h"
#include "tests/testkit/results.h"

namespace cairn::io {
namespace {

using Names = std::map<std::string, int>;  // name -> file

template <typename State>
struct History {
  struct Version {
    int time;
    State state;
  };
  std::vector<Version> versions;
  int syncedAt = 0;

  const State& now() const { return versions.back().state; }
  const State& at(int time) const {
    const State* found = &versions.front().state;
    for (const auto& version : versions) {
      if (version.time <= time) found = &version.state;
    }
    return *found;
  }
};

class Model {
public:
  explicit Model(const std::vector<std::string>& dirs) {
    for (const auto& dir : dirs) dirs_[dir].versions.push_back({0, {}});
  }

  int& time() { return time_; }
  const Names& names(const std::string& dir) const { return dirs_.at(dir).now(); }
  const std::string& content(int file) const { return files_.at(file).now(); }

  int create(const std::string& dir, const std::string& name) {
    const int file = static_cast<int>(files_.size());
    files_.emplace_back().versions.push_back({time_, ""});
    Names names = dirs_[dir].now();
    names[name] = file;
    change(dir, names);
    return file;
  }
  void rename(const std::string& dir, const std::string& from, const std::string& to) {
    Names names = dirs_[dir].now();
    const int file = names.at(from);
    names.erase(from);
    names[to] = file;
    change(dir, names);
  }
  void remove(const std::string& dir, const std::string& name) {
    Names names = dirs_[dir].now();
    names.erase(name);
    change(dir, names);
  }
  void write(int file, std::size_t offset, const std::string& bytes) {
    std::string content = files_[file].now();
    // A write torn after each of its bytes is a state of its own.
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      if (content.size() < offset + i + 1) content.resize(offset + i + 1);
      content[offset + i] = bytes[i];
      files_[file].versions.push_back({time_, content});
    }
  }
  void truncate(int file, std::size_t size) {
    std::string content = files_[file].now();
    content.resize(size);
    files_[file].versions.push_back({time_, content});
  }
  void sync(int file) {
    // Everything written so far; versions before it are out of the question from now on.
    auto& versions = files_[file].versions;
    versions.erase(versions.begin(), versions.end() - 1);
  }
  void syncDir(const std::string& dir) { dirs_[dir].syncedAt = time_; }

  // Why `outcome` (directory -> name -> content) may not follow a crash; nothing when it may.
  using Outcome = std::map<std::string, std::map<std::string, std::string>>;
  std::optional<std::string> refuse(const Outcome& outcome, CrashLoss loss) const {
    // Directory operations are kept up to some moment, the same for all directories, but never less
    // than was synced.
    const int first = loss == CrashLoss::RANDOM_SUFFIX ? 0 : -1;
    const int last = loss == CrashLoss::RANDOM_SUFFIX ? time_ : -1;
    std::string why = "no moment fits the names";
    for (int moment = first; moment <= last; ++moment) {
      const auto problem = refuseAt(outcome, loss, moment);
      if (!problem) return std::nullopt;
      if (problem->starts_with("content")) why = *problem;
    }
    return why;
  }

  // Goes on from the outcome.
  void restart(const Outcome& outcome) {
    time_ = 0;
    std::vector<History<std::string>> files;
    for (auto& [dir, history] : dirs_) {
      Names names;
      for (const auto& [name, content] : outcome.at(dir)) {
        names[name] = static_cast<int>(files.size());
        files.emplace_back().versions.push_back({0, content});
      }
      history = {};
      history.versions.push_back({0, names});
    }
    files_ = std::move(files);
  }

private:
  void change(const std::string& dir, Names names) {
    dirs_[dir].versions.push_back({time_, std::move(names)});
  }

  std::optional<std::string> refuseAt(const Outcome& outcome, CrashLoss loss, int moment) const {
    for (const auto& [dir, history] : dirs_) {
      const Names& names = history.at(std::max(moment, history.syncedAt));
      const auto& seen = outcome.at(dir);
      if (names.size() != seen.size()) return "names";
      for (const auto& [name, file] : names) {
        const auto found = seen.find(name);
        if (found == seen.end()) return "names";
        const auto& versions = files_.at(file).versions;
        bool allowed = false;
        for (const auto& version : versions) {
          allowed |= version.state == found->second;
          if (loss == CrashLoss::ALL_UNSYNCED) break;  // only the first, the synced one
        }
        if (!allowed) return "content of " + dir + "/" + name + " is '" + found->second + "'";
      }
    }
    return std::nullopt;
  }

  int time_ = 0;
  std::map<std::string, History<Names>> dirs_;
  std::vector<History<std::string>> files_;
};

class CrashRun {
public:
  explicit CrashRun(std::uint64_t seed) : random_(seed), model_(DIRS) {
    for (const auto& dir : DIRS) EXPECT_OK(makeDirsDurably(disk_, dir));
  }

  void steps(int count) {
    for (int i = 0; i < count; ++i) {
      ++model_.time();
      step();
    }
  }

  void crashAndCompare() {
    const CrashLoss loss = random_.chance(0.5) ? CrashLoss::ALL_UNSYNCED : CrashLoss::RANDOM_SUFFIX;
    log_ += loss == CrashLoss::ALL_UNSYNCED ? "crash, all unsynced\n" : "crash, random suffix\n";
    disk_.crash(loss, random_);
    Model::Outcome outcome;
    for (const auto& dir : DIRS) {
      outcome[dir];
      const auto entries = disk_.list(dir);
      ASSERT_OK(entries);
      for (const auto& entry : *entries) {
        outcome[dir][entry.name] =
            readWholeFile(disk_, dir + "/" + entry.name, 1000).value_or("(unreadable)");
      }
    }
    const auto refusal = model_.refuse(outcome, loss);
    ASSERT_FALSE(refusal.has_value()) << *refusal << "\n" << log_;
    model_.restart(outcome);
    log_.clear();
  }

private:
  static inline const std::vector<std::string> DIRS{"a", "b"};

  std::string name() { return std::string(1, static_cast<char>('p' + random_.below(4))); }

  void step() {
    const std::string dir = DIRS[random_.below(DIRS.size())];
    const std::string one = name();
    const std::string path = dir + "/" + one;
    const Names names = model_.names(dir);
    if (random_.chance(0.1)) {
      log_ += "syncDir " + dir + "\n";
      EXPECT_OK(disk_.syncDir(dir));
      model_.syncDir(dir);
      return;
    }
    if (!names.contains(one)) {
      log_ += "create " + path + "\n";
      EXPECT_OK(disk_.open(path, OpenMode::CREATE));
      model_.create(dir, one);
      return;
    }
    const int id = names.at(one);
    auto file = disk_.open(path, OpenMode::READ_WRITE);
    ASSERT_OK(file);
    switch (random_.below(6)) {
      case 0: {
        const std::string to = name();
        log_ += "rename " + path + " to " + to + "\n";
        EXPECT_OK(disk_.rename(path, dir + "/" + to));
        if (to != one) model_.rename(dir, one, to);
        break;
      }
      case 1:
        log_ += "remove " + path + "\n";
        EXPECT_OK(disk_.remove(path));
        model_.remove(dir, one);
        break;
      case 2:
        log_ += "sync " + path + "\n";
        EXPECT_OK((*file)->sync());
        model_.sync(id);
        break;
      case 3: {
        const std::size_t size = random_.below(8);
        log_ += "truncate " + path + " " + std::to_string(size) + "\n";
        EXPECT_OK((*file)->truncate(size));
        model_.truncate(id, size);
        break;
      }
      default: {
        const std::size_t offset = random_.below(model_.content(id).size() + 1);
        std::string bytes;
        for (std::uint64_t n = 1 + random_.below(4); n > 0; --n) {
          bytes += static_cast<char>('a' + random_.below(26));
        }
        log_ += "write " + path + " " + std::to_string(offset) + " " + bytes + "\n";
        EXPECT_OK((*file)->writeAt(offset, asBytes(bytes)));
        model_.write(id, offset, bytes);
        break;
      }
    }
  }

  MemoryDisk disk_;
  Random random_;
  Model model_;
  std::string log_;
};

// Every outcome of a crash is one that synced data allows, over many random histories. A failure
// prints the operations since the crash before.
TEST(MemoryDiskModelTest, CrashesKeepWhatWasSynced) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    CrashRun run(seed);
    for (int round = 0; round < 4; ++round) {
      run.steps(40);
      run.crashAndCompare();
      if (::testing::Test::HasFailure()) return;
    }
  }
}

}  // namespace
}  // namespace cairn::io
