// Prometheus text format 0.0.4:
// https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
#include <array>
#include <charconv>

#include "common/metrics/family.h"
#include "common/metrics/metrics.h"

namespace cairn::metrics {
namespace {

// The shortest text that reads back as the same number.
std::string number(double value) {
  std::array<char, 32> text;
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  return {text.data(), end};
}

void line(std::string& out, std::string_view name, std::string_view suffix, std::string_view labels,
          std::string_view value) {
  out += name;
  out += suffix;
  if (!labels.empty()) {
    out += '{';
    out += labels;
    out += '}';
  }
  out += ' ';
  out += value;
  out += '\n';
}

void show(std::string& out, const std::string& name, const std::string& labels,
          const Counter& counter) {
  line(out, name, "", labels, std::to_string(counter.value()));
}

void show(std::string& out, const std::string& name, const std::string& labels,
          const Gauge& gauge) {
  line(out, name, "", labels, std::to_string(gauge.value()));
}

void show(std::string& out, const std::string& name, const std::string& labels,
          const Histogram& histogram) {
  const Buckets& buckets = histogram.buckets();
  const std::string prefix = labels.empty() ? "" : labels + ",";
  // The count shown is the sum of the buckets shown, so that the two agree whatever is counted
  // meanwhile.
  std::uint64_t cumulative = 0;
  for (std::size_t i = 0; i < Buckets::COUNT; ++i) {
    cumulative += histogram.inBucket(i);
    const double bound = static_cast<double>(buckets.first << i) * buckets.scale;
    line(out, name, "_bucket", prefix + "le=\"" + number(bound) + "\"", std::to_string(cumulative));
  }
  cumulative += histogram.inBucket(Buckets::COUNT);
  line(out, name, "_bucket", prefix + "le=\"+Inf\"", std::to_string(cumulative));
  line(out, name, "_sum", labels, number(static_cast<double>(histogram.sum()) * buckets.scale));
  line(out, name, "_count", labels, std::to_string(cumulative));
}

std::string escape(std::string_view text, bool quotes) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '"' && quotes) {
      out += "\\\"";
    } else {
      out += c;
    }
  }
  return out;
}

constexpr std::array<std::string_view, 3> KIND_NAMES{"counter", "gauge", "histogram"};

}  // namespace

std::string escapeLabelValue(std::string_view value) { return escape(value, true); }
std::string escapeHelp(std::string_view help) { return escape(help, false); }

std::string Registry::exposition() const {
  const std::lock_guard lock(mutex_);
  std::string out;
  for (const auto& [name, family] : families_) {
    out += "# HELP " + name + " " + escapeHelp(family->help) + "\n# TYPE " + name + " ";
    out += KIND_NAMES[static_cast<std::size_t>(family->kind)];
    out += '\n';
    for (const auto& member : family->members) {
      std::visit([&](const auto& metric) { show(out, name, member.labels, *metric); },
                 member.metric);
    }
  }
  return out;
}

}  // namespace cairn::metrics
