#include "client/shell/hadoop/options.h"

#include <algorithm>

namespace cairn::shell::hadoop {

Result<Options> parseOptions(std::span<const std::string> words, const OptionGrammar& grammar) {
  Options options;
  if (grammar.raw) {
    options.arguments.assign(words.begin(), words.end());
    return options;
  }
  std::size_t at = 0;
  for (; at < words.size(); ++at) {
    const std::string& word = words[at];
    if (!word.starts_with('-') || word == "-") break;
    if (word == "--") {
      ++at;
      break;
    }
    const auto name = std::string_view(word).substr(1);
    if (std::ranges::find(grammar.flags, name) != grammar.flags.end()) {
      options.flags.emplace(name);
    } else if (std::ranges::find(grammar.withValues, name) != grammar.withValues.end()) {
      const bool given = at + 1 < words.size() && !words[at + 1].starts_with('-');
      options.values[std::string(name)] = given ? words[++at] : "";
    } else if (grammar.passUnknown) {
      options.arguments.push_back(word);
    } else {
      return fail(Code::INVALID_ARGUMENT, "Illegal option " + word);
    }
  }
  options.arguments.insert(options.arguments.end(), words.begin() + static_cast<long>(at),
                           words.end());
  const auto count = options.arguments.size();
  if (count < grammar.argumentsMin) {
    return fail(Code::INVALID_ARGUMENT, "Not enough arguments: expected " +
                                            std::to_string(grammar.argumentsMin) + " but got " +
                                            std::to_string(count));
  }
  if (count > grammar.argumentsMax) {
    return fail(Code::INVALID_ARGUMENT, "Too many arguments: expected " +
                                            std::to_string(grammar.argumentsMax) + " but got " +
                                            std::to_string(count));
  }
  return options;
}

}  // namespace cairn::shell::hadoop
