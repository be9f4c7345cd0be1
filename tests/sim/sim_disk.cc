#include "tests/sim/sim_disk.h"

#include <algorithm>
#include <utility>

namespace cairn::sim {

struct SimDisk::State {
  State(Trace& trace, std::string name, Fullness& fullness, const FailedPart& failedPart)
      : trace(trace), name(std::move(name)), fullness(fullness), failedPart(failedPart) {}

  bool limits(std::string_view path) const {
    return fullness.limited && path.starts_with(fullness.root);
  }
  // Takes the bytes from the room that is left.
  Result<void> grow(std::string_view path, std::uint64_t bytes) {
    if (bytes <= fullness.roomBytes) {
      fullness.roomBytes -= bytes;
      return {};
    }
    ++fullness.refusals;
    trace.note("full", path, {bytes});
    return fail(Code::DISK_FULL, name + ": no space left for " + std::string(path));
  }

  // Every call begins here.
  Result<void> enter(std::string_view verb, std::string_view path, bool changes,
                     std::initializer_list<std::uint64_t> numbers = {}) {
    if (!off && changes && callsLeft > 0 && --callsLeft == 0) std::exchange(failing, {})();
    if (off) {
      return fail(Code::IO_ERROR,
                  name + ": " + std::string(verb) + ' ' + std::string(path) + ": the power is off");
    }
    if (changes && failChance > 0 && random->chance(failChance)) {
      trace.note("fails", verb);
      return fail(Code::IO_ERROR,
                  name + ": " + std::string(verb) + ' ' + std::string(path) + ": the disk is sick");
    }
    // An unmounted part has none but the files that were open then.
    const bool refused = changes || failedPart.kind != FailedPart::Kind::READ_ONLY;
    if (refused && failedPart.contains(path)) {
      sick = true;
      trace.note("failed part", verb);
      return fail(Code::IO_ERROR, name + ": " + std::string(verb) + ' ' + std::string(path) +
                                      ": the volume has failed");
    }
    trace.note(verb, name, numbers);
    trace.note("path", path);
    return {};
  }

  Trace& trace;
  const std::string name;
  Fullness& fullness;
  const FailedPart& failedPart;
  bool off = false;
  bool ignoreSyncs = false;
  std::uint64_t callsLeft = 0;  // until the power fails; 0: it does not
  std::function<void()> failing;
  double failChance = 0;
  io::Random* random = nullptr;
  bool sick = false;
};

class SimDisk::OpenFile final : public io::File {
public:
  OpenFile(std::shared_ptr<State> state, std::unique_ptr<io::File> base, std::string path)
      : File(base->path()),
        state_(std::move(state)),
        base_(std::move(base)),
        path_(std::move(path)) {}

protected:
  Result<std::size_t> doReadAt(std::uint64_t offset, MutableBytes to) override {
    // What RocksDB reads of its files depends on what it still has in its cache, and that on random
    // numbers of its own.
    if (path_.ends_with(".sst")) {
      if (state_->off) return fail(Code::IO_ERROR, path_ + ": the power is off");
      return base_->readAt(offset, to);
    }
    TRY(state_->enter("read", path_, false, {offset, to.size()}));
    return base_->readAt(offset, to);
  }
  Result<void> doWriteAt(std::uint64_t offset, std::span<const ByteView> parts) override {
    TRY(state_->enter("write", path_, true, {offset}));
    if (state_->limits(path_)) {
      std::uint64_t end = offset;
      for (const auto part : parts) end += part.size();
      ASSIGN(const auto size, base_->size());
      if (end > size) TRY(state_->grow(path_, end - size));
    }
    noteParts(parts);
    return base_->writeAt(offset, parts);
  }
  Result<void> doAppend(std::span<const ByteView> parts) override {
    TRY(state_->enter("append", path_, true));
    if (state_->limits(path_)) {
      std::uint64_t bytes = 0;
      for (const auto part : parts) bytes += part.size();
      if (auto grown = state_->grow(path_, bytes); !grown.has_value()) {
        return appendWhatFits(parts, std::move(grown));
      }
    }
    noteParts(parts);
    return base_->append(parts);
  }
  Result<void> doSync() override {
    TRY(state_->enter("sync", path_, true));
    if (state_->ignoreSyncs) return {};
    return base_->sync();
  }
  Result<std::uint64_t> doSize() override {
    TRY(state_->enter("size", path_, false));
    return base_->size();
  }
  Result<void> doTruncate(std::uint64_t size) override {
    TRY(state_->enter("truncate", path_, true, {size}));
    return base_->truncate(size);
  }

private:
  // As a real disk does. Returns `refusal`.
  Result<void> appendWhatFits(std::span<const ByteView> parts, Result<void> refusal) {
    auto& room = state_->fullness.roomBytes;
    for (const auto part : parts) {
      const ByteView fits = part.first(std::min<std::uint64_t>(room, part.size()));
      room -= fits.size();
      if (!fits.empty()) TRY(base_->append(std::span(&fits, 1)));
    }
    return refusal;
  }
  void noteParts(std::span<const ByteView> parts) {
    // RocksDB puts a random number into these; all else that is written follows from the seed.
    const bool random = path_.ends_with(".sst") || path_.find("MANIFEST") != std::string::npos;
    for (const auto part : parts) {
      state_->trace.note("bytes", state_->name, {random ? part.size() : Trace::hashOf(part)});
    }
  }

