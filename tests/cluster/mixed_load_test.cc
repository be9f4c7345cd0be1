// Two hundred clients at work on files of their own while daemons die and come back: whatever was
// acknowledged is there afterwards, byte for byte; whatever failed has done all of it, none of it,
// or stopped within the bytes it was adding.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "cairn/client.h"
#include "tests/testkit/daemons.h"

namespace cairn::testkit {
namespace {

constexpr int CLIENTS = 200;
constexpr std::size_t PIECE_BYTES_MAX = 96 << 10;  // more than a chunk
constexpr std::chrono::seconds RUN{60};
constexpr std::chrono::seconds SHORT_RUN{20};  // of the second way to serve, without --full

// Bytes that are a function of the seed; half of them compress.
std::string bytesOf(std::uint64_t seed, std::size_t length) {
  std::mt19937_64 random(seed);
  std::string bytes;
  bytes.reserve(length + 64);
  while (bytes.size() < length) {
    const auto word = random();
    bytes.append(reinterpret_cast<const char*>(&word), 8);
    bytes.append(24, static_cast<char>('a' + word % 26));
  }
  bytes.resize(length);
  return bytes;
}

// What a path may hold. After a failure its last change may have happened or not.
struct Known {
  std::optional<std::string> content;  // nothing: there is no such file
  bool certain = true;
  std::optional<std::string> after;  // of the change whose outcome is unknown

  bool allows(const std::optional<std::string>& found) const {
    if (found == content) return true;
    if (certain) return false;
    if (found == after) return true;
    // A write that broke off: a part of what was to be there.
    return found.has_value() && after.has_value() && after->starts_with(*found) &&
           (!content.has_value() || !after->starts_with(*content) ||
            found->size() >= content->size());
  }
};

class Worker {
public:
  Worker(const std::string& namenode, int number)
      : random_(static_cast<std::uint64_t>(number) + 1),
        directory_("/load/client" + std::to_string(number)) {
    ClientOptions options;
    options.namenode = namenode;
    options.workThreads = 1;
    options.shortCircuit = number % 2 == 0;
    client_.emplace(Client::connect(options).value());
  }

  void run(std::chrono::steady_clock::time_point until) {
    while (std::chrono::steady_clock::now() < until) step();
  }

  // Compares the whole ledger with what `reader` finds.
  void verify(Client& reader) const {
    for (const auto& [path, known] : ledger_) {
      std::optional<std::string> found;
      auto read = reader.readFile(path);
      if (read.has_value()) {
        found = std::move(*read);
      } else if (read.error().code() != Code::NOT_FOUND) {
        ADD_FAILURE() << path << ": " << read.error().message();
        continue;
      }
      if (known.allows(found)) continue;
      ADD_FAILURE() << path << " holds "
                    << (found.has_value() ? std::to_string(found->size()) + " bytes" : "nothing")
                    << ", acknowledged were "
                    << (known.content.has_value() ? std::to_string(known.content->size()) + " bytes"
                                                  : "none")
                    << (known.certain ? "" : "; the last change failed: " + failureOf(path));
    }
  }

  std::uint64_t acknowledged() const { return acknowledged_; }
  std::uint64_t failed() const { return failed_; }
  std::uint64_t wrongReads() const { return wrongReads_; }

private:
  std::string failureOf(const std::string& path) const {
    const auto at = failures_.find(path);
    return at == failures_.end() ? "" : at->second;
  }

  // A path of the ledger whose state is certain, with or without a file; "" when there is none.
  std::string pick(bool existing) {
    std::vector<std::string> fitting;
    for (const auto& [path, known] : ledger_) {
      if (known.certain && known.content.has_value() == existing) fitting.push_back(path);
    }
    return fitting.empty() ? "" : fitting[random_() % fitting.size()];
  }

  void settle(const std::string& path, const Result<void>& outcome,
              std::optional<std::string> after) {
    auto& known = ledger_[path];
    if (outcome.has_value()) {
      ++acknowledged_;
      known.content = std::move(after);
      return;
    }
    ++failed_;
    failures_[path] = outcome.error().message();
    known.certain = false;
    known.after = std::move(after);
  }

  static Result<void> finish(OutputFile& file, const std::string& bytes) {
    if (auto written = file.write(bytes); !written.has_value()) return written;
    auto closed = file.close();
    if (!closed.has_value()) return std::unexpected(closed.error());
    return {};
  }

