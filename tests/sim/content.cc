#include "tests/sim/content.h"

#include <algorithm>

namespace cairn::sim {
namespace {

constexpr std::uint64_t CHUNKS_MAX = 6;
constexpr std::uint64_t LARGE_MAX = 4 << 20;

std::string bytesOf(std::uint64_t seed, std::uint64_t length) {
  io::Random random(seed);
  std::string all(length, '\0');
  if (random.chance(0.5)) {  // does not shrink
    random.fill({reinterpret_cast<std::byte*>(all.data()), all.size()});
    return all;
  }
  std::size_t at = 0;
  while (at < all.size()) {
    const std::string word = std::to_string(random.below(100'000)) + " and ";
    const std::size_t count = std::min(word.size(), all.size() - at);
    std::copy_n(word.data(), count, all.data() + at);
    at += count;
  }
  return all;
}

}  // namespace

Content Content::draw(io::Random& random, std::uint64_t chunkSize, std::uint64_t frameSize) {
  Content content{.seed = random.next64(), .length = 0};
  switch (random.below(5)) {
    case 0: content.length = random.below(3); break;
    case 1: content.length = random.below(2 * frameSize); break;
    case 2: content.length = chunkSize * random.below(CHUNKS_MAX); break;
    case 3: content.length = chunkSize * random.below(CHUNKS_MAX) + random.below(3); break;
    default: content.length = random.below(chunkSize * CHUNKS_MAX); break;
  }
  return content;
}

Content Content::drawLarge(io::Random& random) {
  const std::uint64_t seed = random.next64();
  return {.seed = seed, .length = random.below(LARGE_MAX)};
}

Content Content::cut(std::uint64_t to) const {
  Content shorter = *this;
  shorter.length = to;
  std::erase_if(shorter.appended, [to](const Part& part) { return part.begin >= to; });
  return shorter;
}

Content Content::grown(io::Random& random, std::uint64_t to) const {
  Content longer = *this;
  longer.length = to;
  if (to > length && random.chance(0.7)) longer.appended.push_back({random.next64(), length});
  return longer;
}

std::string Content::bytes() const {
  std::string all = bytesOf(seed, length);
  for (const auto& part : appended) {
    all.replace(part.begin, std::string::npos, bytesOf(part.seed, length), part.begin);
  }
  return all;
}
}  // namespace cairn::sim
