#include "client/shell/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "client/shell/text.h"
#include "client/shell/utf8.h"
#include "common/base/units.h"

namespace cairn::shell {
namespace {

constexpr std::int64_t DRAW_EVERY_MS = 100;
constexpr std::int64_t FIRST_DRAW_MS = 300;
constexpr std::size_t BAR_COLUMNS = 24;
constexpr std::size_t NAME_COLUMNS_MIN = 8;

// The end of a name that is too long says more than its beginning.
std::string shorten(const std::string& name, std::size_t columns) {
  auto excess = displayWidth(name);
  if (excess <= columns) return name;
  excess -= columns - std::min<std::size_t>(columns, 3);
  std::size_t at = 0;
  while (excess-- > 0) at += decodeUtf8(name, at).bytes;
  return std::string(std::min<std::size_t>(columns, 3), '.') + name.substr(at);
}

std::string barOf(std::uint64_t done, std::uint64_t total) {
  const auto share = total == 0 ? 1.0 : static_cast<double>(done) / static_cast<double>(total);
  const auto full = std::min(BAR_COLUMNS, static_cast<std::size_t>(share * BAR_COLUMNS));
  std::string bar(full, '=');
  if (full < BAR_COLUMNS) bar += '>';
  bar.resize(BAR_COLUMNS, ' ');
  return "[" + bar + "]";
}

std::size_t terminalColumns(int descriptor) {
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

}  // namespace

std::string clockText(std::uint64_t seconds) {
  const auto two = [](std::uint64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  const auto minutes = seconds / 60;
  if (minutes < 60) return std::to_string(minutes) + ":" + two(seconds % 60);
  return std::to_string(minutes / 60) + ":" + two(minutes % 60) + ":" + two(seconds % 60);
}

std::string progressLine(const Progress& progress, std::size_t columns) {
  std::string bar;
  std::string figures;
  std::string end;
  if (progress.total) {
    const auto total = *progress.total;
    const auto done = std::min(progress.done, total);
    bar = "  " + barOf(done, total);
    const auto percent =
        total == 0 ? 100
                   : static_cast<int>(static_cast<double>(done) * 100 / static_cast<double>(total));
    figures = "  " + padLeft(std::to_string(percent) + "%", 4);
    if (progress.bytesPerSecond && *progress.bytesPerSecond > 0 && done < total) {
      end = "  " + clockText((total - done) / *progress.bytesPerSecond) + " left";
    }
  }
  figures += "  " + formatByteSize(progress.done);
  if (progress.bytesPerSecond) end = "  " + formatByteSize(*progress.bytesPerSecond) + "/s" + end;
  const auto room = [&](const std::string& rest) {
    return columns > rest.size() ? columns - rest.size() : 0;
  };
  auto rest = bar + figures + end;
  if (room(rest) < NAME_COLUMNS_MIN) rest = figures + end;
  if (room(rest) < NAME_COLUMNS_MIN) rest = figures;
  return shorten(progress.name, room(rest)) + rest;
}

Meter::Meter(Console& console, const io::Clock& clock, bool wanted)
    : console_(console),
      clock_(clock),
      wanted_(wanted && console.errIsTerminal()),
      startMs_(clock.monotonicMs()),
      drawnMs_(startMs_) {}

Meter::File::File(Meter& meter, const std::string& name) : meter_(meter) {
  if (!meter_.wanted_) return;
  const std::lock_guard lock(meter_.mutex_);
  meter_.progress_.name = escapeName(name);
}

Meter::File::~File() {
  if (through_) return;
  const std::lock_guard lock(meter_.mutex_);
  meter_.progress_.done -= told_;
}

bool Meter::File::due() const {
  if (!meter_.wanted_) return false;
  const std::lock_guard lock(meter_.mutex_);
  return meter_.dueNow();
}

void Meter::File::show(std::uint64_t done) {
  const std::lock_guard lock(meter_.mutex_);
  meter_.progress_.done += done - told_;
  told_ = done;
  meter_.draw();
}

void Meter::File::leave(std::uint64_t bytes) {
  const std::lock_guard lock(meter_.mutex_);
  meter_.progress_.done += bytes - told_;
  told_ = bytes;
  through_ = true;
  if (meter_.wanted_ && meter_.dueNow()) meter_.draw();
}

bool Meter::dueNow() const {
  const auto now = clock_.monotonicMs();
  return now - startMs_ >= FIRST_DRAW_MS && now - drawnMs_ >= DRAW_EVERY_MS;
}

void Meter::finish() {
  const std::lock_guard lock(mutex_);
  if (!drawn_) return;
  // The whole transfer's rate, as a summary.
  const auto elapsedMs = std::max<std::int64_t>(1, clock_.monotonicMs() - startMs_);
  progress_.bytesPerSecond = progress_.done * 1000 / static_cast<std::uint64_t>(elapsedMs);
  console_.showStatus(progressLine(progress_, terminalColumns(STDERR_FILENO) - 1) + "  in " +
                          clockText(static_cast<std::uint64_t>(elapsedMs) / 1000),
                      true);
  drawn_ = false;
}

void Meter::draw() {
  const auto done = progress_.done;
  const auto now = clock_.monotonicMs();
  drawnMs_ = now;
  drawn_ = true;
  const auto slot = sampleCount_ % SAMPLES;
  const Sample oldest = sampleCount_ < SAMPLES ? samples_[0] : samples_[slot];
  if (sampleCount_ > 0 && now > oldest.atMs && done >= oldest.bytes) {
    progress_.bytesPerSecond =
        (done - oldest.bytes) * 1000 / static_cast<std::uint64_t>(now - oldest.atMs);
  }
  samples_[slot] = {now, done};
  ++sampleCount_;
  console_.showStatus(progressLine(progress_, terminalColumns(STDERR_FILENO) - 1));
}

}  // namespace cairn::shell
