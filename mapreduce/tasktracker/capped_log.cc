#include "mapreduce/tasktracker/capped_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "mapreduce/api/unique_fd.h"

namespace cairn::mr {

namespace {

constexpr std::size_t READ_BYTES = 64 << 10;  // what a pipe holds

void writeAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto done = ::write(fd, bytes.data(), bytes.size());
    if (done <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(done));
  }
}

}  // namespace

CappedLog::CappedLog(async::WorkPool& pool, std::string path, std::uint64_t bytesMax)
    : pool_(pool), path_(std::move(path)), bytesMax_(bytesMax) {}

CappedLog::~CappedLog() noexcept(false) {}

kj::Promise<void> CappedLog::collect(kj::Own<kj::AsyncInputStream> from) {
  auto file = std::make_shared<UniqueFd>();
  auto buffer = kj::heapArray<char>(READ_BYTES);
  while (true) {
    const auto got = co_await from->tryRead(buffer.begin(), 1, buffer.size());
    if (got == 0) co_return;
    const std::string_view bytes(buffer.begin(), got);
    tail_.append(bytes);
    if (tail_.size() > 2 * LOG_TAIL_BYTES) tail_.erase(0, tail_.size() - LOG_TAIL_BYTES);
    const auto room = bytesMax_ > seen_ ? bytesMax_ - seen_ : 0;
    std::string kept(bytes.substr(0, std::min<std::uint64_t>(room, got)));
    const bool cut = room > 0 && got >= room;
    if (cut) kept += "\n[cut here: the log may have " + std::to_string(bytesMax_) + " bytes]\n";
    seen_ += got;
    if (kept.empty()) continue;
    co_await pool_.run([file, path = path_, kept = std::move(kept)]() {
      if (!*file) {
        file->reset(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
      }
      if (*file) writeAll(file->get(), kept);
    });
  }
}

std::string CappedLog::tail() const {
  std::string_view text = tail_;
  if (text.size() > LOG_TAIL_BYTES) text.remove_prefix(text.size() - LOG_TAIL_BYTES);
  if (seen_ > text.size()) {
    // It begins within a line; a single endless line is shown as it is.
    const auto line = text.find('\n');
    if (line != std::string_view::npos && line + 1 < text.size()) text.remove_prefix(line + 1);
  }
  return std::string(text);
}

}  // namespace cairn::mr
