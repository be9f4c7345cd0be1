#include "client/shell/stat_format.h"

#include "client/shell/compression.h"
#include "client/shell/text.h"

namespace cairn::shell {
namespace {

constexpr std::string_view LETTERS = "nFsSrocCaAUGyYxXi%";

std::string valueOf(char letter, std::string_view name, const Entry& entry) {
  switch (letter) {
    case 'n': return std::string(name);
    case 'F':
      if (entry.isDirectory()) return "directory";
      return entry.length == 0 ? "regular empty file" : "regular file";
    case 's': return std::to_string(entry.length);
    case 'S': return std::to_string(entry.storedLength);
    case 'r': return std::to_string(entry.replication);
    case 'o': return std::to_string(entry.chunkSize);
    case 'c': return std::to_string(entry.chunkCount);
    case 'C': {
      const auto codec = codecName(entry);
      return std::string(codec.empty() ? "-" : codec);
    }
    case 'a': return octalRights(entry);
    case 'A': return rightsOf(entry);
    case 'U': return entry.owner;
    case 'G': return entry.group;
    case 'y': return secondOf(entry.mtimeMs, Zone::LOCAL);
    case 'Y': return std::to_string(entry.mtimeMs / 1000);
    case 'x': return secondOf(entry.atimeMs, Zone::LOCAL);
    case 'X': return std::to_string(entry.atimeMs / 1000);
    case 'i': return std::to_string(entry.id);
    default: return std::string(1, letter);
  }
}

}  // namespace

Result<void> checkStatFormat(std::string_view format) {
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') continue;
    if (++i == format.size()) {
      return fail(Code::INVALID_ARGUMENT,
                  "the format ends with a lone %; write %% for a percent sign");
    }
    if (LETTERS.find(format[i]) == std::string_view::npos) {
      return fail(Code::INVALID_ARGUMENT,
                  std::string("%") + format[i] + " in the format means nothing");
    }
  }
  return {};
}

std::string formatStat(std::string_view format, std::string_view name, const Entry& entry) {
  std::string text;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] == '%' && i + 1 < format.size()) {
      text += valueOf(format[++i], name, entry);
    } else {
      text += format[i];
    }
  }
  return text;
}

}  // namespace cairn::shell
