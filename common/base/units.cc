#include "common/base/units.h"

#include <array>
#include <charconv>
#include <cstdio>

namespace cairn {
namespace {

constexpr std::string_view PREFIXES = "KMGTPE";

// `bytes` scaled to its largest binary prefix with one decimal: "1.5" and the prefix's index,
// or the plain number and -1 below 1024.
std::pair<std::string, int> scale(std::uint64_t bytes) {
  if (bytes < 1024) return {std::to_string(bytes), -1};
  int prefix = 0;
  double value = static_cast<double>(bytes) / 1024;
  while (value >= 1024 && prefix + 1 < static_cast<int>(PREFIXES.size())) {
    value /= 1024;
    ++prefix;
  }
  std::array<char, 32> text{};
  const auto print = [&] { std::snprintf(text.data(), text.size(), "%.1f", value); };
  print();
  // Just below the next prefix it is rounded up to it.
  if (std::string_view(text.data()).starts_with("1024") &&
      prefix + 1 < static_cast<int>(PREFIXES.size())) {
    value /= 1024;
    ++prefix;
    print();
  }
  return {text.data(), prefix};
}

}  // namespace

Result<std::uint64_t> parseByteSize(std::string_view text) {
  const auto bad = [&] {
    return fail(
        Code::INVALID_ARGUMENT,
        "'" + std::string(text) + "' is not a size; write it like 4096, 64k, 128MiB or 1.5g");
  };
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || !(number >= 0)) return bad();
  std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  while (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
  std::string lower;
  for (char c : unit) lower += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  double factor = 1;
  if (!lower.empty() && lower != "b") {
    const auto at = std::string_view("kmgtpe").find(lower[0]);
    const auto rest = std::string_view(lower).substr(1);
    if (at == std::string_view::npos || !(rest.empty() || rest == "b" || rest == "ib"))
      return bad();
    for (std::size_t i = 0; i <= at; ++i) factor *= 1024;
  }
  // Plain integers exactly, not through a double.
  if (factor == 1) {
    std::uint64_t exact = 0;
    const auto [stop, ec] = std::from_chars(text.data(), text.data() + text.size(), exact);
    if (ec == std::errc() && stop == end) return exact;
  }
  const double total = number * factor;
  if (total >= 18446744073709551616.0) return bad();
  return static_cast<std::uint64_t>(total);
}

std::string formatByteSizeHadoop(std::uint64_t bytes) {
  auto [number, prefix] = scale(bytes);
  if (prefix < 0) return number;
  const auto bits = 10U * static_cast<unsigned>(prefix + 1);
  const auto whole = bytes >> bits;
  if (whole << bits == bytes) number = std::to_string(whole);
  return number + " " + PREFIXES[static_cast<std::size_t>(prefix)];
}

std::string formatByteSize(std::uint64_t bytes) {
  auto [number, prefix] = scale(bytes);
  return prefix < 0 ? number + " B"
                    : number + " " + PREFIXES[static_cast<std::size_t>(prefix)] + "iB";
}

}  // namespace cairn
