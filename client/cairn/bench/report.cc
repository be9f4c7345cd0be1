#include "client/cairn/bench/report.h"

#include <algorithm>
#include <cstdio>

namespace cairn::app {
namespace {

template <typename... Args>
std::string format(const char* pattern, Args... args) {
  char text[512];
  const int length = std::snprintf(text, sizeof(text), pattern, args...);
  return {text,
          std::min<std::size_t>(static_cast<std::size_t>(std::max(length, 0)), sizeof(text) - 1)};
}

std::string goalOf(const Figure& figure) {
  if (figure.goal > 0) return format(">= %.2f", figure.goal);
  if (figure.limit > 0) return format("<= %.0f %s", figure.limit, figure.unit.c_str());
  if (figure.least > 0) return format(">= %.0f %s", figure.least, figure.unit.c_str());
  return "";
}

// Names are our own: no escapes are needed.
std::string quoted(const std::string& text) { return "\"" + text + "\""; }

}  // namespace

std::string BenchReport::table() const {
  std::string text = format("%-44s %14s %14s  %-28s %7s  %s\n", "what", "measured", "reference",
                            "against", "ratio", "goal");
  for (const auto& figure : figures) {
    text += format("%-44s %14s %14s  %-28s %7s  %s%s\n", figure.what.c_str(),
                   format("%.1f %s", figure.value, figure.unit.c_str()).c_str(),
                   figure.against.empty()
                       ? ""
                       : format("%.1f %s", figure.reference, figure.unit.c_str()).c_str(),
                   figure.against.c_str(),
                   figure.against.empty() ? "" : format("%.2f", figure.ratio()).c_str(),
                   goalOf(figure).c_str(), figure.reached() ? "" : "  (missed)");
  }
  return text;
}

std::string BenchReport::json() const {
  std::string text =
      "{" + quoted("benchmark") + ": " + quoted(name) + ", " + quoted("figures") + ": [";
  for (const auto& figure : figures) {
    if (&figure != &figures.front()) text += ",";
    text += "\n  {" + quoted("what") + ": " + quoted(figure.what) +
            format(", \"value\": %.3f, ", figure.value) + quoted("unit") + ": " +
            quoted(figure.unit);
    if (!figure.against.empty()) {
      text += ", " + quoted("against") + ": " + quoted(figure.against) +
              format(", \"reference\": %.3f, \"ratio\": %.4f", figure.reference, figure.ratio());
    }
    if (figure.goal > 0) text += format(", \"goal_ratio\": %.3f", figure.goal);
    if (figure.limit > 0) text += format(", \"limit\": %.1f", figure.limit);
    if (figure.least > 0) text += format(", \"least\": %.1f", figure.least);
    text += std::string(", \"reached\": ") + (figure.reached() ? "true" : "false") + "}";
  }
  return text + "\n]}\n";
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

}  // namespace cairn::app
