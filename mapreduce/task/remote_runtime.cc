#include "mapreduce/task/remote_runtime.h"

#include <algorithm>
#include <cstring>
#include <future>
#include <utility>

#include "common/async/loop_thread.h"
#include "common/rpc/convert.h"
#include "mapreduce/task/task_loop.h"

namespace cairn::mr {

namespace {

constexpr std::int64_t REPORT_MICROS = 200'000;

// The loop's thread and the way to run something there.
class Loop {
public:
  explicit Loop(int controlFd) {
    struct Started {
      kj::Own<const kj::Executor> executor;
      TaskLoop* loop;
    };
    std::promise<Started> started;
    auto ready = started.get_future();
    thread_ = std::make_unique<async::LoopThread>(
        "cairn-task", [controlFd, started = std::move(started)](kj::AsyncIoContext& io,
                                                                kj::Promise<void> stopped) mutable {
          auto loop = kj::heap<TaskLoop>(io, controlFd);
          started.set_value({kj::getCurrentThreadExecutor().addRef(), loop.get()});
          return stopped.attach(kj::mv(loop));
        });
    auto made = ready.get();
    executor_ = kj::mv(made.executor);
    loop_ = made.loop;
  }

  TaskLoop& get() { return *loop_; }

  // Runs `fn(loop)` on the loop and waits for the Result its promise yields.
  template <typename T, typename Fn>
  Result<T> call(Fn fn) {
    Result<T> result = fail(Code::INTERNAL, "the task's event loop did not answer");
    loop_->setWaiting(true);
    auto exception = kj::runCatchingExceptions([&]() {
      executor_->executeSync([&]() -> kj::Promise<void> {
        return fn(*loop_).then([&](Result<T> value) { result = std::move(value); });
      });
    });
    loop_->setWaiting(false);
    KJ_IF_MAYBE (e, exception) return fail(rpc::fromException(*e, "the task's event loop"));
    return result;
  }

  // Runs `fn(loop)`, which does not wait for anything.
  template <typename Fn>
  void post(Fn fn) {
    kj::runCatchingExceptions([&]() { executor_->executeSync([&]() { fn(*loop_); }); });
  }

  // Destroys on the loop what lives there.
  template <typename T>
  void destroy(kj::Own<T> object) {
    kj::runCatchingExceptions(
        [&]() { executor_->executeSync([&]() { kj::Own<T> gone = kj::mv(object); }); });
  }

private:
  std::unique_ptr<async::LoopThread> thread_;
  kj::Own<const kj::Executor> executor_;
  TaskLoop* loop_ = nullptr;
};

class RemoteInput final : public InputStream {
public:
  RemoteInput(Loop& loop, kj::Own<client::FileReader> reader, std::uint64_t splitEnd)
      : loop_(loop), reader_(kj::mv(reader)), splitEnd_(splitEnd) {}
  ~RemoteInput() noexcept override { loop_.destroy(kj::mv(reader_)); }

  Result<std::size_t> readAt(std::uint64_t offset, MutableBytes to) override {
    if (!begun_ || offset != position_) {
      piece_ = {};
      begun_ = true;
      position_ = offset;
      seek_ = true;
    }
    std::size_t done = 0;
    while (done < to.size()) {
      if (piece_.bytes.empty()) {
        ASSIGN(piece_, loop_.call<client::PlainBytes>([&](TaskLoop&) {
          if (seek_) reader_->seek(position_, std::max(splitEnd_, position_ + 1));
          seek_ = false;
          return reader_->next();
        }));
        if (piece_.bytes.empty()) break;
      }
      const auto n = std::min(to.size() - done, piece_.bytes.size());
      std::memcpy(to.data() + done, piece_.bytes.data(), n);
      piece_.bytes = piece_.bytes.subspan(n);
      done += n;
      position_ += n;
    }
    return done;
  }

private:
  Loop& loop_;
  kj::Own<client::FileReader> reader_;
  const std::uint64_t splitEnd_;
  client::PlainBytes piece_;  // what has come and was not asked for yet
  std::uint64_t position_ = 0;
  bool begun_ = false;
  bool seek_ = false;
};

class RemoteOutput final : public OutputSink {
public:
  RemoteOutput(Loop& loop, kj::Own<client::FileWriter> writer)
      : loop_(loop), writer_(kj::mv(writer)) {}
  // A writer that was not closed abandons its file.
  ~RemoteOutput() noexcept override { loop_.destroy(kj::mv(writer_)); }

