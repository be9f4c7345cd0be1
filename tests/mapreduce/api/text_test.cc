#include "cairn/mr/text.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "cairn/mr/text_writer.h"
#include "common/io/random.h"

namespace cairn::mr {
namespace {

std::vector<std::string> wordsOf(std::string_view text) {
  std::vector<std::string> words;
  forEachWord(text, [&](std::string_view word) { words.emplace_back(word); });
  return words;
}

// One byte at a time.
std::vector<std::string> wordsByModel(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : text) {
    if (std::string_view(" \t\n\r\f").find(c) == std::string_view::npos) {
      word += c;
    } else if (!word.empty()) {
      words.push_back(std::move(word));
      word.clear();
    }
  }
  if (!word.empty()) words.push_back(word);
  return words;
}

// Every byte value beside every kind of neighbour: only the five delimiters of StringTokenizer end
// a word; the vertical tab, NUL and bytes above 127 do not.
TEST(TextTest, OnlyFiveBytesEndWords) {
  for (int c = 0; c < 256; ++c) {
    for (std::size_t at = 0; at < 70; at += 23) {
      std::string text(70, 'x');
      text[at] = static_cast<char>(c);
      EXPECT_EQ(wordsByModel(text), wordsOf(text)) << c;
    }
  }
}

// Words of all lengths at all places in the blocks of 64, texts of all lengths.
TEST(TextTest, AgreesWithTheModel) {
  io::Random random(1);
  for (int round = 0; round < 3000; ++round) {
    std::string text(random.below(300), 'w');
    for (auto& c : text) {
      if (random.chance(0.2)) c = " \t\n\r\f\v"[random.below(6)];
    }
    ASSERT_EQ(wordsByModel(text), wordsOf(text)) << text;
  }
}

// A text that ends where the process's memory ends: no byte behind it may be touched.
TEST(TextTest, ReadsNothingOutside) {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  auto* const pages = static_cast<char*>(
      ::mmap(nullptr, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  ASSERT_NE(MAP_FAILED, static_cast<void*>(pages));
  ASSERT_EQ(0, ::mprotect(pages, page, PROT_NONE));
  ASSERT_EQ(0, ::mprotect(pages + 2 * page, page, PROT_NONE));
  for (std::size_t size = 0; size < 200; ++size) {
    for (char* const at : {pages + page, pages + 2 * page - size}) {
      std::memset(at, 'a', size);
      if (size > 5) at[size / 2] = ' ';
      EXPECT_EQ(wordsByModel({at, size}), wordsOf({at, size}));
      countLines({at, size});
    }
  }
  ::munmap(pages, 3 * page);
}

// '\n' and "\r\n" end lines; a lone '\r' is part of one; the last line may lack its end.
TEST(TextTest, Lines) {
  using Lines = std::vector<std::pair<std::size_t, std::string>>;
  const auto linesOf = [](std::string_view text) {
    Lines lines;
    forEachLine(text, [&](std::size_t at, std::string_view line) { lines.emplace_back(at, line); });
    EXPECT_EQ(lines.size(), countLines(text));
    return lines;
  };
  EXPECT_EQ((Lines{}), linesOf(""));
  EXPECT_EQ((Lines{{0, ""}}), linesOf("\n"));
  EXPECT_EQ((Lines{{0, "a"}, {2, ""}, {3, "b"}}), linesOf("a\n\nb"));
  EXPECT_EQ((Lines{{0, "a"}, {3, ""}, {5, "b\rc"}, {9, "d\r"}}), linesOf("a\r\n\r\nb\rc\nd\r"));
}

class StringSink final : public TextWriter::Sink {
public:
  bool write(std::string_view bytes) override {
    text.append(bytes);
    ++pieces;
    return !broken;
  }
  std::string text;
  int pieces = 0;
  bool broken = false;
};

// Hadoop's TextOutputFormat, byte for byte, across pieces and with lines larger than a piece.
TEST(TextWriterTest, KeyTabValueNewline) {
  StringSink sink;
  TextWriter writer(sink, "\t");
  std::string expected;
  writer.write<std::string, std::uint64_t>("the", 42);
  writer.write<std::string, None>("only key", {});
  writer.write<None, std::string>({}, "only value");
  writer.write<std::int64_t, double>(-1, 0.5);
  expected = "the\t42\nonly key\nonly value\n-1\t0.5\n";
  const std::string large(3 * TextWriter::PIECE_BYTES, 'x');
  writer.write<std::string, std::string>(large, "y");
  expected += large + "\ty\n";
  for (int i = 0; i < 300'000; ++i) {
    writer.write<std::uint32_t, std::uint32_t>(static_cast<std::uint32_t>(i), 7);
    expected += std::to_string(i) + "\t7\n";
  }
  ASSERT_TRUE(writer.flush());
  EXPECT_TRUE(expected == sink.text);
  EXPECT_EQ(expected.size(), writer.bytes());
  EXPECT_EQ(300'005u, writer.records());
  EXPECT_LT(sink.pieces, 20);
}

TEST(TextWriterTest, AnotherSeparator) {
  StringSink sink;
  TextWriter writer(sink, ", ");
  writer.write<std::string, std::string>("k", "v");
  TextWriter none(sink, "");
  none.write<std::string, std::string>("k", "v");
  writer.flush();
  none.flush();
  EXPECT_EQ("k, v\nkv\n", sink.text);
}

// After a failed write nothing more goes out: a file with a hole would look whole.
TEST(TextWriterTest, NothingFollowsAFailure) {
  StringSink sink;
  sink.broken = true;
  TextWriter writer(sink, "\t");
  writer.write<std::string, std::string>("k", "v");
  EXPECT_FALSE(writer.flush());
  sink.broken = false;
  writer.write<std::string, std::string>("k", "v");
  EXPECT_FALSE(writer.flush());
  EXPECT_EQ(1, sink.pieces);
}

}  // namespace
}  // namespace cairn::mr
