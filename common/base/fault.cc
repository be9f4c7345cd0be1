#include "common/base/fault.h"

#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <optional>

#include "common/base/suggest.h"

namespace cairn {
namespace {

struct Armed {
  bool armed = false;
  bool crash = false;
  FaultAction::Kind kind = FaultAction::Kind::NONE;
  Code code = Code::IO_ERROR;
  std::uint32_t delayMs = 0;
  std::uint64_t from = 1;  // first hit that acts
  bool onlyOnce = false;   // on that hit alone
  std::uint64_t hits = 0;
};

// Guards `plan`. Constant-initialised, so a fault point in a static constructor is safe.
constinit std::mutex planMutex;
constinit std::array<Armed, FAULT_COUNT> plan{};

std::optional<Code> codeOfName(std::string_view name) {
  for (std::uint16_t number = 1;; ++number) {
    const auto code = static_cast<Code>(number);
    if (codeName(code) == "UNKNOWN") return std::nullopt;  // the numbers have no gaps
    if (codeName(code) == name) return code;
  }
}

template <typename T>
bool parseNumber(std::string_view text, T& to) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), to);
  return error == std::errc() && end == text.data() + text.size();
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::unexpected<Status> badItem(std::string_view item, std::string_view why) {
  return fail(Code::INVALID_ARGUMENT,
              "fault plan item '" + std::string(item) + "': " + std::string(why));
}

Result<std::pair<std::size_t, Armed>> parseItem(std::string_view item) {
  const auto equals = item.find('=');
  if (equals == std::string_view::npos) {
    return badItem(item, "write it like dn.sync.before=error:IO_ERROR@2");
  }
  const std::string_view name = trimmed(item.substr(0, equals));
  std::string_view action = trimmed(item.substr(equals + 1));
  std::size_t site = 0;
  while (site < FAULT_COUNT && FAULT_NAMES[site] != name) ++site;
  if (site == FAULT_COUNT) {
    return badItem(item, "there is no fault point '" + std::string(name) + "'" +
                             didYouMean(name, FAULT_NAMES));
  }

  Armed armed{.armed = true};
  if (const auto at = action.find('@'); at != std::string_view::npos) {
    std::string_view hit = action.substr(at + 1);
    action = action.substr(0, at);
    armed.onlyOnce = !hit.ends_with('+');
    if (!armed.onlyOnce) hit.remove_suffix(1);
    if (!parseNumber(hit, armed.from) || armed.from == 0) {
      return badItem(item, "after '@' stands the number of a hit, from 1, and perhaps a '+'");
    }
  }
  const auto colon = action.find(':');
  const std::string_view verb = action.substr(0, colon);
  const std::string_view detail =
      colon == std::string_view::npos ? std::string_view() : action.substr(colon + 1);
  if (verb == "crash" && detail.empty()) {
    armed.crash = true;
  } else if (verb == "delay") {
    armed.kind = FaultAction::Kind::DELAY;
    if (!parseNumber(detail, armed.delayMs)) {
      return badItem(item, "a delay is a number of milliseconds, as in delay:500");
    }
  } else if (verb == "error") {
    armed.kind = FaultAction::Kind::ERROR;
    if (!detail.empty()) {
      const auto code = codeOfName(detail);
      if (!code) return badItem(item, "'" + std::string(detail) + "' is no error code");
      armed.code = *code;
    }
  } else {
    return badItem(item, "the action is error, error:CODE, crash or delay:MS");
  }
  return std::pair{site, armed};
}

}  // namespace

namespace detail {

constinit std::atomic<bool> faultsArmed{false};

FaultAction hitFaultPoint(FaultSite site) {
  const std::lock_guard lock(planMutex);
  Armed& armed = plan[site.index()];
  if (!armed.armed) return {};
  ++armed.hits;
  if (armed.onlyOnce ? armed.hits != armed.from : armed.hits < armed.from) return {};
  if (armed.crash) {
    const std::string line = "crash: fault point " + std::string(site.name()) + "\n";
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
    ::_exit(FAULT_CRASH_EXIT_CODE);
  }
  return {armed.kind, site.index(), armed.code, armed.delayMs};
}

}  // namespace detail

std::unexpected<Status> FaultAction::error() const {
  return fail(code_, "the fault point " + std::string(FAULT_NAMES[site_]) + " is armed");
}

Result<void> armFaults(std::string_view text) {
  std::map<std::size_t, Armed> items;
  while (!text.empty()) {
    const auto comma = text.find(',');
    const std::string_view item = trimmed(text.substr(0, comma));
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    if (item.empty()) continue;
    ASSIGN(const auto parsed, parseItem(item));
    items[parsed.first] = parsed.second;
  }
  if (items.empty()) return {};
  const std::lock_guard lock(planMutex);
  for (const auto& [site, armed] : items) plan[site] = armed;
  detail::faultsArmed.store(true, std::memory_order_relaxed);
  return {};
}

Result<void> armFaultsFromEnvironment() {
  const char* text = std::getenv("CAIRN_FAULTS");
  if (text == nullptr) return {};
  auto result = armFaults(text);
  if (!result) return fail(result.error().withContext("CAIRN_FAULTS"));
  return {};
}

void disarmFaults() {
  const std::lock_guard lock(planMutex);
  plan.fill({});
  detail::faultsArmed.store(false, std::memory_order_relaxed);
}

std::uint64_t faultHits(FaultSite site) {
  const std::lock_guard lock(planMutex);
  return plan[site.index()].hits;
}

ScopedFaults::ScopedFaults(std::string_view text) {
  if (auto result = armFaults(text); !result) {
    std::fprintf(stderr, "%s\n", result.error().message().c_str());
    std::abort();
  }
}

}  // namespace cairn
