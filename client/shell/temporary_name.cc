#include "client/shell/temporary_name.h"

#include "common/base/limits.h"

namespace cairn::shell {

std::string temporaryNameFor(std::string_view path) {
  const auto slash = path.rfind('/');
  const auto nameBegin = slash == std::string_view::npos ? 0 : slash + 1;
  const auto longest = nameBegin + limits::NAME_BYTES_MAX - TEMPORARY_SUFFIX.size();
  auto end = path.size();
  if (end > longest) {
    end = longest;
    while (end > nameBegin && (static_cast<unsigned char>(path[end]) & 0xc0U) == 0x80) --end;
  }
  return std::string(path.substr(0, end)) + std::string(TEMPORARY_SUFFIX);
}

}  // namespace cairn::shell
