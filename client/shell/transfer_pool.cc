#include "client/shell/transfer_pool.h"

#include <signal.h>
#include <unistd.h>

#include <utility>

namespace cairn::shell {

void Leftovers::add(std::string name) {
  const std::lock_guard lock(mutex_);
  names_.push_back(std::move(name));
}

std::vector<std::string> Leftovers::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(names_, {});
}

TransferPool::TransferPool(Client& client, unsigned threads, Failed failed)
    : client_(client), threadCount_(threads), failed_(std::move(failed)) {}

TransferPool::~TransferPool() { finish(); }

void TransferPool::run(Job job) {
  if (threadCount_ <= 1) {
    if (const auto failure = job(nullptr)) failed_(failure->shown, failure->why);
    return;
  }
  if (threads_.empty()) start();
  std::unique_lock lock(mutex_);
  while (waiting_.size() >= threadCount_ && failures_.empty()) changed_.wait(lock);
  waiting_.push_back(std::move(job));
  changed_.notify_all();
  report(lock);
}

void TransferPool::finish() {
  if (threads_.empty()) return;
  std::unique_lock lock(mutex_);
  over_ = true;
  changed_.notify_all();
  lock.unlock();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
  if (interrupted()) cleanUp();
  scope_.reset();
  lock.lock();
  over_ = false;
  report(lock);
}

void TransferPool::start() {
  scope_ = std::make_unique<CleanupScope>(STDERR_FILENO, client_);
  scope_->enter(CleanupScope::Phase::WORKING);
  // Signals are for the main thread, as the scope expects.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, &before);
  for (unsigned i = 0; i < threadCount_; ++i) {
    threads_.emplace_back([this]() { work(); });  // edge: blocking copies, beside any loop
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void TransferPool::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    while (waiting_.empty() && !over_) changed_.wait(lock);
    if (waiting_.empty()) return;
    const auto job = std::move(waiting_.front());
    waiting_.pop_front();
    changed_.notify_all();
    if (interrupted()) continue;
    lock.unlock();
    auto failure = job(&leftovers_);
    lock.lock();
    if (failure) failures_.push_back(std::move(*failure));
    changed_.notify_all();
  }
}

void TransferPool::report(std::unique_lock<std::mutex>& lock) {
  const auto failures = std::exchange(failures_, {});
  lock.unlock();
  for (const auto& failure : failures) failed_(failure.shown, failure.why);
}

void TransferPool::cleanUp() {
  scope_->enter(CleanupScope::Phase::CLEANING);
  for (const auto& name : leftovers_.take()) {
    if (client_.remove(name).has_value()) continue;
    failures_.push_back(
        {.shown = name,
         .why = Status(Code::CANCELLED, "the unfinished " + name + " is left behind")});
  }
}

}  // namespace cairn::shell
