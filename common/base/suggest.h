// "Did you mean ...?" for names that people type: settings, commands, fault points.
// Layer: base (std only).  Cost: O(candidates x length^2); for error paths.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace cairn {

// Insertions, deletions, substitutions and swaps of neighbours that turn one into the other.
std::size_t editDistance(std::string_view a, std::string_view b);

// The candidate nearest to `word` (the first of several), when it is near enough to be what was
// meant: at most a third of the word's length away, and never more than 4 edits.
std::optional<std::string_view> nearestName(std::string_view word,
                                            std::span<const std::string_view> candidates);

// "; did you mean 'x'?" or "".
std::string didYouMean(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace cairn
