// Counters, gauges and histograms, and their text form for Prometheus.
// Layer: metrics.  Threads: every call from any thread.  Cost: counting is one relaxed atomic add
// on a cache line of its own (about 5 ns); looking a metric up takes a mutex, so it is done
// once, at start, and the reference kept.
//
// The registry is passed by reference; there is no global one, so several daemons in one process
// keep their numbers apart. Metrics live as long as their registry.
//
// Names: cairn_<component>_<what>_<unit>, base units (seconds, bytes), counters end in _total.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cairn::metrics {

class alignas(64) Counter {
public:
  void add(std::uint64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

private:
  std::atomic<std::uint64_t> value_{0};
};

class alignas(64) Gauge {
public:
  void set(std::int64_t value) { value_.store(value, std::memory_order_relaxed); }
  void add(std::int64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  void sub(std::int64_t n = 1) { value_.fetch_sub(n, std::memory_order_relaxed); }
  std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

private:
  std::atomic<std::int64_t> value_{0};
};

// Upper bounds first, 2 first, 4 first, ... and infinity. Values are whole numbers of a small
// unit; `scale` turns them into the base unit that the text form shows.
struct Buckets {
  static constexpr std::size_t COUNT = 24;  // finite ones

  std::uint64_t first = 1;
  double scale = 1;
};
// Microseconds in, seconds out: 8 us ... 67 s.
inline constexpr Buckets LATENCY_MICROS{.first = 8, .scale = 1e-6};
// 64 B ... 512 MiB.
inline constexpr Buckets SIZE_BYTES{.first = 64, .scale = 1};
// 1 ... 8 Mi; for lengths of queues and batches.
inline constexpr Buckets COUNTS{.first = 1, .scale = 1};

class alignas(64) Histogram {
public:
  explicit Histogram(Buckets buckets) : buckets_(buckets) {}

  // Two relaxed adds.
  void observe(std::uint64_t value);

  const Buckets& buckets() const { return buckets_; }
  // Observations in bucket i, not cumulative; i = Buckets::COUNT is the one without a bound.
  std::uint64_t inBucket(std::size_t i) const { return counts_[i].load(std::memory_order_relaxed); }
  std::uint64_t sum() const { return sum_.load(std::memory_order_relaxed); }
  std::uint64_t count() const;
  // An upper estimate of the value below which the share `q` (0..1) lies: the bound of its bucket
  // (at most twice too large). 0 without observations.
  std::uint64_t quantile(double q) const;

private:
  Buckets buckets_;
  std::array<std::atomic<std::uint64_t>, Buckets::COUNT + 1> counts_{};
  std::atomic<std::uint64_t> sum_{0};
};

// Name and value pairs, in the order they are shown.
using Labels = std::vector<std::pair<std::string, std::string>>;

class Registry {
public:
  Registry();
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  // The metric of this name and these labels, made at the first call. All metrics of one name are
  // of one kind with one help text; anything else, an illegal name or an empty help is a bug in
  // the program (CHECK). The number of label combinations must be bounded: never a path, never
  // a user's input.
  Counter& counter(std::string_view name, std::string_view help, const Labels& labels = {});
  Gauge& gauge(std::string_view name, std::string_view help, const Labels& labels = {});
  Histogram& histogram(std::string_view name, std::string_view help, Buckets buckets,
                       const Labels& labels = {});

  // Everything in Prometheus's text format 0.0.4, families in byte order of their names. Each
  // number is current on its own; they are not read at one instant.
  std::string exposition() const;

private:
  struct Family;
  Family& familyOf(std::string_view name, std::string_view help, int kind);

  mutable std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Family>, std::less<>> families_;
};

}  // namespace cairn::metrics
