#include "mapreduce/plan/line_blocks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "cairn/mr/text.h"
#include "tests/testkit/results.h"

namespace cairn::mr {
namespace {

class TextStream final : public InputStream {
public:
  explicit TextStream(std::string text) : text_(std::move(text)) {}
  Result<std::size_t> readAt(std::uint64_t offset, MutableBytes to) override {
    if (failAt && offset + to.size() > *failAt) return fail(Code::IO_ERROR, "a bad sector");
    if (offset >= text_.size()) return 0;
    const auto n = std::min<std::size_t>(to.size(), text_.size() - offset);
    std::memcpy(to.data(), text_.data() + offset, n);
    return n;
  }
  std::optional<std::uint64_t> failAt;

private:
  std::string text_;
};

using Line = std::pair<std::uint64_t, std::string>;

Result<std::vector<Line>> linesOf(InputStream& stream, std::uint64_t offset, std::uint64_t length,
                                  std::size_t lineMax = 1000, std::size_t readBytes = 5) {
  LineBlocks blocks(stream, offset, length, lineMax, readBytes);
  std::vector<Line> lines;
  while (true) {
    ASSIGN(const auto block, blocks.next());
    if (!block) return lines;
    EXPECT_FALSE(block->text.empty());
    forEachLine(block->text, [&](std::size_t at, std::string_view line) {
      lines.emplace_back(block->offset + at, line);
    });
  }
}

std::vector<Line> wholeFile(const std::string& text) {
  std::vector<Line> lines;
  forEachLine(text, [&](std::size_t at, std::string_view line) { lines.emplace_back(at, line); });
  return lines;
}

// The heart of text input: wherever the borders fall (inside a line, on '\n', between '\r' and
// '\n', in the last line), the splits together give every line once, at its place.
TEST(LineBlocksTest, EveryBorderGivesEveryLineOnce) {
  for (const std::string text :
       {"a\nbb\n\nccc\r\n\r\ndddddddddd\ne", "\n\n\n", "x", "abc\n", "\r\n", "no newline at all",
        "long first line\nb\nanother long line\n"}) {
    TextStream stream(text);
    const auto expected = wholeFile(text);
    for (std::size_t first = 0; first <= text.size(); ++first) {
      for (std::size_t second = first; second <= text.size(); ++second) {
        std::vector<Line> got;
        for (const auto& [from, to] :
             {std::pair{std::size_t{0}, first}, {first, second}, {second, text.size()}}) {
          if (from == to) continue;
          ASSERT_VALUE(const auto part, linesOf(stream, from, to - from));
          got.insert(got.end(), part.begin(), part.end());
        }
        ASSERT_EQ(expected, got) << text << " cut at " << first << " and " << second;
      }
    }
  }
}

// The size of reads must not show: lines at every position relative to a read's end.
TEST(LineBlocksTest, EveryReadSizeGivesTheSameLines) {
  const std::string text = "one\ntwo two\r\n\nthree three three\nfour";
  TextStream stream(text);
  for (std::size_t read = 1; read <= text.size() + 1; ++read) {
    ASSERT_VALUE(const auto got, linesOf(stream, 0, text.size(), 1000, read));
    ASSERT_EQ(wholeFile(text), got) << read;
  }
}

// A block ends where a line ends, so that mappers may look for words in it as a whole.
TEST(LineBlocksTest, BlocksAreWholeLines) {
  const std::string text = "aaaa\nbbbb\ncccc\ndddd\n";
  TextStream stream(text);
  LineBlocks blocks(stream, 0, 7, 1000, 100);
  ASSERT_VALUE(const auto block, blocks.next());
  ASSERT_TRUE(block);
  EXPECT_EQ("aaaa\nbbbb\n", block->text);
  ASSERT_VALUE(const auto end, blocks.next());
  EXPECT_FALSE(end);
}

// One line without end must not eat the machine's memory.
TEST(LineBlocksTest, ALineThatIsTooLongIsAnError) {
  TextStream stream("short\n" + std::string(5000, 'x') + "\nshort\n");
  const auto lines = linesOf(stream, 0, 5013, 100);
  EXPECT_CODE(Code::LIMIT_EXCEEDED, lines);
  EXPECT_NE(std::string::npos, lines.error().message().find("line at byte 6")) << "says where";
  // The same when only the line's beginning lies in the split.
  EXPECT_CODE(Code::LIMIT_EXCEEDED, linesOf(stream, 0, 8, 100));
  // A split inside the line has nothing of it, and passes it without keeping it.
  ASSERT_VALUE(const auto none, linesOf(stream, 100, 1000, 100));
  EXPECT_TRUE(none.empty());
  ASSERT_VALUE(const auto after, linesOf(stream, 100, 4913, 100));
  EXPECT_EQ((std::vector<Line>{{5007, "short"}}), after);
}

// A read error must fail the task, not end its input early.
TEST(LineBlocksTest, AReadErrorIsNotTheEnd) {
  TextStream stream("a\nb\nc\nd\n");
  stream.failAt = 6;
  EXPECT_CODE(Code::IO_ERROR, linesOf(stream, 0, 8, 1000, 4));
}

}  // namespace
}  // namespace cairn::mr
