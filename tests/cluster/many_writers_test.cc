// Five hundred writers at once, and a datanode that stands still under them for a while: what they
// have on their way stays within the memory that datanodes are given, each waits its turn, and
// every file comes out whole.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "cairn/client.h"
#include "tests/testkit/daemons.h"
#include "tests/testkit/memory_of.h"
#include "tests/testkit/results.h"
#include "tests/testkit/sample.h"

namespace cairn::testkit {
namespace {

constexpr std::size_t MIB = 1 << 20;
constexpr std::size_t WRITERS = 500;
constexpr std::size_t FILE_BYTES = 3 * MIB + 17;
constexpr std::size_t BUDGET = 64 * MIB;
// Windows (datanode/pipeline/window_pool.h): two budgets, and a packet for each writer. Beside them
// the programme, its connections and what the allocator keeps: 160 MiB is twice what was seen. All
// that the writers have to write would be 1.5 GiB.
constexpr std::size_t MEMORY_MAX = 2 * BUDGET + WRITERS * MIB + 160 * MIB;
static_assert(MEMORY_MAX < WRITERS * FILE_BYTES * 2 / 3);
// Far below the time after which a node that does not answer is left out.
constexpr std::chrono::seconds STANDSTILL_MAX{20};

// The content of each writer's file: other bytes at every offset.
class Contents {
public:
  std::string_view of(std::size_t writer) const {
    return std::string_view(noise_).substr(writer * 4099, FILE_BYTES);
  }

private:
  std::string noise_ = sampleNoise(FILE_BYTES + WRITERS * 4099);
};

std::string pathOf(std::size_t writer) { return "/many/" + std::to_string(writer); }

// Until the datanode takes no more: its memory is the same for a while.
void awaitStandstill(Process& datanode) {
  const auto end = std::chrono::steady_clock::now() + STANDSTILL_MAX;
  std::uint64_t before = 0;
  for (int same = 0; same < 5 && std::chrono::steady_clock::now() < end;) {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    const auto now = memoryOf(datanode.pid(), "VmRSS");
    same = now < before + MIB ? same + 1 : 0;
    before = now;
  }
}

// Protects: a datanode's memory is bounded whatever its writers send and however slow those behind
// it are; nobody's write fails of it.
TEST(ManyWriters, StayWithinTheMemoryOfADatanode) {
  Daemons cluster({.datanodes = 2, .jobs = false, .settings = "[fs]\nreplication = 2\n"});
  for (const std::string name : {"datanode1", "datanode2"}) {
    cluster.stop(name);
    cluster.start(name, true, {"CAIRN_DATANODE_BUFFER_BUDGET=" + std::to_string(BUDGET)});
  }
  ClientOptions options;
  options.namenode = cluster.addressOf("namenode");
  options.shortCircuit = false;
  ASSERT_VALUE(auto client, Client::connect(std::move(options)));
  const Contents contents;
  std::vector<OutputFile> files;
  for (std::size_t i = 0; i < WRITERS; ++i) {
    ASSERT_VALUE(auto file, client.create(pathOf(i)));
    ASSERT_OK(file.write(contents.of(i).substr(0, 1000)));
    ASSERT_OK(file.hflush());
    files.push_back(std::move(file));
  }

  cluster.process("datanode2").freeze();
  std::atomic<std::size_t> failed = 0;
  std::vector<std::thread> threads;
  threads.reserve(WRITERS);
  for (std::size_t i = 0; i < WRITERS; ++i) {
    threads.emplace_back([&, i]() {
      std::string wrong;
      if (auto done = files[i].write(contents.of(i).substr(1000)); !done.has_value()) {
        wrong = done.error().message();
      } else if (auto closed = files[i].close(); !closed.has_value()) {
        wrong = closed.error().message();
      }
      if (!wrong.empty() && failed++ < 3) ADD_FAILURE() << wrong;
    });
  }
  awaitStandstill(cluster.process("datanode1"));
  cluster.process("datanode2").thaw();
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(failed, 0U);

  for (const std::string name : {"datanode1", "datanode2"}) {
    const auto most = memoryOf(cluster.process(name).pid(), "VmHWM");
    EXPECT_LT(most, MEMORY_MAX) << name;
    RecordProperty(name + " MiB at most", std::to_string(most / MIB));
  }
  for (std::size_t i = 0; i < WRITERS; ++i) {
    const auto read = client.readFile(pathOf(i));
    ASSERT_OK(read);
    ASSERT_TRUE(*read == contents.of(i)) << pathOf(i) << ": " << read->size() << " bytes";
  }
  if (::testing::Test::HasFailure()) ADD_FAILURE() << cluster.lastWords();
}

}  // namespace
}  // namespace cairn::testkit