  void step() {
    const auto piece = bytesOf(random_(), random_() % PIECE_BYTES_MAX);
    switch (random_() % 8) {
      case 0:
      case 1:
      case 2: {  // a new file
        const auto path = directory_ + "/file " + std::to_string(++files_);
        ledger_[path];
        auto file = client_->create(path);
        settle(path, file.has_value() ? finish(*file, piece) : std::unexpected(file.error()),
               piece);
        return;
      }
      case 3: {
        const auto path = pick(true);
        if (path.empty()) return;
        auto file = client_->append(path);
        settle(path, file.has_value() ? finish(*file, piece) : std::unexpected(file.error()),
               *ledger_[path].content + piece);
        return;
      }
      case 4: {  // replaced
        const auto path = pick(true);
        if (path.empty()) return;
        auto file = client_->create(path, {.overwrite = true});
        settle(path, file.has_value() ? finish(*file, piece) : std::unexpected(file.error()),
               piece);
        return;
      }
      case 5: {
        const auto from = pick(true);
        if (from.empty()) return;
        const auto to = directory_ + "/moved " + std::to_string(++files_);
        const auto content = ledger_[from].content;
        const auto moved = client_->rename(from, to);
        settle(to, moved, content);
        settle(from, moved, std::nullopt);
        return;
      }
      case 6: {
        const auto path = pick(true);
        if (path.empty()) return;
        const auto removed = client_->remove(path);
        settle(path, removed.has_value() ? Result<void>() : std::unexpected(removed.error()),
               std::nullopt);
        return;
      }
      default: {
        const auto path = pick(true);
        if (path.empty()) return;
        const auto read = client_->readFile(path);
        if (read.has_value() && *read != ledger_[path].content) ++wrongReads_;
        return;
      }
    }
  }

  std::mt19937_64 random_;
  const std::string directory_;
  std::optional<Client> client_;
  std::map<std::string, Known> ledger_;
  std::map<std::string, std::string> failures_;
  std::uint64_t files_ = 0;
  std::uint64_t acknowledged_ = 0;
  std::uint64_t failed_ = 0;
  std::uint64_t wrongReads_ = 0;
};

// By the namenode's namenode.rpc_threads: its own event loop alone, or two more that answer reads.
class MixedLoadTest : public ::testing::TestWithParam<const char*> {
protected:
  // The daemons inherit it.
  void SetUp() override { ::setenv("CAIRN_NAMENODE_RPC_THREADS", GetParam(), 1); }
  void TearDown() override { ::unsetenv("CAIRN_NAMENODE_RPC_THREADS"); }
};
INSTANTIATE_TEST_SUITE_P(RpcThreads, MixedLoadTest, ::testing::Values("1", "2"));

// Protects everything that this system promises, at once.
TEST_P(MixedLoadTest, NothingAcknowledgedIsLost) {
  Daemons cluster({.datanodes = 4, .jobs = false, .settings = "[fs]\nchunk_size = \"64KiB\"\n"});
  const bool whole = std::string(GetParam()) == "1" || std::getenv("CAIRN_TEST_FULL") != nullptr;
  const auto length = whole ? RUN : SHORT_RUN;
  const auto began = std::chrono::steady_clock::now();
  std::vector<std::unique_ptr<Worker>> workers;
  for (int i = 0; i < CLIENTS; ++i) {
    workers.push_back(std::make_unique<Worker>(cluster.addressOf("namenode"), i));
  }
  std::vector<std::thread> threads;
  for (auto& worker : workers) {
    threads.emplace_back([&worker, until = began + length]() { worker->run(until); });
  }
  const auto at = [&](int percent) {
    std::this_thread::sleep_until(began + length * percent / 100);
  };
  at(25);
  cluster.kill("datanode2");
  at(40);
  cluster.start("datanode2");
  at(55);
  cluster.kill("namenode");
  cluster.start("namenode");
  at(75);
  cluster.kill("datanode3");
  at(85);
  cluster.start("datanode3");
  for (auto& thread : threads) thread.join();

  std::uint64_t acknowledged = 0;
  std::uint64_t failed = 0;
  std::uint64_t wrongReads = 0;
  for (const auto& worker : workers) {
    acknowledged += worker->acknowledged();
    failed += worker->failed();
    wrongReads += worker->wrongReads();
  }
  EXPECT_EQ(wrongReads, 0U);
  EXPECT_GT(acknowledged, 5U * CLIENTS) << failed << " failed";
  RecordProperty("acknowledged", std::to_string(acknowledged));
  RecordProperty("failed", std::to_string(failed));

  // As after a power cut of the whole room.
  for (const std::string name : {"datanode1", "datanode2", "datanode3", "datanode4", "namenode"}) {
    cluster.kill(name);
  }
  cluster.start("namenode");
  for (const std::string name : {"datanode1", "datanode2", "datanode3", "datanode4"}) {
    cluster.start(name);
  }
  ClientOptions options;
  options.namenode = cluster.addressOf("namenode");
  auto reader = Client::connect(options).value();
  for (const auto& worker : workers) worker->verify(reader);
  if (testing::Test::HasFailure()) {
    ADD_FAILURE() << acknowledged << " acknowledged, " << failed << " failed\n"
                  << cluster.lastWords();
  }
}

}  // namespace
}  // namespace cairn::testkit
