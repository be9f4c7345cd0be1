#include "tests/testkit/sample.h"

#include "common/io/random.h"

namespace cairn::testkit {

std::string sampleText(std::size_t bytes, std::uint64_t seed) {
  io::Random random(seed);
  std::string text;
  text.reserve(bytes + 32);
  while (text.size() < bytes) {
    // Squaring makes small numbers, that is a few words, far more frequent than the rest.
    const double unit = random.unit();
    const auto rank = static_cast<std::uint64_t>(unit * unit * unit * 20'000);
    text += "w" + std::to_string(rank * 2'654'435'761u % 1'000'003);
    text += random.below(12) == 0 ? '\n' : ' ';
  }
  text.resize(bytes);
  return text;
}

std::string sampleNoise(std::size_t bytes, std::uint64_t seed) {
  io::Random random(seed);
  std::string noise(bytes, '\0');
  random.fill({reinterpret_cast<std::byte*>(noise.data()), noise.size()});
  return noise;
}

std::map<std::string, std::uint64_t> countWords(std::string_view text) {
  constexpr std::string_view ENDS = " \t\n\r\f";
  std::map<std::string, std::uint64_t> counts;
  for (std::size_t at = 0;;) {
    const auto begin = text.find_first_not_of(ENDS, at);
    if (begin == std::string_view::npos) return counts;
    at = std::min(text.find_first_of(ENDS, begin), text.size());
    ++counts[std::string(text.substr(begin, at - begin))];
  }
}

}  // namespace cairn::testkit
