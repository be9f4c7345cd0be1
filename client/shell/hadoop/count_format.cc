#include "client/shell/hadoop/count_format.h"

#include <algorithm>
#include <array>

#include "client/shell/text.h"
#include "common/base/units.h"

namespace cairn::shell::hadoop {
namespace {

// Columns, as wide as Hadoop prints them.
constexpr std::size_t DIRECTORIES = 12;
constexpr std::size_t FILES = 12;
constexpr std::size_t BYTES = 18;
constexpr std::array<std::size_t, 4> QUOTAS = {12, 15, 15, 15};
constexpr std::size_t TYPE_QUOTA = 14;
constexpr std::size_t TYPE_REMAINING = 18;
constexpr std::size_t POLICY = 20;
constexpr std::array<std::size_t, 4> SNAPSHOTS = {18, 24, 24, 28};

constexpr std::uint64_t NAMES_MAX = INT64_MAX;  // the root's quota
constexpr std::string_view NO_QUOTA = "none";
constexpr std::string_view NO_END = "inf";

constexpr std::array<std::string_view, 5> TYPES = {"SSD", "DISK", "ARCHIVE", "PROVIDED", "NVDIMM"};

std::string cell(std::string_view text, std::size_t width) { return padLeft(text, width) + " "; }

std::string numberText(std::uint64_t value, bool human) {
  return human ? formatByteSizeHadoop(value) : std::to_string(value);
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

}  // namespace

std::string quotaHeader() {
  return cell("QUOTA", QUOTAS[0]) + cell("REM_QUOTA", QUOTAS[1]) + cell("SPACE_QUOTA", QUOTAS[2]) +
         cell("REM_SPACE_QUOTA", QUOTAS[3]);
}

std::string quotaCells(const ContentSummary& summary, bool isRoot, bool human) {
  const auto names =
      isRoot
          ? cell(numberText(NAMES_MAX, human), QUOTAS[0]) +
                cell(numberText(NAMES_MAX - summary.directories - summary.files, human), QUOTAS[1])
          : cell(NO_QUOTA, QUOTAS[0]) + cell(NO_END, QUOTAS[1]);
  return names + cell(NO_QUOTA, QUOTAS[2]) + cell(NO_END, QUOTAS[3]);
}

Result<void> CountStyle::settle() {
  byType = byType && (quota || quotaOnly);
  if (!byType) return {};
  if (types.empty() || upper(types) == "ALL") {
    typeNames.assign(TYPES.begin(), TYPES.end());
    return {};
  }
  for (std::string_view rest = types;;) {
    const auto comma = rest.find(',');
    auto name = upper(rest.substr(0, comma));
    if (std::ranges::find(TYPES, name) == TYPES.end()) {
      return fail(Code::INVALID_ARGUMENT,
                  "No enum constant org.apache.hadoop.fs.StorageType." + name);
    }
    typeNames.push_back(std::move(name));
    if (comma == std::string_view::npos) return {};
    rest.remove_prefix(comma + 1);
  }
}

std::string CountStyle::header() const {
  std::string text;
  if (byType) {
    for (const auto& type : typeNames) {
      text += cell(type + "_QUOTA", TYPE_QUOTA) + cell("REM_" + type + "_QUOTA", TYPE_REMAINING);
    }
    return text + "PATHNAME\n";
  }
  if (quota || quotaOnly) text += quotaHeader();
  if (!quotaOnly) {
    text +=
        cell("DIR_COUNT", DIRECTORIES) + cell("FILE_COUNT", FILES) + cell("CONTENT_SIZE", BYTES);
  }
  if (policy) text += cell("ERASURECODING_POLICY", POLICY);
  if (snapshots) {
    text += cell("SNAPSHOT_LENGTH", SNAPSHOTS[0]) + cell("SNAPSHOT_FILE_COUNT", SNAPSHOTS[1]) +
            cell("SNAPSHOT_DIR_COUNT", SNAPSHOTS[2]) +
            cell("SNAPSHOT_SPACE_CONSUMED", SNAPSHOTS[3]);
  }
  return text + "PATHNAME\n";
}

std::string CountStyle::line(const ContentSummary& summary, bool isDirectory, bool isRoot,
                             std::string_view path) const {
  std::string text;
  if (byType) {
    for (std::size_t i = 0; i < typeNames.size(); ++i) {
      text += cell(NO_QUOTA, TYPE_QUOTA) + cell(NO_END, TYPE_REMAINING);
    }
    return text + std::string(path) + "\n";
  }
  if (quota || quotaOnly) text += quotaCells(summary, isRoot, human);
  if (!quotaOnly) {
    text += cell(numberText(summary.directories, human), DIRECTORIES) +
            cell(numberText(summary.files, human), FILES) +
            cell(numberText(summary.length, human), BYTES);
  }
  if (policy) text += cell(isDirectory ? "EC:" : "Replicated", POLICY);
  if (snapshots) {
    for (const auto width : SNAPSHOTS) text += cell("0", width);
  }
  return text + std::string(path) + "\n";
}

}  // namespace cairn::shell::hadoop
