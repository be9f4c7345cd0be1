// Protects: results and messages arrive in order, a full disk is an error, and a closed pipe ends a
// command without a word.
#include "client/shell/console.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <string>

namespace cairn::shell {
namespace {

struct Pipe {
  Pipe() { EXPECT_EQ(::pipe2(ends, O_NONBLOCK), 0); }
  ~Pipe() {
    closeReader();
    ::close(ends[1]);
  }
  void closeReader() {
    if (ends[0] >= 0) ::close(ends[0]);
    ends[0] = -1;
  }
  std::string read() const {
    std::string text(1 << 20, '\0');
    const auto got = ::read(ends[0], text.data(), text.size());
    text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return text;
  }
  int ends[2] = {-1, -1};
};

TEST(Console, BuffersUntilAMessageComes) {
  Pipe both;
  Console console(both.ends[1], both.ends[1], "cairn");
  console.print("one\n");
  EXPECT_EQ(both.read(), "");
  console.complain("two");
  EXPECT_EQ(both.read(), "one\ncairn: two\n");
  console.print("three\n");
  EXPECT_TRUE(console.flush());
  EXPECT_EQ(both.read(), "three\n");
}

TEST(Console, AClosedPipeIsSilent) {
  ::signal(SIGPIPE, SIG_IGN);
  Pipe out;
  Pipe err;
  Console console(out.ends[1], err.ends[1], "cairn");
  out.closeReader();
  console.print("lost\n");
  EXPECT_FALSE(console.flush());
  EXPECT_TRUE(console.broken());
  EXPECT_EQ(err.read(), "");
}

TEST(Console, AFullDiskIsSaidOnce) {
  const int full = ::open("/dev/full", O_WRONLY);
  if (full < 0) GTEST_SKIP() << "no /dev/full";
  Pipe err;
  Console console(full, err.ends[1], "cairn");
  console.print("lost\n");
  EXPECT_FALSE(console.flush());
  console.print("more\n");
  EXPECT_FALSE(console.flush());
  EXPECT_EQ(err.read(), "cairn: cannot write to standard output: No space left on device\n");
  ::close(full);
}

TEST(Console, LongOutputGoesThroughUnharmed) {
  Pipe out;
  ASSERT_GE(::fcntl(out.ends[1], F_SETPIPE_SZ, 1 << 20), 1 << 20);
  const std::string large(200'000, 'x');
  {
    Console console(out.ends[1], STDERR_FILENO, "cairn");
    console.print("before ");
    console.print(large);
    console.print(" after");
  }
  EXPECT_EQ(out.read(), "before " + large + " after");
}

}  // namespace
}  // namespace cairn::shell
