#include "client/shell/hadoop/popped_options.h"

#include <algorithm>

namespace cairn::shell::hadoop {
namespace {

std::vector<std::string>::iterator findOption(std::vector<std::string>& words,
                                              std::string_view option) {
  const auto end = std::ranges::find(words, "--");
  const auto found = std::find(words.begin(), end, option);
  return found == end ? words.end() : found;
}

}  // namespace

bool popOption(std::vector<std::string>& words, std::string_view option) {
  const auto found = findOption(words, option);
  if (found == words.end()) return false;
  words.erase(found);
  return true;
}

Result<std::optional<std::string>> popOptionWithValue(std::vector<std::string>& words,
                                                      std::string_view option) {
  const auto found = findOption(words, option);
  if (found == words.end()) return std::nullopt;
  if (found + 1 == words.end()) {
    return fail(Code::INVALID_ARGUMENT, "option " + std::string(option) + " requires 1 argument.");
  }
  std::string value = std::move(*(found + 1));
  words.erase(found, found + 2);
  return value;
}

std::optional<std::string> popArgument(std::vector<std::string>& words) {
  for (auto at = words.begin(); at != words.end(); ++at) {
    if (*at == "--") {
      at = words.erase(at);
      if (at == words.end()) return std::nullopt;
    } else if (at->starts_with('-')) {
      continue;
    }
    std::string word = std::move(*at);
    words.erase(at);
    return word;
  }
  return std::nullopt;
}

}  // namespace cairn::shell::hadoop
