#include "tests/model/namespace_run.h"

#include "tests/model/driver.h"
#include "tests/model/namespace_model.h"

namespace cairn::model {
namespace {

// Operations between two comparisons of everything.
constexpr std::size_t COMPARE_EVERY = 25;

std::string show(const Result<std::string>& result) {
  return result.has_value() ? "\"" + *result + "\"" : std::string(codeName(result.error().code()));
}

bool same(const Result<std::string>& a, const Result<std::string>& b) {
  if (a.has_value() != b.has_value()) return false;
  return a.has_value() ? *a == *b : a.error().code() == b.error().code();
}

}  // namespace

std::string run(const std::vector<Operation>& operations, Tally* tally) {
  Driver driver;
  NamespaceModel model;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    const Operation& operation = operations[i];
    driver.tick();
    const std::string before = operation.what < Do::STAT ? model.dump() : "";
    const auto real = driver.apply(operation);
    const auto expected = model.apply(operation, driver.nowMs());
    if (!same(expected, real)) {
      return "step " + std::to_string(i) + ", " + toString(operation) + ": expected " +
             show(expected) + ", the namenode says " + show(real) +
             (real.has_value() ? "" : " (" + real.error().message() + ")");
    }
    const bool changed = operation.what < Do::STAT && model.dump() != before;
    if (operation.what < Do::STAT) driver.noteEffect(changed);
    if (tally != nullptr) {
      if (!expected.has_value()) ++tally->refused[operation.what];
      if (changed || (expected.has_value() && operation.what >= Do::STAT)) {
        ++tally->done[operation.what];
      }
    }
    if (operation.what == Do::RESTART || i + 1 == operations.size() ||
        i % COMPARE_EVERY == COMPARE_EVERY - 1) {
      const std::string wanted = model.dump();
      const std::string is = driver.dump();
      if (wanted != is) {
        return "after step " + std::to_string(i) + " the trees differ; expected:\n" + wanted +
               "the namenode has:\n" + is;
      }
    }
  }
  return "";
}

std::vector<Operation> shrink(std::vector<Operation> operations, int runsMax) {
  for (std::size_t part = operations.size() / 2; part > 0 && runsMax > 0;) {
    bool shorter = false;
    for (std::size_t at = 0; at < operations.size() && runsMax > 0;) {
      std::vector<Operation> fewer = operations;
      const auto begin = fewer.begin() + static_cast<std::ptrdiff_t>(at);
      const auto left = static_cast<std::size_t>(fewer.end() - begin);
      fewer.erase(begin, begin + static_cast<std::ptrdiff_t>(std::min(part, left)));
      --runsMax;
      if (!run(fewer).empty()) {
        operations = std::move(fewer);
        shorter = true;
      } else {
        at += part;
      }
    }
    if (!shorter || part > operations.size()) part /= 2;
  }
  return operations;
}

}  // namespace cairn::model
