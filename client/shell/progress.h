// How far a transfer is: a line on the terminal with bar, rate and time left.
// Layer: client/shell.  Threads: the files of one transfer may be on several.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "client/shell/console.h"
#include "common/io/clock.h"

namespace cairn::shell {

// What a line shows.
struct Progress {
  std::string name;  // of the file, as it is to be shown
  std::uint64_t done = 0;
  std::optional<std::uint64_t> total;           // bytes, when it is known
  std::optional<std::uint64_t> bytesPerSecond;  // when there is enough to tell
};

// At most `columns` wide; what does not fit is left out, the bar first. Pure.
std::string progressLine(const Progress& progress, std::size_t columns);
// "0:03", "12:34", "3:00:00". Pure.
std::string clockText(std::uint64_t seconds);

// Draws nothing unless it is wanted and standard error is a terminal; then 10 times a second at
// most, and nothing for a transfer that ends before one would wonder.
class Meter {
public:
  // Both outlive it.
  Meter(Console& console, const io::Clock& clock, bool wanted = true);

  // The bytes of the whole transfer, if they are known. Before the first file.
  void expect(std::optional<std::uint64_t> total) { progress_.total = total; }
  // Ends the line, if there is one. Behind the last file.
  void finish();

  // One file's part in the transfer. The bytes of a file that does not come to its end are taken
  // off again.
  class File {
  public:
    // The meter outlives it. `name` is shown until another file begins.
    File(Meter& meter, const std::string& name);
    ~File();
    File(const File&) = delete;
    File& operator=(const File&) = delete;

    // Whether it is time to call show(): getting the figure may cost something.
    bool due() const;
    // `done`: bytes of this file so far.
    void show(std::uint64_t done);
    // It is through, with `bytes` bytes.
    void leave(std::uint64_t bytes);

  private:
    Meter& meter_;
    std::uint64_t told_ = 0;
    bool through_ = false;
  };

private:
  struct Sample {
    std::int64_t atMs = 0;
    std::uint64_t bytes = 0;
  };
  // The rate is that of the last SAMPLES times 100 ms.
  static constexpr std::size_t SAMPLES = 30;

  bool dueNow() const;
  void draw();

  Console& console_;
  const io::Clock& clock_;
  const bool wanted_;
  const std::int64_t startMs_;
  mutable std::mutex mutex_;  // guards what follows
  Progress progress_;
  std::int64_t drawnMs_;
  bool drawn_ = false;
  std::array<Sample, SAMPLES> samples_;
  std::size_t sampleCount_ = 0;
};

}  // namespace cairn::shell
