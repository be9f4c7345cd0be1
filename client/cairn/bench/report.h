// What a benchmark found: as a table for people, or as JSON.
// Layer: client/cairn.  A value.
#pragma once

#include <string>
#include <vector>

namespace cairn::app {

// One measurement, set against another of the same run: the machine's speed cancels out.
struct Figure {
  std::string what;  // "create, durable, 64 in flight"
  double value = 0;
  std::string unit;      // "calls/s", "MB/s", "ms"
  std::string against;   // "empty call"; "" where there is nothing to compare with
  double reference = 0;  // in the same unit
  double goal = 0;       // of value / reference; 0: none
  double limit = 0;      // of value itself, at most; 0: none
  double least = 0;      // of value itself, at least; 0: none

  double ratio() const { return reference > 0 ? value / reference : 0; }
  bool reached() const {
    return (goal <= 0 || ratio() >= goal) && (limit <= 0 || value <= limit) && value >= least;
  }
};

struct BenchReport {
  std::string name;  // "nn"
  std::vector<Figure> figures;

  std::string table() const;
  std::string json() const;
};

// The middle one (the lower of the two in the middle). REQUIRES: not empty.
double median(std::vector<double> values);

}  // namespace cairn::app
