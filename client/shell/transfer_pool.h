// Copies files one after the other, or several at a time.
// Layer: client/shell.  Threads: made, used and destroyed on the main thread; jobs run there, or on
// threads of the pool.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "cairn/client.h"
#include "client/shell/interrupt.h"
#include "common/base/status.h"

namespace cairn::shell {

// Threads that a user may ask for.
inline constexpr unsigned TRANSFER_THREADS_MAX = 256;

// Names of the cluster that jobs could not clean up after a signal, because calls had ended.
class Leftovers {
public:
  void add(std::string name);
  std::vector<std::string> take();

private:
  std::mutex mutex_;
  std::vector<std::string> names_;
};

class TransferPool {
public:
  // What could not be copied, by the name at fault.
  struct Failure {
    std::string shown;
    Status why;
  };
  // Copies one file. With one thread it gets null, and is in charge of signals itself
  // (CleanupScope); else the pool is, and names to be removed after a signal go to the Leftovers.
  using Job = std::function<std::optional<Failure>(Leftovers* leftovers)>;
  // Called on the main thread, within run() and finish().
  using Failed = std::function<void(std::string_view shown, const Status& why)>;

  // The client outlives it. Threads are started by the first job, if there are to be several.
  TransferPool(Client& client, unsigned threads, Failed failed);
  // Finishes.
  ~TransferPool();
  TransferPool(const TransferPool&) = delete;
  TransferPool& operator=(const TransferPool&) = delete;

  // With one thread: runs it now. Else leaves it to the threads, and waits while as many jobs wait
  // already as there are threads.
  void run(Job job);
  // Waits until all jobs are through. After a signal: removes what they left behind.
  void finish();

private:
  void start();
  void work();
  void report(std::unique_lock<std::mutex>& lock);
  void cleanUp();

  Client& client_;
  const unsigned threadCount_;
  const Failed failed_;
  Leftovers leftovers_;
  std::unique_ptr<CleanupScope> scope_;  // while threads run
  std::vector<std::thread> threads_;     // edge: see start()
  std::mutex mutex_;                     // guards what follows
  std::condition_variable changed_;
  std::deque<Job> waiting_;
  std::vector<Failure> failures_;  // not reported yet
  bool over_ = false;              // no more jobs will come
};

}  // namespace cairn::shell
