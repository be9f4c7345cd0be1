#include "mapreduce/sort/entry_sort.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace cairn::mr {
namespace {

using Entry = RecordBuffer::Entry;

// Below this many entries comparing is faster than counting 256 digits.
constexpr std::size_t COMPARE_BELOW = 48;
// Groups of eight key bytes sorted by their digits; keys equal so far are compared. Bounds the
// recursion at eight levels each.
constexpr std::size_t CHUNKS_MAX = 16;
constexpr std::size_t CHUNK_BYTES = sizeof(Entry::prefix);

// Moves each entry into its bucket, in place: ends[d] is where bucket d begins when called, and
// where it ends afterwards (American flag sort; McIlroy, Bostic, McIlroy 1993).
template <typename DigitOf>
void permute(std::span<Entry> entries, std::span<std::size_t> ends,
             std::span<const std::size_t> limits, DigitOf digitOf) {
  for (std::size_t digit = 0; digit < ends.size(); ++digit) {
    while (ends[digit] < limits[digit]) {
      Entry moving = entries[ends[digit]];
      for (auto to = digitOf(moving); to != digit; to = digitOf(moving)) {
        std::swap(moving, entries[ends[to]++]);
      }
      entries[ends[digit]++] = moving;
    }
  }
}

class Sorter {
public:
  explicit Sorter(const RecordBuffer& buffer) : buffer_(buffer) {}

  // Sorts entries whose keys are equal in the first `chunk` * 8 bytes and whose prefixes hold the
  // next 8, of which those above `shift` + 8 bits are equal too.
  void sort(std::span<Entry> entries, std::size_t chunk, int shift) {
    while (true) {
      if (entries.size() < COMPARE_BELOW || chunk >= CHUNKS_MAX) return compare(entries, chunk);
      std::array<std::size_t, 256> ends{};
      for (const auto& entry : entries) ++ends[digit(entry, shift)];
      if (ends[digit(entries.front(), shift)] < entries.size()) {
        return distribute(entries, chunk, shift, ends);
      }
      if (shift > 0) {
        shift -= 8;
        continue;
      }
      entries = sortEnded(entries, chunk);
      ++chunk;
      shift = 56;
    }
  }

private:
  static std::size_t digit(const Entry& entry, int shift) { return entry.prefix >> shift & 0xff; }
  std::string_view keyOf(const Entry& entry) const { return buffer_.record(entry.at)->keyView(); }

  void distribute(std::span<Entry> entries, std::size_t chunk, int shift,
                  std::array<std::size_t, 256>& ends) {
    std::array<std::size_t, 256> limits;
    std::size_t sum = 0;
    for (std::size_t i = 0; i < 256; ++i) {
      const std::size_t count = std::exchange(ends[i], sum);
      limits[i] = sum += count;
    }
    permute(entries, ends, limits, [&](const Entry& entry) { return digit(entry, shift); });
    std::size_t begin = 0;
    for (const std::size_t end : limits) {
      const auto bucket = entries.subspan(begin, end - begin);
      begin = end;
      if (bucket.size() < 2) continue;
      if (shift > 0) {
        sort(bucket, chunk, shift - 8);
      } else {
        sort(sortEnded(bucket, chunk), chunk + 1, 56);
      }
    }
  }

  // All prefixes are equal. Keys that end within them come first, the shortest in front (what their
  // prefixes show behind the end is padding); returns the others, with the next chunk as prefix.
  std::span<Entry> sortEnded(std::span<Entry> entries, std::size_t chunk) {
    const std::size_t reach = (chunk + 1) * CHUNK_BYTES;
    const auto longer = std::partition(entries.begin(), entries.end(), [&](const Entry& entry) {
      return buffer_.record(entry.at)->keyBytes <= reach;
    });
    std::sort(entries.begin(), longer, [&](const Entry& a, const Entry& b) {
      const auto sizeA = buffer_.record(a.at)->keyBytes;
      const auto sizeB = buffer_.record(b.at)->keyBytes;
      return sizeA != sizeB ? sizeA < sizeB : a.at < b.at;
    });
    const std::span<Entry> rest(longer, entries.end());
    for (auto& entry : rest) entry.prefix = RecordBuffer::prefixOf(keyOf(entry).substr(reach));
    return rest;
  }

  void compare(std::span<Entry> entries, std::size_t chunk) {
    const std::size_t same = chunk * CHUNK_BYTES;
    std::ranges::sort(entries, [&](const Entry& a, const Entry& b) {
      if (a.prefix != b.prefix) return a.prefix < b.prefix;
      const int order = keyOf(a).substr(same).compare(keyOf(b).substr(same));
      return order != 0 ? order < 0 : a.at < b.at;
    });
  }

  const RecordBuffer& buffer_;
};

}  // namespace

void sortEntries(RecordBuffer& buffer, std::uint32_t partitions) {
  const std::span<Entry> entries = buffer.entries();
  Sorter sorter(buffer);
  if (partitions <= 1) return sorter.sort(entries, 0, 56);
  std::vector<std::size_t> ends(partitions);
  for (const auto& entry : entries) ++ends[entry.partition];
  std::vector<std::size_t> limits(partitions);
  std::size_t sum = 0;
  for (std::size_t i = 0; i < partitions; ++i) {
    const std::size_t count = std::exchange(ends[i], sum);
    limits[i] = sum += count;
  }
  permute(entries, ends, limits, [](const Entry& entry) { return entry.partition; });
  std::size_t begin = 0;
  for (const std::size_t end : limits) {
    sorter.sort(entries.subspan(begin, end - begin), 0, 56);
    begin = end;
  }
}

}  // namespace cairn::mr
