#include "common/metrics/metrics.h"

#include <algorithm>
#include <bit>
#include <cstdio>
#include <cstdlib>

#include "common/metrics/family.h"

namespace cairn::metrics {
namespace {

// A metric that is declared wrongly: a bug in the program that its first start shows.
[[noreturn]] void bug(std::string_view name, const char* what) {
  std::fprintf(stderr, "metric '%.*s': %s\n", static_cast<int>(name.size()), name.data(), what);
  std::abort();
}

bool isName(std::string_view text, bool colons) {
  const auto letter = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (colons && c == ':');
  };
  return !text.empty() && letter(text.front()) &&
         std::ranges::all_of(text, [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

std::string render(std::string_view metric, const Labels& labels) {
  std::string text;
  for (const auto& [name, value] : labels) {
    if (!isName(name, false) || name == "le") bug(metric, "has an illegal label name");
    if (!text.empty()) text += ',';
    text += name + "=\"" + escapeLabelValue(value) + '"';
  }
  return text;
}

template <typename Metric, typename Family, typename... Args>
Metric& memberOf(Family& family, std::string labels, Args&&... args) {
  for (auto& member : family.members) {
    if (member.labels == labels) return *std::get<std::unique_ptr<Metric>>(member.metric);
  }
  auto made = std::make_unique<Metric>(std::forward<Args>(args)...);
  Metric& metric = *made;
  family.members.push_back({std::move(labels), std::move(made)});
  return metric;
}

}  // namespace

void Histogram::observe(std::uint64_t value) {
  // Bucket i holds what is above first * 2^(i-1) and at most first * 2^i.
  std::size_t bucket = 0;
  if (value > buckets_.first) {
    bucket = static_cast<std::size_t>(std::bit_width((value - 1) / buckets_.first));
    bucket = std::min(bucket, Buckets::COUNT);
  }
  counts_[bucket].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

std::uint64_t Histogram::count() const {
  std::uint64_t total = 0;
  for (const auto& count : counts_) total += count.load(std::memory_order_relaxed);
  return total;
}

std::uint64_t Histogram::quantile(double q) const {
  const auto wanted = static_cast<double>(count()) * q;
  std::uint64_t below = 0;
  for (std::size_t i = 0; i <= Buckets::COUNT; ++i) {
    below += inBucket(i);
    if (below > 0 && static_cast<double>(below) >= wanted) {
      return buckets_.first << std::min(i, Buckets::COUNT - 1);
    }
  }
  return 0;
}

Registry::Registry() = default;
Registry::~Registry() = default;

Registry::Family& Registry::familyOf(std::string_view name, std::string_view help, int kind) {
  if (!isName(name, true)) bug(name, "is no legal name");
  if (help.empty()) bug(name, "has no help text");
  auto found = families_.find(name);
  if (found == families_.end()) {
    auto family = std::make_unique<Family>(static_cast<Kind>(kind), std::string(help));
    found = families_.emplace(name, std::move(family)).first;
  }
  Family& family = *found->second;
  if (family.kind != static_cast<Kind>(kind)) bug(name, "is declared with two kinds");
  if (family.help != help) bug(name, "is declared with two help texts");
  return family;
}

Counter& Registry::counter(std::string_view name, std::string_view help, const Labels& labels) {
  const std::lock_guard lock(mutex_);
  Family& family = familyOf(name, help, static_cast<int>(Kind::COUNTER));
  return memberOf<Counter>(family, render(name, labels));
}

Gauge& Registry::gauge(std::string_view name, std::string_view help, const Labels& labels) {
  const std::lock_guard lock(mutex_);
  Family& family = familyOf(name, help, static_cast<int>(Kind::GAUGE));
  return memberOf<Gauge>(family, render(name, labels));
}

Histogram& Registry::histogram(std::string_view name, std::string_view help, Buckets buckets,
                               const Labels& labels) {
  if (buckets.first == 0) bug(name, "begins with an empty bucket");
  const std::lock_guard lock(mutex_);
  Family& family = familyOf(name, help, static_cast<int>(Kind::HISTOGRAM));
  return memberOf<Histogram>(family, render(name, labels), buckets);
}

}  // namespace cairn::metrics
