#include "cairn/mr/conf.h"

#include <charconv>

namespace cairn::mr {
namespace {

bool equalsIgnoringCase(std::string_view a, std::string_view lower) {
  if (a.size() != lower.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const char c = a[i] >= 'A' && a[i] <= 'Z' ? static_cast<char>(a[i] - 'A' + 'a') : a[i];
    if (c != lower[i]) return false;
  }
  return true;
}

}  // namespace

std::int64_t JobConf::getInt(std::string_view key, std::int64_t otherwise) const {
  const auto text = find(key);
  if (!text) return otherwise;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  return error == std::errc() && end == text->data() + text->size() ? value : otherwise;
}

bool JobConf::getBool(std::string_view key, bool otherwise) const {
  const auto text = find(key);
  if (!text) return otherwise;
  if (equalsIgnoringCase(*text, "true")) return true;
  if (equalsIgnoringCase(*text, "false")) return false;
  return otherwise;
}

}  // namespace cairn::mr