  Result<void> write(ByteView bytes) override {
    while (!bytes.empty()) {
      if (used_ == room_.size()) {
        const auto used = std::exchange(used_, 0);
        room_ = {};
        ASSIGN(room_, loop_.call<MutableBytes>([&](TaskLoop&) {
          if (used > 0) writer_->fill(used);
          return writer_->room();
        }));
      }
      const auto n = std::min(bytes.size(), room_.size() - used_);
      std::memcpy(room_.data() + used_, bytes.data(), n);
      used_ += n;
      bytes = bytes.subspan(n);
    }
    return {};
  }

  Result<void> close() override {
    const auto used = std::exchange(used_, 0);
    room_ = {};
    TRY(loop_.call<Entry>([&](TaskLoop&) {
      if (used > 0) writer_->fill(used);
      return writer_->close();
    }));
    return {};
  }

private:
  Loop& loop_;
  kj::Own<client::FileWriter> writer_;
  MutableBytes room_;
  std::size_t used_ = 0;  // of room_
};

class RemoteRuntime final : public TaskRuntime {
public:
  explicit RemoteRuntime(int controlFd) : loop_(controlFd) {}
  ~RemoteRuntime() noexcept override {}

  Result<void> begin() {
    ASSIGN(spec_, loop_.call<TaskSpec>([](TaskLoop& loop) { return loop.getTask(); }));
    return {};
  }

  const TaskSpec& spec() const override { return spec_; }

  Result<std::unique_ptr<InputStream>> openInput(const InputSplit& split) override {
    ASSIGN(auto reader, loop_.call<kj::Own<client::FileReader>>(
                            [&](TaskLoop& loop) { return loop.openInput(split.path); }));
    return std::make_unique<RemoteInput>(loop_, kj::mv(reader), split.offset + split.length);
  }

  Result<std::optional<FetchedSegment>> nextSegment() override {
    return loop_.call<std::optional<FetchedSegment>>(
        [](TaskLoop& loop) { return loop.nextSegment(); });
  }

  Result<void> rejectSegment(std::uint32_t map, std::uint32_t attempt, const Status& why) override {
    return loop_.call<void>([&](TaskLoop& loop) { return loop.rejectSegment(map, attempt, why); });
  }

  Result<std::unique_ptr<OutputSink>> createOutput(std::string_view name) override {
    ASSIGN(auto writer, loop_.call<kj::Own<client::FileWriter>>(
                            [&](TaskLoop& loop) { return loop.createOutput(std::string(name)); }));
    return std::make_unique<RemoteOutput>(loop_, kj::mv(writer));
  }

  Result<void> report(const TaskReport& report) override {
    if (loop_.get().cancelled()) return fail(Code::CANCELLED, "the attempt is to stop");
    const auto now = clock_.monotonicMicros();
    if (now - lastReportMicros_ < REPORT_MICROS) return {};
    lastReportMicros_ = now;
    loop_.post([&](TaskLoop& loop) {
      loop.report(report.progress, std::string(report.phase), std::string(report.status),
                  report.counters != nullptr ? *report.counters : CounterSet());
    });
    return {};
  }

  Result<void> awaitCommit() override {
    return loop_.call<void>([](TaskLoop& loop) { return loop.commit(); });
  }

  Result<void> finished(const Result<TaskOutcome>& outcome) override {
    return loop_.call<void>([&](TaskLoop& loop) { return loop.finished(outcome); });
  }

private:
  Loop loop_;
  io::SystemClock clock_;
  TaskSpec spec_;
  // The first report of a task goes out at once.
  std::int64_t lastReportMicros_ = -REPORT_MICROS;
};

}  // namespace

Result<std::unique_ptr<TaskRuntime>> openRemoteTask(int controlFd) {
  auto runtime = std::make_unique<RemoteRuntime>(controlFd);
  TRY(runtime->begin());
  return runtime;
}

}  // namespace cairn::mr
