#include "client/shell/trash.h"

#include "common/base/trash_checkpoint.h"

namespace cairn::shell {
namespace {

constexpr std::uint16_t MODE = 0700;
constexpr int TRIES = 16;  // against others who take the same name meanwhile

bool isBelow(std::string_view path, std::string_view directory) {
  return path == directory || directory == "/" ||
         (path.starts_with(directory) && path[directory.size()] == '/');
}

std::string parentOf(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

Trash::Trash(Client& client, const config::ClientConfig& config)
    : client_(client),
      ownIntervalMs_(config.trashIntervalMs),
      root_("/user/" + config.user + "/" + std::string(TRASH_NAME)) {}

Result<std::int64_t> Trash::intervalMs() {
  if (!intervalMs_) {
    const auto info = client_.serverInfo();
    if (info.has_value()) {
      intervalMs_ = info->trashIntervalMs != 0 ? info->trashIntervalMs : ownIntervalMs_;
    } else {
      intervalMs_ = std::unexpected(info.error());
    }
  }
  return *intervalMs_;
}

std::string Trash::placeFor(const std::string& path) const {
  return root_ + "/" + std::string(TRASH_CURRENT) + path;
}

Result<std::optional<std::string>> Trash::take(const std::string& path, std::int64_t nowMs) {
  ASSIGN(const auto interval, intervalMs());
  if (interval == 0 || isBelow(path, root_)) return std::nullopt;
  if (isBelow(root_, path)) return fail(Code::INVALID_ARGUMENT, "");
  const auto wanted = placeFor(path);
  auto target = wanted;
  for (int tries = 1;; ++tries) {
    auto made = client_.mkdirs(parentOf(target), MODE, true);
    if (!made.has_value()) {
      const auto code = made.error().code();
      const bool fileInTheWay = code == Code::ALREADY_EXISTS || code == Code::NOT_A_DIRECTORY;
      if (!fileInTheWay || tries == TRIES) return std::unexpected(std::move(made).error());
      // What was removed before was a file where this one needs a directory.
      target = parentOf(wanted) + std::to_string(nowMs + tries) + wanted.substr(wanted.rfind('/'));
      for (auto above = parentOf(wanted); above.size() > root_.size(); above = parentOf(above)) {
        ASSIGN(const auto entry, client_.statIfExists(above));
        if (!entry || entry->isDirectory()) continue;
        target = above + std::to_string(nowMs + tries) + wanted.substr(above.size());
        break;
      }
      continue;
    }
    auto moved = client_.rename(path, target);
    if (moved.has_value()) return target;
    if (moved.error().code() != Code::ALREADY_EXISTS || tries == TRIES) {
      return std::unexpected(std::move(moved).error());
    }
    target = wanted + std::to_string(nowMs + tries - 1);
  }
}

Result<void> Trash::makeCheckpoint(std::int64_t nowMs) {
  const auto current = root_ + "/" + std::string(TRASH_CURRENT);
  ASSIGN(const auto entry, client_.statIfExists(current));
  if (!entry) return {};
  for (int taken = 0; taken < TRASH_CHECKPOINTS_A_SECOND; ++taken) {
    auto moved = client_.rename(current, root_ + "/" + trashCheckpointName(nowMs, taken));
    if (moved.has_value()) return {};
    if (moved.error().code() == Code::NOT_FOUND) return {};  // somebody else was faster
    if (moved.error().code() != Code::ALREADY_EXISTS) {
      return std::unexpected(std::move(moved).error());
    }
  }
  return fail(Code::ALREADY_EXISTS,
              "Failed to checkpoint trash: " + root_ + "/" + trashCheckpointName(nowMs));
}

Result<void> Trash::clear(std::int64_t nowMs) {
  ASSIGN(const auto intervalMs, this->intervalMs());
  return clearWhere(
      [=](std::string_view name) { return isOldTrashCheckpoint(name, nowMs, intervalMs); });
}

Result<void> Trash::clearAll() {
  return clearWhere([](std::string_view name) { return trashCheckpointTime(name).has_value(); });
}

Result<void> Trash::clearWhere(const std::function<bool(std::string_view name)>& goes) {
  ASSIGN(const auto root, client_.statIfExists(root_));
  if (!root) return {};
  auto listing = client_.list(root_);
  while (true) {
    ASSIGN(const auto entry, listing.next());
    if (!entry) return {};
    if (!goes(entry->name)) continue;
    ASSIGN([[maybe_unused]] const bool removed, client_.remove(root_ + "/" + entry->name, true));
  }
}

}  // namespace cairn::shell
