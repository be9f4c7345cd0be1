// Bytes to put in files: repeatable, and of a kind that compresses like text.
// Layer: tests/testkit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace cairn::testkit {

// Lines of words with a natural spread of frequencies, exactly `bytes` long.
std::string sampleText(std::size_t bytes, std::uint64_t seed = 1);
// Bytes that do not compress.
std::string sampleNoise(std::size_t bytes, std::uint64_t seed = 1);
// How often each word stands in the text; words end at space, tab, newline, carriage return and
// form feed. The simple model that word count is compared with.
std::map<std::string, std::uint64_t> countWords(std::string_view text);

}  // namespace cairn::testkit
