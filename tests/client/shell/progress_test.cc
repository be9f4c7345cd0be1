// Protects: the progress line says what is true, fits its terminal, and is drawn ten times a second
// at most and never into a pipe.
#include "client/shell/progress.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

#include "client/shell/text.h"
#include "common/base/units.h"

namespace cairn::shell {
namespace {

Progress half() {
  return {.name = "text", .done = 512_MiB, .total = 1_GiB, .bytesPerSecond = 128_MiB};
}

TEST(ProgressLine, ShowsBarRateAndTimeLeft) {
  EXPECT_EQ(progressLine(half(), 100),
            "text  [============>           ]   50%  512.0 MiB  128.0 MiB/s  0:04 left");
  auto done = half();
  done.done = 1_GiB;
  EXPECT_EQ(progressLine(done, 100),
            "text  [========================]  100%  1.0 GiB  128.0 MiB/s");
}

TEST(ProgressLine, SaysNothingThatItDoesNotKnow) {
  EXPECT_EQ(progressLine({.name = "-", .done = 5}, 100), "-  5 B");
  EXPECT_EQ(progressLine({.name = "-", .done = 5, .bytesPerSecond = 0}, 100), "-  5 B  0 B/s");
  EXPECT_EQ(progressLine({.name = "e", .done = 0, .total = 0}, 100),
            "e  [========================]  100%  0 B");
  // A file that grew while it was read.
  EXPECT_EQ(progressLine({.name = "g", .done = 20, .total = 10}, 100),
            "g  [========================]  100%  20 B");
}

TEST(ProgressLine, FitsAnyTerminal) {
  auto progress = half();
  progress.name = "a/very/long/path/to/some/file/that/nobody/would/type/by/hand/数据.txt";
  for (std::size_t columns = 0; columns < 140; ++columns) {
    EXPECT_LE(displayWidth(progressLine(progress, columns)), std::max<std::size_t>(columns, 17))
        << columns;
  }
  EXPECT_EQ(progressLine(progress, 50), "...数据.txt   50%  512.0 MiB  128.0 MiB/s  0:04 left");
}

TEST(ProgressLine, Clock) {
  EXPECT_EQ(clockText(0), "0:00");
  EXPECT_EQ(clockText(754), "12:34");
  EXPECT_EQ(clockText(3 * 3600 + 62), "3:01:02");
}

// A terminal to draw on, and what was drawn.
class Terminal {
public:
  Terminal() {
    winsize size{.ws_row = 24, .ws_col = 80, .ws_xpixel = 0, .ws_ypixel = 0};
    EXPECT_EQ(::openpty(&master_, &slave_, nullptr, nullptr, &size), 0);
    EXPECT_EQ(::fcntl(master_, F_SETFL, O_NONBLOCK), 0);
  }
  ~Terminal() {
    ::close(master_);
    ::close(slave_);
  }
  int descriptor() const { return slave_; }
  std::string drawn() {
    std::string text(65536, '\0');
    const auto got = ::read(master_, text.data(), text.size());
    text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return text;
  }

private:
  int master_ = -1;
  int slave_ = -1;
};

std::size_t linesIn(const std::string& drawn) {
  return static_cast<std::size_t>(std::ranges::count(drawn, '\r'));
}

TEST(Meter, DrawsAtMostTenTimesASecond) {
  Terminal terminal;
  Console console(STDOUT_FILENO, terminal.descriptor(), "cairn");
  io::ManualClock clock;
  Meter meter(console, clock);
  meter.expect(100'000);
  Meter::File file(meter, "file");
  std::string drawn;
  for (std::uint64_t ms = 0; ms < 2000; ++ms) {
    clock.advanceMs(1);
    if (file.due()) file.show(ms * 10);
    drawn += terminal.drawn();
  }
  EXPECT_GE(linesIn(drawn), 10u);
  EXPECT_LE(linesIn(drawn), 20u);
  EXPECT_NE(drawn.find("9.8 KiB/s"), std::string::npos) << drawn;
  EXPECT_EQ(drawn.find('\n'), std::string::npos) << "one line, drawn over";
  file.leave(20'000);
  meter.finish();
  EXPECT_NE(terminal.drawn().find('\n'), std::string::npos);
}

TEST(Meter, ShortTransfersDrawNothing) {
  Terminal terminal;
  Console console(STDOUT_FILENO, terminal.descriptor(), "cairn");
  io::ManualClock clock;
  Meter meter(console, clock);
  Meter::File file(meter, "file");
  clock.advanceMs(100);
  EXPECT_FALSE(file.due());
  file.leave(10);
  meter.finish();
  EXPECT_EQ(terminal.drawn(), "");
}

TEST(Meter, NeverDrawsIntoAPipe) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_NONBLOCK), 0);
  {
    Console console(STDOUT_FILENO, ends[1], "cairn");
    io::ManualClock clock;
    Meter meter(console, clock);
    Meter::File file(meter, "file");
    clock.advanceMs(5000);
    EXPECT_FALSE(file.due());
    file.leave(10);
    meter.finish();
  }
  char byte = 0;
  EXPECT_EQ(::read(ends[0], &byte, 1), -1) << "something was written";
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(Meter, FilesThatRunBesideEachOtherAddUpAndFailedOnesGo) {
  Terminal terminal;
  Console console(STDOUT_FILENO, terminal.descriptor(), "cairn");
  io::ManualClock clock;
  Meter meter(console, clock);
  Meter::File one(meter, "one");
  {
    Meter::File two(meter, "two");
    clock.advanceMs(1000);
    one.show(1000);
    terminal.drawn();
    two.show(24);
    EXPECT_NE(terminal.drawn().find("two  1.0 KiB"), std::string::npos);
  }
  one.show(1000);
  EXPECT_NE(terminal.drawn().find("two  1000 B"), std::string::npos) << "two did not end well";
}

TEST(Meter, AMessageTakesTheLinesPlace) {
  Terminal terminal;
  Console console(STDOUT_FILENO, terminal.descriptor(), "cairn");
  io::ManualClock clock;
  Meter meter(console, clock);
  Meter::File file(meter, "file");
  clock.advanceMs(1000);
  file.show(1);
  terminal.drawn();
  console.complain("oh");
  EXPECT_TRUE(terminal.drawn().starts_with("\r\x1b[Kcairn: oh"));
}

}  // namespace
}  // namespace cairn::shell
