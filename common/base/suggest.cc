#include "common/base/suggest.h"

#include <algorithm>
#include <vector>

namespace cairn {

std::size_t editDistance(std::string_view a, std::string_view b) {
  // Optimal string alignment: the rows of the table before the last one, the last one, this one.
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substitute = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, substitute});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

std::optional<std::string_view> nearestName(std::string_view word,
                                            std::span<const std::string_view> candidates) {
  constexpr std::size_t EDITS_MAX = 4;
  std::size_t best = std::min(EDITS_MAX, std::max<std::size_t>(1, word.size() / 3)) + 1;
  std::optional<std::string_view> nearest;
  for (const auto candidate : candidates) {
    const std::size_t distance = editDistance(word, candidate);
    if (distance < best) {
      best = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

std::string didYouMean(std::string_view word, std::span<const std::string_view> candidates) {
  const auto nearest = nearestName(word, candidates);
  return nearest ? "; did you mean '" + std::string(*nearest) + "'?" : "";
}

}  // namespace cairn