  std::shared_ptr<State> state_;
  std::unique_ptr<io::File> base_;
  const std::string path_;
};

SimDisk::SimDisk(io::Disk& base, Trace& trace, std::string name, Fullness& fullness,
                 const FailedPart& failedPart)
    : base_(base), state_(std::make_shared<State>(trace, std::move(name), fullness, failedPart)) {}

SimDisk::SimDisk(io::Disk& base, std::string root, std::shared_ptr<State> state)
    : base_(base), root_(std::move(root)), state_(std::move(state)) {}

std::unique_ptr<SimDisk> SimDisk::below(std::string root) {
  return std::unique_ptr<SimDisk>(new SimDisk(base_, nameOf(root), state_));
}

SimDisk::~SimDisk() = default;

std::string SimDisk::at(std::string_view path) const {
  const std::string name = nameOf(path);
  std::string place = state_->failedPart.placeOf(name);
  if (place != name) state_->sick = true;
  return place;
}

void SimDisk::powerOff() { state_->off = true; }

bool SimDisk::off() const { return state_->off; }

void SimDisk::failPowerAfter(std::uint64_t calls, std::function<void()> failing) {
  state_->callsLeft = calls;
  state_->failing = std::move(failing);
}

void SimDisk::sicken(double chance, io::Random* random) {
  state_->failChance = chance;
  state_->random = random;
  state_->sick = true;
}

bool SimDisk::sick() const { return state_->sick; }

void SimDisk::ignoreSyncs(bool ignore) { state_->ignoreSyncs = ignore; }

Result<std::unique_ptr<io::File>> SimDisk::open(std::string_view path, io::OpenMode mode) {
  TRY(state_->enter("open", at(path), mode == io::OpenMode::CREATE,
                    {static_cast<std::uint64_t>(mode)}));
  ASSIGN(auto file, base_.open(at(path), mode));
  return std::make_unique<OpenFile>(state_, std::move(file), at(path));
}

Result<void> SimDisk::rename(std::string_view from, std::string_view to) {
  TRY(state_->enter("rename", at(from), true));
  return base_.rename(at(from), at(to));
}

Result<void> SimDisk::remove(std::string_view path) {
  TRY(state_->enter("remove", at(path), true));
  if (state_->limits(at(path))) {
    const auto info = base_.statIfExists(at(path));
    if (info.has_value() && info->has_value()) {
      state_->fullness.roomBytes += (*info)->sizeBytes;
    }
  }
  return base_.remove(at(path));
}

Result<std::vector<io::DirEntry>> SimDisk::list(std::string_view dir) {
  TRY(state_->enter("list", at(dir), false));
  return base_.list(at(dir));
}

Result<void> SimDisk::makeDirs(std::string_view dir) {
  TRY(state_->enter("makeDirs", at(dir), true));
  return base_.makeDirs(at(dir));
}

Result<void> SimDisk::syncDir(std::string_view dir) {
  TRY(state_->enter("syncDir", at(dir), true));
  if (state_->ignoreSyncs) return {};
  return base_.syncDir(at(dir));
}

Result<std::optional<io::PathInfo>> SimDisk::statIfExists(std::string_view path) {
  TRY(state_->enter("stat", at(path), false));
  return base_.statIfExists(at(path));
}

Result<io::DiskSpace> SimDisk::space() {
  TRY(state_->enter("space", at(""), false));
  // Not base_.space(), which walks the whole tree at each heartbeat.
  constexpr std::uint64_t PLENTY = 1ull << 40;
  return io::DiskSpace{PLENTY, state_->limits(root_) ? state_->fullness.roomBytes : PLENTY};
}

Result<std::unique_ptr<io::DiskLock>> SimDisk::lock(std::string_view path) {
  TRY(state_->enter("lock", at(path), true));
  return base_.lock(at(path));
}

std::string SimDisk::pathOf(std::string_view path) const { return base_.pathOf(nameOf(path)); }

}  // namespace cairn::sim
