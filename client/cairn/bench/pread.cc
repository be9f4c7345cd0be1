// `cairn bench io --pread`: positional reads of 4 KiB from several threads of one process, against
// pread(2) on a local file and against the decoding of frames, with as many threads.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <fstream>
#include <functional>
#include <thread>
#include <vector>

#include "cairn/client.h"
#include "client/cairn/bench/benches.h"
#include "client/cairn/bench/programs.h"
#include "client/cairn/bench/scratch.h"
#include "common/base/units.h"
#include "common/format/frame.h"
#include "common/io/posix_file.h"
#include "common/io/random.h"

namespace cairn::app {
namespace {

constexpr std::size_t READ_BYTES = 4_KiB;
// Fits into the default cache of decoded frames (client.frame_cache) with room to spare.
constexpr std::uint64_t SMALL_BYTES = 16_MiB;
// Frames that the reference decodes by turns: 32 MiB of plain bytes, more than a processor's cache.
constexpr std::size_t REFERENCE_FRAMES = 256;

// One operation; false when it failed. Called from several threads at once.
using Operation = std::function<bool(io::Random&)>;

// Operations a second of all threads together, over so many seconds.
Result<double> rateOf(unsigned threads, std::uint32_t seconds, const Operation& operation) {
  std::atomic<bool> over{false};
  std::atomic<bool> failed{false};
  std::atomic<std::uint64_t> done{0};
  std::vector<std::jthread> all;
  const auto began = std::chrono::steady_clock::now();
  for (unsigned thread = 0; thread < threads; ++thread) {
    all.emplace_back([&, thread]() {
      io::Random random(thread + 1);
      std::uint64_t mine = 0;
      while (!over.load(std::memory_order_relaxed)) {
        if (!operation(random)) {
          failed.store(true);
          break;
        }
        ++mine;
      }
      done.fetch_add(mine);
    });
  }
  std::this_thread::sleep_for(std::chrono::seconds(seconds));
  over.store(true);
  all.clear();  // joins
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  if (failed.load()) return fail(Code::IO_ERROR, "a read of the benchmark failed");
  return static_cast<double>(done.load()) / took.count();
}

Operation preadOf(InputFile& file) {
  return [&file, pages = file.length() / READ_BYTES](io::Random& random) {
    std::array<std::byte, READ_BYTES> to;
    const auto got = file.pread(random.below(pages) * READ_BYTES, to);
    return got.has_value() && *got == to.size();
  };
}

std::vector<ByteVector> framesOf(std::ifstream& text) {
  std::vector<ByteVector> frames;
  std::string plain(limits::FRAME_SIZE_DEFAULT, '\0');
  while (frames.size() < REFERENCE_FRAMES &&
         text.read(plain.data(), static_cast<std::streamsize>(plain.size()))) {
    ByteVector frame(format::encodedFrameMax(plain.size()));
    format::PieceDigest digest;
    frame.resize(format::encodeFrame({}, ChunkId(), 0, asBytes(plain), frame, digest));
    frames.push_back(std::move(frame));
  }
  return frames;
}

}  // namespace

Result<BenchReport> benchPread(const BenchOptions& options) {
  BenchScratch scratch;
  const auto replicas = std::max(options.replicas, 1u);
  if (options.bytes < 2 * SMALL_BYTES) {
    return fail(Code::INVALID_ARGUMENT, "positional reads need a --size of 32MiB and more");
  }
  ASSIGN(const auto text, options.noise
                              ? makeNoise(scratch.path(), options.bytes)
                              : makeText(scratch.path(), options.bytes, options.textFile));
  const auto quoted = shellQuoted(text);
  ASSIGN(const auto mini,
         MiniProcess::start(scratch.path() + "/cluster", static_cast<int>(replicas)));
  ClientOptions clientOptions;
  clientOptions.namenode = mini.namenode();
  ASSIGN(auto client, Client::connect(clientOptions));
  const auto put = "put --replication " + std::to_string(replicas) + " ";
  TRY(timedShell(mini.command(put + quoted + " /zstd")));
  TRY(timedShell(mini.command(put + "--codec none " + quoted + " /raw")));
  TRY(timedShell("head -c " + std::to_string(SMALL_BYTES) + " " + quoted + " | " +
                 mini.command(put + "- /small")));
  // Into the page cache, all of it.
  TRY(timedShell("cat " + quoted + "; " + mini.command("cat /zstd") + "; " +
                 mini.command("cat /raw")));

  ASSIGN(auto small, client.open("/small"));
  ASSIGN(auto raw, client.open("/raw"));
  ASSIGN(auto packed, client.open("/zstd"));
  const io::UniqueFd local(::open(text.c_str(), O_RDONLY | O_CLOEXEC));
  if (!local) return fail(Code::IO_ERROR, text + " cannot be opened");
  const Operation systemCall = [&](io::Random& random) {
    std::array<std::byte, READ_BYTES> to;
    const auto offset = random.below(options.bytes / READ_BYTES) * READ_BYTES;
    return ::pread(local.get(), to.data(), to.size(), static_cast<off_t>(offset)) ==
           static_cast<ssize_t>(to.size());
  };
  std::ifstream in(text, std::ios::binary);
  const auto frames = framesOf(in);
  const Operation decode = [&](io::Random& random) {
    thread_local ByteVector plain(limits::FRAME_SIZE_DEFAULT);
    const auto& bytes = frames[random.below(frames.size())];
    const auto frame = format::frameAt(bytes);
    return frame.has_value() && format::decodeFrame(*frame, ChunkId(), plain).has_value();
  };

  std::vector<double> cachedRate;
  std::vector<double> rawRate;
  std::vector<double> packedRate;
  std::vector<double> systemRate;
  std::vector<double> decodeRate;
  const auto threads = options.threads;
  for (std::uint32_t round = 0; round < options.rounds; ++round) {
    ASSIGN(const auto system, rateOf(threads, options.seconds, systemCall));
    ASSIGN(const auto cached, rateOf(threads, options.seconds, preadOf(small)));
    ASSIGN(const auto ofRaw, rateOf(threads, options.seconds, preadOf(raw)));
    ASSIGN(const auto decoded, rateOf(threads, options.seconds, decode));
    ASSIGN(const auto ofPacked, rateOf(threads, options.seconds, preadOf(packed)));
    systemRate.push_back(system);
    cachedRate.push_back(cached);
    rawRate.push_back(ofRaw);
    decodeRate.push_back(decoded);
    packedRate.push_back(ofPacked);
  }
  const auto name = [&](const std::string& what) {
    return "pread 4 KiB, " + std::to_string(threads) + " threads, " + what;
  };
  return BenchReport{.name = "pread",
                     .figures = {{.what = name("decoded"),
                                  .value = median(cachedRate),
                                  .unit = "/s",
                                  .against = "pread(2) of a local file",
                                  .reference = median(systemRate),
                                  .least = 150'000},
                                 {.what = name("raw"),
                                  .value = median(rawRate),
                                  .unit = "/s",
                                  .against = "pread(2) of a local file",
                                  .reference = median(systemRate),
                                  .least = 60'000},
                                 {.what = name("zstd"),
                                  .value = median(packedRate),
                                  .unit = "/s",
                                  .against = "decoding of a frame",
                                  .reference = median(decodeRate),
                                  .least = 12'000}}};
}

}  // namespace cairn::app
