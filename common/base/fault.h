// Fault points: named places where an operator or a test can make the program fail, crash or lag.
// They stand in release builds, because what is shipped is what must be tested.
// Layer: base (std only).  Threads: all calls from any thread.
// Cost: one relaxed load of a process-wide flag while nothing is armed; a mutex otherwise.
//
//   if (auto fault = faultPoint("dn.finalize.before_rename")) return fault.error();
//   TRY(faultError("dn.finalize.before_rename"));          // the same where a delay means nothing
//
// Armed by the environment,
//   CAIRN_FAULTS="dn.finalize.before_rename=crash@3,dn.sync.before=error:IO_ERROR@2+,nn.reply.before_send=delay:500"
// or by a test through armFaults / ScopedFaults. The plan is process-wide, the one piece of global
// state here: a fault point belongs to a place in the program, not to an object. Where several
// daemons share a process, all of them meet it.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/fault_names.h"
#include "common/base/result.h"

namespace cairn {

// Exit code of an armed crash, told apart from real ones. The process ends at once: no
// destructors, no flushed buffers, as after kill -9.
inline constexpr int FAULT_CRASH_EXIT_CODE = 85;

// A fault point's name, checked at compile time against FAULT_NAMES.
class FaultSite {
public:
  // NOLINTNEXTLINE(google-explicit-constructor): faultPoint("name") is the whole point.
  consteval FaultSite(const char* name) : index_(find(name)) {}

  constexpr std::size_t index() const { return index_; }
  constexpr std::string_view name() const { return FAULT_NAMES[index_]; }

private:
  static consteval std::size_t find(std::string_view name) {
    for (std::size_t i = 0; i < FAULT_COUNT; ++i) {
      if (FAULT_NAMES[i] == name) return i;
    }
    throw "this fault point is not listed in common/base/fault_names.h";
  }

  std::size_t index_;
};

// What happens at a fault point this time. A crash has already happened.
class [[nodiscard]] FaultAction {
public:
  enum class Kind : std::uint8_t { NONE, ERROR, DELAY };

  constexpr FaultAction() = default;
  constexpr FaultAction(Kind kind, std::size_t site, Code code, std::uint32_t delayMs)
      : site_(site), delayMs_(delayMs), code_(code), kind_(kind) {}

  // True when the caller is to fail with error().
  explicit operator bool() const { return kind_ == Kind::ERROR; }
  Kind kind() const { return kind_; }
  // REQUIRES: kind is ERROR. "the fault point <name> is armed".
  std::unexpected<Status> error() const;
  // How long the caller is to wait, by its own timer, before it goes on; 0 unless kind is DELAY.
  std::uint32_t delayMs() const { return delayMs_; }

private:
  std::size_t site_ = 0;
  std::uint32_t delayMs_ = 0;
  Code code_ = Code::INTERNAL;
  Kind kind_ = Kind::NONE;
};

namespace detail {
extern std::atomic<bool> faultsArmed;
FaultAction hitFaultPoint(FaultSite site);
}  // namespace detail

inline FaultAction faultPoint(FaultSite site) {
  if (!detail::faultsArmed.load(std::memory_order_relaxed)) [[likely]]
    return {};
  return detail::hitFaultPoint(site);
}
// The error of an armed error; success otherwise. A delay is ignored.
inline Result<void> faultError(FaultSite site) {
  if (auto fault = faultPoint(site)) return fault.error();
  return {};
}

// Arms what `plan` says, in addition to what is armed already:
//   plan   := item {"," item}        item := name "=" action ["@" n ["+"]]
//   action := "error" [":" CODE]     CODE as in status.h; IO_ERROR when left out
//           | "crash"
//           | "delay:" milliseconds
// "@3" acts on the third hit from now on only, "@3+" on the third and all later ones; without it
// on every hit. A second item for the same name replaces the first. Nothing is armed unless the
// whole plan is right: INVALID_ARGUMENT names the item, and the nearest name when it is unknown.
Result<void> armFaults(std::string_view plan);
// armFaults of CAIRN_FAULTS, when it is set. Called once by main().
Result<void> armFaultsFromEnvironment();
void disarmFaults();
// Hits since it was armed; 0 when it is not.
std::uint64_t faultHits(FaultSite site);

// Armed as long as it lives; then everything is disarmed. For tests. Aborts on a wrong plan.
class ScopedFaults {
public:
  explicit ScopedFaults(std::string_view plan);
  ~ScopedFaults() { disarmFaults(); }
  ScopedFaults(const ScopedFaults&) = delete;
  ScopedFaults& operator=(const ScopedFaults&) = delete;
};

}  // namespace cairn
