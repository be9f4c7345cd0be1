// All metrics of one name. Used inside common/metrics alone.
// Layer: metrics.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "common/metrics/metrics.h"

namespace cairn::metrics {

enum class Kind : std::uint8_t { COUNTER, GAUGE, HISTOGRAM };

struct Registry::Family {
  struct Member {
    std::string labels;  // as shown, without braces: a="x",b="y"
    std::variant<std::unique_ptr<Counter>, std::unique_ptr<Gauge>, std::unique_ptr<Histogram>>
        metric;
  };

  Kind kind;
  std::string help;
  std::vector<Member> members;  // in the order they were made
};

// A label value between its quotes: backslash, quote and newline are escaped.
std::string escapeLabelValue(std::string_view value);
// A help text: backslash and newline are escaped.
std::string escapeHelp(std::string_view help);

}  // namespace cairn::metrics
