// Protects files from being stored raw though they would compress: only what cannot is left alone.
#include "common/format/compress_trials.h"

#include <gtest/gtest.h>

#include <string>

#include "common/io/random.h"

namespace cairn::format {
namespace {

constexpr std::size_t FRAME = 128 * 1024;

std::string noise(std::size_t bytes, std::uint64_t seed = 1) {
  io::Random random(seed);
  std::string text(bytes, '\0');
  for (auto& c : text) c = static_cast<char>(random.below(256));
  return text;
}

// Each of `values` byte values as often as the others.
std::string evenly(std::size_t bytes, unsigned values, std::uint64_t seed = 1) {
  io::Random random(seed);
  std::string text(bytes, '\0');
  for (auto& c : text) c = static_cast<char>(random.below(values));
  return text;
}

TEST(CompressTrials, NoiseLooksLikeNoise) {
  unsigned noticed = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    if (looksLikeNoise(asBytes(noise(4096 + 37 * seed, seed)))) ++noticed;
  }
  EXPECT_EQ(noticed, 200U);
}

TEST(CompressTrials, WhatCanBePackedDoesNotLookLikeNoise) {
  EXPECT_FALSE(looksLikeNoise(asBytes(std::string(FRAME, '\0'))));
  // A tenth can be saved of these.
  EXPECT_FALSE(looksLikeNoise(asBytes(evenly(FRAME, 137))));
  EXPECT_FALSE(looksLikeNoise(asBytes(evenly(4096, 137))));
  // Of base64 a quarter.
  EXPECT_FALSE(looksLikeNoise(asBytes(evenly(FRAME, 64))));
  // Numbers of four bytes that need three.
  auto numbers = noise(FRAME);
  for (std::size_t i = 3; i < numbers.size(); i += 4) numbers[i] = '\0';
  EXPECT_FALSE(looksLikeNoise(asBytes(numbers)));
  // Noise with a stretch of zeros anywhere, a quarter long.
  for (std::size_t at = 0; at + FRAME / 4 <= FRAME; at += FRAME / 64) {
    auto mixed = noise(FRAME);
    mixed.replace(at, FRAME / 4, FRAME / 4, '\0');
    EXPECT_FALSE(looksLikeNoise(asBytes(mixed))) << at;
  }
}

TEST(CompressTrials, ShortOnesAreAlwaysTried) {
  for (std::size_t size : {0U, 1U, 255U, 256U, 4095U}) {
    EXPECT_FALSE(looksLikeNoise(asBytes(noise(size)))) << size;
  }
}

TEST(CompressTrials, NoiseIsTriedUntilItDoesNotPay) {
  const auto frame = noise(FRAME);
  CompressTrials trials;
  EXPECT_TRUE(trials.worthTrying(asBytes(frame)));
  trials.tried(true);
  EXPECT_TRUE(trials.worthTrying(asBytes(frame)));
  trials.tried(false);
  EXPECT_FALSE(trials.worthTrying(asBytes(frame)));
  EXPECT_FALSE(trials.worthTrying(asBytes(frame)));
}

TEST(CompressTrials, TextBehindNoiseIsTriedAndSoIsAllBehindIt) {
  CompressTrials trials;
  trials.tried(false);
  EXPECT_TRUE(trials.worthTrying(asBytes(evenly(FRAME, 64))));
  EXPECT_FALSE(trials.worthTrying(asBytes(noise(FRAME)))) << "it has not paid yet";
  trials.tried(true);
  EXPECT_TRUE(trials.worthTrying(asBytes(noise(FRAME))));
}

}  // namespace
}  // namespace cairn::format
