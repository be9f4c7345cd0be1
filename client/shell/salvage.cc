#include "client/shell/salvage.h"

#include <algorithm>
#include <utility>

#include "common/base/result.h"

namespace cairn::shell {
namespace {

// Who may read the file may look into the directory of its copies.
std::uint16_t directoryMode(std::uint16_t fileMode) {
  const unsigned readable = fileMode & 0444u;
  return static_cast<std::uint16_t>(0700u | readable | readable >> 2);
}

class Copier {
public:
  Copier(Client& client, const std::string& path, const Entry& file,
         const std::function<bool()>& over)
      : client_(client),
        path_(path),
        target_(std::string(LOST_AND_FOUND) + path),
        file_(file),
        over_(over) {}

  Result<void> run(std::span<const ChunkLocation> chunks, bool copy) {
    ASSIGN(const auto server, client_.serverInfo());
    buffer_.resize(
        std::clamp<std::uint64_t>(server.frameSize, SALVAGE_BYTES_MIN, SALVAGE_BYTES_MAX));
    ASSIGN(source_, client_.open(path_));
    copy_ = copy;
    if (copy) {
      ASSIGN(const bool made, client_.mkdirs(target_, directoryMode(file_.mode)));
      if (!made) return fail(Code::ALREADY_EXISTS, target_ + " is there already");
    }
    for (const auto& chunk : chunks) TRY(read(chunk));
    return endPiece();
  }

  Salvage take() && { return std::move(done_); }

private:
  Result<void> read(const ChunkLocation& chunk) {
    const std::uint64_t end = chunk.offset + chunk.length;
    if (chunk.replicas.empty()) {
      return leaveOut(chunk.offset, end, {Code::UNAVAILABLE, "no datanode has its chunk"}, true);
    }
    failures_ = 0;
    for (std::uint64_t at = chunk.offset; at < end;) {
      const auto next = std::min(at + buffer_.size(), end);
      TRY(readRange(at, next));
      at = next;
      if (failures_ < SALVAGE_FAILURES_MAX || at == end) continue;
      const auto why = done_.unreadable.back().why;
      return leaveOut(at, end, why, false);
    }
    return {};
  }

  Result<void> readRange(std::uint64_t from, std::uint64_t to) {
    if (over_()) return fail(Code::CANCELLED, "interrupted");
    const auto bytes = std::span(buffer_).first(to - from);
    const auto got = readAt(from, bytes);
    if (got.has_value()) return keep(from, bytes);
    const bool damage = got.error().code() == Code::CORRUPT;
    if (!damage) ++failures_;
    return leaveOut(from, to, got.error(), damage);
  }

  Result<void> readAt(std::uint64_t at, std::span<std::byte> to) {
    ASSIGN(const auto got, source_->pread(at, to));
    if (got < to.size()) return fail(Code::UNAVAILABLE, "the file was cut meanwhile");
    return {};
  }

  Result<void> leaveOut(std::uint64_t from, std::uint64_t to, const Status& why, bool certain) {
    auto& all = done_.unreadable;
    if (!all.empty() && all.back().offset + all.back().length == from &&
        all.back().certain == certain) {
      all.back().length += to - from;
    } else {
      all.push_back({.offset = from, .length = to - from, .why = why, .certain = certain});
    }
    return endPiece();
  }

  Result<void> keep(std::uint64_t at, std::span<const std::byte> bytes) {
    if (!copy_) return {};
    if (!output_) {
      const auto path = target_ + "/" + std::to_string(done_.pieces.size());
      ASSIGN(output_, client_.create(path, {.mode = file_.mode,
                                            .createParents = false,
                                            .replication = file_.replication,
                                            .chunkSize = file_.chunkSize}));
      done_.pieces.push_back({.path = path, .offset = at, .length = 0});
    }
    TRY(output_->write(bytes));
    done_.pieces.back().length += bytes.size();
    return {};
  }

  // What was copied last is all that its file gets.
  Result<void> endPiece() {
    if (!output_) return {};
    auto output = std::exchange(output_, std::nullopt);
    TRY(output->close());
    return {};
  }

  Client& client_;
  const std::string& path_;
  const std::string target_;
  const Entry& file_;
  const std::function<bool()>& over_;
  std::vector<std::byte> buffer_;
  std::optional<InputFile> source_;
  bool copy_ = false;
  unsigned failures_ = 0;  // in this chunk, for another reason than damage
  std::optional<OutputFile> output_;
  Salvage done_;
};

}  // namespace

Salvage salvage(Client& client, const std::string& path, const Entry& file,
                std::span<const ChunkLocation> chunks, bool copy,
                const std::function<bool()>& over) {
  Copier copier(client, path, file, over);
  const auto ended = copier.run(chunks, copy);
  auto done = std::move(copier).take();
  if (!ended.has_value()) done.failure = ended.error();
  return done;
}

}  // namespace cairn::shell
