#include "datanode/store/kept_note.h"

#include <kj/common.h>

#include <utility>

#include "common/log/log.h"

namespace cairn::dn {

KeptNote::KeptNote(kj::Timer& timer, kj::TaskSet& tasks, std::string what, Write write)
    : timer_(timer), tasks_(tasks), what_(std::move(what)), write_(kj::mv(write)) {}

void KeptNote::changed() {
  changed_ = true;
  if (std::exchange(writing_, true)) return;
  // Later: a retry must not be dropped from within itself.
  tasks_.add(kj::evalLater([this]() { return writeAll(); }));
}

void KeptNote::stopRetrying() {
  retries_ = false;
  again_ = nullptr;
}

kj::Promise<void> KeptNote::writeAll() {
  KJ_DEFER(writing_ = false);
  while (std::exchange(changed_, false)) {
    const auto written = co_await write_();
    again_ = nullptr;
    const bool failed = !written.has_value();
    if (failed && !std::exchange(told_, true)) {
      LOG(WARNING) << what_ << " cannot be noted, it is tried again: " << written.error().message();
    }
    if (!failed) told_ = false;
    if (!failed || !retries_) continue;
    again_ = timer_.afterDelay(AGAIN_MS * kj::MILLISECONDS)
                 .then([this]() { changed(); })
                 .eagerlyEvaluate(nullptr);
  }
}

}  // namespace cairn::dn
