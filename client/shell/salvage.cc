#include "client/shell/salvage.h"

#include <algorithm>
#include <optional>
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
  Copier(Client& client, const std::string& path, const Entry& file, InputFile source)
      : client_(client),
        target_(std::string(LOST_AND_FOUND) + path),
        file_(file),
        source_(std::move(source)),
        buffer_(SALVAGE_BYTES) {}

  const std::string& target() const { return target_; }

  Result<void> copy(const ChunkLocation& chunk, const std::function<bool()>& over) {
    const std::uint64_t end = chunk.offset + chunk.length;
    if (chunk.replicas.empty()) {
      return leaveOut(chunk.offset, end, Status(Code::UNAVAILABLE, "no datanode has its chunk"));
    }
    for (std::uint64_t at = chunk.offset; at < end;) {
      if (over()) return fail(Code::CANCELLED, "interrupted");
      const auto next = std::min(at + SALVAGE_BYTES, end);
      const auto bytes = std::span(buffer_).first(next - at);
      const auto got = read(at, bytes);
      if (got.has_value()) {
        TRY(write(at, bytes));
      } else if (got.error().code() == Code::CORRUPT) {
        TRY(leaveOut(at, next, got.error()));
      } else {
        return leaveOut(at, end, got.error());
      }
      at = next;
    }
    return {};
  }

  // What was copied last is all that its file gets.
  Result<void> endPiece() {
    if (!output_) return {};
    auto output = std::exchange(output_, std::nullopt);
    TRY(output->close());
    return {};
  }

  Salvage take() && { return std::move(done_); }

private:
  Result<void> read(std::uint64_t at, std::span<std::byte> to) {
    ASSIGN(const auto got, source_.pread(at, to));
    if (got < to.size()) return fail(Code::UNAVAILABLE, "the file was cut meanwhile");
    return {};
  }

  Result<void> leaveOut(std::uint64_t from, std::uint64_t to, const Status& why) {
    auto& all = done_.unreadable;
    if (!all.empty() && all.back().offset + all.back().length == from) {
      all.back().length += to - from;
    } else {
      all.push_back({.offset = from, .length = to - from, .why = why});
    }
    return endPiece();
  }

  Result<void> write(std::uint64_t at, std::span<const std::byte> bytes) {
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

  Client& client_;
  const std::string target_;
  const Entry& file_;
  InputFile source_;
  std::vector<std::byte> buffer_;
  std::optional<OutputFile> output_;
  Salvage done_;
};

}  // namespace

Result<Salvage> salvage(Client& client, const std::string& path, const Entry& file,
                        std::span<const ChunkLocation> chunks, const std::function<bool()>& over) {
  ASSIGN(auto source, client.open(path));
  Copier copier(client, path, file, std::move(source));
  ASSIGN(const bool made, client.mkdirs(copier.target(), directoryMode(file.mode)));
  if (!made) return fail(Code::ALREADY_EXISTS, copier.target() + " is there already");
  for (const auto& chunk : chunks) {
    TRY(copier.copy(chunk, over));
  }
  TRY(copier.endPiece());
  return std::move(copier).take();
}

}  // namespace cairn::shell
