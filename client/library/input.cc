#include "client/library/input.h"

#include <algorithm>
#include <cstring>

namespace cairn::library {

Input::Input(std::shared_ptr<Core> core, kj::Own<client::FileReader> reader)
    : core_(std::move(core)),
      reader_(kj::mv(reader)),
      local_(reader_->localReads()),
      entry_(reader_->entry()),
      length_(reader_->length()) {}

Input::~Input() {
  core_->run([this]() { reader_ = nullptr; });
}

Result<void> Input::fetch() {
  if (!rest_.empty()) return {};
  current_ = {};  // its buffer may serve the next bytes
  auto next = core_->call([this](client::FileSystem&) { return reader_->next(); });
  if (!next.has_value()) return std::unexpected(std::move(next).error());
  current_ = std::move(*next);
  rest_ = current_.bytes;
  return {};
}

Result<std::size_t> Input::read(std::span<std::byte> to) {
  std::lock_guard lock(mutex_);
  std::size_t done = 0;
  while (done < to.size()) {
    if (auto fetched = fetch(); !fetched.has_value()) {
      if (done > 0) break;
      return std::unexpected(std::move(fetched).error());
    }
    if (rest_.empty()) break;
    auto size = std::min(to.size() - done, rest_.size());
    std::memcpy(to.data() + done, rest_.data(), size);
    rest_ = rest_.subspan(size);
    position_ += size;
    done += size;
  }
  return done;
}

Result<std::span<const std::byte>> Input::readView() {
  std::lock_guard lock(mutex_);
  if (auto fetched = fetch(); !fetched.has_value()) {
    return std::unexpected(std::move(fetched).error());
  }
  position_ += rest_.size();
  return std::exchange(rest_, {});
}

Result<std::size_t> Input::pread(std::uint64_t offset, std::span<std::byte> to) {
  const auto length = this->length();
  if (offset >= length) return std::size_t{0};
  to = to.first(std::min<std::uint64_t>(to.size(), length - offset));
  if (local_->read(offset, to)) return to.size();
  return core_->call([&](client::FileSystem&) { return reader_->pread(offset, to); });
}

Result<std::uint64_t> Input::refresh() {
  std::lock_guard lock(mutex_);
  auto length = core_->call([this](client::FileSystem&) { return reader_->refresh(); });
  if (!length.has_value()) return length;
  entry_ = core_->run([this]() { return reader_->entry(); });
  length_.store(*length, std::memory_order_release);
  return length;
}

void Input::seek(std::uint64_t offset, std::uint64_t end) {
  std::lock_guard lock(mutex_);
  rest_ = {};
  current_ = {};
  position_ = core_->run([&]() {
    reader_->seek(offset, end);
    return reader_->position();
  });
}

std::uint64_t Input::position() const {
  std::lock_guard lock(mutex_);
  return position_;
}

}  // namespace cairn::library
