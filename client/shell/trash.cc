#include "client/shell/trash.h"

#include <ctime>

#include <array>
#include <charconv>

namespace cairn::shell {
namespace {

constexpr std::uint16_t MODE = 0700;
constexpr std::string_view CURRENT = "/Current";
constexpr int CHECKPOINTS_A_SECOND = 1000;
constexpr int TRIES = 16;  // against others who take the same name meanwhile

bool isBelow(std::string_view path, std::string_view directory) {
  return path == directory || directory == "/" ||
         (path.starts_with(directory) && path[directory.size()] == '/');
}

std::string parentOf(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == 0 ? "/" : path.substr(0, slash);
}

// "240131235959" in local time.
std::string checkpointName(std::int64_t nowMs) {
  const auto seconds = static_cast<std::time_t>(nowMs / 1000);
  std::tm parts{};
  ::localtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%y%m%d%H%M%S", &parts)};
}

// When a checkpoint was made; nothing for a name that is none. Behind the time may stand "-1".
std::optional<std::int64_t> timeOf(std::string_view name) {
  constexpr std::size_t FIELDS = 6;
  name = name.substr(0, name.find('-'));
  // Without seconds: as old versions of Hadoop made them.
  if (name.size() != 2 * FIELDS && name.size() != 2 * (FIELDS - 1)) return std::nullopt;
  std::array<int, FIELDS> fields{};
  for (std::size_t i = 0; 2 * i < name.size(); ++i) {
    const auto* const begin = name.data() + 2 * i;
    const auto [end, error] = std::from_chars(begin, begin + 2, fields[i]);
    if (error != std::errc() || end != begin + 2 || *begin == '-') return std::nullopt;
  }
  std::tm parts{};
  parts.tm_year = 100 + fields[0];
  parts.tm_mon = fields[1] - 1;
  parts.tm_mday = fields[2];
  parts.tm_hour = fields[3];
  parts.tm_min = fields[4];
  parts.tm_sec = fields[5];
  parts.tm_isdst = -1;
  return static_cast<std::int64_t>(std::mktime(&parts)) * 1000;
}

}  // namespace

Trash::Trash(Client& client, const std::string& user)
    : client_(client), root_("/user/" + user + "/.Trash") {}

Result<std::optional<std::string>> Trash::take(const std::string& path, std::int64_t nowMs) {
  if (isBelow(path, root_)) return std::nullopt;
  if (isBelow(root_, path)) return fail(Code::INVALID_ARGUMENT, "");
  const auto wanted = root_ + std::string(CURRENT) + path;
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
  const auto current = root_ + std::string(CURRENT);
  ASSIGN(const auto entry, client_.statIfExists(current));
  if (!entry) return {};
  const auto name = root_ + "/" + checkpointName(nowMs);
  for (int i = 0; i < CHECKPOINTS_A_SECOND; ++i) {
    auto moved = client_.rename(current, i == 0 ? name : name + "-" + std::to_string(i));
    if (moved.has_value()) return {};
    if (moved.error().code() == Code::NOT_FOUND) return {};  // somebody else was faster
    if (moved.error().code() != Code::ALREADY_EXISTS) {
      return std::unexpected(std::move(moved).error());
    }
  }
  return fail(Code::ALREADY_EXISTS, "Failed to checkpoint trash: " + name);
}

Result<void> Trash::clear(std::int64_t nowMs, std::int64_t intervalMs) {
  return clearWhere(nowMs - intervalMs);
}

Result<void> Trash::clearAll() { return clearWhere(std::nullopt); }

Result<void> Trash::clearWhere(std::optional<std::int64_t> olderThanMs) {
  ASSIGN(const auto root, client_.statIfExists(root_));
  if (!root) return {};
  auto listing = client_.list(root_);
  while (true) {
    ASSIGN(const auto entry, listing.next());
    if (!entry) return {};
    const auto time = timeOf(entry->name);
    if (!time || (olderThanMs && *time >= *olderThanMs)) continue;
    ASSIGN([[maybe_unused]] const bool removed, client_.remove(root_ + "/" + entry->name, true));
  }
}

}  // namespace cairn::shell
